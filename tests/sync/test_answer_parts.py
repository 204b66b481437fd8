"""Answers put together of parts are those made of whole rows, byte for byte, whatever has changed since."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peertube_sync.ingest.answers import queue_all_answers, write_answers
from peertube_sync.models import (
    Account,
    AnswerDue,
    AnswerForm,
    AnswerPart,
    Caption,
    Channel,
    Chapter,
    Curation,
    Instance,
    Kind,
    LeavingVideo,
    Playlist,
    Reason,
    Tag,
    Video,
)
from peertube_sync.testing import Catalogue
from tests.support.mirror import Mirror
from tests.support.sandboxes import SEED, VIDEOS
from tests.sync.answer_paths import all_of, differing

SHOWN_WITH = {
    Video: "pk",
    Channel: "channel",
    Account: "account",
    Playlist: "playlist_elements__playlist",
    Caption: "captions",
    Chapter: "chapters",
    Curation: "curation",
}
"""How the videos are found with which a row is shown."""
OTHERWISE: dict[str, Any] = {
    "BigIntegerField": 77,
    "BooleanField": True,
    "CharField": "Other < & \u2028 é",
    "DateTimeField": datetime(2001, 1, 1, tzinfo=UTC),
    "FloatField": 1.25,
    "IntegerField": 1,
    "JSONField": [],
    "TextField": "Other\n\x1f",
}
"""Another value, by the kind of a column."""
CHANGES: dict[str, Callable[[Video], object]] = {
    "hidden": lambda video: Curation.objects.decide([video], hidden=True),
    "featured": lambda video: Curation.objects.decide([video], featured=True),
    "a title of the site's own": lambda video: Curation.objects.decide([video], title="Ours", text="Ours too"),
    "a decision taken back": lambda video: (
        Curation.objects.decide([video], title="Ours"),
        write_answers(),
        Curation.objects.all().delete(),
    ),
    "a tag": lambda video: video.tags.add(Tag.objects.create(name="another")),
    "no tags": lambda video: video.tags.clear(),
    "no captions": lambda video: video.captions.all().delete(),
    "another channel": lambda video: Video.objects.filter(pk=video.pk).update(
        channel=Channel.objects.exclude(pk=video.channel_id)[0]
    ),
    "leaving": lambda video: LeavingVideo.objects.create(
        video_id=video.pk, instance=video.instance, reason=Reason.OUT_OF_SCOPE
    ),
    "deleted": lambda video: Video.objects.filter(channel=video.channel).exclude(pk=video.pk).delete(),
    "another scheme": lambda video: Instance.objects.update(scheme="https"),
}


@pytest.fixture(autouse=True, params=["source", "site"])
def _pictures_from(request: pytest.FixtureRequest, settings: Any) -> None:
    """Ask without a limit, wherever pictures come from."""
    unlimited = {"COMPAT_RATE_LIMIT": 10**9, "API_REQUESTS_PER_MINUTE": 0}
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, **unlimited, "PICTURES": request.param}


@pytest.fixture
def videos(make_kept: Callable[..., Mirror]) -> list[Video]:
    """Videos each of which is in a playlist, and has captions, chapters and tags."""
    mirror = make_kept("all in playlists", lambda: Catalogue.generate(videos=VIDEOS, seed=SEED), mirror_in_playlists)
    write_answers()  # what is kept was written with pictures from elsewhere, perhaps
    assert not AnswerDue.objects.exists()
    return [mirror.row(item["uuid"]) for item in mirror.listed()]


def mirror_in_playlists(mirror: Mirror) -> None:
    for item in mirror.listed():
        mirror.catalogue.add_playlist([item["uuid"]], item["channel"]["name"])
        mirror.catalogue.set_tags(item["uuid"], ["fur"])
        mirror.catalogue.set_captions(item["uuid"], ["en"])
        mirror.catalogue.set_chapters(item["uuid"], [(0, "Begin"), (9, "End")])
    mirror.add()
    assert mirror.sync(full=True).errors == []
    assert not AnswerDue.objects.exists()


@pytest.fixture
def video(videos: list[Video]) -> Video:
    return videos[0]


def test_parts_tell_what_the_rows_tell(client: Client, video: Video) -> None:
    assert differing(client, all_of(video)) == []


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_change_is_told_before_anything_is_made_anew_and_after(
    client: Client, video: Video, change: Callable[[Video], object]
) -> None:
    paths = all_of(video)
    change(video)
    assert AnswerDue.objects.exists()
    assert differing(client, paths) == []
    write_answers()
    assert not AnswerDue.objects.exists()
    assert differing(client, paths) == []


def test_whose_a_video_is_is_read_each_time(client: Client, video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(channel=Channel.objects.exclude(pk=video.channel_id)[0])
    assert Kind.VIDEO not in {due.kind for due in AnswerDue.objects.all()}
    assert differing(client, all_of(video)) == []


def test_whose_a_channel_or_playlist_is_is_told_with_it(client: Client, video: Video) -> None:
    Channel.objects.update(owner_account=None)
    Playlist.objects.update(video_channel=None)
    assert differing(client, all_of(video)) == []
    write_answers()
    assert differing(client, all_of(video)) == []


def changes(model: Any) -> list[tuple[str, Any]]:
    """Return another value for each column of a model that may have one, but for those that say which row it is."""
    kept = {"uuid", "language_id", "name", "private", "double"}
    columns = [field for field in model._meta.concrete_fields if not field.primary_key and field.name not in kept]
    found = [(field.name, OTHERWISE.get(field.get_internal_type())) for field in columns]
    return [(name, value) for name, value in found if value is not None]


@pytest.mark.parametrize("model", SHOWN_WITH, ids=lambda model: model.__name__)
def test_no_column_is_forgotten(client: Client, videos: list[Video], model: Any) -> None:
    """Change another column in each row: what is made anew for one row's column doesn't hide what is not for others."""
    Curation.objects.decide(videos, featured=True)
    write_answers()
    shown_with = {
        Video.objects.filter(pk=video.pk).values_list(SHOWN_WITH[model], flat=True)[0]: video for video in videos
    }
    rest = changes(model)
    while rest:
        changed, rest = list(zip(shown_with, rest, strict=False)), rest[len(shown_with) :]
        paths = sorted({path for pk, _change in changed for path in all_of(shown_with[pk])})
        with transaction.atomic():
            for pk, (name, value) in changed:
                model._default_manager.filter(pk=pk).update(**{name: value})
            assert differing(client, paths) == [], changed
            transaction.set_rollback(True)


def test_rows_that_have_not_changed_are_not_read(client: Client, video: Video) -> None:
    for path in ("/api/videos/", f"/api/videos/{video.uuid}/", "/api/v1/videos", f"/api/v1/videos/{video.uuid}"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        assert not any("thumbnail_path" in one["sql"] for one in captured), path


def test_a_renamed_channel_rewrites_none_of_its_videos(video: Video) -> None:
    Channel.objects.update(display_name="Another")
    assert {due.kind for due in AnswerDue.objects.all()} == {Kind.CHANNEL, Kind.CHANNEL_LISTED, Kind.PLAYLIST}


def test_of_what_is_not_public_there_are_no_parts(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(privacy_id=3)
    write_answers()
    forms = AnswerPart.objects.filter(row_id=video.pk).values_list("form", flat=True)
    assert not [form for form in forms if form % 16 == 1]


def test_what_another_version_made_goes_once_all_is_made_anew(client: Client, video: Video) -> None:
    here = AnswerPart.objects.count()
    AnswerPart.objects.create(form=16 * 5 + 1, row_id=video.pk, text="old")
    AnswerForm.objects.all().delete()
    write_answers()
    assert AnswerPart.objects.count() == here
    assert not AnswerPart.objects.filter(text="old").exists()


def test_all_can_be_made_anew(video: Video) -> None:
    AnswerPart.objects.update(text="broken")
    queue_all_answers()
    assert write_answers() > 0
    assert not AnswerPart.objects.filter(text="broken").exists()
