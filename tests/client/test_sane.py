"""What strangers write, held to what can be stored and shown: repaired where nothing is lost, refused where it is."""

import json
from typing import Any

import pytest
from msgspec import UNSET

from peertube_sync.client.errors import MalformedAnswer, UnexpectedShape
from peertube_sync.client.naming import snake
from peertube_sync.client.parse import MAX_ITEM, MAX_OBJECT, MAX_VALUES, Page, parse, parse_page
from peertube_sync.client.peertube import instance_of, walk
from peertube_sync.client.rate_limit import RateLimit, RateLimitHeaders
from peertube_sync.client.robots import Robots
from peertube_sync.client.types import Chapters, RemoteAccount, VideoDetails, VideoItem
from tests.client.answers import ACTOR, ITEM, details, item

OTHER = {**ITEM, "uuid": "11111111-9697-4c77-a05c-082cd5110c85"}


def page(*texts: str, total: int = 2) -> Page[VideoItem]:
    return parse_page(f'{{"total": {total}, "data": [{", ".join(texts)}]}}'.encode(), VideoItem, 0, "test")


@pytest.mark.parametrize(
    ("published", "kept"),
    [
        (r'"a\u0000b"', "ab"),
        (r'"a\\u0000b"', r"a\u0000b"),  # a backslash and some digits
        (r'"cut \ud83d"', "cut \ufffd"),
        (r'"\ude00\ud83d and \ud83d\ude00"', "\ufffd\ufffd and 😀"),
        (r'"\\ud83d"', r"\ud83d"),
        (r'"\u202egpj.exe\u202c"', "gpj.exe"),
        (r'"\u2067a\u2069"', "a"),
        (r'"two\nlines\u2028three\r\n"', "two lines three "),
        (r'"bell\u0007 \u001b[31m\u007f\u0085"', "bell [31m "),
        (r'"👩\u200d👧 a\u200cb"', "👩\u200d👧 a\u200cb"),  # what joins and parts letters stays
    ],
)
def test_a_name_is_one_line_that_says_what_it_is(published: str, kept: str) -> None:
    body = json.dumps({**ITEM, "name": "@"}).replace('"@"', published)
    assert parse(body.encode(), VideoItem, "test").name == kept


def test_every_name_is_kept_in_its_line() -> None:
    found = details(
        tags=["a\nb", "\u202e", "ok"],
        category={"id": 1, "label": "Fo\x00od"},
        language={"id": "en\n", "label": "\u202eE"},
        channel={**ACTOR, "displayName": "C\u202e"},
    )
    assert (found.tags, found.channel.display_name) == (["a b", "ok"], "C")
    assert (found.category.label, found.language.id, found.language.label) == ("Food", "en ", "E")
    assert found.name == "Soup"


@pytest.mark.parametrize("name", ["", "a/b", "../x", "..", "a b", "a?b", "a@b", "a\u202eb", "a\x00b\x01", "x" * 201])
def test_a_handle_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UnexpectedShape):
        parse(json.dumps({**ACTOR, "name": name}).encode(), RemoteAccount, "test")


@pytest.mark.parametrize(
    "time",
    [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",  # no such time in UTC
        "9999-12-31T23:59:59-14:00",
        "99999-01-01T00:00:00Z",
        "2024-01-02T03:04:05",  # of no time zone
        1704164645,
    ],
)
@pytest.mark.parametrize("key", ["createdAt", "updatedAt", "publishedAt", "originallyPublishedAt"])
def test_an_impossible_time_is_unknown(key: str, time: object) -> None:
    found = item(**{key: time})
    assert getattr(found, snake(key)) is UNSET
    assert list(found.odd) == [key]
    assert found.name == "Soup"


@pytest.mark.parametrize(
    "facts",
    [
        {"id": 2**63},
        {"id": "7"},
        {"views": 10**40},
        {"duration": 2**31},
        {"duration": 1e9},
        {"aspectRatio": "1.7"},
        {"pluginData": {"x": 2**63}},
        {"isLocal": "yes"},
    ],
    ids=str,
)
def test_numbers_out_of_range_and_wrong_types_are_unknown(facts: dict[str, Any]) -> None:
    found = item(**facts)
    (key,) = facts
    assert getattr(found, snake(key)) is UNSET
    assert found.odd[key].reason
    assert found.odd[key].raw == json.dumps(facts[key])


