"""What people do to many rows at once: make work due, pause and resume, curate. Each tells how many, and is logged."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_permission_codename
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from peertube_sync import history
from peertube_sync.models import Action, Curation, Instance, Source, SourceState, Via, decided
from peertube_sync.sync.audit.instance import ask_for_audits
from peertube_sync.sync.schedule import active_sources, make_due
from peertube_sync.sync.scope import settle_suspensions
from peertube_sync.sync.walks.missing import decide

BATCH = 500
PAUSED = ngettext_lazy("%d source is paused.", "%d sources are paused.")
RESUMED = ngettext_lazy("%d source goes on.", "%d sources go on.")
ACCEPTED = ngettext_lazy(
    "%d missing video is asked for with the next sync, and removed if it is really gone.",
    "%d missing videos are asked for with the next sync, and removed if they are really gone.",
)
REJECTED = ngettext_lazy("%d missing video stays.", "%d missing videos stay.")
NAMED = 5
"""So many hosts are named in a message; of more, the number says enough."""


def may(request: HttpRequest, action: str, model: type[Model]) -> bool:
    """Return whether the user has Django's permission to "view", "change", … rows of `model`."""
    name = get_permission_codename(action, model._meta)
    return bool(request.user.has_perm(f"{model._meta.app_label}.{name}"))


def log_action(request: HttpRequest, action: Action, rows: Iterable[Model]) -> None:
    """Write down who did `action` to each of `rows`."""
    history.log(action, rows, user=request.user, via=Via.ADMIN)


def record_action(request: HttpRequest, action: Action, rows: Iterable[Model]) -> None:
    """Write `action` into Django's own history of each of `rows`, which the admin shows behind *History*."""
    history.record(action, rows, user=request.user, via=Via.ADMIN)


def make_sources_due(request: HttpRequest, sources: QuerySet[Source], *, full: bool) -> None:
    """Make the instances of `sources` due and say which; paused ones stay as they are."""
    chosen = list(sources.select_related("instance"))
    active = [source for source in chosen if source.state != SourceState.PAUSED]
    hosts = {source.instance.host: source.instance for source in active}
    make_due(active, full=full)
    log_action(request, Action.FULL_SWEEP if full else Action.SYNC, hosts.values())
    if hosts:
        words = _("A full sweep of %s is due now.") if full else _("A sync of %s is due now.")
        messages.success(request, words % _hosts_in_words(sorted(hosts)))
    if not chosen:
        messages.warning(request, _("Nothing to sync: no source is on what you chose."))
    if paused := sum(source.state == SourceState.PAUSED for source in chosen):
        text = ngettext("%d source is paused: resume it first.", "%d sources are paused: resume them first.", paused)
        messages.warning(request, text % paused)


def make_audits_due(request: HttpRequest, instances: QuerySet[Instance]) -> None:
    """Make an audit of each due where anything is worked on, and say which."""
    chosen = {source.instance for source in active_sources(instances_sources(instances).select_related("instance"))}
    ask_for_audits(chosen)
    log_action(request, Action.AUDIT, chosen)
    if not chosen:
        messages.warning(request, _("Nothing to verify: no source that is worked on is on what you chose."))
        return
    names = _hosts_in_words(sorted(instance.host for instance in chosen))
    messages.success(request, _("An audit of %s is due now; its run tells what it finds.") % names)


def set_paused(request: HttpRequest, sources: QuerySet[Source], *, paused: bool) -> None:
    """Pause what isn't paused, or resume what is and make it due."""
    state = SourceState.PAUSED if paused else SourceState.ACTIVE
    chosen = sources.exclude(state=state) if paused else sources.filter(state=SourceState.PAUSED)
    rows = list(chosen.select_related("instance"))
    Source.objects.filter(pk__in=[row.pk for row in rows]).update(state=state)
    log_action(request, Action.PAUSED if paused else Action.RESUMED, rows)
    for instance in {row.instance for row in rows}:
        settle_suspensions(instance)
    if not paused:
        make_due(rows, full=False)
    words = PAUSED if paused else RESUMED
    messages.success(request, words % len(rows))


def decide_losses(request: HttpRequest, sources: QuerySet[Source], *, accept: bool) -> None:
    """Accept or reject what is missing on the instances of the suspicious ones among `sources`."""
    rows = list(sources.filter(state=SourceState.SUSPICIOUS).select_related("instance"))
    instances = {row.instance for row in rows}
    missing = sum(decide(instance, accept=accept) for instance in instances)
    log_action(request, Action.LOSSES_ACCEPTED if accept else Action.LOSSES_REJECTED, instances)
    if not rows:
        messages.warning(request, _("None of these is suspicious: there is nothing to decide."))
    elif accept:
        messages.success(request, ACCEPTED % missing)
    else:
        messages.success(request, REJECTED % missing)


def curate(request: HttpRequest, videos: QuerySet[Any], words: Any, **decision: bool) -> None:
    """Write `decision`, a column of Curation and its value, for all `videos`; `words`, by their number, tell of it."""
    total = 0
    rows = videos.select_related(None).defer(None).select_related("instance")
    rows = rows.only("name", "uuid", "instance__host").order_by("pk")  # as little as names them
    # By primary key, as writing may move rows out of the queryset.
    batch = list(rows[:BATCH])
    while batch:
        with transaction.atomic():
            Curation.objects.decide(batch, **decision)
            for action in decided(decision):
                log_action(request, action, batch)
        total += len(batch)
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])
    messages.success(request, words % total)


def _hosts_in_words(hosts: list[str]) -> str:
    return _("%d instances") % len(hosts) if len(hosts) > NAMED else get_text_list(hosts, _("and"))


def instances_sources(instances: QuerySet[Instance]) -> QuerySet[Source]:
    return Source.objects.filter(instance__in=instances)
