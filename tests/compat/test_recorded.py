"""Every recorded question to a PeerTube 6.3.0, asked here with the same catalogue mirrored."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from peertube_sync.conf import get_settings
from tests.compat.lacking import lacking
from tests.compat.recorded import at_home, mirror_answers, questions
from tests.support.recorded import shape

#: Questions that another answer is right for here, by the beginnings of their names.
ANOTHER_ANSWER = {
    "api.unknown-version": "an address of the site's own",
    "json.unknown-path": "an address of the site's own",
    "ratelimit.429": "shown by a test of its own: the count is of this site",
    **dict.fromkeys(
        ("account.remote", "video-channel.remote", "video-channel.videos-remote", "video-playlist.remote"),
        "what is at home elsewhere is mirrored from there",
    ),
    **dict.fromkeys(
        ("video.remote", "video.captions.remote", "video.chapters.remote", "video.description.remote"),
        "what is at home elsewhere is mirrored from there",
    ),
    "videos-list.filter.host": "6.3 ignores this parameter in lists, newer versions and we don't",
    **dict.fromkeys(
        ("video.blacklisted", "video.internal", "video.password", "video.private", "video.scheduled"),
        "what isn't public is unknown here: 404",
    ),
    **dict.fromkeys(("video.captions.p", "video-playlist.private"), "what isn't public is unknown here: 404"),
    **dict.fromkeys(("video.unlisted", "video-playlist.unlisted"), "what is unlisted isn't mirrored"),
    "video.live_": "a live is listed only while it streams, and isn't mirrored from elsewhere",
    "videos-list.isLive-true-while-streaming": "the live that was on isn't on any more",
    "videos-list.first-while-streaming": "the live that was on isn't on any more",
    **dict.fromkeys(
        ("video.by-numeric-id", "video-playlist.public.by-id"), "numbers belong to the server that answers"
    ),
    "search-videos.count101-error": "counts up to 500 are for clients of Sepia Search",
    "search-videos.by-uri": "6.3 finds no video by the short form of its address",
    "videos-list.sort-two-values": "a question that PeerTube 6.3 fails on (500) is refused (400)",
    **dict.fromkeys(("videos-list.sort.comments", "videos-list.sort.-comments"), "6.3 refuses what 8.2 takes"),
    "videos-list.token.bad": "nobody logs in here: a token is ignored",
}
#: Values that depend on more than what was mirrored: the same keys and types.
ALIKE = {
    **dict.fromkeys(("config", "nodeinfo", "server-stats", "wellknown"), "what the site says of itself"),
}
#: Lists whose rows are the recorded ones, but which rows they are depends on more than what was mirrored.
OTHER_ROWS = {
    "accounts.list": "hundreds of accounts of which the recordings show a few",
    "videos-list.filter.language": "captions in that language count too, and not all of them were recorded",
    "search-": "how well words match is weighed in another way",
    "videos-list.filter.search": "how well words match is weighed in another way",
    "videos-list.start": "a page in the midst of 21,000 videos, of which the recordings show a few hundred",
    **dict.fromkeys(
        (f"videos-list.sort.{sign}{name}" for sign in ("", "-") for name in ("best", "hot", "trending")),
        "what they weigh isn't published",
    ),
    "video-channels.list": "hundreds of channels of which the recordings show a few",
    "video-playlists.list": "hundreds of playlists of which the recordings show a few",
}
#: Counted on while the answers were recorded: any of the recorded values may be shown.
MOVING = ("views", "viewers", "likes", "dislikes", "updatedAt", "publishedAt", "followersCount", "followingCount")
PICTURES = ("avatar", "avatars", "banner", "banners", "previewPath", "thumbnailPath", "thumbnails")
SORTED_BY = {"originallyPublishedAt": lambda row: row["originallyPublishedAt"] or row["publishedAt"]}


def among(name: str, table: dict[str, str]) -> bool:
    return any(name == one or name.startswith(one) for one in table)


def identity(row: dict[str, Any]) -> str:
    return str(row.get("uuid") or row["url"])


class Asked:
    """One question, what was recorded, and what is answered here."""

    def __init__(self, client: Client, name: str) -> None:
        self.name, self.recorded = name, {**questions()[name], "body": comparable(questions()[name]["body"])}
        target = self.recorded["target"]
        self.answer = getattr(client, self.recorded["method"].lower())(target)
        self.query = parse_qs(urlsplit(target).query)

    def differences(self, everything: Callable[[str], dict[str, Any]]) -> Iterator[str]:
        """Yield what differs from the recorded answer; `everything` is here, by identity, for a kind of rows."""
        status, kind = self.answer.status_code, self.answer.get("Content-Type", "")
        if (status, kind) != (self.recorded["status"], self.recorded["type"]):
            yield f"{status} {kind}, recorded {self.recorded['status']} {self.recorded['type']}"
        elif (recorded := self.recorded["body"]) is None:
            return
        elif among(self.name, ALIKE):
            yield from lacking(shape(recorded), shape(self.json))
        elif self.rows and "url" in self.rows[0]:
            yield from self.differences_of_rows(everything)
        else:
            yield from lacking(shown_here(recorded), self.json)

    @property
    def json(self) -> Any:
        return comparable(self.answer.json())

    @property
    def rows(self) -> list[dict[str, Any]]:
        recorded = self.recorded["body"]
        rows: list[dict[str, Any]] = recorded.get("data", []) if isinstance(recorded, dict) else []
        return rows

    def differences_of_rows(self, everything: Callable[[str], dict[str, Any]]) -> Iterator[str]:
        here, there = self.json, [row for row in self.rows if at_home(row)]
        if set(here) != set(self.recorded["body"]):
            yield f"keys {sorted(here)}"
        known = everything(self.recorded["target"])
        for row in there:
            yield from lacking(still(row), still(known[identity(row)]), identity(row))
        if not among(self.name, OTHER_ROWS):
            order = self.order()
            recorded, given = [order(one) for one in there], [order(one) for one in here["data"]][: len(there)]
            if recorded != given:
                yield f"rows {recorded}, here {given}"

    def order(self) -> Callable[[dict[str, Any]], Any]:
        """Return what tells one place in the list from the next: rows of equal value come in any order."""
        column = self.query.get("sort", [""])[0].removeprefix("-")
        return SORTED_BY.get(column) or (lambda row: row[column] if column in row else identity(row))


def comparable(value: Any) -> Any:
    """Return an answer; where this site has the pictures, with nothing of them but whether there are some."""
    if get_settings().pictures == "source":
        return value
    if isinstance(value, list):
        return [comparable(one) for one in value]
    if isinstance(value, dict):
        return {name: bool(one) if name in PICTURES else comparable(one) for name, one in value.items()}
    return value


def shown_here(recorded: Any) -> Any:
    """Return what was recorded, without the videos of a playlist that are unlisted, and so aren't mirrored."""
    if not isinstance(recorded, dict) or not recorded.get("data"):
        return recorded
    return {**recorded, "data": [place_here(row) if row.get("video") else row for row in recorded["data"]]}


