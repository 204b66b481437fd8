"""The metrics, read from rows by few queries: the state of the copy, for each instance and for all.

Each groups rows in the database: those of small tables, or what an index alone has of videos. So a scrape costs a
walk through an index of all videos, and through what is due; it reads the rows of those alone that no list shows.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from peertube_sync.catalogue.counting import count
from peertube_sync.conf import Settings
from peertube_sync.ingest.pictures.keeping import count_by_state, used
from peertube_sync.models import (
    PUBLIC,
    Account,
    Channel,
    Follow,
    Instance,
    Measure,
    Playlist,
    Ring,
    RunState,
    SearchDue,
    SkippedItem,
    Source,
    SourceKind,
    SourceState,
    SyncRun,
    Tally,
    Video,
)
from peertube_sync.models.source import AT_REST
from peertube_sync.sync.operations.problems import problems

PROVEN = "proven"
OTHER = "other"
"""The name under which all instances without series of their own are added up; no host with that name gets its own."""
BOUND = 50_000
"""Up to so many entries of a queue are counted; beyond, PostgreSQL estimates, and SQLite says so many and one."""
KINDS = (
    *("refresh", "audit", "head", "sweep", "lists", "removal"),
    *("channels", "accounts", "playlists", "details", "captions"),
)
"""What can be due: facts of the instance, audits, looks at sources, missing videos, and what is read one by one."""

Sums = dict[tuple[Measure, str], float]


@dataclass
class Figures:
    """How one instance stands, or several together: numbers are summed, of ages the greatest counts.

    `videos` are those here that their instances list, `wanted` what the sources have and their rules want, `unread`
    what of that could not be read. `due` counts what is due now, by kind. Seconds, 0 for none: `lag` is the age of the
    last good look at the source that waits longest for one, `overdue` for how long due work has waited with nobody at
    it, `failing` since when no contact was good.
    """

    host: str = OTHER
    states: Counter[str] = field(default_factory=Counter)
    due: Counter[str] = field(default_factory=Counter)
    videos: int = 0
    wanted: int = 0
    unread: int = 0
    lag: float = 0.0
    overdue: float = 0.0
    failing: float = 0.0
    sums: Sums = field(default_factory=dict)

    @property
    def coverage(self) -> float | None:
        """The share of what is wanted that is here; None where no number is known."""
        return max(0, min(self.videos, self.wanted - self.unread)) / self.wanted if self.wanted else None

    def add(self, other: "Figures") -> None:
        self.states += other.states
        self.due += other.due
        self.videos += other.videos
        self.wanted += other.wanted
        self.unread += other.unread
        self.lag = max(self.lag, other.lag)
        self.overdue = max(self.overdue, other.overdue)
        self.failing = max(self.failing, other.failing)


@dataclass(frozen=True)
class Measures:
    """The content of a scrape: all instances together, those with series of their own, the `rest` together."""

    total: Figures
    named: list[Figures]
    rest: Figures
    sources: dict[str, int]
    open_runs: dict[str, int]
    search_queue: int
    skipped_items: int
    problems: Counter[str]
    pictures: dict[str, int]
    picture_bytes: int
    bells: dict[str, int]
    rings_waiting: int


def measure(settings: Settings) -> Measures:
    """Look at the rows as they are now."""
    by_instance = _by_instance()
    chosen = _instances_with_label(by_instance, settings.metrics_instances)
    summed = Tally.objects.order_by().values_list("measure", "label").annotate(number=Sum("number"))
    total, rest = Figures(sums={(Measure(kind), label): number for kind, label, number in summed}), Figures()
    for pk, figures in by_instance.items():
        total.add(figures)
        if pk not in chosen:
            rest.add(figures)
    tallies = Tally.objects.filter(instance__in=chosen)
    for pk, kind, label, number in tallies.values_list("instance", "measure", "label", "number"):
        by_instance[pk].sums[Measure(kind), label] = number
    # Follows that are relied on count as "proven" instead of "accepted".
    relied_on = Case(When(pk__in=Follow.objects.proven().values("pk"), then=Value(PROVEN)), default="state")
    return Measures(
        total=total,
        named=[by_instance[pk] for pk in chosen],
        rest=rest,
        sources=_grouped(Source.objects.all(), "state"),
        open_runs=_grouped(SyncRun.objects.filter(state=RunState.RUNNING), "kind"),
        search_queue=count(SearchDue.objects.all(), BOUND).number,
        skipped_items=count(SkippedItem.objects.all(), BOUND).number,
        problems=Counter(problem.cause.value for problem in problems(settings)),
        pictures=count_by_state(),
        picture_bytes=used(),
        bells=_grouped(Follow.objects.annotate(bell=relied_on), "bell"),
        rings_waiting=Ring.objects.filter(waiting=True).count(),
    )


def _by_instance() -> dict[int, Figures]:
    """Return the figures of each instance of which something is wanted, by primary key."""
    now = timezone.now()
    found = {}
    for instance in Instance.objects.mirrored().only(*COLUMNS):
        at_work = instance.lease_until is not None and instance.lease_until > now
        due = {"refresh": instance.refresh_due_at, "audit": instance.audit_due_at}
        found[instance.pk] = Figures(
            host=instance.host,
            states=Counter([instance.state]),
            due=Counter({kind: int(at is not None and at <= now) for kind, at in due.items()}),
            overdue=0.0 if at_work else _age(instance.next_due_at, now),
            failing=_age(instance.failing_since, now),
        )
    for row in _figures_of_sources(now):
        figures = found[row["instance"]]
        figures.wanted, figures.unread = max(0, row["wanted"]), row["unread"]
        figures.lag = _age(row["looked"], now)
        figures.due += Counter({kind: row[kind] for kind in ("head", "sweep", "lists")})
    for pk, number in _listed_by_instance().items():
        if pk in found:
            found[pk].videos = number
    for kind, rows in _due_by_kind(now).items():
        for pk, number in _grouped(rows, "instance").items():
            if pk in found:
                found[pk].due[kind] += number
    return found


COLUMNS = ("host", "state", "failing_since", "next_due_at", "lease_until", "refresh_due_at", "audit_due_at")


def _listed_by_instance() -> Counter[int]:
    """Return how many videos are listed by instance: all, which any index tells, less the few that aren't.

    SQLite reads the rows of what it counts by an index with a condition, so what is common mustn't be counted by one.
    """
    rows = Video.objects.all()
    listed = Counter(_grouped(rows, "instance"))
    here = rows.filter(removed_at=None)
    for apart in (
        rows.filter(removed_at__isnull=False),
        here.filter(delisted_at__isnull=False),
        here.filter(delisted_at=None).exclude(privacy_id=PUBLIC),
    ):
        # By the number + 0, or SQLite would walk through all instances in order, and read every row.
        listed.subtract(_grouped(apart.annotate(of=F("instance_id") + 0), "of"))
    return listed


def _figures_of_sources(now: datetime) -> Iterable[dict[str, Any]]:
    """Return a row per instance: what its sources want, the look that is longest ago, what is due of them."""
    worked_on = ~Q(state__in=AT_REST)
    looked = Greatest(Coalesce("head_at", "added_at"), Coalesce("sweep_at", "added_at"))
    public = ~Q(state=SourceState.SUSPENDED) & ~Q(kind=SourceKind.OWN)
    columns = {"head": "head_due_at", "sweep": "sweep_due_at", "lists": "lists_due_at"}
    due = {kind: Count("pk", filter=worked_on & Q(**{f"{name}__lte": now})) for kind, name in columns.items()}
    rows: Any = Source.objects.order_by().values("instance")  # the stubs lose what ** annotates
    found: Iterable[dict[str, Any]] = rows.annotate(
        wanted=Sum(F("remote_total") - F("excluded"), filter=public, default=0),
        unread=Sum("unread", filter=public, default=0),
        looked=Min(looked, filter=worked_on),
        **due,
    )
    return found


def _due_by_kind(now: datetime) -> dict[str, QuerySet[Any]]:
    """Return the rows that are due, by kind of work, of instances that are worked on."""
    worked_on = Source.objects.exclude(state__in=AT_REST).values("instance")
    videos = Video.objects.filter(instance__in=worked_on)
    actors = {"instance__in": worked_on, "details_due_at__lte": now, "removed_at": None, "private": False}
    return {
        "details": videos.filter(details_due_at__lte=now),
        "captions": videos.filter(captions_due_at__lte=now),
        "removal": videos.filter(missing_since__isnull=False, removed_at=None),
        "channels": Channel.objects.filter(**actors),
        "accounts": Account.objects.filter(**actors),
        "playlists": Playlist.objects.filter(instance__in=worked_on, elements_due_at__lte=now, removed_at=None),
    }


def _instances_with_label(by_instance: dict[int, Figures], places: int) -> list[int]:
    """Return the instances that get a name: half of the places at the most go to those that fail, the longest first."""
    nameable = [pk for pk, figures in by_instance.items() if figures.host != OTHER]
    failing = sorted((pk for pk in nameable if by_instance[pk].failing), key=lambda pk: -by_instance[pk].failing)
    first = failing[: places // 2]
    large = sorted(set(nameable).difference(first), key=lambda pk: (-by_instance[pk].videos, pk))
    return [*first, *large[: places - len(first)]]


def _grouped(rows: QuerySet[Any], column: str) -> dict[Any, int]:
    """Return how many of `rows` have which value of `column`."""
    return dict(rows.order_by().values_list(column).annotate(number=Count("*")))


def _age(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at else 0.0
