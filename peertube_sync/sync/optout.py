"""Opting out: rows of who asked for it go at once, and nothing brings them back until that is undone."""

import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet, RestrictedError
from django.utils import timezone

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.targets import recognise
from peertube_sync.client.types import ActorSummary
from peertube_sync.ingest.search import index_due
from peertube_sync.ingest.twins import Twinned, lock_twins, settle_twins, twinned
from peertube_sync.models import (
    Account,
    Channel,
    Instance,
    Login,
    OptOut,
    Playlist,
    PlaylistElement,
    Reason,
    Source,
    Video,
)
from peertube_sync.sync import events
from peertube_sync.sync.announce import announce_removed
from peertube_sync.sync.purge import scrub
from peertube_sync.sync.schedule import make_due
from peertube_sync.sync.scope import batches, bury, put_out_of_scope, settle_now
from peertube_sync.sync.work import Work

ROLES_OF: dict[Twinned, tuple[str, str]] = {
    Video: ("account", "channel"),
    Playlist: ("owner_account", "video_channel"),
}
"""The relations through which videos and playlists belong to accounts and channels."""
ROLES = tuple(role for roles in ROLES_OF.values() for role in roles)


def named(what: str) -> tuple[str, str]:
    """Return host and name ("" for the whole instance) of what a person pasted; raises InvalidTarget."""
    target = recognise(what)
    if target.kind in {"video", "playlist"}:
        raise InvalidTarget(f"{what} is a {target.kind}: instances, accounts and channels can opt out")
    return target.host, target.name


def opt_out(host: str, name: str = "", note: str = "") -> int:
    """Neither ask nor show `host`, or its account or channel `name`, any more; returns how many videos that hides.

    Rows of an instance are deleted; where a site's own rows forbid that, or another instance has the same uuids, they
    stay as scrubbed tombstones: what opted out isn't shown as a copy either. Those of an account or channel become
    scrubbed tombstones. Who is at work on the instance stops. It holds for all hosts that the instance has or had.
    """
    instance, hosts = _known_as(host)
    with transaction.atomic():
        for one in hosts:
            OptOut.objects.get_or_create(host=one, name=name, defaults={"note": note})
        if instance is None:
            return 0
        Instance.objects.filter(pk=instance.pk).update(lease_token=None, lease_until=None)
        hidden = hide(instance, name)
    facts = {"host": host, "what": f"{name}@{host}" if name else host, "videos": hidden}
    events.note(logging.INFO, "opted_out", "%(what)s opted out: %(videos)s videos are hidden", **facts)
    if name:
        settle_now(instance)
    else:
        _delete(instance)
        transaction.on_commit(index_due)
    return hidden


def undo(host: str, name: str = "") -> bool:
    """Take an opt-out back; returns whether there was one. Sources that are still here bring the rows again.

    Until then they are out of scope: they no longer keep others with their uuids from being shown.
    """
    instance, hosts = _known_as(host)
    deleted, _ = OptOut.objects.filter(host__in=hosts, name=name).delete()
    still = set(OptOut.objects.filter(host__in=hosts).values_list("name", flat=True))
    for model, roles in ROLES_OF.items() if "" not in still else ():
        mine = model._default_manager.filter(_by(*roles, name), instance=instance, removed_reason=Reason.OPTED_OUT)
        for role in roles:
            mine = mine.exclude(**{f"{role}__name__in": still})
        for batch in batches(list(mine.values_list("pk", flat=True))):
            with transaction.atomic():
                put_out_of_scope(model, batch, {})
    transaction.on_commit(index_due)
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
    found = OptOut.objects.filter(host=host, name__in=("", *names)).first()
    if found:
        way_back = f"take that back first with: manage.py peertube_optout --undo {found}"
        raise InvalidTarget(f"{found} has opted out of being mirrored here; {way_back}")


def opted_out(work: Work, thing: Any) -> bool:
    """Return whether an account or channel that publishes `thing`, a parsed answer, has opted out."""
    return bool(work.opted_out) and not work.opted_out.isdisjoint(publishers(thing))


def publishers(thing: Any) -> set[str]:
    """Return the names of the accounts and channels that `thing` belongs to."""
    found = {getattr(getattr(thing, role, None), "name", "") for role in ROLES}
    return (found | {thing.name} if isinstance(thing, ActorSummary) else found) - {""}


def hide(instance: Instance, name: str) -> int:
    """Make tombstones, and take away what asks for them, inside one transaction; returns how many videos that hides."""
    videos, playlists = (
        model._default_manager.filter(_by(*roles, name), instance=instance) for model, roles in ROLES_OF.items()
    )
    for of_uuids in (videos, playlists):
        lock_twins(of_uuids.model, twinned(of_uuids).values_list("pk", flat=True))
    living = list(videos.filter(removed_at=None).values_list("pk", "uuid"))
    uuids = {*videos.values_list("uuid", flat=True), *playlists.values_list("uuid", flat=True)}
    _sources(instance, name, uuids).delete()
    Login.objects.filter(Q(username=name) if name else Q(), instance=instance).delete()
    for batch in batches([pk for pk, _uuid in living]):
        bury(batch, Reason.OPTED_OUT)
        PlaylistElement.objects.filter(video__in=batch).delete()
    _empty(videos)
    videos.update(removed_reason=Reason.OPTED_OUT)
    announce_removed(living, Reason.OPTED_OUT)
    own = Q(name=name) | Q(owner_account__name=name) if name else Q()
    channels = Channel.objects.filter(own, instance=instance)
    accounts = Account.objects.filter(Q(name=name) if name else Q(), instance=instance)
    for rows in (playlists, channels, accounts):
        _empty(rows)
        rows.update(removed_at=timezone.now(), removed_reason=Reason.OPTED_OUT)
    for of_uuids in (videos, playlists):
        settle_twins(of_uuids.model, twinned(of_uuids).values_list("uuid", flat=True))
    return len(living)


def _empty(rows: "QuerySet[Any, Any]") -> None:
    for batch in batches(list(rows.values_list("pk", flat=True))):
        scrub(rows.model, batch)


def _by(one: str, other: str, name: str) -> Q:
    return Q(**{f"{one}__name": name}) | Q(**{f"{other}__name": name}) if name else Q()


def _sources(instance: Instance, name: str, uuids: set[UUID]) -> "QuerySet[Source, Source]":
    """Return the sources that ask for nothing but what opted out; `uuids` are of its videos and playlists."""
    chosen = [one.pk for one in instance.sources.all() if not name or one.name in {name, *map(str, uuids)}]
    return Source.objects.filter(pk__in=chosen)


def _delete(instance: Instance) -> None:
    """Delete the instance with all its rows, a batch at a time, but for those that keep copies from being shown."""
    kept = False
    try:
        for model in ROLES_OF:
            for batch in batches(list(model._default_manager.filter(instance=instance).values_list("pk", flat=True))):
                kept |= _delete_unclaimed(model, batch)
        if not kept:
            Instance.objects.filter(pk=instance.pk).delete()
            return
    except (ProtectedError, RestrictedError):
        pass
    Instance.objects.filter(pk=instance.pk).update(next_due_at=None)


@transaction.atomic
def _delete_unclaimed(model: Twinned, pks: list[int]) -> bool:
    """Delete the rows `pks` but for those in whose place another instance's would be shown; returns if any are left."""
    lock_twins(model, pks)
    rows = model._default_manager.filter(pk__in=pks)
    claimed = set(twinned(rows.filter(double=False)).values_list("pk", flat=True))
    rows.exclude(pk__in=claimed).delete()
    return bool(claimed)