def place_here(row: dict[str, Any]) -> dict[str, Any]:
    public = row["video"]["privacy"]["id"] == 1
    return {**row, "video": still(row["video"])} if public else {**row, "type": 3, "video": None}


def still(row: dict[str, Any]) -> dict[str, Any]:
    """Return what doesn't move while nobody edits anything."""
    return {
        name: still(value) if isinstance(value, dict) else value for name, value in row.items() if name not in MOVING
    }


@pytest.fixture(params=["source", "site"])
def _pictures_from(request: pytest.FixtureRequest, settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PICTURES": request.param}


@pytest.fixture
def everything(_pictures_from: None, db: None, client: Client) -> Callable[[str], dict[str, Any]]:
    """All rows that are here, by their identity, of the kind that an address asks for."""
    from peertube_sync.ingest.search_documents import index_due

    mirror_answers()
    index_due()

    def read(kind: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while page := client.get(f"/api/v1/{kind}", {"start": len(found), "count": 100, "nsfw": "both"}).json()["data"]:
            found |= {identity(row): row for row in comparable(page)}
        return found

    kinds = {kind: read(kind) for kind in ("video-channels", "video-playlists", "accounts", "videos")}

    def of(target: str) -> dict[str, Any]:
        words = urlsplit(target).path.split("/")
        return next(kinds[word] for word in reversed(words) if word in kinds)

    return of


@pytest.mark.one_database
def test_recorded_questions_get_the_recorded_answers(
    everything: Callable[[str], dict[str, Any]], client: Client
) -> None:
    asked = [name for name in questions() if not among(name, ANOTHER_ANSWER)]
    wrong = {name: list(Asked(client, name).differences(everything)) for name in asked}
    assert {name: found for name, found in wrong.items() if found} == {}
    assert len(asked) > 130


@pytest.mark.one_database
def test_what_another_answer_is_right_for_is_refused_or_answered(mirror: None, client: Client) -> None:
    asked = {name: Asked(client, name).answer.status_code for name in questions() if among(name, ANOTHER_ANSWER)}
    assert {status for status in asked.values() if status not in (200, 400, 404)} == set()
    hidden = ("blacklisted", "internal", "-anon", "private", "scheduled", "unlisted", "password")
    seen = {name for name in asked if name.startswith("video") and any(word in name for word in hidden)}
    assert {asked[name] for name in seen if "-id" not in name} == {404}


def test_an_unknown_address_is_refused_as_recorded(client: Client, db: None) -> None:
    for method, path in (("get", "/api/v1/nope"), ("patch", "/api/v1/videos"), ("post", "/api/v1/videos")):
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer.content) == (400, b"")
