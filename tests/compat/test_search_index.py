"""A PeerTube posts its users' searches: every recorded request, and what each key selects."""

import json
from collections.abc import Callable
from pathlib import PurePath
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from peertube_sync.client.short_uuid import shorten
from peertube_sync.models import Channel, Curation, FormerHost, Instance, Playlist, Video
from peertube_sync.peertube_api import selection
from tests.support.catalogue import richest, world
from tests.support.paths import RECORDINGS

Post = Callable[..., Any]
REQUESTS = [
    json.loads(line) for line in (RECORDINGS / "search-index-requests.jsonl").read_text(encoding="utf-8").splitlines()
]
HOST = "localhost:9000"
FULL = "Full metadata"


@pytest.fixture
def found(catalogue: None, post: Post) -> Callable[..., list[str]]:
    """Search videos by a body; the names that are found."""

    def search(**body: Any) -> list[str]:
        return [one["name"] for one in post("search/videos", {"count": 500, "nsfw": "both", **body})["data"]]

    return search


def wanted(path: str, body: dict[str, Any]) -> set[str]:
    """Return the identities of the recorded rows that a request selects, found by looking at each of them."""
    kind = {"videos": "details", "video-channels": "channels", "video-playlists": "playlists"}[PurePath(path).name]
    rows = world()[kind]
    rows = rows.values() if isinstance(rows, dict) else rows
    listed = {row["uuid"] for row in world()["list"]}
    found = [row for row in rows if row["isLocal"] and (kind != "details" or row["uuid"] in listed)]
    return {row.get("uuid") or row["url"] for row in found if all(check(row, body) for check in CHECKS)}


def words_of(row: dict[str, Any]) -> str:
    """Return what is searched through: names alone of channels and playlists, everything that is said of videos."""
    told = [row.get("name", ""), row.get("displayName", "")]
    if "channel" in row:
        actors = [row[kind][name] for kind in ("channel", "account") for name in ("name", "displayName")]
        told += [row["description"] or "", *row["tags"], *actors]
    return " ".join(told).casefold()


def owner(row: dict[str, Any]) -> dict[str, Any]:
    actor: dict[str, Any] = row.get("account") or row["ownerAccount"]
    return actor


def one_of(name: str) -> Callable[[dict[str, Any], dict[str, Any]], bool]:
    return lambda row, body: name + "OneOf" not in body or str(row[name]["id"]) in body[name + "OneOf"]


CHECKS: tuple[Callable[[dict[str, Any], dict[str, Any]], bool], ...] = (
    lambda row, body: all(word in words_of(row) for word in body.get("search", "").casefold().split()),
    lambda row, body: body.get("nsfw") != "false" or not row.get("nsfw"),
    lambda row, body: "isLive" not in body or row["isLive"] == body["isLive"],
    lambda row, body: set(body.get("tagsAllOf", [])) <= set(row.get("tags", [])),
    lambda row, body: "tagsOneOf" not in body or bool(set(body["tagsOneOf"]) & set(row["tags"])),
    lambda row, body: body.get("startDate", "") <= row.get("publishedAt", "9") <= body.get("endDate", "9"),
    lambda row, body: int(body.get("durationMin", 0)) <= row.get("duration", 0) <= int(body.get("durationMax", 10**9)),
    lambda row, body: "uuids" not in body or row["uuid"] in body["uuids"],
    lambda row, body: "handles" not in body or f"{row['name']}@{row['host']}" in body["handles"],
    lambda row, body: body.get("host", HOST) == HOST,
    lambda row, body: HOST not in body["blockedHosts"],
    lambda row, body: f"{owner(row)['name']}@{owner(row)['host']}" not in body["blockedAccounts"],
    lambda row, body: "originallyPublishedStartDate" not in body or bool(row["originallyPublishedAt"]),
    *map(one_of, ("category", "licence", "language")),
)


