"""The overview: what the app's page in the admin shows before its list of models.

Each figure leads to the list that explains it, and is there for who may see that list only.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peertube_sync.admin import figures
from peertube_sync.admin.actions import may
from peertube_sync.admin.display import BAD, BUSY, GOOD, QUIET, format_seconds, link_to, number, roughly
from peertube_sync.admin.moving import may_move, move_address
from peertube_sync.admin.runs import SyncRunAdmin
from peertube_sync.admin.standing import INSTANCE_TONES
from peertube_sync.catalogue.counting import Count
from peertube_sync.conf import get_settings
from peertube_sync.models import Candidate, Instance, RunState, SkippedItem, Source, SyncRun, Video
from peertube_sync.sync.operations.move_signs import Offer, offers

LATE = 3600
"""Seconds that work may wait before the overview calls it late."""
CHART = 100
"""Height of the chart in units of its own; a day is 10 of them wide."""


@dataclass(frozen=True)
class Card:
    """One figure: `value` large, `note` small below it, `url` leads to what explains it."""

    label: str
    value: str
    note: str
    url: str
    tone: str = QUIET


@dataclass(frozen=True)
class Bar:
    """One day of the chart; `videos` is None where they weren't counted, the rest are coordinates."""

    day: date
    videos: int | None
    url: str
    x: int
    y: float
    height: float


