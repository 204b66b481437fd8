"""Following, for each source what it selects: asked, asked again, kept alive, and taken back.

The wanted follows aren't stored: they are what the active sources select. So whatever ends a source (a person
who pauses or removes it, an opt-out, a broader source, the setting) ends the follow by itself.
"""

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from peertube_sync.client.activities import Address
from peertube_sync.client.errors import Locked, PeerTubeError, Refused
from peertube_sync.client.http_signatures import signed_headers
from peertube_sync.client.secret import Secret
from peertube_sync.client.transport import Transport
from peertube_sync.conf import Settings
from peertube_sync.models import Follow, FollowState, Playlist, Source, SourceKind, Video
from peertube_sync.models.source import AT_REST
from peertube_sync.sync import events
from peertube_sync.sync.connect import connect
from peertube_sync.sync.doorbell.actor import CONTEXT, KEY, Us, our_private_key, our_row
from peertube_sync.sync.rhythm import SLIGHT, jittered
from peertube_sync.sync.schedule import active_sources
from peertube_sync.sync.work import Work

OWN_ACTOR = "peertube"
"""The name of every instance's own account."""
FOLLOWED = (SourceKind.INSTANCE, SourceKind.CHANNEL, SourceKind.ACCOUNT)
"""The sources that have an actor of their own. For a video, its channel is followed; for a playlist, its owner.
Videos that only their owners see ring for nobody.
"""
PATHS = {SourceKind.CHANNEL: "/video-channels/", SourceKind.ACCOUNT: "/accounts/"}
HEARTBEAT = timedelta(days=7)
"""How often an accepted Follow is repeated, which PeerTube answers with Accept."""
ANSWER = timedelta(hours=1)
"""How long an answer to that may take; a first one waits for a person, where the instance wants one."""
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=10), timedelta(days=7)
GOODBYES = 5
"""How often an Undo is tried; after that, the instance forgets us when it doesn't reach us."""
INTERESTED = (FollowState.ASKED, FollowState.ACCEPTED, FollowState.LOST)


def followed_path(follow: Follow) -> str:
    """Return the path of whom we follow."""
    return f"{PATHS.get(SourceKind(follow.kind), '/accounts/')}{follow.name or OWN_ACTOR}"


def actor_address(follow: Follow) -> str:
    return f"{follow.scheme}://{follow.host}{followed_path(follow)}"


def follow_of(address: Address) -> Follow | None:
    """Return our open Follow of just this actor: one that was asked, and neither rejected nor taken back."""
    own = address.kind == "account" and address.name == OWN_ACTOR
    kind, name = (SourceKind.INSTANCE, "") if own else (SourceKind(address.kind), address.name)
    return Follow.objects.filter(host=address.host, kind=kind, name=name, state__in=INTERESTED).first()


def take_answer(follow: Follow, *, accepted: bool) -> None:
    """Note an Accept or a Reject of the actor that we follow."""
    now = timezone.now()
    if accepted:
        since = {} if follow.state == FollowState.ACCEPTED else {"accepted_at": now}
        good = {"answered_at": now, "failures": 0, "reason": "", "lost_at": None, "rejected_at": None}
        next_at = now + jittered(HEARTBEAT, SLIGHT)
        _open(follow).update(state=FollowState.ACCEPTED, next_at=next_at, **good, **since)
        word = "accepted"
    else:
        _open(follow).update(state=FollowState.REJECTED, rejected_at=now, next_at=None, reason="")
        word = "rejected"
    if follow.state != FollowState.ACCEPTED or not accepted:
        facts = {"host": follow.host, "follow": follow, "answer": word}
        events.note(logging.INFO, "follow_answered", "%(follow)s: the follow is %(answer)s", **facts)


