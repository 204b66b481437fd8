"""Pages and details as a server that means harm would make them up; by hypothesis."""

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

HOST = "video.example"
DEEP = "@deep@"
TEXTS = [
    "",
    " ",
    "a\0b",
    "\ud83d",  # half of a character
    "\ude00 and \ud83d",
    "\u202ename\u202c.exe",  # right-to-left override
    "line\nline\r\u2028\u2029\x1b[31m\x7f\x85",
    "x" * 3000,
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "http://169.254.169.254/latest/meta-data",
    "http://[",
    "https://[::1",
    "//video.example",
    "https://elsewhere.example/videos/watch/1",
    "https://video.example@elsewhere.example/",
    "https://VIDEO.example:443/videos/watch/1",
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "'; DROP TABLE peertube_sync_video; --",
    "..",
    "a/b",
    "%00",
    "e\u0301" * 100,
    "\U0010ffff",
    "2024-01-02T03:04:05",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "99999-01-01T00:00:00Z",
    "2024-02-30T00:00:00Z",
    "00000000-0000-0000-0000-000000000000",
    DEEP,
]
NUMBERS = [0, -1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**40, 1e308, 0.5]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from(NUMBERS)
    | st.sampled_from(TEXTS)
    | st.text(st.characters(exclude_categories=()), max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "label", "name", "url", "a\0"]), inner)
    ),
    max_leaves=6,
)
ACTOR = {"id": 3, "name": "cooking", "displayName": "Cooking", "host": HOST, "description": None, "followersCount": 1}
TIMES = dict.fromkeys(["createdAt", "updatedAt", "publishedAt"], "2024-01-02T03:04:05.678Z")
FACTS: dict[str, Any] = {
    **TIMES,
    "id": 7,
    "name": "Soup",
    "isLocal": True,
    "duration": 61,
    "views": 5,
    "category": {"id": 1, "label": "Food"},
    "language": {"id": "en", "label": "English"},
    "privacy": {"id": 1, "label": "Public"},
    "thumbnailPath": "/t.jpg",
    "originallyPublishedAt": None,
    "liveSchedules": None,
    "pluginData": {},
    "aspectRatio": 1.7,
    "truncatedDescription": "Hot",
    "account": {**ACTOR, "url": f"https://{HOST}/accounts/cooking", "avatars": []},
    "channel": {**ACTOR, "name": "soups", "url": f"https://{HOST}/video-channels/soups", "avatars": []},
}
DETAILS: dict[str, Any] = {
    **FACTS,
    "description": "Hot",
    "support": None,
    "tags": ["soup"],
    "state": {"id": 1, "label": "Published"},
    "files": [{"id": 1, "fileUrl": f"https://{HOST}/f.mp4"}],
    "streamingPlaylists": [],
    "commentsPolicy": {"id": 1, "label": "Enabled"},
    "downloadEnabled": True,
    "somethingNew": {},
}


@dataclass(frozen=True)
class Invented:
    """One video: its uuid, its JSON, and whether nothing is wrong with it."""

    uuid: str
    text: str
    good: bool


def _paths(facts: dict[str, Any]) -> list[tuple[str, ...]]:
    nested = [(key, inner) for key in facts if isinstance(facts[key], dict) for inner in facts[key]]
    return [*((key,) for key in facts), ("uuid",), ("url",), *nested]


def _written(facts: dict[str, Any]) -> str:
    return json.dumps(facts).replace(f'"{DEEP}"', "[" * 3000 + "]" * 3000)


@st.composite
def videos(draw: st.DrawFn, facts: dict[str, Any], number: int) -> Invented:
    """Invent one video: as PeerTube would show it, or with up to three of its facts replaced, left out or doubled."""
    uuid = str(UUID(int=number + 1))
    made = deepcopy(facts) | {"uuid": uuid, "url": f"https://{HOST}/videos/watch/{uuid}"}
    changes = draw(st.lists(st.tuples(st.sampled_from(_paths(facts)), anything), max_size=3))
    for path, value in changes:
        inner = made[path[0]] if len(path) == 2 and isinstance(made.get(path[0]), dict) else made
        inner[path[-1]] = value
    text = _written(made)
    if draw(st.integers(0, 9)) == 0:
        key = draw(st.sampled_from(sorted(made)))
        text = f"{text[:-1]}, {json.dumps(key)}: {json.dumps(draw(anything))}}}".replace(
            f'"{DEEP}"', "[" * 3000 + "]" * 3000
        )
        changes = [*changes, ((key,), None)]
    return Invented(uuid, text, not changes)


@st.composite
def pages(draw: st.DrawFn, facts: dict[str, Any], most: int = 4) -> list[Invented]:
    """Invent some videos."""
    return [draw(videos(facts, number)) for number in range(draw(st.integers(1, most)))]