def test_a_number_beyond_all_bounds_costs_its_field() -> None:
    found = parse(json.dumps({**ITEM, "aspectRatio": "@"}).replace('"@"', "1e999").encode(), VideoItem, "test")
    assert (found.aspect_ratio, list(found.odd)) == (UNSET, ["aspectRatio"])


def test_what_has_no_column_is_held_to_the_same() -> None:
    found = details(somethingNew={"x": [2**64]}, other=1)
    assert found.extra == {"other": 1}
    assert "out of range" in found.odd["somethingNew"].reason


NESTED = "[" * 50_000 + "]" * 50_000


@pytest.mark.parametrize(
    "spoilt",
    [
        json.dumps({**OTHER, "name": "x" * MAX_ITEM}),
        json.dumps({**OTHER, "name": "x" * 10_000_000}),
        json.dumps({**OTHER, "account": 5}),
    ],
    ids=["long", "10 MB", "of another shape"],
)
def test_one_bad_item_is_refused_with_its_reason_and_its_neighbours_are_kept(spoilt: str) -> None:
    found = page(json.dumps(ITEM), spoilt, json.dumps(ITEM))
    assert len(found.items) == 2
    (bad,) = found.unreadable
    assert bad.uuid == OTHER["uuid"]
    assert bad.reason
    assert len(bad.raw) <= 4096


@pytest.mark.parametrize("type_", [dict[str, Any], dict[str, str]])
def test_what_an_instance_says_of_itself_has_a_bound(type_: Any) -> None:
    told = {"name": "x" * (MAX_OBJECT - 100)}
    assert parse(json.dumps(told).encode(), type_, "test") == told
    with pytest.raises(UnexpectedShape, match=f"longer than {MAX_OBJECT} bytes"):
        parse(json.dumps({"name": "x" * MAX_OBJECT}).encode(), type_, "test")


@pytest.mark.parametrize("nested", [NESTED, "[" * 40 + "]" * 40], ids=["deep", "less deep"])
def test_what_is_nested_too_deep_costs_its_field(nested: str) -> None:
    found = page(json.dumps({**ITEM, "pluginData": "@"}).replace('"@"', nested))
    assert (found.items[0].plugin_data, found.items[0].name) == (UNSET, "Soup")
    assert "deep" in found.items[0].odd["pluginData"].reason


def test_of_two_values_for_one_key_the_last_counts() -> None:
    body = json.dumps(ITEM)[:-1] + ', "name": "Second", "uuid": "' + OTHER["uuid"] + '"}'
    found = page(body).items[0]
    assert (found.name, str(found.uuid)) == ("Second", OTHER["uuid"])


@pytest.mark.parametrize("total", [-1, 2**31, 10**40])
def test_a_total_that_is_none_is_refused(total: int) -> None:
    with pytest.raises(MalformedAnswer):
        page(total=total)


