"""A field that can't be read costs the field: what it belongs to comes in, and the field is told of."""

from collections.abc import Callable
from typing import Any

import pytest

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.models import Caption, Chapter, Playlist, PlaylistElement, SkippedItem, SyncRun, Video
from peertube_sync.sync.explain.explanation import explain
from peertube_sync.sync.operations.add import plan_source
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror
from tests.support.sandboxes import MANY, VIDEOS

LIST = r"^/api/v1/videos\?"
ONE = r"^/api/v1/videos/[0-9a-f-]{36}$"
CAPTIONS = r"^/api/v1/videos/[0-9a-f-]{36}/captions"
CHAPTERS = r"^/api/v1/videos/[0-9a-f-]{36}/chapters"
PLAYLISTS = r"^/api/v1/video-playlists\?"


def odd(mirror: Mirror, match: str, **facts: Any) -> None:
    mirror.sandbox.faults.add(Fault("facts", match, times=None, facts=facts))


@pytest.mark.parametrize(
    ("key", "value", "column", "unknown"),
    [
        ("originallyPublishedAt", "+020210-01-01T00:00:00.000Z", "originally_published_at", None),
        ("originallyPublishedAt", "-000043-03-15T00:00:00.000Z", "originally_published_at", None),
        ("originallyPublishedAt", "0001-01-01T00:00:00.000Z", "originally_published_at", None),
        ("duration", None, "duration", 0),
        ("duration", 12.5, "duration", 0),
        ("views", None, "views", 0),
        ("id", "seven", "remote_id", None),
        ("name", None, "name", "Untitled"),
        ("isLive", "no", "is_live", False),
        ("category", {"id": "x", "label": "X"}, "category_id", None),
        ("language", 5, "language_id", None),
        ("thumbnailPath", 5, "thumbnail_path", None),
        ("aspectRatio", "wide", "aspect_ratio", None),
        ("nsfw", None, "nsfw", True),
    ],
)
def test_a_video_comes_in_without_its_odd_field(
    make_mirror: Callable[..., Mirror], key: str, value: object, column: str, unknown: object
) -> None:
    mirror = make_mirror()
    mirror.add()
    odd(mirror, LIST, **{key: value})
    assert mirror.sync(details=False).errors == []
    assert Video.objects.listed().count() == len(mirror.listed())
    assert set(Video.objects.values_list(column, flat=True)) == {unknown}
    (run,) = mirror.runs("sweep")
    assert (run.skipped, run.odd_fields) == (0, len(mirror.listed()))
    (note, *_rest) = notes = list(SkippedItem.objects.all())
    assert (len(notes), note.kind) == (len(mirror.listed()), "video field")
    assert note.reason.startswith(f"{key}: ")
    assert key in note.raw
    found = explain(f"{mirror.sandbox.url}/w/{note.key}", mirror.settings())
    assert key in next(one.text for one in found.findings if one.code == "skipped")


@pytest.mark.parametrize("key", ["createdAt", "publishedAt", "updatedAt"])
def test_a_video_without_one_of_its_times_is_placed_by_another(make_mirror: Callable[..., Mirror], key: str) -> None:
    mirror = make_mirror()
    mirror.add()
    odd(mirror, LIST, **{key: "soon"})
    assert mirror.sync(details=False).errors == []
    assert Video.objects.listed().count() == len(mirror.listed())
    mirror.sandbox.faults.clear()
    assert mirror.sync(full=True).errors == []
    assert mirror.differences() == ""


