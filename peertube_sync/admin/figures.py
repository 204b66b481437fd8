"""The figures of the overview: the state of the mirror, by few queries whose cost doesn't grow with the catalogue.

Small tables (instances, sources, candidates) are counted; large ones up to a bound, and beyond it estimated.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count as Number
from django.db.models import F, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from peertube_sync.admin.base import INSTANCE_LONG, under
from peertube_sync.admin.private import opened
from peertube_sync.catalogue.counting import Count, count
from peertube_sync.client.errors import BudgetLost
from peertube_sync.client.rate_limit import RateLimit
from peertube_sync.conf import Settings
from peertube_sync.ingest.pictures.keeping import count_by_state, used
from peertube_sync.models import (
    Candidate,
    Instance,
    InstanceState,
    PictureState,
    SearchDue,
    SkippedItem,
    Source,
    SourceState,
    SyncRun,
    Video,
)
from peertube_sync.models.video import LISTED
from peertube_sync.sync.connect import rate_limits

DAYS = 30
"""Days of the chart, today among them."""
NEWEST_CHARTED = 60_000
"""Videos that the chart counts, the newest first."""
BOUND = 1_000
"""Up to so many things that wait for somebody are counted."""
WHOLE = 50_000
"""Up to so many videos are counted; this is read from an index alone."""
HOSTS, RUNS = 8, 10
"""Lines of the tables."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Coverage:
    """How many videos the sources report and their rules want, and how many are here.

    `unread` of the wanted ones could not be read by the last walks.
    """

    wanted: int
    held: Count
    unread: int = 0

    @property
    def share(self) -> float | None:
        if not self.wanted or self.held.least:
            return None
        return max(0, min(self.held.number, self.wanted - self.unread)) / self.wanted


@dataclass(frozen=True)
class Host:
    """What an instance was asked in the last hour; `rate_limit` is None when nothing is known of it."""

    instance_id: int
    host: str
    requests: int
    waited: float
    limited: int
    rate_limit: RateLimit | None

    @property
    def allowed(self) -> int | None:
        """How many requests the budget gives in an hour."""
        return round(HOUR.total_seconds() / self.rate_limit.interval) if self.rate_limit else None

    @property
    def share(self) -> float | None:
        return min(1.0, self.requests / self.allowed) if self.allowed else None


def health() -> dict[InstanceState, int]:
    """Return how many instances are in which state, the most frequent first; states without any are left out."""
    found = Instance.objects.order_by().values_list("state").annotate(number=Number("pk")).order_by("-number", "state")
    return {InstanceState(state): number for state, number in found}


def lag() -> tuple[int, timedelta]:
    """Return how many instances are due, and for how long the first of them has waited."""
    now = timezone.now()
    found = Instance.objects.filter(next_due_at__lte=now).aggregate(number=Number("pk"), oldest=Min("next_due_at"))
    return found["number"], now - (found["oldest"] or now)


def sources() -> dict[str, int]:
    """Return how many sources there are, how many are suspicious or in trouble, and how many videos all of them want.

    And how many videos the last walks couldn't read.
    """
    apart = Q(state=SourceState.SUSPENDED)  # a broader one counts what it has
    troubled = Q(pk__in=Source.objects.troubled().values("pk"))
    return Source.objects.aggregate(
        number=Number("pk"),
        suspicious=Number("pk", filter=Q(state=SourceState.SUSPICIOUS)),
        troubled=Number("pk", filter=troubled),
        unread=Sum("unread", filter=~apart, default=0),
        wanted=Sum(F("remote_total") - F("excluded"), filter=~apart, default=0),
    )


def coverage(wanted: int, unread: int) -> Coverage:
    """Return how much of what is wanted is here, and could be read."""
    return Coverage(wanted, count(_videos_listed_at_source(), WHOLE), unread)


def per_day() -> dict[date, int | None]:
    """Return how many videos were published on each of the last DAYS; None for days beyond `NEWEST_CHARTED` videos."""
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    shown = _videos_listed_at_source().filter(published_at__lte=now, double=False)
    days = [midnight.date() - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    recent = shown.filter(published_at__gte=midnight - timedelta(days=DAYS - 1))
    edge = (
        recent.order_by("-published_at", "-pk")
        .values_list("published_at", flat=True)[NEWEST_CHARTED : NEWEST_CHARTED + 1]
        .first()
    )
    first = max(days[0], timezone.localdate(edge) + timedelta(days=1)) if edge else days[0]
    begin = timezone.make_aware(datetime.combine(first, time.min))
    counted = shown.filter(published_at__gte=begin).order_by().values_list(TruncDate("published_at"))
    found = dict(counted.annotate(number=Number("pk")))
    return {day: found.get(day, 0) if day >= first else None for day in days}


def most_asked_hosts(settings: Settings) -> tuple[list[Host], str]:
    """Return the instances that runs of the last hour have asked most, and why no rate limit is known of any, or ""."""
    recent = SyncRun.objects.filter(started_at__gte=timezone.now() - HOUR, requests__gt=0).order_by()
    summed = recent.values("instance", "instance__host").annotate(
        sent=Sum("requests"), waited=Sum("waited_seconds"), limited=Sum("rate_limited")
    )
    asked = list(summed.order_by("-sent", "instance")[:HOSTS])
    try:
        known, trouble = rate_limits(settings, [row["instance__host"] for row in asked]), ""
    except BudgetLost as error:
        known, trouble = {}, str(error)
    found = []
    for row in asked:
        host = row["instance__host"]
        found.append(Host(row["instance"], host, row["sent"], row["waited"], row["limited"], known.get(host)))
    return found, trouble


def last_runs(user: Any) -> QuerySet[SyncRun]:
    """Return the newest runs that `user` may see, with what they are of."""
    long = ("cursor", *under("instance", INSTANCE_LONG), *under("source__instance", INSTANCE_LONG))
    return opened(SyncRun.objects.select_related("instance", "source__instance").defer(*long), user)[:RUNS]


def missing() -> Count:
    """Count the videos that a sweep found missing and nobody has asked for yet."""
    return count(Video.objects.filter(missing_since__isnull=False, removed_at=None), BOUND)


def skipped() -> Count:
    """Count the items that could not be read."""
    return count(SkippedItem.objects.all(), BOUND)


def unsearchable() -> Count:
    """Count what waits for the search's index; a video that changed again waits again."""
    return count(SearchDue.objects.all(), BOUND)


def picture_figures() -> tuple[int, int, int]:
    """Return how many pictures are here, how many couldn't be had or kept, and the bytes of the former."""
    by_state = count_by_state()
    failed = by_state.get(PictureState.FAILED, 0) + by_state.get(PictureState.REFUSED, 0)
    return by_state.get(PictureState.HERE, 0), failed, used()


def candidates() -> Count:
    """Count the hosts that wait for approval."""
    return count(Candidate.objects.filter(rejected_at=None), BOUND)


def _videos_listed_at_source() -> "QuerySet[Video, Video]":
    """Return what the instances' own lists show, decisions of this site left aside: an index has just these."""
    return Video.objects.filter(LISTED)