@pytest.mark.parametrize(
    "data",
    [
        "0," * 1001 + "0",
        "0," * (MAX_VALUES + 1) + "0",
        "[]," * (MAX_VALUES // 2) + "0",
        "[" * MAX_VALUES + "]" * MAX_VALUES,
    ],
    ids=["items", "values", "lists", "lists in lists"],
)
def test_a_page_of_too_many_is_refused(data: str) -> None:
    with pytest.raises(MalformedAnswer):
        page(data)


def test_of_too_many_tags_or_chapters_the_first_are_taken() -> None:
    found = details(tags=["a"] * 101)
    assert len(found.tags) == 100
    assert "101 entries" in found.odd["tags"].reason
    chapters = parse(json.dumps({"chapters": [{"timecode": 1, "title": "a"}] * 1001}).encode(), Chapters, "test")
    assert (len(chapters.chapters), list(chapters.odd)) == (1000, ["chapters"])


def test_of_a_list_the_entries_that_can_be_read_are_taken() -> None:
    found = details(tags=["a", 5, "b"], thumbnails=[{"width": "x", "fileUrl": "https://cdn.example/1.jpg"}])
    assert found.tags == ["a", "b"]
    assert found.thumbnails[0].file_url == "https://cdn.example/1.jpg"
    assert list(found.odd) == ["thumbnails[0].width", "tags[1]"]


def test_a_list_of_which_no_entry_can_be_read_is_unknown_not_empty() -> None:
    found = details(tags=[1, 2])
    assert (found.tags, list(found.odd)) == (UNSET, ["tags"])


def test_details_nested_too_deep_lose_that_field_alone() -> None:
    body = json.dumps({**ITEM, "files": "@"}).replace('"@"', f'[{{"a": {NESTED}}}]')
    found = parse(body.encode(), VideoDetails, "test")
    assert (found.files, found.name, "deep" in found.odd["files"].reason) == (UNSET, "Soup", True)


@pytest.mark.parametrize(
    ("facts", "held"),
    [
        ({"privacy": "public"}, None),
        ({"privacy": {"id": "public"}}, None),
        ({"privacy": 5}, None),
        ({"privacy": {"id": 1, "label": 5}}, 1),
    ],
)
def test_a_privacy_that_can_not_be_read_is_not_taken_for_public(facts: dict[str, Any], held: int | None) -> None:
    assert item(**facts).privacy_id == held


@pytest.mark.parametrize("said", [None, "no", 0, {}])
def test_what_can_not_be_read_of_a_warning_is_sensitive(said: object) -> None:
    assert item(nsfw=said).nsfw is True


@pytest.mark.parametrize("key", ["uuid", "channel", "account"])
@pytest.mark.parametrize("value", [None, 7, "x", {}])
def test_what_names_and_places_a_video_is_needed(key: str, value: object) -> None:
    with pytest.raises(UnexpectedShape, match=key):
        item(**{key: value})


def test_a_video_needs_a_time_to_sort_it_by() -> None:
    assert item(createdAt=None, updatedAt=None).published_at is not UNSET
    with pytest.raises(UnexpectedShape, match="createdAt"):
        item(createdAt=None, updatedAt=None, publishedAt=None)


def test_odd_fields_of_its_actors_cost_a_video_nothing() -> None:
    found = item(channel={**ACTOR, "displayName": None, "avatars": "none"})
    assert found.channel.name == ACTOR["name"]
    assert (found.channel.display_name, found.channel.images) == (UNSET, UNSET)
    assert list(found.odd) == ["channel.displayName", "channel.avatars"]


def test_a_field_that_every_version_has_is_told_of_where_it_lacks() -> None:
    facts = {key: value for key, value in ITEM.items() if key != "duration"}
    found = parse(json.dumps(facts).encode(), VideoItem, "test")
    assert (found.duration, found.odd["duration"].reason) == (UNSET, "it is missing")


@pytest.mark.parametrize("total", [5, None])
def test_a_list_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch, total: int | None) -> None:
    monkeypatch.setattr("peertube_sync.client.peertube.MOST_ENTRIES", 5000)
    asked = []

    def ask(start: int) -> Page[int]:
        asked.append(start)
        return Page(start, 100, total, [0] * 100)

    with pytest.raises(MalformedAnswer, match="on and on"):
        list(walk(ask))
    assert len(asked) <= 51


@pytest.mark.parametrize("config", [{}, {"instance": []}, {"instance": "x"}, {"instance": {"name": ["x"]}}])
def test_an_instance_without_words_of_its_own_has_none(config: dict[str, Any]) -> None:
    assert instance_of(config) == {}


@pytest.mark.parametrize("number", ["1e308", "inf", "nan", "-1", "9" * 400, "0x10"])
def test_absurd_limits_leave_a_pace_that_can_be_kept(number: str) -> None:
    date = {"Date": "Sat, 21 Nov 2026 10:00:00 GMT", "X-RateLimit-Reset": "1795255210"}
    for headers in (
        {**date, "X-RateLimit-Limit": number, "X-RateLimit-Remaining": number},
        {**date, "X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "49", "X-RateLimit-Reset": number},
        {"Retry-After": number, "Date": "Mon, 01 Jan 0001 00:00:00 +1400", "X-RateLimit-Reset": number},
    ):
        pace = RateLimit().answered(1.0, RateLimitHeaders.read(429, headers))
        assert RateLimit.loads(pace.dumps()) == pace


@pytest.mark.parametrize(("said", "seconds"), [("nan", 0.0), ("inf", 0.0), ("-5", 0.0), ("1e99", 86400.0), ("3", 3.0)])
def test_a_delay_of_robots_txt_is_a_number_and_a_day_at_most(said: str, seconds: float) -> None:
    assert Robots(f"User-agent: *\nCrawl-delay: {said}\n").delay == seconds