@dataclass
class Overview:
    """What the template shows; what the user may not see is empty."""

    cards: list[Card] = field(default_factory=list)
    health: list[tuple[str, int, str, str]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    moves: list[tuple[Offer, str]] = field(default_factory=list)
    """The moves that there are signs of, each with the address of where it is decided."""
    hosts: list[dict[str, Any]] = field(default_factory=list)
    hosts_trouble: str = ""
    runs: list[dict[str, str]] = field(default_factory=list)
    empty: bool = False
    """Whether there is no source yet."""
    add: str = ""
    """Where one is added, for who may."""
    under_way: bool = False
    """Whether a run is at work, so that looking again soon shows something else."""

    @property
    def busiest(self) -> int:
        """The number of videos of the chart's highest bar."""
        return max((bar.videos or 0 for bar in self.bars), default=0)

    @property
    def published(self) -> int:
        """The number of videos in the chart."""
        return sum(bar.videos or 0 for bar in self.bars)


def overview(request: HttpRequest) -> Overview:
    """Return the figures that the user may see."""
    shown = Overview(cards=list(_cards(request)))
    if may(request, "view", Source) and not Source.objects.exists():
        shown.empty = True
        shown.add = reverse("admin:peertube_sync_source_add") if may(request, "add", Source) else ""
    if may(request, "view", Instance):
        for state, instances in figures.health().items():
            url = _list(Instance, state__exact=state.value)
            shown.health.append((str(state.label), instances, INSTANCE_TONES.get(state, BAD), url))
        may_decide = may_move(request)
        for offer in offers():
            instance = reverse("admin:peertube_sync_instance_change", args=(offer.old.pk,))
            shown.moves.append((offer, move_address(offer.old, offer.new_host) if may_decide else instance))
    if may(request, "view", Video):
        shown.bars = list(_bars(figures.per_day()))
    if may(request, "view", SyncRun):
        runs = list(figures.last_runs(request.user))
        shown.runs, shown.under_way = list(map(_run, runs)), any(run.state == RunState.RUNNING for run in runs)
        asked, trouble = figures.most_asked_hosts(get_settings())
        shown.hosts, shown.hosts_trouble = [_budget(host) for host in asked], trouble
    return shown


def _cards(request: HttpRequest) -> Iterator[Card]:
    if may(request, "view", Source) and may(request, "view", Video):
        yield from _catalogue()
    if may(request, "view", Instance):
        due, oldest = figures.lag()
        seconds = oldest.total_seconds()
        note = ngettext("%s instance is due", "%s instances are due", due) % number(due)
        tone = GOOD if seconds < LATE else BAD
        yield Card(_("Lag"), roughly(seconds) if due else _("none"), note, _list(Instance, due="yes"), tone)
    waiting: tuple[tuple[type[Model], str, Callable[[], Count], str, dict[str, str | int]], ...] = (
        (Video, _("Removals waiting"), figures.missing, _("missing, not asked for yet"), {"availability": "missing"}),
        (SkippedItem, _("Skipped items"), figures.skipped, _("could not be read"), {}),
        (Video, _("Search queue"), figures.unsearchable, _("wait for the index"), {"availability": "unsearchable"}),
        (Candidate, _("Candidates"), figures.candidates, _("wait for approval"), {"rejected_at__isempty": 1}),
    )
    for model, label, counted, note, lookups in waiting:
        if may(request, "view", model):
            found = counted()
            tone = BUSY if found.number else GOOD
            yield Card(label, _count_in_words(found), note, _list(model, **lookups), tone)
    if may(request, "view", Video) and get_settings().pictures == "site":
        here, failed, size = figures.picture_figures()
        note = _("%(size)s; %(failed)s couldn't be had") % {"size": filesizeformat(size), "failed": number(failed)}
        yield Card(_("Pictures"), number(here), note, _list(Video), BUSY if failed else GOOD)


def _catalogue() -> Iterator[Card]:
    counts = figures.sources()
    coverage = figures.coverage(counts["wanted"], counts["unread"])
    sources = ngettext("of %s source", "of %s sources", counts["number"]) % number(counts["number"])
    yield Card(_("Videos"), _count_in_words(coverage.held), sources, _list(Video, availability="listed"))
    share, wanted = coverage.share, _("of %s videos that the sources have") % number(coverage.wanted)
    shown = "?" if share is None else f"{share * 100:.1f} %"
    yield Card(_("Coverage"), shown, wanted, _list(Source), GOOD if share and share > 0.99 else BUSY)
    waiting = counts["suspicious"]
    note = _("a person has to decide") if waiting else _("nothing to decide")
    url = _list(Source, state__exact="suspicious")
    yield Card(_("Suspicious sources"), number(waiting), note, url, BAD if waiting else GOOD)
    troubled = counts["troubled"]
    note = _("fail, or can't be read") if troubled else _("all can be read")
    yield Card(_("Sources in trouble"), number(troubled), note, _list(Source, trouble="yes"), BAD if troubled else GOOD)


def _bars(days: dict[date, int | None]) -> Iterator[Bar]:
    most = max([1, *(videos or 0 for videos in days.values())])
    for place, (day, videos) in enumerate(days.items()):
        height = round(CHART * (videos or 0) / most, 1)
        yield Bar(day, videos, _list(Video, day=day.isoformat()), place * 10, CHART - height, height)


def _run(run: SyncRun) -> dict[str, str]:
    shown = SyncRunAdmin(SyncRun, admin.site)
    columns = {name: getattr(shown, name)(run) for name in ("started", "standing", "outcome", "cost")}
    return {**columns, "link": link_to(run)}


def _budget(host: figures.Host) -> dict[str, object]:
    closed = host.rate_limit.closed_until - time.time() if host.rate_limit else 0.0
    return {
        "host": host.host,
        "url": _list(SyncRun, instance__id__exact=host.instance_id),
        "requests": number(host.requests),
        "allowed": number(host.allowed),
        "percent": None if host.share is None else round(host.share * 100),
        "waited": format_seconds(host.waited),
        "limited": host.limited,
        "closed": format_seconds(closed) if closed > 1 else "",
    }


def _count_in_words(found: Count) -> str:
    if found.exact:
        return number(found.number)
    words = _("over %s") if found.least else _("about %s")
    return words % number(found.number - 1 if found.least else round(found.number, -2))


def _list(model: type[Model], **lookups: str | int) -> str:
    address = reverse(f"admin:peertube_sync_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(lookups)}" if lookups else address