def keep_follows(work: Work) -> None:
    """Follow what the sources of the instance select, as far as it is time to say so.

    A refusal costs nothing but the bell; without a private key nobody is followed, and the rows say why.
    """
    if not is_on(work.settings):
        return
    wanted = {actor for source in active_sources(work.sources) if (actor := _followed_for(source))}
    now, us = timezone.now(), Us.of(work.settings).actor
    mine = Follow.objects.filter(host=work.instance.host)
    fresh = {"scheme": work.instance.scheme, "follower": us, "state": FollowState.NEW, "next_at": now, "failures": 0}
    with work.lease.transaction():
        for kind, name in wanted - set(mine.values_list("kind", "name")):
            Follow.objects.create(host=work.instance.host, kind=kind, name=name, **fresh)
        mine.exclude(follower=us).update(**fresh)
    for follow in mine.filter(next_at__lte=now):
        if (follow.kind, follow.name) in wanted:
            _send_follow(work, follow)


def is_on(settings: Settings) -> bool:
    """Tell whether anybody is to be followed."""
    row = our_row() if settings.doorbell else None
    return settings.doorbell and (row is None or row.off_at is None)


def say_goodbyes(settings: Settings, *, for_good: bool = False) -> list[str]:
    """Take back what no source wants any more, and forget it; returns what went wrong, which is tried again."""
    unwanted = _unselected() if is_on(settings) else Follow.objects.all()
    if not unwanted.exists():
        return []
    unwanted.filter(state__in=(FollowState.NEW, FollowState.REJECTED)).delete()
    now = timezone.now()
    unwanted.filter(state__in=INTERESTED).update(state=FollowState.LEAVING, next_at=now, failures=0)
    leaving = Follow.objects.filter(state=FollowState.LEAVING, next_at__lte=now)
    gone = for_good or bool((row := our_row()) and row.gone_at)
    return [trouble for follow in leaving if (trouble := _say_goodbye(follow, settings, for_good=gone))]


def follow_activity(follow: Follow) -> dict[str, object]:
    """Return the Follow that was last sent, or is about to be: by its time, each has an id of its own."""
    number = f"{follow.pk}-{int(follow.asked_at.timestamp() * 1000) if follow.asked_at else 0}"
    return {
        "type": "Follow",
        "id": f"{follow.follower}/follows/{number}",
        "actor": follow.follower,
        "object": actor_address(follow),
    }


def _followed_for(source: Source) -> tuple[str, str] | None:
    """Return whom we follow for a source, as a Follow names it; None where nobody rings, or no row tells who."""
    here: dict[str, Any] = {"instance": source.instance_id, "removed_at": None}
    if source.kind in FOLLOWED:
        return source.kind, "" if source.kind == SourceKind.INSTANCE else source.name
    if source.kind == SourceKind.VIDEO:
        video = Video.objects.filter(**here, uuid=source.name).select_related("channel").first()
        return (SourceKind.CHANNEL, video.channel.name) if video else None
    if source.kind == SourceKind.PLAYLIST:
        playlist = Playlist.objects.filter(**here, uuid=source.name).select_related("owner_account").first()
        return (SourceKind.ACCOUNT, playlist.owner_account.name) if playlist else None
    return None


def _unselected() -> "QuerySet[Follow, Follow]":
    """Return the follows that `_followed_for` gives for no source that is worked on."""
    worked_on = Source.objects.exclude(state__in=AT_REST)
    mine = worked_on.filter(instance__host=OuterRef("host"), kind=OuterRef("kind"), name=OuterRef("name"))
    here: dict[str, Any] = {"instance__host": OuterRef("host"), "removed_at": None}
    videos = Video.objects.filter(**here, uuid__in=_uuids(worked_on, SourceKind.VIDEO), channel__name=OuterRef("name"))
    lists = _uuids(worked_on, SourceKind.PLAYLIST)
    playlists = Playlist.objects.filter(**here, uuid__in=lists, owner_account__name=OuterRef("name"))
    unselected = Follow.objects.filter(~Exists(mine))
    unselected = unselected.exclude(Q(kind=SourceKind.CHANNEL) & Exists(videos))
    return unselected.exclude(Q(kind=SourceKind.ACCOUNT) & Exists(playlists))


