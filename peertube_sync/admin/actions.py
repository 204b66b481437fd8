"""What people do to many rows at once: make work due, pause and resume, curate. Each tells how many, and is logged."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_permission_codename
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import get_text_list
from django.utils.translation import ngettext

from peertube_sync.history import note
from peertube_sync.models import Curation, Instance, Source, SourceState
from peertube_sync.sync.removal import decide
from peertube_sync.sync.schedule import make_due
from peertube_sync.sync.scope import settle_suspensions

BATCH = 500
PAUSED = ("%d source is paused.", "%d sources are paused.")
RESUMED = ("%d source goes on.", "%d sources go on.")
ACCEPTED = (
    "%d missing video is asked for with the next sync, and removed if it is really gone.",
    "%d missing videos are asked for with the next sync, and removed if they are really gone.",
)
REJECTED = ("%d missing video stays.", "%d missing videos stay.")
NAMED = 5
"""So many hosts are named in a message; of more, the number says enough."""


def may(request: HttpRequest, action: str, model: type[Model]) -> bool:
    """Return whether the user has Django's permission to "view", "change", … rows of `model`."""
    name = get_permission_codename(action, model._meta)
    return bool(request.user.has_perm(f"{model._meta.app_label}.{name}"))


def log(request: HttpRequest, rows: Iterable[Model], message: str) -> None:
    """Write down in the admin's history who did it to each of `rows`."""
    note(request.user, rows, message)


def make_sources_due(request: HttpRequest, sources: QuerySet[Source], *, full: bool) -> None:
    """Make the instances of `sources` due and say which; paused ones stay as they are."""
    chosen = list(sources.select_related("instance"))
    active = [one for one in chosen if one.state != SourceState.PAUSED]
    hosts = {one.instance.host: one.instance for one in active}
    make_due(active, full=full)
    log(request, hosts.values(), "Full sweep asked for." if full else "Sync asked for.")
    if hosts:
        messages.success(request, _due_now(sorted(hosts), full=full))
    if not chosen:
        messages.warning(request, "Nothing to sync: no source is on what you chose.")
    if paused := sum(one.state == SourceState.PAUSED for one in chosen):
        text = ngettext("%d source is paused: resume it first.", "%d sources are paused: resume them first.", paused)
        messages.warning(request, text % paused)


def set_paused(request: HttpRequest, sources: QuerySet[Source], *, paused: bool) -> None:
    """Pause what isn't paused, or resume what is and make it due."""
    state = SourceState.PAUSED if paused else SourceState.ACTIVE
    chosen = sources.exclude(state=state) if paused else sources.filter(state=SourceState.PAUSED)
    rows = list(chosen.select_related("instance"))
    Source.objects.filter(pk__in=[row.pk for row in rows]).update(state=state)
    log(request, rows, "Paused." if paused else "Resumed.")
    for instance in {row.instance for row in rows}:
        settle_suspensions(instance)
    if not paused:
        make_due(rows, full=False)
    words = PAUSED if paused else RESUMED
    messages.success(request, ngettext(*words, len(rows)) % len(rows))


def decide_losses(request: HttpRequest, sources: QuerySet[Source], *, accept: bool) -> None:
    """Accept or reject what is missing on the instances of the suspicious ones among `sources`."""
    rows = list(sources.filter(state=SourceState.SUSPICIOUS).select_related("instance"))
    instances = {row.instance for row in rows}
    missing = sum(decide(instance, accept=accept) for instance in instances)
    log(request, instances, f"Losses {'accepted' if accept else 'rejected'}.")
    if not rows:
        messages.warning(request, "None of these is suspicious: there is nothing to decide.")
    elif accept:
        messages.success(request, ngettext(*ACCEPTED, missing) % missing)
    else:
        messages.success(request, ngettext(*REJECTED, missing) % missing)


def curate(request: HttpRequest, videos: QuerySet[Any], words: tuple[str, str], **decision: bool) -> None:
    """Write `decision`, a column of Curation and its value, for all `videos`; `words` tell of one, and of more."""
    total = 0
    for batch in _batches(videos):
        Curation.objects.decide(batch, **decision)
        log(request, batch, f"{next(iter(decision)).capitalize()}: {'yes' if all(decision.values()) else 'no'}.")
        total += len(batch)
    messages.success(request, ngettext(*words, total) % total)


def _due_now(hosts: list[str], *, full: bool) -> str:
    what = "A full sweep" if full else "A sync"
    if len(hosts) > NAMED:
        return f"{what} of {len(hosts)} instances is due now."
    return f"{what} of {get_text_list(hosts, 'and')} is due now."


def instances_sources(instances: QuerySet[Instance]) -> QuerySet[Source]:
    """Return the sources on `instances`."""
    return Source.objects.filter(instance__in=instances)


def _batches(videos: QuerySet[Any]) -> Iterator[list[Any]]:
    """Yield all videos, by name alone; goes by primary key, as writing may move them out of the queryset."""
    rows = videos.select_related(None).defer(None).only("name").order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])
