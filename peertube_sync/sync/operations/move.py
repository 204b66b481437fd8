"""Moving an instance to another host, as a person has decided: its rows keep their keys, and all hangs on these.

Where the new host was mirrored too, what points at a row there is handed to the row of the same video, channel … that
was here first (`handover.py`), and that twin goes; what is at the new host only moves over as it is. All of it is one
transaction, which begins with the leases of both: a slice that is at work writes nothing any more, and a process that
dies has moved nothing. If something can't be decided here, that is a conflict, and nothing is written.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model, OuterRef, ProtectedError, Q, QuerySet, RestrictedError, Subquery, Value
from django.db.models.functions import Concat, Length, Now, Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from peertube_sync.client.detect import detect
from peertube_sync.client.errors import InvalidTarget, MalformedAnswer, PeerTubeError, Refused
from peertube_sync.client.peertube import PeerTube, instance_of
from peertube_sync.client.robots_fetch import apply_robots, fetch_robots
from peertube_sync.client.targets import recognise
from peertube_sync.conf import Settings
from peertube_sync.ingest.derived import derive_due
from peertube_sync.ingest.twins import Twinned, lock_twins, settle_twins
from peertube_sync.models import (
    Account,
    Candidate,
    Channel,
    Curation,
    FormerHost,
    Instance,
    InstanceState,
    Login,
    OptOut,
    Playlist,
    Reason,
    RunState,
    Source,
    SourceState,
    SyncRun,
    Video,
)
from peertube_sync.sync import events
from peertube_sync.sync.bulk_removal import LEASE_SECONDS, is_marked_for_removal, remove_marked_now
from peertube_sync.sync.connect import connect
from peertube_sync.sync.lease import Lease
from peertube_sync.sync.operations.add import likely_scheme
from peertube_sync.sync.operations.handover import OURS, Pairs, Pointer, clashes, pointers, unhandled, unite
from peertube_sync.sync.operations.move_signs import UNNAMED, Alike, public_sample
from peertube_sync.sync.operations.optout import end_mirroring, refuse_opted_out
from peertube_sync.sync.scope import settle_suspensions
from peertube_sync.sync.tombstones import batches
from peertube_sync.sync.work import fail_runs

IDENTITY: dict[type[Model], tuple[str, ...]] = {
    Video: ("uuid",),
    Playlist: ("uuid",),
    Channel: ("name",),
    Account: ("name",),
    Source: ("kind", "name"),
}
"""The columns in which two rows of two hosts are alike if they are twins.

The models are in the order in which twins are deleted: rows before those that they belong to.
"""
MIRRORED: tuple[type[Model], ...] = (Video, Playlist, Channel, Account)
TWINNED: tuple[Twinned, ...] = (Video, Playlist)
DECIDED = ("hidden", "featured", "title", "text")
CONFLICTS_NAMED = 5
"""How many conflicts an error names; a plan names them all."""
ASKED_ALONE = 5
"""How many videos are asked for one by one if the search of the new host finds none."""
ANSWERS = ("name", "short_description", "config", "about", "stats", "constants")
"""The columns with what an instance says of itself; they are taken over from the row of the new host."""
Points = dict[type[Model], list[tuple[Pointer, Pairs]]]


class MoveError(PeerTubeError):
    """A move that isn't made; nothing was written."""


@dataclass(frozen=True)
class NewHome:
    """A PeerTube that answers at `host` under that name.

    `alike` is None where the server refuses to be asked for the videos.
    """

    scheme: str
    host: str
    version: str
    name: str
    alike: Alike | None


@dataclass
class MovePlan:
    """What a move comes to.

    `twins` are the rows at the new host that go, `moving` those that are there only and move over, by the name of
    their model; `handed` the rows that point at twins and are handed over. `conflicts` have to be solved before.
    """

    old: str
    new: str
    twins: dict[str, int] = field(default_factory=dict)
    moving: dict[str, int] = field(default_factory=dict)
    handed: dict[str, int] = field(default_factory=dict)
    logins: int = 0
    conflicts: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        return dict(self.__dict__)


