"""Changes of every kind that an instance's people make, drawn from a seed."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from random import Random
from typing import Any

from peertube_sync.testing import Catalogue
from peertube_sync.testing.identifiers import uuid_text
from peertube_sync.testing.records import Channel, Privacy, State, Video
from peertube_sync.testing.words import TAGS

HIDDEN = ("private", "unlisted", "internal", "password")
LANGUAGES = ("en", "fr", "de", "es", None)
WEIGHTS = {
    "add": 10,
    "add_in_one_moment": 1,
    "edit": 12,
    "tag": 10,
    "caption": 8,
    "chapter": 6,
    "view": 14,
    "like": 4,
    "hide": 10,
    "unhide": 6,
    "delete": 8,
    "delete_channel": 0.3,
    "delete_account": 0.2,
    "rename_channel": 4,
    "rename_account": 3,
    "move": 6,
    "start_live": 5,
    "stop_live": 5,
    "block": 5,
    "unblock": 4,
    "edit_playlist": 3,
    "add_playlist": 1,
    "delete_playlist": 1,
}
FEWEST_CHANNELS = 3


@dataclass
class Changer:
    """Changes `catalogue` at random; `done` counts the changes by their kind; none is of a `silent` kind."""

    catalogue: Catalogue
    random: Random
    done: Counter[str] = field(default_factory=Counter)
    great: Channel | None = None
    silent: Collection[str] = ()

    def change(self) -> None:
        """Make one change; a kind that finds nothing to change is drawn again."""
        weights = {kind: weight for kind, weight in WEIGHTS.items() if kind not in self.silent}
        while True:
            kind = self.random.choices(list(weights), list(weights.values()))[0]
            if getattr(self, f"_{kind}")():
                self.done[kind] += 1
                return

    def gather(self, count: int) -> None:
        """Move videos to one channel until it has `count` public ones; no change deletes it by chance."""
        self.great = self.random.choice(self._channels())
        others = self._uuids(self._videos(lambda row: row.listed and row.channel is not self.great), count)
        for uuid in others:
            self.catalogue.move_video(uuid, self.great.name)

    def delete_great(self) -> int:
        """Delete that channel with all of its videos; returns how many it had."""
        if self.great is None:
            return 0
        name, self.great = self.great.name, None
        videos = self._videos(lambda row: row.channel.name == name)
        self.catalogue.delete_channel(name)
        return len(videos)

    def _videos(self, fits: Callable[[Video], bool]) -> list[Video]:
        return [row for row in self.catalogue.videos.values() if row.is_local and fits(row)]

    def _one(self, fits: Callable[[Video], bool] = lambda row: row.listed) -> str | None:
        found = self._videos(fits)
        return uuid_text(self.random.choice(found).number) if found else None

    def _with(self, act: Callable[..., Any], *args: Any, **named: Any) -> bool:
        """Do `act` to a listed video, if there is one."""
        uuid = self._one()
        if uuid:
            act(uuid, *args, **named)
        return uuid is not None

    def _channels(self) -> list[Channel]:
        return [row for row in self.catalogue.channels.values() if not row.origin]

    def _channel(self) -> str:
        return self.random.choice(self._channels()).name

    def _number(self) -> int:
        return self.random.randrange(10**6)

    def _tags(self) -> list[str]:
        return self.random.sample(TAGS, self.random.randrange(6))

    def _moment(self) -> int:
        """Draw a time between the oldest and the newest video: a draft that is published late."""
        created = [row.created for row in self.catalogue.videos.values()]
        return self.random.randint(min(created), max(created))

    def _facts(self) -> dict[str, Any]:
        return {
            "name": f"Video {self._number()}",
            "description": f"Number {self._number()}. " * self.random.choice((1, 30)),
            "category": self.random.randrange(1, 19),
            "language": self.random.choice(LANGUAGES),
            "nsfw": self.random.random() < 0.2,
            "support": self.random.choice((None, "Thank you.")),
        }

    def _add(self) -> bool:
        drafted = {"created": self._moment()} if self.random.random() < 0.4 else {}
        self.catalogue.add_video(self._channel(), tags=self._tags(), **self._facts(), **drafted)
        return True

    def _add_in_one_moment(self) -> bool:
        moment, channel = self._moment(), self._channel()
        for _ in range(self.random.randrange(5, 20 + len(self.catalogue.videos) // 40)):
            self.catalogue.add_video(channel, created=moment, **self._facts())
        return True

    def _edit(self) -> bool:
        facts = self._facts()
        chosen = self.random.sample(sorted(facts), self.random.randrange(len(facts)))
        return self._with(self.catalogue.edit_video, **{name: facts[name] for name in chosen})

    def _tag(self) -> bool:
        return self._with(self.catalogue.set_tags, self._tags())

    def _caption(self) -> bool:
        return self._with(self.catalogue.set_captions, self.random.sample(("fr", "en", "de"), self.random.randrange(4)))

    def _chapter(self) -> bool:
        starts = sorted(self.random.sample(range(1000), self.random.randrange(5)))
        return self._with(self.catalogue.set_chapters, [(start, f"Part {self._number()}") for start in starts])

    def _view(self) -> bool:
        return self._with(self.catalogue.view, self.random.randrange(1, 50))

    def _like(self) -> bool:
        return self._with(self.catalogue.like)

    def _hide(self) -> bool:
        return self._with(self.catalogue.hide, self.random.choice(HIDDEN))

    def _unhide(self) -> bool:
        return self._to(self._one(lambda row: row.privacy != Privacy.PUBLIC), self.catalogue.publish)

    def _delete(self) -> bool:
        return self._to(self._one(lambda _row: True), self.catalogue.delete_video)

    def _delete_channel(self) -> bool:
        others = [row.name for row in self._channels() if row is not self.great]
        few = len(others) <= FEWEST_CHANNELS
        return self._to(None if few else self.random.choice(others), self.catalogue.delete_channel)

    def _delete_account(self) -> bool:
        owners = {
            row.owner.name: None for row in self._channels() if not self.great or row.owner is not self.great.owner
        }
        few = len(owners) <= FEWEST_CHANNELS
        return self._to(None if few else self.random.choice(list(owners)), self.catalogue.delete_account)

    def _rename_channel(self) -> bool:
        self.catalogue.rename_channel(self._channel(), f"Channel {self._number()}")
        return True

    def _rename_account(self) -> bool:
        owner = self.random.choice(self._channels()).owner
        self.catalogue.rename_account(owner.name, f"Account {self._number()}")
        return True

    def _move(self) -> bool:
        return self._with(self.catalogue.move_video, self._channel())

    def _start_live(self) -> bool:
        idle = self._one(lambda row: row.state == State.WAITING_FOR_LIVE)
        if idle and self.random.random() < 0.7:
            return self._to(idle, self.catalogue.start_live)
        return self._to(self.catalogue.add_video(self._channel(), name="Live", is_live=True), self.catalogue.start_live)

    def _stop_live(self) -> bool:
        return self._to(self._one(lambda row: row.is_live and row.listed), self.catalogue.stop_live)

    def _block(self) -> bool:
        return self._with(self.catalogue.block)

    def _unblock(self) -> bool:
        return self._to(self._one(lambda row: row.blocked), self.catalogue.unblock)

    def _edit_playlist(self) -> bool:
        return self._to(self._playlist(), self.catalogue.edit_playlist, videos=self._members(), name="Edited")

    def _add_playlist(self) -> bool:
        self.catalogue.add_playlist(self._members(), self._channel())
        return True

    def _delete_playlist(self) -> bool:
        return self._to(self._playlist(), self.catalogue.delete_playlist)

    def _playlist(self) -> str | None:
        found = [uuid_text(row.number) for row in self.catalogue.playlists.values() if not row.origin]
        return self.random.choice(found) if found else None

    def _members(self) -> list[str]:
        return self._uuids(self._videos(lambda row: row.listed), self.random.randrange(1, 120))

    def _uuids(self, rows: list[Video], count: int) -> list[str]:
        return [uuid_text(row.number) for row in self.random.sample(rows, min(count, len(rows)))]

    def _to(self, one: str | None, act: Callable[..., Any], **named: Any) -> bool:
        if one:
            act(one, **named)
        return one is not None
