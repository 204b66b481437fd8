"""What an activity is about. Nothing else of it is read: who acts, and whom or what of its host it names.

Addresses are those that PeerTube 4 to 8 gives its objects; whatever is addressed otherwise is of no interest.
"""

import re
from dataclasses import dataclass
from typing import Literal

import msgspec

from peertube_sync.client.hosts import host_of

KINDS: dict[str, Literal["video", "playlist", "channel", "account"]] = {
    "videos/watch": "video",
    "video-playlists": "playlist",
    "video-channels": "channel",
    "accounts": "account",
}
ADDRESS = re.compile(rf"(https?)://([^/?#@\s]{{1,260}})/({'|'.join(KINDS)})/([\w.:~-]{{1,200}})", re.ASCII)
UUID_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
RINGING = frozenset({"Create", "Update", "Delete", "Announce", "Undo"})
"""Of these, `Undo` rings where a channel takes back that it announced a video, which has moved to another one."""
ANSWERS = frozenset({"Accept", "Reject"})
OBJECTS = frozenset({"", "Video", "Playlist", "Person", "Group", "Tombstone"})
"""The types of objects that make something due; "" where an address stands for its object."""


class _Object(msgspec.Struct):
    type: str = ""
    id: str = ""
    actor: str | None = None
    object: msgspec.Raw = msgspec.Raw()


class _Activity(msgspec.Struct):
    type: str
    actor: str
    object: str | _Object


@dataclass(frozen=True)
class Address:
    """The address of something that PeerTube publishes: its `kind`, the `name` (a uuid or the name of an actor)."""

    scheme: str
    host: str
    kind: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "Address | None":
        """Read an address; None for what isn't one of these, spelt in the one way in which PeerTube spells it."""
        match = ADDRESS.fullmatch(text)
        if match is None or host_of(text) != match[2]:
            return None
        scheme, host, path, name = match.groups()
        kind = KINDS[path]
        if not name.strip("."):  # a name of dots would lead to another path
            return None
        if kind in {"video", "playlist"} and not UUID_TEXT.fullmatch(name):
            return None
        return cls(scheme, host, kind, name)


@dataclass(frozen=True)
class Activity:
    """One activity: its `type`, the address of who acts, the address and type of what it names.

    Of an answer to a Follow, `asked_by` is who followed, "" where only the address of the Follow stands there.
    """

    type: str
    actor: str
    object: str
    object_type: str = ""
    asked_by: str = ""

    @classmethod
    def parse(cls, body: bytes) -> "Activity":
        """Read a body; raises ValueError for what is no JSON object.

        One of another shape than PeerTube's is an activity without a type, which rings for nothing.
        """
        try:
            if not isinstance(found := _decode_activity(body), _Activity):
                return cls("", "", "")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ValueError("not an activity") from error
        if isinstance(found.object, str):
            return cls(found.type, found.actor, found.object)
        inner, asked_by = found.object, found.object.actor or ""
        if (found.type, inner.type) == ("Undo", "Announce"):
            return cls(found.type, found.actor, _text_or_empty(inner.object))
        return cls(found.type, found.actor, inner.id, inner.type, asked_by)

    @property
    def is_answer(self) -> bool:
        return self.type in ANSWERS

    @property
    def rings_for(self) -> Address | None:
        """What it makes due; None for views, likes, comments, and all else that makes nothing due."""
        if self.type not in RINGING or self.object_type not in OBJECTS:
            return None
        return Address.parse(self.object)


def _decode_activity(body: bytes) -> _Activity | dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(body, type=_Activity)
    except msgspec.ValidationError:
        return msgspec.json.decode(body, type=dict[str, msgspec.Raw])


def _text_or_empty(value: msgspec.Raw) -> str:
    """Return what is a text, "" for anything else."""
    try:
        return msgspec.json.decode(value, type=str)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return ""
