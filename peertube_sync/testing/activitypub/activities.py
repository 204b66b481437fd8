"""Which activities a change makes, who signs each of them, and whose followers hear of it.

The table is that of 8.2.1: what a follower received from a running one, and for moved videos, deleted channels and
accounts what its source says. An actor is named by its path; whoever hears of the same activity in several ways
gets it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from peertube_sync.testing.activitypub.documents import (
    PUBLIC,
    Documents,
    account_path,
    actor_path,
    audience,
    channel_path,
    playlist_path,
    video_path,
)
from peertube_sync.testing.activitypub.keys import INSTANCE
from peertube_sync.testing.identifiers import iso, uuid_text
from peertube_sync.testing.news import News
from peertube_sync.testing.records import Account, Channel, Playlist, Video

JSON = dict[str, Any]

VIEW_LASTS = 120_000


class Activity(NamedTuple):
    """An activity; `actor` is the path of whoever signs it, `reach` are the paths of those whose followers hear it."""

    actor: str
    reach: frozenset[str]
    body: JSON


class Activities:
    """Makes the activities of an instance; `pem` tells the public key of the actor at a path."""

    def __init__(self, documents: Documents, pem: Callable[[str], str], videos: Iterable[Video]) -> None:
        self.documents = documents
        self.home = documents.home
        self.pem = pem
        self.videos = videos

    def of(self, news: News) -> Iterator[Activity]:
        """Return the activities about one change, in PeerTube's order."""
        row = news.row
        if isinstance(row, Video):
            yield from self._of_video(row, news)
        elif isinstance(row, Playlist):
            yield self._of_playlist(row, news.kind)
        else:
            yield self._of_actor(row, news.kind)

    def view(self, video: Video) -> Activity:
        """Return the instance's activity about a viewer."""
        facts: JSON = {
            "expires": iso(video.updated + VIEW_LASTS),
            "result": {
                "interactionType": "WatchAction",
                "type": "InteractionCounter",
                "userInteractionCount": max(1, video.viewers),
            },
        }
        name = f"{self.home}{INSTANCE}/views/videos/{video.id}/{uuid_text(video.number)}"
        return self._about(video, "View", INSTANCE, name, self._url(video), **facts)

    def _of_video(self, row: Video, news: News) -> Iterator[Activity]:
        owner, url = account_path(row.account), self._url(row)
        if news.kind == "viewed":
            yield self.view(row)
        elif news.kind == "liked":
            yield self._about(row, "Like", owner, f"{self.home}{owner}/likes/{row.id}", url)
        elif news.kind == "commented":
            yield self._comment(row)
        elif news.kind == "gone":
            yield self._about(row, "Delete", owner, f"{url}/delete", url)
        elif news.kind == "new":
            yield self._about(row, "Create", owner, f"{url}/activity", self.documents.video(row), reach={owner})
            yield from (self._announce(row, actor) for actor in (channel_path(row.channel), INSTANCE))
        else:
            yield from self._moved(row, news.channel)
            updated = f"{url}/updates/{iso(row.updated)}"
            yield self._about(row, "Update", owner, updated, self.documents.video(row))

    def _moved(self, row: Video, before: Channel | None) -> Iterator[Activity]:
        """Let the channel that had a video take its announcement back, and the new one announce it."""
        if before is None or before is row.channel:
            return
        old = channel_path(before)
        announced = self._announce(row, old).body
        undo = {"type": "Undo", "id": f"{announced['id']}/undo", "actor": f"{self.home}{old}", "object": announced}
        yield Activity(old, frozenset({old, INSTANCE, account_path(row.account)}), self._public(old) | undo)
        yield self._announce(row, channel_path(row.channel))

    def _announce(self, row: Video, actor: str) -> Activity:
        url = self._url(row)
        number = 1 if actor == INSTANCE else row.channel.id
        named = {
            "type": "Announce",
            "id": f"{url}/announces/{number}",
            "actor": f"{self.home}{actor}",
            "object": url,
        }
        return Activity(actor, self._sharers(row), self._public(actor) | named)

    def _about(
        self, row: Video, kind: str, actor: str, name: str, told: Any, *, reach: set[str] | None = None, **facts: Any
    ) -> Activity:
        named = {"type": kind, "id": name, "actor": f"{self.home}{actor}", "object": told}
        heard = self._sharers(row) if reach is None else frozenset(reach)
        return Activity(actor, heard, audience(self.home, row) | named | facts)

    def _comment(self, row: Video) -> Activity:
        owner, url = account_path(row.account), self._url(row)
        name = f"{url}/comments/{row.comments}"
        note = {
            "type": "Note",
            "id": name,
            "content": "A comment",
            "inReplyTo": url,
            "published": iso(row.updated),
            "url": name,
            "attributedTo": f"{self.home}{owner}",
            "tag": [],
        }
        return self._about(row, "Create", owner, f"{name}/activity", note)

    def _of_playlist(self, row: Playlist, kind: str) -> Activity:
        owner, url = account_path(row.owner), f"{self.home}{playlist_path(row)}"
        reach = frozenset({owner, INSTANCE, *([channel_path(row.channel)] if row.channel else [])})
        if kind == "gone":
            gone = {"type": "Delete", "id": f"{url}/delete", "actor": f"{self.home}{owner}", "object": url}
            return Activity(owner, reach, gone)
        verb, name = ("Create", "activity") if kind == "new" else ("Update", f"updates/{iso(row.updated)}")
        told = {
            "type": verb,
            "id": f"{url}/{name}",
            "actor": f"{self.home}{owner}",
            "object": self.documents.playlist(row),
        }
        return Activity(owner, reach, audience(self.home, row) | told)

    def _of_actor(self, row: Account | Channel, kind: str) -> Activity:
        path = actor_path(row)
        url = f"{self.home}{path}"
        shared = [one for one in self.videos if one.shared and row in (one.account, one.channel)]
        heard = {path} | {one for video in shared for one in (INSTANCE, channel_path(video.channel))}
        if kind == "gone":
            gone = {"type": "Delete", "id": f"{url}/delete", "actor": url, "object": url}
            return Activity(path, frozenset(heard | {INSTANCE}), gone)
        to = self._public(path)
        told = {"type": "Update", "id": f"{url}/updates/{iso(row.created)}", "actor": url}
        return Activity(path, frozenset(heard), to | told | {"object": to | self.documents.actor(row, self.pem(path))})

    def _sharers(self, row: Video) -> frozenset[str]:
        return frozenset({INSTANCE, channel_path(row.channel), account_path(row.account)})

    def _public(self, actor: str) -> JSON:
        return {"to": [PUBLIC], "cc": [f"{self.home}{actor}/followers"]}

    def _url(self, row: Video) -> str:
        return f"{self.home}{video_path(row)}"
