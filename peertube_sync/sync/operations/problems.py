"""What a person has to look at: found in the rows, by few queries, for commands, mails, signals and metrics alike."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from peertube_sync.client.sanitise import one_line
from peertube_sync.conf import Settings
from peertube_sync.models import Cause, Instance, SearchDue, SearchMark, Source, SourceState, SyncRun
from peertube_sync.models.source import AT_REST

PATIENCE = timedelta(hours=1)
"""For so long, due work and the search queue may wait while nobody does anything about them."""
LONGEST_QUOTE = 300
"""Characters of what a server said that are told."""


@dataclass(frozen=True)
class Problem:
    """Something for a person: `what` it is about, and a `message` of one line, in the active language.

    `host` and `what` are "" for what is about the whole site. `since` is None where nobody has noted that.
    """

    cause: Cause
    host: str
    what: str
    since: datetime | None
    message: str

    def as_dict(self) -> dict[str, object]:
        """Return plain values; times in ISO 8601."""
        return {**asdict(self), "cause": str(self.cause.value), "since": self.since and self.since.isoformat()}


def problems(settings: Settings) -> list[Problem]:
    """Return all that there is, by cause; nothing is asked of anybody, and no row changes."""
    now = timezone.now()
    before = now - timedelta(hours=settings.alarm_failing_hours)
    return [*_failing(before), *_losses(), *_unreadable(before), *_silent(now), *_search_queue(now)]


def mark_search_queue() -> None:
    """Remember how far the search queue has grown, once all that it had at the last mark is worked off."""
    mark = SearchMark.objects.first()
    if mark and SearchDue.objects.filter(pk__lte=mark.entry).exists():
        return
    newest = SearchDue.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    SearchMark.objects.update_or_create(pk=1, defaults={"entry": newest, "marked_at": timezone.now()})


def _failing(before: datetime) -> Iterator[Problem]:
    """Yield the instances with which no contact was good since `before`, though something of them is wanted."""
    worked_on = Source.objects.filter(instance=OuterRef("pk")).exclude(state__in=AT_REST)
    failing = Instance.objects.filter(Exists(worked_on), failing_since__lte=before).order_by("failing_since", "pk")
    for instance in failing.only("host", "failing_since", "state_reason"):
        words = {
            "host": instance.host,
            "since": _time_in_utc(instance.failing_since),
            "reason": _short(instance.state_reason),
        }
        message = _("%(host)s has been failing since %(since)s: %(reason)s") % words
        yield Problem(Cause.INSTANCE_FAILING, instance.host, instance.host, instance.failing_since, message)


def _losses() -> Iterator[Problem]:
    for source in _sources_by_host().filter(state=SourceState.SUSPICIOUS):
        words = {"source": _short(str(source)), "reason": _short(source.last_error)}
        message = _("%(source)s waits for a decision: %(reason)s") % words
        yield Problem(Cause.LOSSES_WAITING, source.instance.host, words["source"], None, message)


def _unreadable(before: datetime) -> Iterator[Problem]:
    """Yield the sources that show what can't be read, or weren't read since `before` though their instance answers."""
    looked = Greatest(Coalesce("head_at", "added_at"), Coalesce("sweep_at", "added_at"))
    stale = Q(state=SourceState.ACTIVE, instance__failing_since=None, looked__lte=before) & ~Q(last_error="")
    for source in _sources_by_host().annotate(looked=looked).filter(stale | Q(state=SourceState.UNREADABLE)):
        words = {
            "source": _short(str(source)),
            "since": _time_in_utc(source.looked),
            "reason": _short(source.last_error),
        }
        message = _("%(source)s can't be read since %(since)s: %(reason)s") % words
        yield Problem(Cause.SOURCE_UNREADABLE, source.instance.host, words["source"], source.looked, message)


def _silent(now: datetime) -> Iterator[Problem]:
    """Yield that work has been due for long while nobody had a lease or began a run."""
    since = Instance.objects.due().aggregate(since=Min("next_due_at"))["since"]
    if since is None or since > now - PATIENCE:
        return
    at_work = Instance.objects.filter(lease_until__gte=Now()).exists()
    began = SyncRun.objects.order_by("-started_at", "-pk").values_list("started_at", flat=True).first()
    if not at_work and (began is None or began <= now - PATIENCE):
        words = {"since": _time_in_utc(since), "began": _time_in_utc(began)}
        message = _("Work is due since %(since)s, and nobody does it; the last run began: %(began)s") % words
        yield Problem(Cause.WORKER_SILENT, "", "", since, message)


def _search_queue(now: datetime) -> Iterator[Problem]:
    mark = SearchMark.objects.filter(marked_at__lte=now - PATIENCE).first()
    if mark and SearchDue.objects.filter(pk__lte=mark.entry).exists():
        words = {"since": _time_in_utc(mark.marked_at)}
        message = _("Changes that the search waits for since %(since)s, or longer, aren't worked off") % words
        yield Problem(Cause.SEARCH_QUEUE_GROWING, "", "", mark.marked_at, message)


def _sources_by_host() -> "QuerySet[Source]":
    return Source.objects.select_related("instance").order_by("instance__host", "kind", "name")


def _time_in_utc(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "-"


def _short(text: str) -> str:
    """Return what strangers may have written in one line that isn't too long."""
    line = one_line(text)
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]}…"
