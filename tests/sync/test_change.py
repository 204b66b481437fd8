"""What changes at the source, changes here: edits, moves, hiding, removal, return."""

import pytest

from peertube_sync.models import Channel, Playlist, Reason, SourceState, Video
from tests.support.mirror import Mirror
from tests.support.sandboxes import GREAT_LOSS


def any_video(mirror: Mirror, number: int = 0) -> str:
    return str(mirror.listed()[number]["uuid"])


def test_an_edit_arrives(mirror: Mirror) -> None:
    uuid = any_video(mirror)
    mirror.catalogue.edit_video(uuid, name="Better title")
    totals = mirror.sync(full=True)
    assert mirror.row(uuid).name == "Better title"
    assert totals.updated >= 1
    assert mirror.differences() == ""


def test_tags_are_visible_in_details_only_and_arrive_all_the_same(mirror: Mirror) -> None:
    uuid = any_video(mirror)
    mirror.catalogue.set_tags(uuid, ["onion", "soup"])
    mirror.sync(full=True)
    assert sorted(tag.name for tag in mirror.row(uuid).tags.all()) == ["onion", "soup"]


def test_captions_and_chapters_arrive_with_the_rotation(mirror: Mirror) -> None:
    uuid = any_video(mirror)
    mirror.catalogue.set_captions(uuid, ["fr", "de"])
    mirror.catalogue.set_chapters(uuid, [(0, "Start"), (30, "End")])
    mirror.everything_due()
    mirror.sync()
    row = mirror.row(uuid)
    assert [one.language_id for one in row.captions.all()] == ["de", "fr"]
    assert [(one.timecode, one.title) for one in row.chapters.all()] == [(0, "Start"), (30, "End")]
    mirror.catalogue.set_captions(uuid, [])
    mirror.catalogue.set_chapters(uuid, [])
    mirror.everything_due()
    mirror.sync()
    assert row.captions.count() == row.chapters.count() == 0


def test_views_cost_no_details(mirror: Mirror) -> None:
    for number in range(5):
        mirror.catalogue.view(any_video(mirror, number), times=200)
    before = len(mirror.sandbox.log)
    mirror.sync(full=True)
    assert not [path for path in mirror.asked(before) if path.startswith("/api/v1/videos/") and path.count("-") == 4]
    assert mirror.differences() == ""


def test_a_renamed_channel_and_a_moved_video_arrive(mirror: Mirror) -> None:
    item = mirror.listed()[0]
    mirror.catalogue.rename_channel(item["channel"]["name"], "New name")
    other = next(one["channel"]["name"] for one in mirror.listed() if one["channel"]["name"] != item["channel"]["name"])
    mirror.catalogue.move_video(any_video(mirror, 1), other)
    mirror.sync(full=True)
    assert Channel.objects.get(name=item["channel"]["name"]).display_name == "New name"
    assert mirror.row(any_video(mirror, 1)).channel.name == other
    assert mirror.differences() == ""


@pytest.mark.parametrize(
    ("privacy", "reason"),
    [
        ("private", Reason.PRIVATE),
        ("unlisted", Reason.UNLISTED),
        ("internal", Reason.PRIVATE),
        ("password", Reason.PASSWORD),
    ],
)
def test_a_hidden_video_becomes_a_tombstone_and_comes_back(mirror: Mirror, privacy: str, reason: Reason) -> None:
    uuid = any_video(mirror)
    mirror.catalogue.hide(uuid, privacy=privacy)
    totals = mirror.sync(full=True)
    row = mirror.row(uuid)
    assert totals.removed == 1
    assert (row.removed_at is not None, row.removed_reason) == (True, reason)
    assert not Video.objects.available().filter(pk=row.pk).exists()
    mirror.catalogue.publish(uuid)
    mirror.sync()
    assert mirror.row(uuid).removed_at is None
    assert mirror.row(uuid).pk == row.pk
    assert mirror.differences() == ""


def test_a_deleted_video_becomes_a_tombstone(mirror: Mirror) -> None:
    uuid = any_video(mirror)
    mirror.catalogue.delete_video(uuid)
    mirror.sync(full=True)
    assert mirror.row(uuid).removed_reason == Reason.DELETED
    assert mirror.differences() == ""


def test_a_blocked_video_is_private_to_us(mirror: Mirror) -> None:
    uuid = any_video(mirror)
    mirror.catalogue.block(uuid)
    mirror.sync(full=True)
    assert mirror.row(uuid).removed_reason == Reason.PRIVATE


def test_a_live_that_stops_leaves_the_lists_but_is_kept(mirror: Mirror) -> None:
    uuid = mirror.catalogue.add_video(name="Live", is_live=True)
    mirror.catalogue.start_live(uuid)
    mirror.sync()
    mirror.catalogue.stop_live(uuid)
    mirror.sync(full=True)
    row = mirror.row(uuid)
    assert (row.removed_at, row.delisted_at is not None) == (None, True)
    assert Video.objects.available().filter(pk=row.pk).exists()
    assert not Video.objects.listed().filter(pk=row.pk).exists()
    mirror.catalogue.start_live(uuid)
    mirror.sync(full=True)
    assert mirror.row(uuid).delisted_at is None


def test_a_deleted_channel_takes_its_videos_along(mirror: Mirror) -> None:
    name = mirror.listed()[0]["channel"]["name"]
    mirror.catalogue.delete_channel(name)
    mirror.sync(full=True, mass_loss_share=1.0)
    assert Channel.objects.get(name=name).removed_at is not None
    assert not Video.objects.available().filter(channel__name=name).exists()
    assert mirror.differences() == ""


def test_a_deleted_playlist_becomes_a_tombstone_and_an_edited_one_follows(mirror: Mirror) -> None:
    gone, edited = Playlist.objects.filter(type_id=1)[:2]
    uuids = [any_video(mirror, 3), any_video(mirror, 4)]
    mirror.catalogue.delete_playlist(str(gone.uuid))
    mirror.catalogue.edit_playlist(str(edited.uuid), videos=uuids)
    mirror.sync(full=True)
    gone.refresh_from_db()
    assert gone.removed_at is not None
    assert [str(one.video_uuid) for one in edited.elements.all()] == uuids
    assert [one.video_id for one in edited.elements.all()] == [mirror.row(uuid).pk for uuid in uuids]


def test_where_too_much_would_vanish_a_person_is_asked(many_mirror: Mirror) -> None:
    for item in many_mirror.listed()[:GREAT_LOSS]:
        many_mirror.catalogue.delete_video(item["uuid"])
    before = len(many_mirror.sandbox.log)
    totals = many_mirror.sync(full=True)
    assert totals.removed == 0
    assert Video.objects.exclude(removed_at=None).count() == 0
    assert many_mirror.source.state == SourceState.SUSPICIOUS
    assert f"{GREAT_LOSS} videos are missing" in totals.errors[0]
    assert len(many_mirror.sandbox.log) - before < GREAT_LOSS


def test_a_playlist_that_is_unlisted_now_is_shown_no_more(mirror: Mirror) -> None:
    row = Playlist.objects.filter(type_id=1)[0]
    mirror.catalogue.edit_playlist(str(row.uuid), privacy=2)
    mirror.sync(full=True)
    assert row not in Playlist.objects.available()
    mirror.catalogue.edit_playlist(str(row.uuid), privacy=1)
    mirror.sync(full=True)
    assert row in Playlist.objects.available()
    assert mirror.differences() == ""
