"""Answers of PeerTube 3.x to 8.2 through the parsed types: their differences end here."""

import json
from typing import Any
from uuid import UUID

import pytest
from msgspec import UNSET

from peertube_sync.client.errors import MalformedAnswer, UnexpectedShape
from peertube_sync.client.naming import snake_keys
from peertube_sync.client.parse import parse, parse_page
from peertube_sync.client.types import (
    ActorSummary,
    RemoteAccount,
    RemoteCaption,
    RemoteChannel,
    VideoDetails,
    VideoItem,
)
from tests.client.answers import ACTOR, ITEM, details, item

BIG = {"width": 120, "path": "/lazy-static/avatars/b.png"}
SMALL = {"width": 48, "path": "/lazy-static/avatars/a.png"}


def test_absent_is_not_null() -> None:
    assert item().originally_published_at is UNSET
    assert item(originallyPublishedAt=None).originally_published_at is None


def test_avatars_come_in_one_order_whatever_the_answers() -> None:
    one = item(channel={**ACTOR, "avatars": [BIG, SMALL]})
    other = item(channel={**ACTOR, "avatars": [SMALL, BIG]})
    assert one.channel.images == other.channel.images
    assert [image.width for image in one.channel.images] == [48, 120]


def test_the_single_avatar_of_old_versions_is_a_list_of_one() -> None:
    assert [image.path for image in item(channel={**ACTOR, "avatar": BIG}).channel.images] == [BIG["path"]]
    assert item(channel={**ACTOR, "avatar": None}).channel.images == []
    assert item().channel.images is UNSET


def test_thumbnails_of_new_versions() -> None:
    found = item(
        thumbnails=[{"width": 280, "height": 157, "aspectRatio": "16:9", "fileUrl": "https://cdn.example/1.jpg"}]
    )
    assert found.thumbnails[0].file_url == "https://cdn.example/1.jpg"
    assert found.thumbnail_path is UNSET


def test_comments_policy_of_all_versions() -> None:
    assert details(commentsEnabled=True).policy.id == 1
    assert details(commentsEnabled=False).policy.id == 2
    assert details(commentsEnabled=True, commentsPolicy={"id": 3, "label": "Requires approval"}).policy.id == 3
    assert details().policy is UNSET


def test_the_cut_description_of_all_versions() -> None:
    assert item(description="old").summary == "old"
    assert item(description="same", truncatedDescription="cut").summary == "cut"


def test_unknown_enum_values_are_data() -> None:
    found = item(privacy={"id": 77, "label": "Premiere"}, category={"id": 4711, "label": "Beekeeping"})
    assert (found.privacy.id, found.category.label) == (77, "Beekeeping")


def test_what_has_no_field_is_kept_in_extra() -> None:
    found = details(trackerUrls=["wss://video.example"], futureFact={"someThing": 1}, pluginData={"keepThis": 1})
    assert found.extra == {"tracker_urls": ["wss://video.example"], "future_fact": {"some_thing": 1}}
    assert found.plugin_data == {"keepThis": 1}


def test_nested_actors_of_details_are_in_full() -> None:
    owner = {**ACTOR, "name": "alice", "userId": 9, "description": None, "createdAt": ITEM["createdAt"]}
    channel = {**ACTOR, "followersCount": 5, "ownerAccount": owner}
    found = details(channel=channel, account={**ACTOR, "name": "alice", "description": None})
    assert found.channel.followers_count == 5
    assert found.channel.owner_account.extra == {"user_id": 9}
    assert found.account.description is None


def test_an_owner_told_in_short_is_no_account_in_full() -> None:
    channel = parse(json.dumps({**ACTOR, "ownerAccount": {**ACTOR, "userId": 9}}).encode(), RemoteChannel, "test")
    assert type(channel.owner_account) is ActorSummary


def test_files_are_kept_whole_in_snake_case() -> None:
    found = details(files=[{"fileUrl": "https://video.example/1.mp4", "resolution": {"id": 720}, "newThing": None}])
    assert found.files == [{"file_url": "https://video.example/1.mp4", "resolution": {"id": 720}, "new_thing": None}]


