"""A sandbox and the rows that mirror it, driven as the command drives them."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from peertube_sync.conf import Settings, get_settings
from peertube_sync.models import Delivery, Instance, Source, SyncRun, Video
from peertube_sync.sync.drain import Totals, drain
from peertube_sync.sync.operations.add import add_source, plan_source
from peertube_sync.sync.schedule import make_due
from peertube_sync.sync.slices import SliceResult, run_slice
from peertube_sync.testing import Catalogue, Sandbox
from tests.support.comparison import DETAILS, LIST, differences


@dataclass
class Mirror:
    """A sandbox and the rows that mirror it."""

    sandbox: Sandbox

    @property
    def catalogue(self) -> Catalogue:
        return self.sandbox.catalogue

    @property
    def instance(self) -> Instance:
        return Instance.objects.get(host=self.sandbox.host)

    @property
    def source(self) -> Source:
        return self.instance.sources.get()

    def settings(self, **changed: Any) -> Settings:
        return replace(get_settings(), rate_limit_share=1.0, **changed)

    def add(self, what: str = "") -> Source:
        source, _ = add_source(plan_source(what or self.sandbox.url, self.settings()))
        return source

    def sync(self, *, full: bool = False, details: bool = True, **changed: Any) -> Totals:
        """Make due and do all that is due; pauses ordered by the schedule are skipped, not slept."""
        make_due(self.instance.sources.all(), full=full)
        return drain([self.instance], self.settings(**changed), details=details, wait=True, sleep=self.skip_time)

    def slice(self, *, details: bool = True, **changed: Any) -> SliceResult:
        return run_slice(self.instance, self.settings(**changed), details=details)

    def hear_answers(self) -> None:
        """Wait for answers to follows. One may come after the slice had looked for keys, and waits for the next one."""
        self.sandbox.federation.deliveries.wait()
        if Delivery.objects.exclude(key=None).exists():
            assert self.slice().error is None

    def skip_time(self, _seconds: float) -> None:
        Instance.objects.update(next_due_at=timezone.now())

    def everything_due(self) -> None:
        """Let the rotation come round."""
        videos = Video.objects.filter(removed_at=None)
        videos.update(details_due_at=timezone.now(), captions_due_at=timezone.now())

    def asked(self, since: int = 0) -> list[str]:
        return [f"{one.path}" for one in self.sandbox.log[since:]]

    def row(self, uuid: str) -> Video:
        return Video.objects.get(uuid=uuid)

    def listed(self) -> list[dict[str, Any]]:
        return self.catalogue.local_videos(self.sandbox.host)

    def runs(self, kind: str) -> list[SyncRun]:
        return list(SyncRun.objects.filter(kind=kind).order_by("pk"))

    def differences(self) -> str:
        """Compare every public video of the sandbox with the rows that are shown, list and details."""
        published = {item["uuid"]: item for item in self.listed()}
        held = {str(row.uuid): row for row in Video.objects.listed()}
        lines = [f"{uuid} is held only" for uuid in held.keys() - published.keys()]
        lines += [f"{uuid} is published only" for uuid in published.keys() - held.keys()]
        for uuid in held.keys() & published.keys():
            lines += differences(f"list {uuid}", published[uuid], LIST, held[uuid])
            details = self.catalogue.details(uuid, self.sandbox.host)
            lines += differences(f"details {uuid}", details, DETAILS, held[uuid])
        return "\n".join(lines)


def any_row(number: int = 0, **columns: Any) -> Video:
    """Return a listed row, its columns changed by hand."""
    row: Video = Video.objects.listed().order_by("pk")[number]
    Video.objects.filter(pk=row.pk).update(**columns)
    return row