def look_at(old: Instance, where: str, settings: Settings) -> NewHome:
    """Ask the server at `where` what it is, and for some videos of `old`.

    Raises PeerTubeError where no PeerTube of that name answers, where either has opted out, and where none of
    the videos is there.
    """
    target = recognise(where)
    if target.kind != "instance" or target.host == old.host:
        raise InvalidTarget(_("%s is not another host: give it like video.example") % where)
    refuse_opted_out(old.host)
    refuse_opted_out(target.host)
    scheme = target.scheme or likely_scheme(target.host, settings)
    client = connect(scheme, target.host, settings, retries=0)
    try:
        apply_robots(client.transport, fetch_robots(client.transport))
        client.version = detect(client.transport)
        name = instance_of(client.config()).get("name", "")
        alike = _count_at_new_host(client, old)
    finally:
        client.transport.close()
    if alike and alike.compared and not alike.alike:
        words = _("%(new)s has none of the %(number)d videos of %(old)s that it was asked for: it is no home of these")
        raise MoveError(words % {"new": target.host, "old": old.host, "number": alike.compared})
    return NewHome(scheme, target.host, client.version, name, alike)


def plan_move(old: Instance, new_host: str) -> MovePlan:
    """Return what moving `old` to `new_host` comes to; nobody is asked, and nothing is written."""
    twin = Instance.objects.filter(host=new_host).first()
    plan = MovePlan(
        old.host, new_host, logins=Login.objects.filter(instance__in=[old, *([twin] if twin else [])]).count()
    )
    if twin is None:
        return plan
    every: Points = defaultdict(list)
    handed: dict[str, int] = defaultdict(int)
    for model in IDENTITY:
        pairs = _pairs(model, old, twin)
        name = str(model._meta.verbose_name_plural)
        plan.twins[name] = len(pairs)
        plan.moving[name] = model._default_manager.filter(instance=twin).count() - len(pairs)
        plan.conflicts += unhandled(model, pairs)
        for pointer in pointers(model):
            every[pointer.model].append((pointer, pairs))
    plan.conflicts += unhandled(Instance, {twin.pk: old.pk})
    for pointer in pointers(Instance):
        every[pointer.model].append((pointer, {twin.pk: old.pk}))
    for model, ones in every.items():
        if model._meta.app_label != OURS or model is Curation:
            handed[str(model._meta.label)] += sum(pointer.count(pairs) for pointer, pairs in ones)
    plan.handed = {label: number for label, number in handed.items() if number}
    plan.conflicts += [*clashes(every), *_curations(old, twin)[1], *_rules(old, twin)]
    return plan


def move(old: Instance, home: NewHome) -> MovePlan:
    """Move `old` to `home`; returns what it came to. Raises MoveError with nothing written.

    A process that is working on either instance stops. All is due afterwards, so that the next sync reads everything
    from the new host.
    """
    old_host, twin = old.host, Instance.objects.filter(host=home.host).first()
    try:
        with transaction.atomic():
            _seize(old, twin)
            uuids = {model: _lock_rows_of(model, old, twin) for model in TWINNED}
            done = plan_move(old, home.host)
            if done.conflicts:
                raise MoveError(
                    _("there are conflicts, nothing was written: %s") % "; ".join(done.conflicts[:CONFLICTS_NAMED])
                )
            names = _opt_out_of_both(old, twin, home.host)
            _leave_the_old_host(old, home)
            if twin:
                _take_over(old, twin)
                for model in TWINNED:
                    settle_twins(model, uuids[model])
            _open_at_the_new_host(old, twin, home)
            for name in names:
                end_mirroring(old, name)
            settle_suspensions(old)
    except (ProtectedError, RestrictedError, IntegrityError) as error:
        raise MoveError(_("the database refuses, nothing was written: %s") % error) from error
    if is_marked_for_removal(old):
        remove_marked_now(old, Lease.seize(old, LEASE_SECONDS))
    derive_due()
    facts = {"host": old_host, "moved_to": home.host}
    events.note(logging.INFO, "instance_moved", "%(host)s is at %(moved_to)s from now on", **facts)
    return done


def _seize(*instances: Instance | None) -> None:
    """Take the leases, which locks the rows, and make sure that they are still what was looked at."""
    for instance in sorted(filter(None, instances), key=lambda instance: instance.pk):
        Lease.seize(instance, LEASE_SECONDS)
        if not Instance.objects.filter(pk=instance.pk, host=instance.host).exists():
            raise MoveError(_("%s was moved just now, nothing was written: look again") % instance.host)
        instance.refresh_from_db()


