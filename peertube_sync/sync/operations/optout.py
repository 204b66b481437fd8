"""Opting out: rows of whoever asked for it go at once, and nothing brings them back until a person undoes it."""

import logging
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.targets import recognise
from peertube_sync.client.types import ActorSummary
from peertube_sync.ingest.derived import derive_due
from peertube_sync.ingest.twins import Twinned, lock_twins, settle_twins, twinned
from peertube_sync.models import (
    Account,
    Channel,
    Instance,
    Leaving,
    LeavingVideo,
    Login,
    OptOut,
    Playlist,
    Reason,
    Source,
    Video,
)
from peertube_sync.models.optout import called
from peertube_sync.sync import events
from peertube_sync.sync.bulk_removal import (
    LEASE_SECONDS,
    mark_for_removal,
    mark_unwanted_for_removal,
    mark_videos_for_removal,
    remove_marked_now,
)
from peertube_sync.sync.lease import Lease
from peertube_sync.sync.operations.purge import scrub
from peertube_sync.sync.schedule import make_due
from peertube_sync.sync.tombstones import batches, put_out_of_scope
from peertube_sync.sync.work import Work

ROLES_OF: dict[Twinned, tuple[str, str]] = {
    Video: ("account", "channel"),
    Playlist: ("owner_account", "video_channel"),
}
"""The relations through which videos and playlists belong to accounts and channels."""
ROLES = tuple(role for roles in ROLES_OF.values() for role in roles)


def host_and_name(what: str) -> tuple[str, str]:
    """Return host and name ("" for the whole instance) of what a person pasted; raises InvalidTarget."""
    target = recognise(what)
    if target.kind in {"video", "playlist"}:
        raise InvalidTarget(f"{what} is a {target.kind}: instances, accounts and channels can opt out")
    return target.host, target.name


def opt_out(host: str, name: str = "", note: str = "", most: int | None = None) -> int:
    """Neither ask nor show `host`, or its account or channel `name`, any more; returns how many videos that hides.

    All of it is hidden by the first commit, and removed after that: up to `most` videos, the rest by the next slice.
    Rows of an instance are deleted; where a site's own rows forbid that, or another instance has the same uuids, they
    stay as scrubbed tombstones: what opted out isn't shown as a copy either. Those of an account or channel become
    scrubbed tombstones. A process that is working on the instance stops. It holds for all hosts that the instance has
    or had. Done again, it goes on where it was interrupted.
    """
    instance, hosts = _known_as(host)
    with transaction.atomic():
        for each_host in hosts:
            if not OptOut.objects.of([each_host], name).exists():
                OptOut.objects.get_or_create(host=each_host, name=name, defaults={"note": note})
        if instance is None:
            return 0
        lease = Lease.seize(instance, LEASE_SECONDS)
        end_mirroring(instance, name)
    hidden = count_concerned(host, name)  # behind the commit, which nothing that takes its time is to delay
    facts = {"host": host, "what": f"{name}@{host}" if name else host, "videos": hidden}
    events.note(logging.INFO, "opted_out", "%(what)s opted out: %(videos)s videos are hidden", **facts)
    remove_marked_now(instance, lease, most)
    return hidden


def count_concerned(host: str, name: str = "") -> int:
    """Return how many videos opting out would hide."""
    instance, _hosts = _known_as(host)
    return _videos_of_actor(name).filter(instance=instance, removed_at=None).count() if instance else 0


def undo_opt_out(host: str, name: str = "") -> bool:
    """Take an opt-out back; returns whether there was one. Sources that are still here bring the rows again.

    Until then they are out of scope: they no longer keep others with their uuids from being shown. What wasn't removed
    yet stays, unless no source wants it.
    """
    instance, hosts = _known_as(host)
    with transaction.atomic():
        deleted, _ = OptOut.objects.of(hosts, name).delete()
        still = set(OptOut.objects.filter(host__in=hosts).values_list("name", flat=True))
        if instance:  # a removal that is under way stops: what is left of it goes only if no source wants it
            marks = LeavingVideo.objects.filter(
                video_id__in=_videos_of_actor(name).filter(instance=instance).values("pk")
            )
            spared: QuerySet[Any, Any] = marks if name else Leaving.objects.filter(instance=instance)
            if spared.filter(reason=Reason.OPTED_OUT).update(reason=Reason.OUT_OF_SCOPE):
                columns = {"lease_token": None, "lease_until": None, "next_due_at": timezone.now()}
                Instance.objects.filter(pk=instance.pk).update(**columns)
    for model, roles in ROLES_OF.items() if "" not in still else ():
        mine = model._default_manager.filter(
            _is_of_actor(*roles, name), instance=instance, removed_reason=Reason.OPTED_OUT
        )
        for role in roles:
            mine = mine.exclude(called(still, f"{role}__name"))
        for batch in batches(list(mine.values_list("pk", flat=True))):
            with transaction.atomic():
                put_out_of_scope(model, batch, {})
    transaction.on_commit(derive_due)
    make_due(Source.objects.filter(instance=instance), full=True)
    if deleted:
        what = f"{name}@{host}" if name else host
        events.note(logging.INFO, "opt_out_undone", "%(what)s no longer opts out", host=host, what=what)
    return bool(deleted)


