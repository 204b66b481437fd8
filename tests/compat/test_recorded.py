"""Recorded questions to a PeerTube 6.3.0, asked here with the same catalogue mirrored."""

from collections.abc import Iterator
from typing import Any

from django.test import Client

from tests.compat.conftest import recording
from tests.testing.test_contract import shape

#: What may differ from the recorded answers, and why; all else that was recorded has to be here too.
EXCEPTIONS = {
    "id": "numeric ids belong to the server that answers",
    "url": "of pictures: told here, with the path beside it",
    "total": "only what is at home at the mirrored instance is here, and recordings are cut",
    "videosLength": "the recorded catalogue is cut",
    "banners": "details show every channel without its banners at its home; here as its own answer does",
}
MISSING = {
    "nodeConfig": "told by `config`",
    "taxonomy": "not of nodeinfo",
    "links": "there is no ActivityPub here",
    "totalDailyActiveUsers": "nobody logs in here",
    "totalWeeklyActiveUsers": "nobody logs in here",
    "totalMonthlyActiveUsers": "nobody logs in here",
    "totalLocalDailyActiveVideoChannels": "nobody publishes here",
    "totalLocalWeeklyActiveVideoChannels": "nobody publishes here",
    "totalLocalMonthlyActiveVideoChannels": "nobody publishes here",
    "totalModerators": "nobody moderates here",
    "totalAdmins": "nobody logs in here",
}
MISSING_PREFIXES = ("totalActivityPub", "activityPub", "totalAbuses", "average", "totalRegistration")
SAME = (
    "account.alice",
    "account.unknown",
    "video-channel.cooking",
    "video-channel.unknown",
    "video-channel.upper-case",
    "video-channels.list-sort-bad",
    "video-playlist.public",
    "video-playlist.public.by-short",
    "video-playlist.unknown",
    "video.by-short-uuid",
    "video.captions",
    "video.captions.none",
    "video.chapters",
    "video.description",
    "video.malformed-id",
    "video.nsfw",
    "video.public_full",
    "video.unknown-uuid",
    "videos-list.count-text-error",
    "videos-list.count101-error",
    "videos-list.filter.category-comma-error",
    "videos-list.filter.excludeAlreadyWatched-no-token",
    "videos-list.filter.include-no-token",
    "videos-list.filter.nsfw-bad-error",
    "videos-list.sort-empty",
    "videos-list.sort.id",
    "videos-list.start-negative-error",
    "videos-privacies",
)
#: Questions whose answer depends on the whole catalogue or on who answers: keys and types.
ALIKE = (
    "accounts.list",
    "config",
    "config-about",
    "nodeinfo-2.0",
    "search-videos.uuids",
    "server-stats",
    "video-channels.list",
    "video-playlist.public.videos",
    "video-playlists.list",
    "videos-list.default",
    "videos-list.skipCount",
    "wellknown-nodeinfo",
)


def lacking(expected: Any, given: Any, path: str = "") -> Iterator[str]:
    """Yield what was recorded and isn't here, or is something else."""
    if isinstance(expected, dict) and isinstance(given, dict):
        yield from lacking_keys(expected, given, path)
    elif given == [None]:
        return  # a list that is empty here tells no type
    elif isinstance(expected, list) and isinstance(given, list) and len(expected) == len(given):
        for number, (one, other) in enumerate(zip(by_width(expected), by_width(given), strict=True)):
            yield from lacking(one, other, f"{path}[{number}]")
    elif expected is not None and given != expected:
        yield f"{path}: recorded {expected!r}, here {given!r}"


def lacking_keys(expected: dict[str, Any], given: dict[str, Any], path: str) -> Iterator[str]:
    for name, value in expected.items():
        if name not in given:
            if name not in MISSING and not name.startswith(MISSING_PREFIXES):
                yield f"{path}.{name} is not here"
        elif not is_exception(name, expected):
            yield from lacking(value, given[name], f"{path}.{name}")


def is_exception(name: str, recorded: dict[str, Any]) -> bool:
    """Whether this key of what was recorded may have another value: ids of constants and of files may not."""
    if name == "banners":
        return recorded[name] == []
    return name in EXCEPTIONS and "label" not in recorded and "resolution" not in recorded


def by_width(rows: list[Any]) -> list[Any]:
    """Put pictures in order: PeerTube gives them in any."""
    pictures = bool(rows) and isinstance(rows[0], dict) and "path" in rows[0]
    return sorted(rows, key=lambda row: row["width"]) if pictures else rows


def answered(client: Client, name: str) -> tuple[dict[str, Any], Any]:
    recorded = recording(name)
    answer = client.get(recorded["request"]["target"])
    assert (name, answer.status_code) == (name, recorded["status"]), answer.content
    assert answer["Content-Type"] == recorded["headers"]["content-type"]
    return recorded["body"], answer.json()


def test_recorded_questions_get_the_recorded_answers(mirror: None, client: Client) -> None:
    wrong = {name: list(lacking(*answered(client, name))) for name in SAME}
    assert wrong == {name: [] for name in SAME}


def test_recorded_questions_get_the_recorded_keys_and_types(mirror: None, client: Client) -> None:
    wrong = {name: list(lacking(*map(shape, answered(client, name)))) for name in ALIKE}
    assert wrong == {name: [] for name in ALIKE}


def test_an_unknown_address_is_refused_as_recorded(client: Client, db: None) -> None:
    for method, path in (("get", "/api/v1/nope"), ("patch", "/api/v1/videos"), ("post", "/api/v1/videos")):
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer.content) == (400, b"")
