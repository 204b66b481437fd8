"""Why is it missing? Which step rejected what an address names, or hasn't reached it yet.

`_Case.findings` asks four steps, each of which yields sentences:

1. the row, if there is one (`of_row` in `rows.py`): tombstone, hidden, double, waiting for details;
2. its instance, the sources that select it, and when these are due (`of_instance`, `of_source`, `of_schedule` in
   `reasons.py`): failing, paused, suspicious, excluded by a rule;
3. without a row, answers about it that could not be read (`of_skipped` in `rows.py`);
4. without these, and unless `offline`, the server itself (`of_answer`, `of_refusal` in `remote.py`): one request (two
   for a handle, which may be a channel's or an account's), within the rate budget.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from peertube_sync.client.errors import InvalidTarget, PeerTubeError, Refused
from peertube_sync.client.robots_fetch import apply_robots, fetch_robots
from peertube_sync.client.targets import Target, recognise
from peertube_sync.conf import Settings
from peertube_sync.models import Account, Channel, Instance, Playlist, Source, Video
from peertube_sync.sync.connect import connect
from peertube_sync.sync.explain.reasons import Finding, of_instance, of_schedule, of_source, unknown_source
from peertube_sync.sync.explain.remote import of_answer, of_refusal
from peertube_sync.sync.explain.rows import MirroredRow, of_row, of_skipped, sources_of
from peertube_sync.sync.operations.add import ask_about_target, likely_scheme


@dataclass(frozen=True)
class Explanation:
    """What was recognised (see client.targets), and the findings, what matters most first."""

    kind: str
    host: str
    name: str
    findings: list[Finding]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def explain(text: str, settings: Settings, *, offline: bool = False) -> Explanation:
    """Say why what `text` names isn't here, or isn't shown; `offline` asks no server.

    Raises InvalidTarget when the text names nothing that PeerTube has.
    """
    target = recognise(text)
    case = _Case(text, target, Instance.objects.filter(host=target.host).first(), settings, offline)
    return Explanation(target.kind, target.host, target.name, list(case.findings()))


@dataclass(frozen=True)
class _Case:
    """One address, and the instance it belongs to, if that is known here."""

    text: str
    target: Target
    instance: Instance | None
    settings: Settings
    offline: bool

    def findings(self) -> Iterator[Finding]:
        """Yield what rows here tell and, where they don't say enough, what the server answers."""
        if row := _find_row(self.target):
            home = row.instance.host
            if home != self.target.host:
                text = f"{self.target.host} shows a copy: its home is {home}, which is mirrored here."
                yield Finding("not_local", text)
            yield from of_row(row)
            yield from of_instance(row.instance)
            for source in sources_of(row):
                yield from of_source(source)
        elif self.instance is None:
            yield unknown_source(self.target.host, self.text)
            yield from self._of_server([])
        elif self.target.kind == "instance":
            rows = Video.objects.filter(instance=self.instance, removed_at=None)
            details = rows.exclude(details_fetched_at=None).count()
            held = rows.count()
            yield Finding(
                "here", f"{held} of its videos {'is' if held == 1 else 'are'} here, {details} of them with details."
            )
            yield from of_instance(self.instance)
            for source in self.instance.sources.select_related("instance"):
                yield from of_source(source)
                yield from of_schedule(source)
        else:
            yield from of_instance(self.instance)
            sources = list(self.instance.sources.select_related("instance"))
            # A skipped answer says enough, else the server is asked.
            yield from list(of_skipped(self.instance, self.target.name)) or self._of_server(sources)

    def _of_server(self, sources: list[Source]) -> Iterator[Finding]:
        """Ask the server, and tell what it says; its failure is a finding too."""
        host, held = self.target.host, self.instance
        if self.target.kind == "instance":
            return
        if self.offline:
            yield Finding("not_asked", "No row here holds it, and its server was not asked.")
            for source in sources:
                yield from of_source(source)
                yield from of_schedule(source)
            return
        scheme = held.scheme if held else self.target.scheme or likely_scheme(host, self.settings)
        try:
            client = connect(scheme, host, self.settings, held.version if held else "", retries=0)
            try:
                apply_robots(client.transport, held.robots if held else fetch_robots(client.transport))
                yield from of_answer(client, ask_about_target(client, self.target), sources)
            finally:
                client.transport.close()
        except PeerTubeError as error:
            if isinstance(error, Refused) and error.gone:
                yield of_refusal(self.target, error)
            elif isinstance(error, InvalidTarget):
                yield Finding("not_found", f"{error}.")
            else:
                yield Finding("not_answered", f"{host} could not be asked: {error}")


def _find_row(target: Target) -> MirroredRow | None:
    """Return the row of what `target` names; one at home elsewhere where the address may be a copy's."""
    for model in MODELS[target.kind]:
        by_uuid = model in {Video, Playlist}
        rows = model.objects.filter(**{"uuid" if by_uuid else "name": target.name})
        row: MirroredRow | None = rows.filter(instance__host=target.host).first() or (
            rows.order_by("double", "pk").first() if by_uuid else None
        )
        if row:
            return row
    return None


MODELS: dict[str, tuple[Any, ...]] = {
    "instance": (),
    "actor": (Channel, Account),
    "channel": (Channel,),
    "account": (Account,),
    "playlist": (Playlist,),
    "video": (Video,),
}