def test_the_name_of_an_actor_stands_in_for_a_display_name(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    mirror.add()
    one = mirror.listed()[0]
    odd(mirror, LIST, channel={**one["channel"], "displayName": None}, account={**one["account"], "displayName": 5})
    odd(mirror, "^/api/v1/(video-channels|accounts)", displayName=None, ownerAccount=None)
    odd(mirror, PLAYLISTS, ownerAccount=None)
    mirror.sync(details=False)
    video = Video.objects.select_related("channel", "account").first()
    assert video is not None
    assert (video.channel.display_name, video.account.display_name) == (one["channel"]["name"], one["account"]["name"])


def test_what_was_known_stays_and_what_is_odd_is_forgotten_once_it_is_read_well(mirror: Mirror) -> None:
    before = dict(Video.objects.values_list("uuid", "views"))
    odd(mirror, LIST, views=None, name=5)
    mirror.sync(full=True)
    assert dict(Video.objects.values_list("uuid", "views")) == before
    assert mirror.runs("sweep")[-1].odd_fields == 2 * len(before)
    mirror.sandbox.faults.clear()
    mirror.sync(full=True)
    assert not SkippedItem.objects.exists()
    assert mirror.differences() == ""


@pytest.mark.parametrize("privacy", [None, "public", {"id": "public"}, []])
def test_an_unreadable_privacy_hides_until_it_can_be_read(mirror: Mirror, privacy: object) -> None:
    held = Video.objects.listed().count()
    odd(mirror, LIST, privacy=privacy)
    mirror.sync(full=True)
    assert Video.objects.listed().count() == 0
    assert Video.objects.filter(removed_at=None).count() == held
    mirror.sandbox.faults.clear()
    mirror.sync(full=True)
    assert mirror.differences() == ""


@pytest.mark.parametrize("number", [VIDEOS, MANY])
def test_an_unreadable_privacy_in_details_hides_however_many(make_synced: Callable[..., Mirror], number: int) -> None:
    mirror = make_synced(number)
    odd(mirror, ONE, privacy="public")
    mirror.everything_due()
    mirror.sync()
    assert Video.objects.listed().count() == 0


def test_details_come_in_without_their_odd_fields(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    mirror.add()
    odd(mirror, ONE, support=5, tags=["bread", 7], commentsPolicy="open", somethingNew={"x": 2**70})
    mirror.sync()
    for video in Video.objects.prefetch_related("tags"):
        assert video.details_fetched_at
        assert [tag.name for tag in video.tags.all()] == ["bread"]
        assert video.support is None
    noted = SkippedItem.objects.filter(kind="details field")
    assert noted.count() == Video.objects.count()
    assert all(name in noted[0].reason for name in ("support", "tags[1]", "commentsPolicy", "somethingNew"))


def test_captions_and_chapters_come_in_without_their_odd_fields(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    mirror.add()
    language = {"id": "en", "label": "English"}
    odd(mirror, CAPTIONS, updatedAt="soon", language=language)
    odd(mirror, CHAPTERS, chapters=[{"timecode": "x", "title": "lost"}, {"timecode": 3, "title": None}])
    mirror.sync()
    assert Caption.objects.exists()
    assert set(Caption.objects.values_list("updated_at", flat=True)) == {None}
    assert set(Chapter.objects.values_list("timecode", "title")) == {(3, "")}
    assert SkippedItem.objects.filter(kind="caption field").exists()
    assert SkippedItem.objects.filter(kind="chapter field").count() == Video.objects.count()


def test_playlists_come_in_without_their_odd_fields(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    mirror.add()
    odd(mirror, PLAYLISTS, displayName=None, videosLength="many", type=[])
    mirror.sync()
    assert Playlist.objects.available().exists()
    assert set(Playlist.objects.values_list("display_name", flat=True)) == {"Untitled"}
    assert PlaylistElement.objects.exists()
    assert SkippedItem.objects.filter(kind="playlist field").count() == Playlist.objects.count()


@pytest.mark.parametrize("privacy", [{"id": []}, {"id": None}, None, {"id": 3, "label": "Private"}])
def test_a_playlist_that_is_not_told_to_be_public_is_hidden(mirror: Mirror, privacy: object) -> None:
    assert Playlist.objects.available().exists()
    odd(mirror, PLAYLISTS, privacy=privacy)
    mirror.sync(full=True)
    assert not Playlist.objects.available().exists()
    mirror.sandbox.faults.clear()
    mirror.sync(full=True)
    assert Playlist.objects.available().exists()
    assert SyncRun.objects.filter(state="failed").exclude(error__contains="could not be read").count() == 0


def test_what_names_no_place_is_refused_and_told_of(mirror: Mirror) -> None:
    number = len(mirror.listed())
    odd(mirror, LIST, url="")
    mirror.sync(full=True)
    assert mirror.runs("sweep")[-1].skipped == number
    assert set(SkippedItem.objects.values_list("reason", flat=True)) == {
        f"what tells no address is not at home on {mirror.sandbox.host}"
    }
    mirror.sandbox.faults.clear()
    mirror.sync(full=True)
    assert mirror.differences() == ""


def test_an_actor_without_a_place_is_refused(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    mirror.add()
    odd(mirror, LIST, account={**mirror.listed()[0]["account"], "url": "", "host": ""})
    mirror.sync(details=False)
    assert not Video.objects.exists()


@pytest.mark.parametrize("privacy", [None, {"id": 2, "label": "Unlisted"}])
def test_a_video_named_by_a_person_is_hidden_once_it_is_not_told_to_be_public(
    make_mirror: Callable[..., Mirror], privacy: object
) -> None:
    mirror = make_mirror()
    mirror.add(mirror.listed()[0]["url"])
    mirror.sync()
    assert Video.objects.listed().count() == 1
    odd(mirror, ONE, privacy=privacy)
    mirror.sync(full=True)
    assert not Video.objects.listed().exists()
    mirror.sandbox.faults.clear()
    mirror.sync(full=True)
    assert Video.objects.listed().count() == 1


@pytest.mark.parametrize("privacy", [None, "public", {"id": 2, "label": "Unlisted"}])
def test_a_video_not_told_to_be_public_is_not_added(make_mirror: Callable[..., Mirror], privacy: object) -> None:
    mirror = make_mirror()
    odd(mirror, ONE, privacy=privacy)
    with pytest.raises(InvalidTarget, match="is not public"):
        mirror.add(mirror.listed()[0]["url"])


def test_what_has_no_readable_name_is_added(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    one = mirror.listed()[0]
    odd(mirror, r"^/api/v1/(videos/[0-9a-f-]{36}|video-channels/[^/]+)$", name=None, displayName=None)
    assert plan_source(one["url"], mirror.settings()).title == "Untitled"
    mirror.sandbox.faults.clear()
    odd(mirror, r"^/api/v1/video-channels/", displayName=None)
    assert plan_source(one["channel"]["url"], mirror.settings()).title == one["channel"]["name"]


def test_a_video_whose_place_can_only_be_told_by_its_account_is_explained(mirror: Mirror) -> None:
    one = mirror.listed()[0]
    elsewhere = {**one["account"], "url": "https://elsewhere.example/accounts/x"}
    odd(mirror, ONE, url=None, account=elsewhere)
    Video.objects.all().delete()
    found = explain(f"{mirror.sandbox.url}/w/{one['uuid']}", mirror.settings())
    (text,) = [one.text for one in found.findings if one.code == "not_local"]
    assert text.startswith(f"{elsewhere['url']} is at home on elsewhere.example")


def test_what_is_told_of_odd_fields_is_bounded(mirror: Mirror) -> None:
    odd(mirror, LIST, thumbnails=[{"width": "wide"}] * 3000)
    mirror.sync(full=True)
    notes = list(SkippedItem.objects.all())
    assert notes
    assert all("and 2980 more" in one.reason for one in notes)
    odd(mirror, ONE, **{"new" * 10_000: 2**70})
    mirror.everything_due()
    mirror.sync()
    notes = list(SkippedItem.objects.all())
    assert len({one.kind for one in notes}) == 2
    assert max(len(one.reason + one.raw) for one in notes) < 10_000
