"""Catalogues out of a seed: the same size and seed always make the same rows.

`videos` counts what an anonymous reader finds with `nsfw=both&isLocal=true`. On top of these come a
few of every other kind: unlisted, private, internal, password protected and blocked videos, idle
lives, and videos of other instances.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any

from peertube_sync.testing import words
from peertube_sync.testing.identifiers import milliseconds, version_4
from peertube_sync.testing.pictures import AVATAR_SIZES, BANNER_SIZES
from peertube_sync.testing.records import (
    Account,
    Caption,
    Channel,
    Chapter,
    Element,
    Image,
    Playlist,
    Privacy,
    State,
    Video,
)
from peertube_sync.testing.store import Store

MINUTE = 60_000
DAY = 86_400_000
LAST_DAY = milliseconds("2025-12-01T00:00:00.000Z")
SPAN = 2_832 * DAY
"""From the first video to the last one."""
NSFW_FLAGS = (0, 1, 2, 4, 3)
"""What sensitive videos are marked with: nothing, one of PeerTube's bits, or two."""
REMOTE_ORIGINS = ("https://peertube.example", "https://videos.example")

#: Shared by every video that has chapters at all, which keeps large catalogues lean.
CHAPTERS = tuple(
    Chapter(30 * n * n, title)
    for n, title in enumerate(("Welcome", "The idea", "How it is done", "Questions & answers", "Goodbye"))
)

#: Other kinds of videos: how many per listed one (at least one each), and what makes them so.
OTHERS: dict[str, tuple[float, dict[str, Any]]] = {
    "unlisted": (0.01, {"privacy": Privacy.UNLISTED}),
    "private": (0.01, {"privacy": Privacy.PRIVATE}),
    "internal": (0.003, {"privacy": Privacy.INTERNAL}),
    "password": (0.003, {"privacy": Privacy.PASSWORD, "password": "sesame"}),
    "blocked": (0.003, {"blocked": True}),
    "idle live": (0.002, {"is_live": True, "state": State.WAITING_FOR_LIVE, "duration": 0}),
    "remote": (0.02, {}),
}
LISTED = "listed"


def generate(store: Store, videos: int, seed: int, last_day: int = LAST_DAY) -> None:
    """Fill an empty store; nothing is published after the day that begins at `last_day` (milliseconds)."""
    Generator(store, videos, seed, last_day).run()