def _known_as(host: str) -> tuple[Instance | None, set[str]]:
    """Return the instance that has or had `host`, if any is here, and all hosts that it has or had."""
    instance = Instance.objects.filter(Q(host=host) | Q(former_hosts__host=host)).first()
    if instance is None:
        return None, {host}
    return instance, {host, instance.host, *instance.former_hosts.values_list("host", flat=True)}


def refuse_opted_out(host: str, *names: str) -> None:
    """Raise InvalidTarget where `host`, or one of `names` on it, has opted out."""
    opt_out_row = OptOut.objects.of([host], "", *names).first()
    if opt_out_row:
        way_back = f"take that back first with: manage.py peertube_optout --undo {opt_out_row}"
        raise InvalidTarget(f"{opt_out_row} has opted out of being mirrored here; {way_back}")


def opted_out(work: Work, thing: Any) -> bool:
    """Return whether an account or channel that publishes `thing`, a parsed answer, has opted out."""
    return bool(work.opted_out) and not work.opted_out.isdisjoint(map(str.lower, publishers(thing)))


def publishers(thing: Any) -> set[str]:
    """Return the names of the accounts and channels that `thing` belongs to."""
    names = {getattr(getattr(thing, role, None), "name", "") for role in ROLES}
    return (names | {thing.name} if isinstance(thing, ActorSummary) else names) - {""}


def end_mirroring(instance: Instance, name: str) -> None:
    """Hide `name`, or all of `instance`, from the commit on, and take away what asks for it: inside one transaction.

    The rest is for `remove_marked`, in this process or the next slice.
    """
    Instance.objects.filter(pk=instance.pk).update(next_due_at=timezone.now())
    if not name:
        instance.sources.all().delete()
        Login.objects.filter(instance=instance).delete()
        mark_for_removal(instance, Reason.OPTED_OUT)
        return
    videos = _videos_of_actor(name).filter(instance=instance)
    playlists = Playlist.objects.filter(_is_of_actor(*ROLES_OF[Playlist], name), instance=instance)
    _sources_of_nothing_else(instance, name, videos, playlists).delete()
    Login.objects.filter(username__iexact=name, instance=instance).delete()
    mark_videos_for_removal(instance, videos, Reason.OPTED_OUT)
    lock_twins(Playlist, twinned(playlists).values_list("pk", flat=True))
    channels = Channel.objects.filter(called([name]) | called([name], "owner_account__name"), instance=instance)
    accounts = Account.objects.filter(called([name]), instance=instance)
    for rows in (playlists, channels, accounts):
        for batch in batches(list(rows.values_list("pk", flat=True))):
            scrub(rows.model, batch)
        rows.update(removed_at=timezone.now(), removed_reason=Reason.OPTED_OUT)
    settle_twins(Playlist, twinned(playlists).values_list("uuid", flat=True))
    mark_unwanted_for_removal(instance)


def _videos_of_actor(name: str) -> "QuerySet[Video, Video]":
    return Video.objects.filter(_is_of_actor(*ROLES_OF[Video], name))


def _is_of_actor(one: str, other: str, name: str) -> Q:
    return called([name], f"{one}__name") | called([name], f"{other}__name") if name else Q()


def _sources_of_nothing_else(instance: Instance, name: str, *mine: "QuerySet[Any, Any]") -> "QuerySet[Source, Source]":
    """Return the sources that ask for nothing but what opted out; `mine` are its videos and playlists."""
    asked: dict[str, int] = {}
    for source in instance.sources.all():
        with suppress(ValueError):
            asked[str(UUID(source.name))] = source.pk
    uuids = {str(uuid) for rows in mine for uuid in rows.filter(uuid__in=asked).values_list("uuid", flat=True)}
    named = [source.pk for source in instance.sources.filter(called([name]))]
    return Source.objects.filter(pk__in=[*named, *(asked[uuid] for uuid in uuids)])
