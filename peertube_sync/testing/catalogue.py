"""The catalogue of a sandbox: what tests ask it, and how they make it change.

Every change does to `updatedAt`, `publishedAt` and visibility what PeerTube 6.3 was seen to do:
edits, tags, views, likes and privacy move `updatedAt`; captions, chapters and the names of actors do
not; publishing resets `publishedAt` and leaves `createdAt` alone. Times never go backwards and no
two changes share one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal, TypeVar

from peertube_sync.testing.generate import LAST_DAY, generate
from peertube_sync.testing.identifiers import milliseconds, uuid_number, uuid_text, version_4
from peertube_sync.testing.news import Kind
from peertube_sync.testing.records import Account, Caption, Channel, Chapter, Element, Playlist, Privacy, State, Video
from peertube_sync.testing.render import JSON, Renderer
from peertube_sync.testing.selection import VideoSelection
from peertube_sync.testing.users import Users
from peertube_sync.testing.versions import Version
from peertube_sync.testing.world import load_world

Hidden = Literal["private", "unlisted", "internal", "password"]

Actor = TypeVar("Actor", Account, Channel)

TIMES = frozenset({"created", "updated", "published", "originally_published"})
DEFAULT_HOST = "sandbox.example"


class Catalogue(Users):
    """A store with read helpers and churn; every method takes the lock itself.

    Videos and playlists are named by uuid, channels and accounts by handle; all methods raise
    KeyError for a name that does not exist.
    """

    def __init__(self) -> None:
        super().__init__()
        self._last_change = 0
        self._random = Random()

    @classmethod
    def generate(cls, videos: int = 2000, seed: int = 1, last_day: int = LAST_DAY) -> Catalogue:
        """Make a catalogue with that many publicly listed local videos, and a few of other kinds.

        Nothing is published after the day that begins at `last_day` (milliseconds). The seed decides the uuids of what
        is added later, too.
        """
        catalogue = cls()
        generate(catalogue, videos, seed, last_day)
        catalogue._random = Random(f"what comes after {seed}")
        return catalogue

    @classmethod
    def load(cls, path: str | Path) -> Catalogue:
        """Make a catalogue of a recorded world. Raises OSError, ValueError for a broken file."""
        catalogue = cls()
        load_world(path, catalogue)
        return catalogue

    def renderer(self, host: str = DEFAULT_HOST, turn: int = 0, version: Version | None = None) -> Renderer:
        """Return what makes wire shapes of rows for an instance that calls itself `host`; None is its own version."""
        return Renderer(host, self.constants, version or Version(self.version), self.recorded_host, turn)

    def local_videos(self, host: str = DEFAULT_HOST) -> list[JSON]:
        """Return the list items an anonymous `nsfw=both&isLocal=true` shows, oldest first."""
        with self.lock:
            shown = self.select(VideoSelection(sort="createdAt", local=True))
            renderer = self.renderer(host)
            return [renderer.video_item(video) for video in shown]

    def details(self, uuid: str, host: str = DEFAULT_HOST) -> JSON:
        """Return the details of a video, whatever its privacy."""
        with self.lock:
            return self.renderer(host).video_details(self.video(uuid))

    def video(self, uuid: str) -> Video:
        return self.videos[uuid_number(uuid)]

    def channel(self, handle: str) -> Channel:
        return _known(self.find_channel(handle, DEFAULT_HOST), handle)

    def add_video(self, channel: str | None = None, **facts: Any) -> str:
        """Publish a new video and return its uuid.

        `facts` are fields of `Video`, `description` among them; times are milliseconds or text.
        Without a channel it goes to the first local one.
        """
        with self.lock:
            now = self._now()
            defaults: JSON = {"created": now, "updated": now, "published": now, "duration": 60}
            defaults |= {"name": f"New video {self._last_id + 1}", "wait_transcoding": True}
            video = Video(
                id=self.next_id(),
                number=version_4(self._random.getrandbits(128)),
                channel=self.channel(channel) if channel else self._first_channel(),
                shared=False,
                **(defaults | _read_facts(facts)),
            )
            with self.telling(video):
                self.put_video(video)
                self.changed()
            return uuid_text(video.number)

    def edit_video(self, uuid: str, **facts: Any) -> None:
        """Change fields of `Video`; without facts, the PUT that changes nothing but `updatedAt`."""
        with self.lock:
            video = self.video(uuid)
            with self.telling(video):
                for name, value in ({"updated": self._now()} | _read_facts(facts)).items():
                    setattr(video, name, value)
                if "description" in facts:
                    video.text_seed = -1
                self.put_video(video)
                self.changed()

    def set_tags(self, uuid: str, tags: Iterable[str]) -> None:
        """Replace the tags: `updatedAt` moves, the list item shows nothing else."""
        self.edit_video(uuid, tags=tuple(tags))

    def set_captions(self, uuid: str, captions: Iterable[Caption | str]) -> None:
        """Replace the captions, given as rows or language codes; `updatedAt` stays."""
        with self.lock:
            video = self.video(uuid)
            with self.telling(video):
                video.captions = tuple(self._new_caption(caption) for caption in captions)
                self.put_video(video)
                self.changed()

    def set_chapters(self, uuid: str, chapters: Iterable[tuple[int, str]]) -> None:
        """Replace the chapters, given as pairs of seconds and title; `updatedAt` stays."""
        with self.lock, self.telling(self.video(uuid)):
            self.video(uuid).chapters = tuple(Chapter(*chapter) for chapter in chapters)

    def hide(self, uuid: str, privacy: Hidden = "private", password: str = "sesame") -> None:  # noqa: S107 - a sandbox's word
        """Take a video out of the lists by its privacy."""
        self.edit_video(uuid, privacy=Privacy[privacy.upper()], password=password)

    def publish(self, uuid: str) -> None:
        """Make a video public, again or at last: `publishedAt` is reset, `createdAt` stays."""
        with self.lock:
            now = self._now()
            self.edit_video(uuid, privacy=Privacy.PUBLIC, published=now, updated=now)

    def block(self, uuid: str) -> None:
        """Block a video as a moderator does; `updatedAt` stays."""
        self._set_aside(uuid, blocked=True)

    def unblock(self, uuid: str) -> None:
        self._set_aside(uuid, blocked=False)

    def delete_video(self, uuid: str) -> None:
        """Delete a video; playlists keep an element of type 1 in its place."""
        with self.lock:
            self._delete(self.video(uuid))

    def delete_channel(self, name: str) -> None:
        """Delete a channel with its videos and playlists."""
        with self.lock:
            channel = self.channel(name)
            self.tell(channel, "gone")
            for video in [v for v in self.videos.values() if v.channel is channel]:
                self._delete(video)
            for playlist in [p for p in self.playlists.values() if p.channel is channel]:
                self._delete_playlist(playlist)
            self.channels = {key: c for key, c in self.channels.items() if c is not channel}

    def delete_account(self, name: str) -> None:
        """Delete an account with its channels, their videos, and its playlists."""
        with self.lock:
            account = _known(self.find_account(name, DEFAULT_HOST), name)
            self.tell(account, "gone")
            for channel in [c for c in self.channels.values() if c.owner is account]:
                self.delete_channel(channel.name)
            for playlist in [p for p in self.playlists.values() if p.owner is account]:
                self._delete_playlist(playlist)
            self.accounts = {key: a for key, a in self.accounts.items() if a is not account}

    def rename_channel(self, name: str, display_name: str) -> None:
        """Change a channel's display name: its videos show it, their `updatedAt` stays."""
        with self.lock:
            channel = self.channel(name)
            channel.display_name, channel.updated = display_name, self._now()
            self.tell(channel, "changed")

    def rename_account(self, name: str, display_name: str) -> None:
        """Change an account's display name: its videos show it, their `updatedAt` stays."""
        with self.lock:
            account = _known(self.find_account(name, DEFAULT_HOST), name)
            account.display_name, account.updated = display_name, self._now()
            self.tell(account, "changed")

    def describe_channel(self, name: str, description: str | None) -> None:
        """Change what a channel says of itself, which no list of videos shows."""
        with self.lock:
            channel = self.channel(name)
            channel.description, channel.updated = description, self._now()
            self.tell(channel, "changed")

    def describe_account(self, name: str, description: str | None) -> None:
        """Change what an account says of itself, which no list of videos shows."""
        with self.lock:
            account = _known(self.find_account(name, DEFAULT_HOST), name)
            account.description, account.updated = description, self._now()
            self.tell(account, "changed")

    def move_video(self, uuid: str, channel: str) -> None:
        """Move a video to another channel, and so perhaps to another account."""
        self.edit_video(uuid, channel=self.channel(channel))

    def view(self, uuid: str, times: int = 1) -> None:
        """Count views; `updatedAt` moves."""
        self._count(uuid, views=times)

    def like(self, uuid: str, times: int = 1) -> None:
        """Count likes; `updatedAt` moves."""
        self._count(uuid, likes=times)

    def comment(self, uuid: str, times: int = 1) -> None:
        """Count comments, which lists show since 7.2; `updatedAt` stays."""
        with self.lock:
            video = self.video(uuid)
            video.comments += times
            self.changed(counters_only=True)
            self._tell_of_count(video, "commented")

    def start_live(self, uuid: str) -> None:
        """Start streaming: the live is listed, published now."""
        with self.lock:
            now = self._now()
            self.edit_video(uuid, is_live=True, state=State.PUBLISHED, published=now, updated=now, duration=0)

    def stop_live(self, uuid: str) -> None:
        """Stop streaming: the live leaves the lists and waits for its next stream."""
        self.edit_video(uuid, state=State.WAITING_FOR_LIVE)

    def delete_playlist(self, uuid: str) -> None:
        with self.lock:
            self._delete_playlist(self.playlists[uuid_number(uuid)])

    def edit_playlist(self, uuid: str, videos: Sequence[str] | None = None, **facts: Any) -> None:
        """Change fields of `Playlist`, or its elements when `videos` lists uuids in their order."""
        with self.lock:
            playlist = self.playlists[uuid_number(uuid)]
            with self.telling(playlist):
                for name, value in facts.items():
                    setattr(playlist, name, value)
                if videos is not None:
                    members = [self.video(video) for video in videos]
                    playlist.elements = [Element(self.next_id(), n, v) for n, v in enumerate(members, 1)]
                playlist.updated = self._now()

    def add_playlist(self, videos: Sequence[str], channel: str | None = None, **facts: Any) -> str:
        """Make a public playlist of these videos and return its uuid."""
        with self.lock:
            now = self._now()
            home = self.channel(channel) if channel else self._first_channel()
            number = version_4(self._random.getrandbits(128))
            named = {"name": "New playlist"} | facts
            row = Playlist(self.next_id(), number, owner=home.owner, channel=home, created=now, updated=now, **named)
            with self.telling(row):
                self.put_playlist(row)
            uuid = uuid_text(number)
            self.edit_playlist(uuid, videos)
            return uuid

    def _delete(self, video: Video) -> None:
        """Delete a video; followers hear of playlists that had it, too."""
        with self.telling(video):
            self.drop_video(video)
            self.changed()
        for playlist in self.playlists.values() if self.listeners else ():
            if self.is_known(playlist) and any(element.video is video for element in playlist.elements):
                self.tell(playlist, "changed")

    def _delete_playlist(self, playlist: Playlist) -> None:
        with self.telling(playlist):
            self.drop_playlist(playlist)

    def _set_aside(self, uuid: str, *, blocked: bool) -> None:
        with self.lock, self.telling(self.video(uuid)):
            self.video(uuid).blocked = blocked
            self.changed()

    def _count(self, uuid: str, views: int = 0, likes: int = 0) -> None:
        with self.lock:
            video = self.video(uuid)
            video.views += views
            video.likes += likes
            video.updated = self._now()
            self.changed(counters_only=True)
            self._tell_of_count(video, "viewed" if views else "liked")

    def _tell_of_count(self, video: Video, kind: Kind) -> None:
        if video.federated:
            self.tell(video, kind)

    def _new_caption(self, caption: Caption | str) -> Caption:
        row = Caption(caption, self._now()) if isinstance(caption, str) else caption
        path = f"/lazy-static/video-captions/{uuid_text(version_4(self._random.getrandbits(128)))}-{row.language}.vtt"
        return row if row.path else row._replace(path=path)

    def _first_channel(self) -> Channel:
        return next(channel for channel in self.channels.values() if not channel.origin)

    def _now(self) -> int:
        self._last_change = max(self._last_change + 1, round(time.time() * 1000))
        return self._last_change


def _known(actor: Actor | None, handle: str) -> Actor:
    if actor is None:
        raise KeyError(handle)
    return actor


def _read_facts(facts: JSON) -> JSON:
    """Turn the facts of a caller into fields of `Video`."""
    read = {name: value for name, value in facts.items() if name != "description"}
    for name in TIMES & read.keys():
        if isinstance(read[name], str):
            read[name] = milliseconds(read[name])
    if "tags" in read:
        read["tags"] = tuple(read["tags"])
    return read | ({"written": facts["description"]} if "description" in facts else {})