def answered(post: Post, path: str, body: dict[str, Any]) -> set[str]:
    """Return the identities of all rows of an answer, and see that its page and its keys are right."""
    answer = post(path, {**body, "start": 0, "count": 500})
    rows = [row.get("uuid") or row["url"] for row in answer["data"]]
    page = post(path, body)
    assert page.keys() == answer.keys() == ({"data"} if body.get("skipCount") else {"total", "data"})
    assert page.get("total", len(rows)) == len(rows)
    assert [row.get("uuid") or row["url"] for row in page["data"]] == rows[body["start"] :][: body["count"]]
    return set(rows)


def test_every_recorded_request_is_answered_with_what_it_selects(mirror: None, post: Post) -> None:
    found = [(request["body"], answered(post, request["path"], request["body"])) for request in REQUESTS]
    right = [(request["body"], wanted(request["path"], request["body"])) for request in REQUESTS]
    assert found == right


def test_every_kind_of_request_finds_what_is_there(mirror: None, post: Post) -> None:
    row, playlist = world()["details"][richest()], world()["playlists"][0]
    narrow = {
        "categoryOneOf": [str(row["category"]["id"])],
        "languageOneOf": [row["language"]["id"]],
        "licenceOneOf": [str(row["licence"]["id"])],
        "tagsOneOf": [*row["tags"][:1], "no such tag"],
        "tagsAllOf": row["tags"],
        "search": row["name"].split(":")[0],
        "host": HOST,
        "startDate": row["publishedAt"],
        "endDate": row["publishedAt"],
        "durationMin": str(row["duration"]),
        "durationMax": str(row["duration"]),
    }
    for request in REQUESTS:
        path, body = request["path"], request["body"]
        if path.endswith("/videos"):
            meant = {**body, **{name: value for name, value in narrow.items() if name in body}, "nsfw": "both"}
            meant = {**meant, "uuids": [richest()]} if "uuids" in body else meant
            meant.pop("originallyPublishedStartDate", None)
            assert richest() in answered(post, path, {**meant, "start": 0})
        elif path.endswith("/video-channels"):
            meant = {**body, "handles": [f"cooking@{HOST}"]} if "handles" in body else body
            assert answered(post, path, meant) == {f"http://{HOST}/video-channels/cooking"}
        else:
            meant = {**body, "uuids": [playlist["uuid"]]} if "uuids" in body else body
            assert answered(post, path, {**meant, "search": playlist["displayName"]}) >= {playlist["uuid"]}


def dereferenced() -> dict[str, Any]:
    """What PeerTube's web client reads without looking whether it is there."""
    label = {"label": str}
    actor = {"name": str, "host": str, "url": str, "displayName": str, "avatars": list}
    return {
        "uuid": str,
        "shortUUID": str,
        "url": str,
        "name": str,
        "duration": int,
        "views": int,
        "createdAt": str,
        "publishedAt": str,
        "thumbnailUrl": str,
        "previewUrl": str,
        "embedUrl": str,
        "thumbnails": list,
        **dict.fromkeys(("category", "licence", "language", "privacy"), label),
        "account": actor,
        "channel": actor,
    }


def lacking(row: Any, wanted: dict[str, Any]) -> list[str]:
    wrong = []
    for name, kind in wanted.items():
        nested = isinstance(kind, dict)
        if nested:
            wrong += [f"{name}.{one}" for one in lacking(row[name], kind)]
        elif not isinstance(row.get(name), kind):
            wrong.append(name)
    return wrong


def test_what_the_web_client_reads_is_there(catalogue: None, post: Post) -> None:
    rows = post("search/videos", {"count": 500, "nsfw": "both"})["data"]
    assert rows
    for row in rows:
        assert lacking(row, dereferenced()) == []
        pictures = [row["thumbnailUrl"], row["previewUrl"], row["thumbnails"][0]["fileUrl"]]
        avatars = [image[form] for image in row["account"]["avatars"] for form in ("url", "fileUrl")]
        assert all(url.startswith(f"http://{HOST}/") for url in [*pictures, *avatars, row["embedUrl"]])
    for row in post("search/video-channels", {"count": 500})["data"]:
        assert (
            lacking(row, {"name": str, "host": str, "url": str, "avatars": list, "ownerAccount": {"name": str}}) == []
        )
    for row in post("search/video-playlists", {"count": 500})["data"]:
        label = {"id": int, "label": str}
        assert lacking(row, {"privacy": label, "type": label, "ownerAccount": {"host": str}, "createdAt": str}) == []


