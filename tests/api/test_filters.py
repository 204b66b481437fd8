"""What lists can be narrowed to and sorted by, and the refusal of what makes no sense."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from peertube_sync.models import Instance, Video
from tests.support.catalogue import HOST, at, local, mirror_details, world

Ask = Callable[..., Any]
Item = dict[str, Any]
PROBLEM = {"type", "title", "status", "detail"}

pytestmark = pytest.mark.usefixtures("catalogue")


def found(ask: Ask, path: str = "videos/", **query: Any) -> set[str]:
    answer = ask(path, page_size=100, **query)
    return {one["uuid"] for one in answer["results"]}


def published(keep: Callable[[Item], bool]) -> set[str]:
    kept = {one["uuid"] for one in local("list") if keep(one)}
    assert kept, "the recording has none, so the test would show nothing"
    assert len(kept) < len(local("list"))
    return kept


@pytest.mark.parametrize(
    ("query", "keep"),
    [
        ({"category": 12}, lambda one: one["category"]["id"] == 12),
        ({"category": [12, 4]}, lambda one: one["category"]["id"] in {12, 4}),
        ({"licence": 1}, lambda one: one["licence"]["id"] == 1),
        ({"language": "fr"}, lambda one: one["language"]["id"] == "fr"),
        ({"language": ["fr", "ja"]}, lambda one: one["language"]["id"] in {"fr", "ja"}),
        ({"nsfw": "true"}, lambda one: one["nsfw"]),
        ({"nsfw": "false"}, lambda one: not one["nsfw"]),
        ({"channel": f"bench145_side@{HOST}"}, lambda one: one["channel"]["name"] == "bench145_side"),
        ({"channel": f"@Bench145_Side@{HOST}"}, lambda one: one["channel"]["name"] == "bench145_side"),
        ({"account": f"bench145@{HOST}"}, lambda one: one["account"]["name"] == "bench145"),
        ({"duration_min": 777}, lambda one: one["duration"] >= 777),
        ({"duration_max": 36}, lambda one: one["duration"] <= 36),
        ({"duration_min": 36, "duration_max": 84}, lambda one: 36 <= one["duration"] <= 84),
        ({"published_after": "2020-03-31T05:59:58.109Z"}, lambda one: one["publishedAt"] >= "2020-03-31T05:59:58.109Z"),
        ({"published_before": "2020-03-31T05:59:58.109Z"}, lambda one: one["publishedAt"] < "2020-03-31T05:59:58.109Z"),
        ({"published_after": "2020-03-31"}, lambda one: one["publishedAt"] >= "2020-03-31"),
        ({"category": 12, "nsfw": "true"}, lambda one: one["category"]["id"] == 12 and one["nsfw"]),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_videos_are_narrowed_to(ask: Ask, query: dict[str, Any], keep: Callable[[Item], bool]) -> None:
    assert found(ask, **query) == published(keep)


def test_lives_are_told_from_videos(ask: Ask) -> None:
    live = Video.objects.all()[0]
    Video.objects.filter(pk=live.pk).update(is_live=True)
    assert found(ask, is_live="true") == {str(live.uuid)}
    assert str(live.uuid) not in found(ask, is_live="false")


def tagged(names: Iterable[str]) -> set[str]:
    details = world()["details"]
    return {one["uuid"] for one in local("list") if set(names) & set(details[one["uuid"]]["tags"])}


def test_any_of_several_tags_will_do_and_a_video_comes_once(ask: Ask) -> None:
    with_tags = [one["uuid"] for one in local("list") if len(world()["details"][one["uuid"]]["tags"]) > 1]
    for uuid in with_tags:
        mirror_details(uuid)
    first, second = world()["details"][with_tags[0]]["tags"][:2]
    shown = ask("videos/", tag=[first, second], page_size=100)["results"]
    assert {one["uuid"] for one in shown} == tagged([first, second]) & set(with_tags)
    assert len(shown) == len({one["uuid"] for one in shown})
    assert found(ask, tag="no such tag") == set()


def test_videos_of_an_instance_are_told_from_those_of_another(ask: Ask) -> None:
    everything = {one["uuid"] for one in local("list")}
    assert found(ask, instance="LocalHost:9000") == everything
    assert found(ask, instance="other.example") == set()
    Instance.objects.filter(host=HOST).update(host="video.example")
    assert found(ask, instance="video.example:443") == everything


@pytest.mark.parametrize("form", ["uuid", "shortUUID"])
def test_videos_of_a_playlist(ask: Ask, form: str) -> None:
    playlist = next(one for one in local("playlists") if one["displayName"] == "Bob picks")
    expected = {one["video"]["uuid"] for one in world()["elements"][playlist["uuid"]]}
    assert found(ask, playlist=playlist[form]) == expected


def test_channels_accounts_and_playlists_are_narrowed_too(ask: Ask) -> None:
    names = {one["name"] for one in ask("channels/", account=f"bob@{HOST}", page_size=100)["results"]}
    assert names == {one["name"] for one in local("channels") if one["ownerAccount"]["name"] == "bob"}
    assert ask("accounts/", instance="other.example")["results"] == []
    expected = {one["uuid"] for one in local("playlists") if one["ownerAccount"]["name"] == "alice"}
    assert found(ask, "playlists/", account=f"alice@{HOST}") == expected
    assert found(ask, "playlists/", channel=f"bobtech@{HOST}") == {
        one["uuid"] for one in local("playlists") if (one["videoChannel"] or {}).get("name") == "bobtech"
    }


def test_lists_that_belong_to_a_row_take_the_same_filters(ask: Ask) -> None:
    path = f"channels/bench145_side@{HOST}/videos/"
    expected = published(lambda one: one["channel"]["name"] == "bench145_side" and one["language"]["id"] == "fr")
    assert found(ask, path, language="fr") == expected


def test_an_empty_value_narrows_nothing(ask: Ask) -> None:
    assert found(ask, category="", channel="", nsfw="", tag="", duration_min="") == found(ask)


KEYS = {"views": "views", "likes": "likes", "duration": "duration", "published_at": "publishedAt", "name": "name"}


@pytest.mark.parametrize("name", KEYS)
def test_videos_are_sorted_both_ways(ask: Ask, name: str) -> None:
    up = ask("videos/", ordering=name, page_size=100)["results"]
    down = ask("videos/", ordering=f"-{name}", page_size=100)["results"]
    assert [one["uuid"] for one in down] == [one["uuid"] for one in reversed(up)]
    if name != "name":  # how text is sorted is the database's own affair
        values = [at(one[name]) if name.endswith("_at") else one[name] for one in up]
        assert values == sorted(values)


def test_videos_come_newest_first(ask: Ask) -> None:
    assert ask("videos/") == {**ask("videos/", ordering="-published_at"), "next": ask("videos/")["next"]}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"categoy": 1}, ["categoy", "category"]),
        ({"ordering": "secret"}, ["ordering", "'secret'", "-published_at", "views"]),
        ({"ordering": "views,name"}, ["ordering", "'views,name'"]),
        ({"ordering": ""}, ["ordering", "published_at"]),
        ({"nsfw": "maybe"}, ["nsfw", "'maybe'", "true", "false"]),
        ({"category": "music"}, ["category", "whole number"]),
        ({"category": ["1", "music"]}, ["category", "whole number"]),
        ({"category": 2**31}, ["category", "2147483647"]),
        ({"duration_min": -1}, ["duration_min"]),
        ({"duration_max": 10**30}, ["duration_max", "2147483647"]),
        ({"duration_max": "NaN"}, ["duration_max", "whole number"]),
        ({"published_after": "yesterday"}, ["published_after", "ISO 8601"]),
        ({"published_after": "0001-01-01T00:00:00+23:59"}, ["published_after", "ISO 8601"]),
        ({"channel": "cooking"}, ["channel", "'cooking'", "name@video.example"]),
        ({"channel": "a@b@c"}, ["channel", "'a@b@c'"]),
        ({"account": "alice@not a host"}, ["account", "not a host"]),
        ({"instance": "https://video.example/"}, ["instance", "is not a host"]),
        ({"playlist": "17"}, ["playlist", "'17'", "uuid"]),
        ({"tag": "nul\0"}, ["tag", "ull characters"]),
        ({"language": "nul\0"}, ["language", "ull characters"]),
        ({"page_size": 0}, ["page_size", "1 to 100"]),
        ({"page_size": 101}, ["page_size", "1 to 100"]),
        ({"page_size": "²"}, ["page_size", "1 to 100"]),
        ({"cursor": "%%%"}, ["cursor", "next"]),
        ({"cursor": "bm9uc2Vuc2U="}, ["cursor", "next"]),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_by_name(ask: Ask, query: dict[str, Any], names: list[str]) -> None:
    answer = ask("videos/", status=400, **query)
    assert set(answer) == {*PROBLEM, "invalid_params"}
    assert list(answer["invalid_params"]) == list(query)
    for name in names:
        assert name in answer["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        f"instances/{HOST}/",
        f"channels/cooking@{HOST}/",
        f"accounts/alice@{HOST}/",
        f"channels/cooking@{HOST}/playlists/",
    ],
)
def test_no_resource_takes_unknown_parameters(ask: Ask, path: str) -> None:
    assert list(ask(path, status=400, colour="red")["invalid_params"]) == ["colour"]


def test_a_single_row_takes_no_filters(ask: Ask) -> None:
    uuid = local("list")[0]["uuid"]
    assert list(ask(f"videos/{uuid}/", status=400, category=1)["invalid_params"]) == ["category"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("videos/17/", "neither a uuid nor a short uuid"),
        ("videos/9a04f6a0-0ddf-4198-8fe6-c5b01094201g/", "neither a uuid nor a short uuid"),
        ("videos/ZZZZZZZZZZZZZZZZZZZZZZ/", "neither a uuid nor a short uuid"),
        ("videos/00000000-0000-4000-8000-000000000000/", "no video '00000000-0000-4000-8000-000000000000' here"),
        ("playlists/17/", "neither a uuid nor a short uuid"),
        ("videos/17/captions/", "neither a uuid nor a short uuid"),
        ("playlists/17/elements/", "neither a uuid nor a short uuid"),
        ("channels/cooking/", "give it like name@video.example"),
        ("channels/cooking@other.example/", "no channel 'cooking@other.example' here"),
        ("channels/nobody@localhost:9000/videos/", "no channel 'nobody@localhost:9000' here"),
        ("accounts/a%00b@localhost:9000/", "is not a handle"),
        ("accounts/alice@local host/", "is not a host"),
        ("accounts/alice@[::1/", "is not a host"),
        ("instances/other.example/", "no instance 'other.example' here"),
        ("instances/localhost:port/", "is not a host"),
    ],
)
def test_what_is_not_there_is_a_404_that_says_so(ask: Ask, path: str, words: str) -> None:
    answer = ask(path, status=404)
    assert (set(answer), answer["status"], answer["title"]) == (PROBLEM, 404, "Not Found")
    assert words in answer["detail"]


def test_nothing_can_be_written(client: Any) -> None:
    for method in (client.post, client.put, client.patch, client.delete):
        answer = method(f"/api/channels/cooking@{HOST}/")
        assert answer.status_code == 405
        assert "detail" in answer.json()
