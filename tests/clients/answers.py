"""Answers of all kinds, of a PeerTube and of the site that mirrors it, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.clients.conftest import Pair, ask

FOLLOWS = "ResultList<Omit<ActorFollow, 'createdAt' | 'updatedAt'>>"
"""JSON has no times but as texts, which this one of PeerTube's types forgets."""
SOME = 12
"""Channels, accounts and playlists that are looked at one by one."""


@dataclass(frozen=True)
class Question:
    """A question to the home, the same to the mirror, and PeerTube's type of the answer."""

    type: str
    there: str
    here: str

    def answers(self, pair: Pair) -> tuple[Any, Any]:
        """Return what the home answers, and what the mirror does."""
        return ask(pair.home, self.there), ask(pair.site, self.here)


def questions(pair: Pair) -> Iterator[Question]:
    """Yield the questions that a PeerTube and its mirror answer, those for videos first."""
    for row in pair.videos():
        yield _same("VideoDetails", f"videos/{row['uuid']}")
        yield _same("ResultList<VideoCaption>", f"videos/{row['uuid']}/captions")
        yield _same("{ chapters: VideoChapter[] }", f"videos/{row['uuid']}/chapters")
    yield from _of_actors(pair, "VideoChannel", "video-channels")
    yield from _of_actors(pair, "Account", "accounts")
    for row in pair.all("video-playlists")[:SOME]:
        if row["isLocal"]:
            yield _same("VideoPlaylist", f"video-playlists/{row['uuid']}")
            yield _same("ResultList<VideoPlaylistElement>", f"video-playlists/{row['uuid']}/videos")
    yield from _lists()


def _of_actors(pair: Pair, kind: str, path: str) -> Iterator[Question]:
    for row in pair.own(path)[:SOME]:
        below = {kind: "", "ResultList<Video>": "/videos", "ResultList<VideoPlaylist>": "/video-playlists"}
        for told, rest in below.items():
            there = f"/api/v1/{path}/{row['name']}{rest}"
            yield Question(told, there, f"/api/v1/{path}/{row['name']}@{row['host']}{rest}")


def _lists() -> Iterator[Question]:
    for sort in ("-publishedAt", "name", "-views"):
        yield _same("ResultList<Video>", f"videos?isLocal=true&count=100&nsfw=both&sort={sort}")
    for kind, path in (("Video", "videos"), ("VideoChannel", "video-channels"), ("VideoPlaylist", "video-playlists")):
        yield _same(f"ResultList<{kind}>", f"search/{path}?search=a&count=10")
    yield _same("ResultList<VideoChannel>", "video-channels?count=100")
    yield _same("ResultList<Account>", "accounts?count=100")
    yield _same("ResultList<VideoPlaylist>", "video-playlists?count=100")
    yield _same(FOLLOWS, "server/following")
    yield _same("ServerConfig", "config")
    yield _same("About", "config/about")
    yield _same("ServerStats", "server/stats")
    for path in ("videos/categories", "videos/licences", "videos/languages", "videos/privacies"):
        yield _same("{ [id: string]: string }", path)


def _same(kind: str, path: str) -> Question:
    return Question(kind, f"/api/v1/{path}", f"/api/v1/{path}")


def key_paths(value: Any, place: str = "") -> Iterator[str]:
    """Yield the places of all keys in an answer; those of the rows of a list are one."""
    if isinstance(value, list):
        for one in value:
            yield from key_paths(one, f"{place}[]")
    elif isinstance(value, dict):
        for name, one in value.items():
            yield f"{place}.{name}"
            yield from key_paths(one, f"{place}.{name}")