def test_local_is_what_is_at_home_at_who_asks(catalogue: None, post: Post) -> None:
    def local(**body: Any) -> set[bool]:
        return {one["isLocal"] for one in post("search/videos", body)["data"]}

    assert local() == {False}
    assert local(fromHost=HOST) == {True}


def test_numbers_and_truth_values_may_be_texts(found: Callable[..., list[str]]) -> None:
    by_number = found(durationMin=60, durationMax=100, isLive=False, categoryOneOf=[15])
    assert by_number
    assert by_number == found(durationMin="60", durationMax="100", isLive="false", categoryOneOf=["15"])
    assert by_number == found(durationMin="60", durationMax="100", categoryOneOf="15", isLive=None)


def test_an_address_asks_as_a_body_does(catalogue: None, get: Callable[..., Any], post: Post) -> None:
    body = {"search": "video", "count": 3, "sort": "-match", "nsfw": "both"}
    assert get("search/videos", **body) == post("search/videos", body)


def test_keys_that_nobody_knows_are_ignored(found: Callable[..., list[str]]) -> None:
    assert found(whatever={"a": 1}, searchTarget="search-index", include=1, privacyOneOf=[1]) == found()


def test_words_are_looked_for_everywhere(found: Callable[..., list[str]]) -> None:
    assert [name for name in found(search="full metadata") if FULL in name] == found(search="full metadata") != []
    assert found(search="qqqqzzzzxxxx") == []


def test_tags_are_found_in_any_case(mirror: None, post: Post) -> None:
    def number(**body: Any) -> int:
        return int(post("search/videos", {"nsfw": "both", **body})["total"])

    assert number(tagsAllOf=["ALPHA", "beta"]) > 0
    assert number(tagsAllOf=["alpha", "no such tag"]) == 0
    assert number(tagsOneOf=["alpha", "no such tag"]) == number(tagsOneOf="alpha")


def test_blocked_hosts_and_accounts_are_left_out(found: Callable[..., list[str]]) -> None:
    everything = found()
    assert found(blockedHosts=[HOST]) == []
    assert found(blockedHosts=["video.example"]) == everything
    without = found(blockedAccounts=[f"alice@{HOST}"])
    assert any(FULL in name for name in everything)
    assert without
    assert not any(FULL in name for name in without)


def test_hosts_languages_and_times_narrow(found: Callable[..., list[str]]) -> None:
    everything = found()
    assert found(host=HOST) == everything
    assert found(host="video.example") == []
    late, early = found(startDate="2024-01-01T00:00:00.000Z"), found(endDate="2024-01-01")
    assert sorted([*late, *early]) == sorted(everything)
    assert late
    assert early
    unknown, spoken = found(languageOneOf=["_unknown"]), found(languageOneOf=["en", "fr"])
    assert unknown
    assert spoken
    assert not set(unknown) & set(found(languageOneOf=["fr"]))


def test_uuids_and_handles_name_rows(catalogue: None, post: Post) -> None:
    row = post("search/videos", {"count": 1})["data"][0]
    for uuid in (row["uuid"], row["shortUUID"]):
        assert [one["uuid"] for one in post("search/videos", {"uuids": [uuid]})["data"]] == [row["uuid"]]
    for handle in (f"cooking@{HOST}", f"@COOKING@{HOST}", "cooking"):
        assert [one["name"] for one in post("search/video-channels", {"handles": [handle]})["data"]] == ["cooking"]
    assert post("search/video-channels", {"search": f"http://{HOST}/c/cooking"})["total"] == 1
    playlist = post("search/video-playlists", {"search": "best"})["data"][0]
    assert post("search/video-playlists", {"uuids": [playlist["uuid"]]})["total"] == 1