def _lock_rows_of(model: Twinned, *instances: Instance | None) -> set[UUID]:
    """Lock the rows of `instances`, and others with their uuids, in the order in which everybody does."""
    rows = model._default_manager.filter(instance__in=filter(None, instances)).order_by("uuid", "pk")
    return set().union(*(lock_twins(model, batch) for batch in batches(list(rows.values_list("pk", flat=True)))))


def _leave_the_old_host(old: Instance, home: NewHome) -> None:
    """Make all rows of the old host due, rewrite their addresses to the new one, and end runs that are under way."""
    base = f"{old.url}/"
    rest = Substr("url", Length(Value(base)) + 1)
    for model in MIRRORED:
        here = model._default_manager.filter(instance=old, url__startswith=base)
        here.update(url=Concat(Value(f"{home.scheme}://{home.host}/"), rest))
    asked_for = Q(removed_at=None) | Q(removed_reason=Reason.OUT_OF_SCOPE)  # or may be, once they are wanted again
    rows: dict[type[Model], Any] = {model: model._default_manager.filter(asked_for, instance=old) for model in MIRRORED}
    rows[Video].update(details_due_at=Now(), captions_due_at=Now(), missing_since=None)
    rows[Playlist].update(elements_due_at=Now())
    for actors in (Channel, Account):
        rows[actors].update(details_due_at=Now())
    _end_walks(old)
    Login.objects.filter(instance=old).delete()


def _end_walks(instance: Instance) -> None:
    fail_runs(SyncRun.objects.filter(instance=instance, state=RunState.RUNNING), "the instance was moved")


def _take_over(old: Instance, twin: Instance) -> None:
    """Hand what points at rows of `twin` to their twins at `old`, and move over what has none."""
    _end_walks(twin)
    _delete(Curation, _curations(old, twin)[0])
    for source in twin.sources.exclude(state=SourceState.PAUSED):  # what is worked on at the new host wakes here
        paused = old.sources.filter(kind=source.kind, name=source.name, state=SourceState.PAUSED)
        paused.update(state=SourceState.ACTIVE)
    for model in IDENTITY:
        pairs = _pairs(model, old, twin)
        # What the old host, or its removal here, said of rows whose twins live is over.
        for batch in batches(list(pairs)) if model in MIRRORED else ():
            living = model._default_manager.filter(pk__in=batch, removed_at=None).values_list("pk", flat=True)
            dead = model._default_manager.filter(pk__in=[pairs[pk] for pk in living], scrubbed_at=None)
            dead.exclude(removed_at=None).update(removed_at=None, removed_reason="")
        _hand_over(model, pairs)
        _delete(model, list(pairs))
    _hand_over(Instance, {twin.pk: old.pk})
    _delete(Instance, [twin.pk])


def _hand_over(model: type[Model], pairs: Pairs) -> None:
    points: Points = defaultdict(list)
    for pointer in pointers(model):
        points[pointer.model].append((pointer, pairs))
    unite(points)
    for ones in points.values():
        for pointer, handed in ones:
            pointer.hand_over(handed)


def _delete(model: type[Model], pks: list[int]) -> None:
    """Delete rows with their parts; a row of the host project that would go with them stops it all."""
    for batch in batches(pks):
        _number, by_label = model._base_manager.filter(pk__in=batch).delete()
        if strangers := sorted(
            label for label, number in by_label.items() if number and label.partition(".")[0] != OURS
        ):
            raise MoveError(_("rows of %s would go with a twin, nothing was written") % ", ".join(strangers))


def _open_at_the_new_host(old: Instance, twin: Instance | None, home: NewHome) -> None:
    """Give `old` its new host, of which nothing is known yet, except for what `twin` has."""
    FormerHost.objects.filter(host=home.host).delete()
    FormerHost.objects.create(host=old.host, instance=old)
    Candidate.objects.filter(host__in=[old.host, home.host]).delete()
    columns = {name: getattr(twin, name) for name in ANSWERS} if twin else {}
    now = timezone.now()
    anew = {"state": InstanceState.NEW, "state_reason": "", "failures": 0, "failing_since": None, "robots": ""}
    unread = {"refreshed_at": None, "audited_at": None, "audit_differences": None, "losses_accepted": False}
    due = {"robots_due_at": now, "refresh_due_at": now, "next_due_at": now}
    lease = {"lease_token": None, "lease_until": None}
    place = {"host": home.host, "scheme": home.scheme, "version": home.version, "twin_of": None}
    for name, value in {**columns, **anew, **unread, **due, **lease, **UNNAMED, **place}.items():
        setattr(old, name, value)
    old.save()
    sources = Source.objects.filter(instance=old)
    sources.update(sweep_due_at=now, last_error="", unread=0)
    sources.exclude(head_due_at=None).update(head_due_at=now)
    judged = (SourceState.SUSPICIOUS, SourceState.UNREADABLE)
    sources.filter(state__in=judged).update(state=SourceState.ACTIVE)