def test_snake_keys_leave_values_alone() -> None:
    assert snake_keys({"segmentsSha256Url": ["camelCase"]}) == {"segments_sha256_url": ["camelCase"]}


def test_one_malformed_item_never_costs_its_page() -> None:
    bad = {**ITEM, "channel": "none", "uuid": "8660cc9f-949c-427b-82e1-0e97de62a958"}
    page = parse_page(json.dumps({"total": 3, "data": [ITEM, bad, "what"]}).encode(), VideoItem, 0, "test")
    assert [one.uuid for one in page.items] == [UUID(ITEM["uuid"])]
    assert page.unreadable[0].uuid == bad["uuid"]
    assert "channel" in page.unreadable[0].reason
    assert (page.length, page.total, page.end) == (3, 3, 3)


@pytest.mark.parametrize(
    "changed",
    [
        {"uuid": "nope"},
        {"channel": None},
        {"account": {**ACTOR, "name": "a/b"}},
        {"account": {**ACTOR, "url": 5, "host": None}},
    ],
)
def test_what_can_not_be_named_or_placed_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedShape):
        item(**changed)


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"total":1,"data":[{"id":', b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_json_is_malformed_and_names_where(body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match=r"video\.example/api"):
        parse_page(body, VideoItem, 0, "video.example/api")


@pytest.mark.parametrize("body", [b"[]", b'{"total":1}', b'{"data":{}}', b'{"data":[],"total":"many"}'])
def test_a_list_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(UnexpectedShape):
        parse_page(body, VideoItem, 0, "test")


def test_a_page_without_total() -> None:
    assert parse_page(b'{"data":[]}', VideoItem, 5, "test").total is None


def test_nul_never_comes_in() -> None:
    body = json.dumps({**ITEM, "name": "a\0\0b\\u0000c", "description": "\0"}).encode()
    found = parse(body, VideoItem, "test")
    assert (found.name, found.description) == ("ab\\u0000c", "")


@pytest.mark.parametrize("views", ["1e999", "9" * 5000])
def test_a_number_beyond_all_bounds_costs_its_field(views: str) -> None:
    text = json.dumps({**ITEM, "views": "@"}).replace('"@"', views)
    page = parse_page(f'{{"data":[{text}]}}'.encode(), VideoItem, 0, "test")
    (found,) = page.items
    assert (found.name, found.views, list(found.odd)) == ("Soup", UNSET, ["views"])
    assert parse(text.encode(), VideoDetails, "test").views is UNSET


@pytest.mark.parametrize("rest", [b"tru}", b'"b": NaN}', b'"b": "\xed\xa0\x80"}', b'"b": "\x00"}'])
def test_what_follows_such_a_number_has_to_be_json(rest: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        parse(b'{"uuid": 1e999, ' + rest, VideoDetails, "test")


def test_captions_of_old_and_new_versions() -> None:
    old = {"language": {"id": "en", "label": "English"}, "captionPath": "/lazy-static/video-captions/1.vtt"}
    new = {"language": {"id": "fr", "label": "French"}, "fileUrl": "https://cdn.example/1.vtt", "m3u8Url": None}
    page = parse_page(json.dumps({"total": 2, "data": [old, new]}).encode(), RemoteCaption, 0, "test")
    assert [(one.caption_path, one.file_url) for one in page.items] == [
        ("/lazy-static/video-captions/1.vtt", UNSET),
        (UNSET, "https://cdn.example/1.vtt"),
    ]


def test_channels_with_the_single_banner_of_old_versions() -> None:
    channel = parse(json.dumps({**ACTOR, "banner": BIG, "ownerAccount": None}).encode(), RemoteChannel, "test")
    assert [image.path for image in channel.banner_images] == [BIG["path"]]
    assert channel.owner_account is None


def test_accounts_keep_what_has_no_field() -> None:
    account = parse(json.dumps({**ACTOR, "hostRedundancyAllowed": False}).encode(), RemoteAccount, "test")
    assert account.extra == {"host_redundancy_allowed": False}