def test_up_to_500_rows_are_given_at_once(catalogue: None, post: Post) -> None:
    for count in (0, 1, 500):
        answer = post("search/videos", {"count": count, "nsfw": "both"})
        assert len(answer["data"]) == min(count, answer["total"])
    assert post("search/videos", {"count": 501}, status=400)["invalid-params"]["count"]["location"] == "body"


REFUSED = {
    "start": "-1",
    "sort": "random()",
    "durationMin": "long",
    "startDate": "yesterday",
    "uuids": ["not-a-uuid"],
    "isLive": "maybe",
    "search": "a\0b",
    "blockedHosts": ["no host/"],
    "categoryOneOf": ["9" * 30],
}


def test_what_cannot_be_meant_is_refused(db: None, post: Post) -> None:
    for key, value in REFUSED.items():
        assert [*post("search/videos", {key: value}, status=400)["invalid-params"]] == [key]


@pytest.mark.parametrize("body", ["[1]", "{", '"text"'])
def test_a_body_that_is_no_object_is_refused(db: None, client: Any, body: str) -> None:
    answer = client.post("/api/v1/search/videos", body, content_type="application/json")
    assert answer.status_code == 400


def test_the_best_come_first_and_languages_may_be_preferred(catalogue: None, post: Post) -> None:
    from peertube_sync.ingest.search_documents import index_due
    from tests.support.catalogue import make_videos

    named, described = make_videos(2)
    for video, facts in (
        (named, {"name": "Zeppelin"}),
        (described, {"description": "A zeppelin", "language_id": "fr"}),
    ):
        type(video).objects.filter(pk=video.pk).update(**facts)
    index_due()
    found = post("search/videos", {"search": "zeppelin", "sort": "-match"})["data"]
    assert [one["id"] for one in found] == [named.pk, described.pk]
    boosted = post("search/videos", {"search": "zeppelin", "boostLanguages": ["fr"]})
    assert boosted["total"] == 2


@pytest.mark.parametrize(
    "text",
    [
        *(f"cooking@{HOST}", f"@cooking@{HOST}", f"@Cooking@{HOST.upper()}", "@cooking", "cooking"),
        *(f"http://{HOST}/c/cooking", f"http://{HOST}/c/cooking/videos", f"http://{HOST}/@cooking"),
        *(f"http://{HOST}/video-channels/cooking", f"https://mirror.example/c/cooking@{HOST}/videos?page=2"),
        *(f" cooking@{HOST} ", f"!cooking@{HOST}", f"acct:cooking@{HOST}", f"{HOST}/c/cooking"),
        f"https://mirror.example/channels/cooking@{HOST}/",
    ],
)
def test_a_channel_is_found_by_its_handle_and_address(catalogue: None, post: Post, text: str) -> None:
    other = Instance.objects.create(host="other.example")
    Channel.objects.create(instance=other, name="baking", display_name="Baking", url="https://other.example/")
    found = post("search/video-channels", {"search": text})
    assert (found["total"], [one["name"] for one in found["data"]]) == (1, ["cooking"])


@pytest.mark.parametrize(
    "text",
    [
        *(
            "{uuid}",
            "{short}",
            "http://{host}/w/{short}",
            "https://{host}/w/{uuid}?start=3",
            "http://{host}/videos/watch/{uuid}",
        ),
        *("{host}/w/{short}", "https://mirror.example/w/{short}", "https://mirror.example/tube/videos/{uuid}/"),
    ],
)
def test_a_video_is_found_by_its_address(catalogue: None, client: Client, post: Post, text: str) -> None:
    uuid = richest()
    asked = text.format(uuid=uuid, short=shorten(UUID(uuid)), host=HOST)
    found = post("search/videos", {"search": asked})
    assert (found["total"], [one["uuid"] for one in found["data"]]) == (1, [uuid])
    assert post("search/videos", {"search": asked, "isLive": True})["total"] == 0
    own = client.get("/api/videos/", {"q": asked, "count": "true"}).json()
    assert (own["count"], [one["uuid"] for one in own["results"]]) == (1, [uuid])
    assert f"/videos/{shorten(UUID(uuid))}/" in client.get("/videos/", {"q": asked}).content.decode()


