"""Slices of any length get on: what one slice began, the next one ends."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from peertube_sync.models import Account, Channel, Playlist, Reason, SkippedItem, Video
from peertube_sync.sync.schedule import make_due
from peertube_sync.sync.walks.missing import decide
from peertube_sync.testing import Catalogue
from peertube_sync.testing.records import Channel as Record
from tests.support.mirror import Mirror
from tests.support.sandboxes import GREAT_LOSS

INSTANT = 1e-9
"""A slice of this many seconds ends after its first page or question."""
PATIENCE = 300


def slice_by_slice(mirror: Mirror, until: Callable[[], bool] = lambda: False) -> int:
    """Do all that is due, or what is due `until` then, a page or question per slice; returns how many that took."""
    for count in range(1, PATIENCE):
        if not mirror.slice(details=False, slice_seconds=INSTANT).more or until():
            return count
    return pytest.fail(f"still not done after {PATIENCE} slices")


def test_many_channels_and_playlists_are_listed_over_several_slices(make_mirror: Callable[..., Mirror]) -> None:
    catalogue = Catalogue.generate(videos=10, seed=4)
    first, owner = next((row.name, row.owner) for row in catalogue.channels.values() if not row.origin)
    for number in range(100):
        catalogue.put_channel(
            Record(catalogue.next_id(), f"more_{number}", "More", owner, owner.created, owner.created)
        )
        catalogue.add_playlist([], first)
    mirror = make_mirror(catalogue)
    mirror.add()
    slice_by_slice(mirror, lambda: Playlist.objects.count() > 100)
    mirror.sync(details=False)
    local = [row for row in catalogue.channels.values() if not row.origin]
    assert Channel.objects.exclude(details_fetched_at=None).count() == len(local)
    before = Channel.objects.count(), Playlist.objects.count()
    catalogue.delete_channel("more_99")
    make_due(mirror.instance.sources.all(), full=True)
    slice_by_slice(mirror)
    assert (Channel.objects.available().count(), Playlist.objects.available().count()) == (before[0] - 1, before[1])


def test_the_members_of_a_playlist_are_read_over_several_slices(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    uuids = [item["uuid"] for item in mirror.listed()[:12]]
    mirror.add(f"{mirror.sandbox.url}/w/p/{mirror.catalogue.add_playlist(uuids)}")
    assert slice_by_slice(mirror) > len(uuids)
    assert {str(uuid) for uuid in Video.objects.listed().values_list("uuid", flat=True)} == set(uuids)
    assert len([path for path in mirror.asked() if path.rpartition("/")[2] in uuids]) == len(uuids)


def test_a_great_loss_is_settled_over_several_slices(many_mirror: Mirror) -> None:
    for item in many_mirror.listed()[:GREAT_LOSS]:
        many_mirror.catalogue.delete_video(item["uuid"])
    many_mirror.sync(full=True, details=False)
    decide(many_mirror.instance, accept=True)
    slice_by_slice(many_mirror)
    assert Video.objects.filter(removed_reason=Reason.DELETED).count() == GREAT_LOSS


def test_one_unreadable_answer_about_a_missing_video_holds_nothing_up(mirror: Mirror) -> None:
    odd, gone = (item["uuid"] for item in mirror.listed()[:2])
    mirror.catalogue.stop_live(odd)
    mirror.catalogue.video(odd).name = None  # type: ignore[assignment]
    mirror.catalogue.delete_video(gone)
    assert mirror.sync(full=True).errors == []
    assert (mirror.row(odd).removed_at, mirror.row(gone).removed_reason) == (None, Reason.DELETED)
    assert SkippedItem.objects.get().key == odd


def test_an_account_that_is_deleted_goes_with_its_channels(mirror: Mirror) -> None:
    name = mirror.listed()[0]["account"]["name"]
    mirror.catalogue.delete_account(name)
    mirror.sync(full=True, mass_loss_share=1.0)
    row = Account.objects.get(name=name)
    assert (row.removed_at is not None, row.removed_reason) == (True, Reason.DELETED)


def test_an_account_without_channels_stays_and_follows_its_changes(mirror: Mirror) -> None:
    name = mirror.listed()[0]["account"]["name"]
    for channel in Channel.objects.filter(owner_account__name=name):
        mirror.catalogue.delete_channel(channel.name)
    mirror.catalogue.rename_account(name, "No channels left")
    mirror.sync(full=True, mass_loss_share=1.0)
    row = Account.objects.get(name=name)
    assert (row.removed_at, row.display_name) == (None, "No channels left")


def test_an_idle_live_that_is_deleted_goes_with_the_rotation(mirror: Mirror) -> None:
    uuid = mirror.catalogue.add_video(is_live=True)
    mirror.sync()
    mirror.catalogue.stop_live(uuid)
    mirror.sync(full=True)
    mirror.catalogue.delete_video(uuid)
    mirror.everything_due()
    mirror.sync()
    assert mirror.row(uuid).removed_reason == Reason.DELETED


def test_a_hidden_live_that_is_public_again_returns_before_it_streams(mirror: Mirror) -> None:
    uuid, gone = mirror.catalogue.add_video(is_live=True), mirror.catalogue.add_video(is_live=True)
    mirror.sync()
    for one in (uuid, gone):
        mirror.catalogue.stop_live(one)
        mirror.catalogue.hide(one)
    mirror.sync(full=True)
    assert mirror.row(uuid).removed_reason == Reason.PRIVATE
    let_hidden_come_round(mirror)
    assert mirror.row(uuid).removed_at is not None
    mirror.catalogue.publish(uuid)
    mirror.catalogue.delete_video(gone)
    let_hidden_come_round(mirror)
    row = mirror.row(uuid)
    assert (row.removed_at, row.delisted_at is not None) == (None, True)
    assert mirror.row(gone).details_due_at is None


def let_hidden_come_round(mirror: Mirror) -> None:
    Video.objects.exclude(removed_at=None).exclude(details_due_at=None).update(details_due_at=timezone.now())
    mirror.sync()