def _uuids(sources: "QuerySet[Source, Source]", kind: SourceKind) -> list[UUID]:
    return [UUID(name) for name in sources.filter(kind=kind).values_list("name", flat=True)]


def _open(follow: Follow) -> "QuerySet[Follow, Follow]":
    return Follow.objects.filter(pk=follow.pk, state__in=INTERESTED)


def _send_follow(work: Work, follow: Follow) -> None:
    """Send the Follow, the first, another try or a heartbeat; when it is written before, no crash sends two."""
    now = timezone.now()
    alive = follow.state == FollowState.ACCEPTED and bool(follow.answered_at and follow.asked_at)
    state = FollowState.LOST if follow.state == FollowState.LOST else FollowState.ASKED
    asked = {} if alive else {"state": state}
    failures = follow.failures + 1 if asked else 0
    wait = _retry(failures) if asked else ANSWER
    follow.asked_at = now
    columns = {"asked_at": now, "failures": failures, "next_at": now + wait, **asked}
    with work.lease.transaction():
        _still(follow).update(**columns)
    try:
        path, key = f"{followed_path(follow)}/inbox", our_private_key(work.settings)
        post_activity(work.client.transport, path, follow_activity(follow), key)
    except (Refused, Locked) as error:
        with work.lease.transaction():
            _still(follow).update(reason=str(error), next_at=now + _retry(failures or 1))
        facts = {"host": follow.host, "follow": follow, "reason": str(error)}
        events.note(logging.WARNING, "follow_failed", "%(follow)s: it can't be followed: %(reason)s", **facts)


def _still(follow: Follow) -> "QuerySet[Follow, Follow]":
    return Follow.objects.filter(pk=follow.pk).exclude(state=FollowState.LEAVING)


def _retry(failures: int) -> timedelta:
    return min(LONGEST_RETRY, jittered(FIRST_RETRY * 2.0 ** min(failures - 1, 12), SLIGHT))


def post_activity(transport: Transport, path: str, activity: Mapping[str, Any], key: Secret) -> None:
    """Send an activity to an inbox, signed by its actor. Raises PeerTubeError."""
    body = json.dumps({"@context": CONTEXT[0], **activity}).encode()
    headers = signed_headers(path, transport.host, body, f"{activity['actor']}{KEY}", key)
    transport.send(path, body, {**headers, "Content-Type": "application/activity+json"})


def _say_goodbye(follow: Follow, settings: Settings, *, for_good: bool) -> str:
    """Send the Undo, for good a Delete of ourselves too; returns what went wrong."""
    path, us, asked = f"{followed_path(follow)}/inbox", follow.follower, follow_activity(follow)
    undo = {"type": "Undo", "id": f"{asked['id']}/undo", "actor": us, "object": asked}
    delete = {"type": "Delete", "id": f"{us}/delete", "actor": us, "object": us}
    try:
        client = connect(follow.scheme, follow.host, settings, retries=0)
        try:
            key = our_private_key(settings)
            for activity in (undo, delete) if for_good else (undo,):
                post_activity(client.transport, path, activity, key)
        finally:
            client.transport.close()
    except PeerTubeError as error:
        reason = str(error)
        follow.failures += 1
        facts = {"host": follow.host, "follow": str(follow), "reason": reason}
        if follow.failures >= GOODBYES:
            follow.delete()
            sentence = "%(follow)s couldn't be told that we no longer follow it: %(reason)s"
            events.note(logging.WARNING, "goodbye_failed", sentence, **facts)
        else:
            next_at = timezone.now() + _retry(follow.failures)
            Follow.objects.filter(pk=follow.pk).update(failures=follow.failures, reason=reason, next_at=next_at)
        return f"{facts['follow']}: {reason}"
    follow.delete()
    events.note(logging.INFO, "follow_ended", "%(follow)s isn't followed any more", host=follow.host, follow=follow)
    return ""