class Generator:
    """One run of the dice; the order of its calls is what makes a seed mean the same rows."""

    def __init__(self, store: Store, videos: int, seed: int, last_day: int = LAST_DAY) -> None:
        self.store = store
        self.count = videos
        self.random = Random(seed)
        self.first_day, self.last_day = last_day - SPAN, last_day
        self.clock = float(self.first_day)
        self.local: list[Channel] = []
        self.remote: list[Channel] = []
        self.pace = 0.0

    def run(self) -> None:
        """Make the actors, then videos oldest first, then playlists."""
        self._make_actors()
        if self.count:
            self._make_videos()
            self._make_playlists()

    def _make_actors(self) -> None:
        born = self.first_day - 30 * DAY
        root = Account(self.store.next_id(), "peertube", "peertube", born, born)
        self.store.put_account(root)
        for n in range(max(2, min(self.count // 40, 2_000))):
            account = self._make_account(n, "")
            for side in range(1 + (n % 3 == 0)):
                self.local.append(self._make_channel(account, n, side))
        for n, origin in enumerate(REMOTE_ORIGINS):
            self.remote.append(self._make_channel(self._make_account(n, origin), n, 0))

    def _make_account(self, n: int, origin: str) -> Account:
        random = self.random
        person = random.choice(words.PEOPLE)
        born = self.first_day - random.randrange(DAY, 30 * DAY)
        identity = self.store.next_id()
        account = Account(
            id=identity,
            name=f"{'guest' if origin else 'user'}{n:04d}",
            display_name=f"{person} {random.choice(words.PLACES)}",
            created=born,
            updated=born,
            description=random.choice((None, f"{person} makes videos.\n\n*Since 2018.*")),
            origin=origin,
            user_id=None if origin else identity,
            followers=random.randrange(300),
            avatars=self._make_images("avatars", AVATAR_SIZES, born) if n % 4 else (),
        )
        return self.store.put_account(account)

    def _make_channel(self, owner: Account, n: int, side: int) -> Channel:
        random = self.random
        name = f"{random.choice(words.PLACES)} {random.choice(words.THINGS)}"
        channel = Channel(
            id=self.store.next_id(),
            name=f"{name.lower().replace(' ', '_')}_{n}_{side}",
            display_name=name,
            owner=owner,
            created=owner.created + 1,
            updated=owner.created + 1,
            description=random.choice((None, f"What happens at the {name}, every month.")),
            support=random.choice((None, "Buy us a [coffee](https://example.org/support).")),
            public_email=None if n % 3 else "hello@example.org",
            followers=random.randrange(2_000),
            avatars=self._make_images("avatars", AVATAR_SIZES, owner.created) if n % 5 else (),
            banners=self._make_images("banners", BANNER_SIZES, owner.created) if n % 2 else (),
        )
        return self.store.put_channel(channel)

    def _make_images(self, folder: str, sizes: tuple[tuple[int, int], ...], at: int) -> tuple[Image, ...]:
        ending = "png" if folder == "avatars" else "jpg"
        names = [f"{self.random.getrandbits(64):016x}" for _ in sizes]
        return tuple(
            Image(width, f"/lazy-static/{folder}/{name}.{ending}", at, at, height)
            for (width, height), name in zip(sizes, names, strict=True)
        )

    def _make_videos(self) -> None:
        kinds = [LISTED] * self.count
        for kind, (share, _facts) in OTHERS.items():
            kinds += [kind] * max(1, round(share * self.count))
        self.random.shuffle(kinds)
        self.pace = SPAN / len(kinds)
        for to_come, kind in zip(reversed(range(len(kinds))), kinds, strict=True):
            self.store.put_video(self._make_video(kind, to_come))

    def _make_video(self, kind: str, to_come: int) -> Video:
        random = self.random
        identity = self.store.next_id()
        if identity % 50:
            self.clock = self.last_day - max(0.0, to_come - random.random()) * self.pace
        created = int(self.clock)
        published = created + self._delay_of_publication(self.last_day - created)
        language = random.choices(words.LANGUAGES, (8, 5, 3, 2, 1, 1))[0]
        views = int(40 * random.paretovariate(0.7)) % 200_000
        facts: dict[str, Any] = {
            "duration": random.randrange(20, 5_400),
            "category": random.randrange(1, 19) if random.random() < 0.9 else None,
            "licence": random.randrange(1, 8) if random.random() < 0.7 else None,
            "language": language.code if random.random() < 0.85 else None,
            "nsfw": random.random() < 0.03,
            "views": views,
            "likes": views // random.randrange(12, 60),
            "comments": views // 500,
            "downloads": views // 80,
            "tags": tuple(random.sample(words.TAGS, random.choice((0, 1, 2, 3, 5)))),
            "support": "Share it with your friends." if random.random() < 0.1 else None,
            "comments_policy": random.choices((1, 2, 3), (90, 6, 4))[0],
            "wait_transcoding": random.random() < 0.9,
        }
        if facts["nsfw"]:
            facts |= {"nsfw_flags": NSFW_FLAGS[identity % len(NSFW_FLAGS)], "nsfw_summary": "Not for everybody."}
        return Video(
            id=identity,
            number=version_4(random.getrandbits(128)),
            name=words.compose_title(language, random),
            channel=self._pick_channel(kind),
            created=created,
            updated=published + random.randrange(DAY),
            published=published,
            originally_published=created - DAY * 900 if random.random() < 0.1 else None,
            text_seed=identity,
            captions=self._make_captions(published),
            chapters=() if random.random() > 0.12 else CHAPTERS,
            **(facts | (OTHERS[kind][1] if kind != LISTED else {})),
        )

    def _delay_of_publication(self, most: int) -> int:
        """Draw how long a video waited: minutes of transcoding, or months for a few drafts if there are so many."""
        if self.random.random() < 0.03:
            delay = self.random.randrange(DAY, 200 * DAY)
            return delay if delay < most else delay % DAY
        return self.random.randrange(MINUTE, 90 * MINUTE)

    def _pick_channel(self, kind: str) -> Channel:
        """Draw a channel; the first ones of the instance have most of its videos."""
        if kind == "remote":
            return self.random.choice(self.remote)
        return self.local[int(len(self.local) * self.random.random() ** 2)]

    def _make_captions(self, at: int) -> tuple[Caption, ...]:
        if self.random.random() > 0.2:
            return ()
        spoken = self.random.sample(words.LANGUAGES, self.random.randrange(1, 3))
        return tuple(Caption(language.code, at, automatic=self.random.random() < 0.3) for language in spoken)

    def _make_playlists(self) -> None:
        everything = list(self.store.videos.values())
        for n in range(max(2, min(self.count // 50, 5_000))):
            playlist = self.store.put_playlist(self._make_playlist(n))
            playlist.position = n + 1 if playlist.channel and n % 3 else None
            members = self.random.choices(everything, k=self.random.randrange(2, 25))
            for position, video in enumerate(members, 1):
                start = self.random.choice((None, None, None, 5))
                identity = self.store.next_id()
                stop = None if start is None else start + math.ceil(video.duration / 2)
                playlist.elements.append(Element(identity, position, video, start=start, stop=stop))

    def _make_playlist(self, n: int) -> Playlist:
        random = self.random
        channel = random.choice(self.local)
        created = random.randrange(self.first_day, self.last_day)
        return Playlist(
            id=self.store.next_id(),
            number=version_4(random.getrandbits(128)),
            name=f"Best of {random.choice(words.TAGS)}, volume {n + 1}",
            owner=channel.owner,
            channel=channel if random.random() < 0.8 else None,
            created=created,
            updated=min(created + random.randrange(100 * DAY), self.last_day),
            description=random.choice((None, "Picked by hand & **in order**.")),
            privacy=Privacy(random.choices((1, 2, 3), (90, 5, 5))[0] if n else 1),
        )
