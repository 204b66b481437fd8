"""How removal is decided: controls, suspicion, a person's word, and what stays of a tombstone."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from peertube_sync.models import (
    Account,
    Caption,
    Channel,
    Playlist,
    PlaylistElement,
    Reason,
    SearchDue,
    SourceState,
    Video,
)
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror
from tests.support.sandboxes import GREAT_LOSS, MANY

SEARCH = "^/api/v1/search/videos"


def lose(mirror: Mirror, number: int) -> list[str]:
    uuids = [item["uuid"] for item in mirror.listed()[:number]]
    for uuid in uuids:
        mirror.catalogue.delete_video(uuid)
    return uuids


def test_what_the_search_still_shows_is_not_asked_for_one_by_one(long_mirror: Mirror) -> None:
    Video.objects.filter(uuid__in=[item["uuid"] for item in long_mirror.listed()[:15]]).update(
        missing_since=timezone.now()
    )
    before = len(long_mirror.sandbox.log)
    assert long_mirror.sync().removed == 0
    assert long_mirror.asked(before) == ["/api/v1/videos", "/api/v1/search/videos"]
    assert Video.objects.exclude(missing_since=None).count() == 0


def test_a_search_that_misses_listed_videos_proves_nothing(mirror: Mirror) -> None:
    mirror.sandbox.faults.add(Fault("empty", SEARCH, times=None))
    gone = lose(mirror, 2)
    alive = mirror.listed()[0]["uuid"]
    Video.objects.filter(uuid=alive).update(missing_since=timezone.now())
    assert mirror.sync(full=True).removed == 2
    assert mirror.row(alive).removed_at is None
    assert {mirror.row(uuid).removed_reason for uuid in gone} == {Reason.DELETED}


def test_a_person_accepts_a_great_loss(many_mirror: Mirror) -> None:
    gone = lose(many_mirror, GREAT_LOSS)
    many_mirror.sync(full=True)
    assert many_mirror.source.state == SourceState.SUSPICIOUS
    out = StringIO()
    call_command("peertube_removals", stdout=out)
    assert f"{many_mirror.sandbox.host}: {GREAT_LOSS} of {MANY} videos are missing" in out.getvalue()
    call_command("peertube_removals", many_mirror.sandbox.host, "--accept", stdout=out)
    assert many_mirror.sync().removed == GREAT_LOSS
    assert {str(row.uuid) for row in Video.objects.exclude(removed_at=None)} == set(gone)
    assert (many_mirror.source.state, many_mirror.instance.losses_accepted) == (SourceState.ACTIVE, False)


def test_a_person_rejects_a_great_loss(many_mirror: Mirror) -> None:
    lose(many_mirror, GREAT_LOSS)
    many_mirror.sync(full=True)
    call_command("peertube_removals", many_mirror.sandbox.host, "--reject", stdout=StringIO())
    assert many_mirror.source.state == SourceState.ACTIVE
    assert many_mirror.sync().removed == 0
    assert Video.objects.available().count() == MANY
    many_mirror.sync(full=True)
    assert many_mirror.source.state == SourceState.SUSPICIOUS


def test_there_is_nothing_to_decide_where_nothing_is_suspicious(mirror: Mirror) -> None:
    with pytest.raises(CommandError, match="Nothing is suspicious"):
        call_command("peertube_removals", mirror.sandbox.host, "--accept")
    with pytest.raises(CommandError, match="Name the HOST"):
        call_command("peertube_removals", "--accept")


def test_a_backup_of_yesterday_makes_no_false_tombstone(mirror: Mirror) -> None:
    """Rows that the backup holds and the server dropped go; the server's newer ones come; nothing else moves."""
    newer = [mirror.catalogue.add_video(name=f"Newer {number}") for number in range(5)]
    gone = lose(mirror, 5)
    Video.objects.filter(pk__in=list(Video.objects.values_list("pk", flat=True)[:30])).update(
        name="as it was yesterday", updated_at=timezone.now() - timedelta(days=400)
    )
    mirror.sync(full=True)
    assert mirror.differences() == ""
    assert {str(row.uuid) for row in Video.objects.exclude(removed_at=None)} == {*gone} - {*newer}


def test_old_tombstones_are_scrubbed_and_can_still_return(
    mirror: Mirror, django_capture_on_commit_callbacks: Any
) -> None:
    uuid = mirror.listed()[0]["uuid"]
    mirror.catalogue.set_captions(uuid, ["fr"])
    mirror.everything_due()
    mirror.sync()
    mirror.catalogue.hide(uuid)
    mirror.sync(full=True)
    pk = mirror.row(uuid).pk
    call_command("peertube_purge", stdout=StringIO())
    assert mirror.row(uuid).name
    Video.objects.filter(pk=pk).update(removed_at=timezone.now() - timedelta(days=31))
    with django_capture_on_commit_callbacks(execute=True):
        call_command("peertube_purge", stdout=StringIO())
    assert not SearchDue.objects.exists()
    row = mirror.row(uuid)
    assert (row.pk, row.name, row.description, row.files, row.tags.count()) == (pk, "", None, None, 0)
    assert not Caption.objects.filter(video=pk).exists()
    mirror.catalogue.publish(uuid)
    mirror.sync()
    assert mirror.row(uuid).captions.count() == 1
    assert mirror.differences() == ""


TOLD = {
    Account: ("name", "display_name", "description", "avatars", "extra"),
    Channel: ("name", "display_name", "description", "support", "avatars", "banners", "extra"),
    Playlist: ("uuid", "display_name", "description", "thumbnail_path", "thumbnails"),
    PlaylistElement: ("playlist", "position", "video", "video_name"),
}


def told() -> list[list[tuple[object, ...]]]:
    return [sorted(model._default_manager.values_list(*columns), key=str) for model, columns in TOLD.items()]


def test_old_tombstones_of_those_who_publish_are_scrubbed_and_can_still_return(mirror: Mirror) -> None:
    before = told()
    call_command("peertube_remove", mirror.sandbox.host, stdout=StringIO(), yes=True)
    call_command("peertube_purge", stdout=StringIO())
    assert told() == before
    for model in (Account, Channel, Playlist, Video):
        model._default_manager.update(removed_at=timezone.now() - timedelta(days=31))
    call_command("peertube_purge", stdout=StringIO())
    accounts, channels, playlists, elements = told()
    assert [row[1:] for row in accounts] == [("", None, [], {})] * len(accounts)
    assert [row[1:] for row in channels] == [("", None, None, [], [], {})] * len(channels)
    assert [row[1:] for row in playlists] == [("", None, None, [])] * len(playlists)
    assert elements == []
    mirror.add()
    mirror.sync(full=True)
    assert told() == before
    assert mirror.differences() == ""