@pytest.mark.parametrize("text", ["{uuid}", "http://{host}/w/p/{short}", "http://{host}/videos/watch/playlist/{uuid}"])
def test_a_playlist_is_found_by_its_address(catalogue: None, client: Client, post: Post, text: str) -> None:
    uuid = Playlist.objects.order_by("pk").values_list("uuid", flat=True)[0]
    asked = text.format(uuid=uuid, short=shorten(uuid), host=HOST)
    found = post("search/video-playlists", {"search": asked})
    assert (found["total"], [one["uuid"] for one in found["data"]]) == (1, [str(uuid)])
    own = client.get("/api/playlists/", {"q": asked}).json()
    assert [one["uuid"] for one in own["results"]] == [str(uuid)]


@pytest.mark.parametrize("text", [f"cooking@{HOST}", f"http://{HOST}/c/cooking"])
def test_a_channel_is_found_by_its_address_in_our_own_search_too(catalogue: None, client: Client, text: str) -> None:
    own = client.get("/api/channels/", {"q": text}).json()
    assert [one["name"] for one in own["results"]] == ["cooking"]
    assert f"/channels/cooking@{HOST}/" in client.get("/videos/", {"q": text}).content.decode()


@pytest.mark.parametrize("kind", ["videos", "video-playlists"])
@pytest.mark.parametrize("text", ["https://{host}/w/{uuid}", "{uuid}"])
def test_an_address_of_nothing_here_finds_nothing(catalogue: None, post: Post, kind: str, text: str) -> None:
    asked = text.format(uuid="11111111-2222-4333-8444-555555555555", host=HOST)
    assert post(f"search/{kind}", {"search": asked}) == {"total": 0, "data": []}


@pytest.mark.parametrize("text", ["cooking@other.example", "@cooking@", "cooking@a b", "@", "cooking@-"])
def test_a_handle_of_nobody_finds_no_channel(catalogue: None, post: Post, text: str) -> None:
    names = [one["name"] for one in post("search/video-channels", {"search": text})["data"]]
    assert names == [] or text == "@"


def test_a_handle_with_a_former_host_finds_the_channel(catalogue: None, post: Post) -> None:
    FormerHost.objects.create(host="former.example", instance=Instance.objects.get(host=HOST))
    assert post("search/video-channels", {"search": "@cooking@former.example"})["total"] == 1


def test_a_piece_of_a_title_finds_what_no_word_does(found: Callable[..., list[str]], post: Post) -> None:
    assert found(search="ull meta") == found(search="Full metadata") != []
    for piece in ("ll", "ull nowhere", "a b c d e f g", "ull%", "_ull"):
        assert found(search=piece) == []
    Curation.objects.create(video=Video.objects.get(uuid=richest()), title="Another one")
    assert found(search="ull meta") == []
    assert found(search="nother") == ["Another one"]


@pytest.mark.parametrize("text", ["the", "ernel", "full", "nothing like it"])
def test_there_are_as_many_whatever_sorts_them(catalogue: None, post: Post, text: str) -> None:
    sorts = [f"{sign}{name}" for sign in ("", "-") for name in selection.VIDEO_SORTS]
    for nsfw in ("both", "false"):
        asked = {"search": text, "nsfw": nsfw, "count": 0}
        totals = {sort: post("search/videos", {**asked, "sort": sort})["total"] for sort in sorts}
        assert set(totals.values()) == {len(post("search/videos", {**asked, "count": 500})["data"])}