def _pairs(model: type[Model], old: Instance, twin: Instance) -> dict[int, int]:
    """Return the rows of `twin` that `old` has too, each with the key of the one that was here first."""
    first = model._default_manager.filter(instance=old, **{name: OuterRef(name) for name in IDENTITY[model]})
    rows: QuerySet[Any] = model._default_manager.filter(instance=twin).annotate(first=Subquery(first.values("pk")[:1]))
    return dict(rows.exclude(first=None).order_by("pk").values_list("pk", "first"))


def _curations(old: Instance, twin: Instance) -> tuple[list[int], list[str]]:
    """Return the keys of decisions that say nothing new about a video decided on twice, and where the two differ."""
    rows = Curation.objects.select_related("video").only("video__uuid", *DECIDED)
    first = {row.video.uuid: row for row in rows.filter(video__instance=old)}
    second = {row.video.uuid: row for row in rows.filter(video__instance=twin)}
    drop, differ = [], []
    for uuid in sorted(first.keys() & second.keys()):
        here, there = (tuple(getattr(decisions[uuid], name) for name in DECIDED) for decisions in (first, second))
        if _is_said(there, here):
            drop.append(second[uuid].pk)
        elif _is_said(here, there):
            drop.append(first[uuid].pk)
        else:
            at_old, at_twin = _decision_in_words(here), _decision_in_words(there)
            differ.append(f"video {uuid} is curated differently: {at_old} at {old.host}, {at_twin} at {twin.host}")
    return drop, differ


def _is_said(decision: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether `other` decides all that `decision` does, and alike."""
    return all(value in {another, False, ""} for value, another in zip(decision, other, strict=True))


def _decision_in_words(decision: tuple[Any, ...]) -> str:
    return ", ".join(
        f"{name} {value!r}" if value is not True else name
        for name, value in zip(DECIDED, decision, strict=True)
        if value
    )


def _rules(old: Instance, twin: Instance) -> Iterator[str]:
    """Yield the sources of both whose rules differ; one without rules at the new host takes those that it has here."""
    for source in twin.sources.all():
        first = old.sources.filter(kind=source.kind, name=source.name).first()
        if first and source.rules and source.rules != first.rules:
            yield f"source {first} has other rules than {source}: {first.rules} and {source.rules}"


def _opt_out_of_both(old: Instance, twin: Instance | None, new: str) -> set[str]:
    """Let opt-outs of either hold for all hosts that they have or had; returns the names that weren't out at both."""
    for host in (old.host, new):
        refuse_opted_out(host)
    mine = [instance for instance in (old, twin) if instance]
    hosts = {old.host, new, *FormerHost.objects.filter(instance__in=mine).values_list("host", flat=True)}
    rows = list(OptOut.objects.filter(host__in=hosts))
    for name, note in {row.name: row.note for row in rows}.items():
        for host in hosts:
            OptOut.objects.get_or_create(host=host, name=name, defaults={"note": note})
    here, there = ({row.name for row in rows if row.host == host} for host in (old.host, new))
    return here ^ there


def _count_at_new_host(client: PeerTube, old: Instance) -> Alike | None:
    """Return how many of some public videos of `old` the server has, None where it refuses to tell."""
    uuids = public_sample(old)
    if not uuids:
        return Alike(0, 0)
    try:
        uuids_there = {item.uuid for item in client.found(uuids).items if client.is_home_of(item)} & set(uuids)
    except (Refused, MalformedAnswer):
        uuids_there = set()
    if uuids_there:
        return Alike(len(uuids_there), len(uuids))
    try:
        return Alike(sum(_has_video(client, uuid) for uuid in uuids[:ASKED_ALONE]), len(uuids[:ASKED_ALONE]))
    except (Refused, MalformedAnswer):
        return None


def _has_video(client: PeerTube, uuid: Any) -> bool:
    try:
        return client.is_home_of(client.video(uuid))
    except Refused as error:
        if not error.gone:
            raise
        return False
