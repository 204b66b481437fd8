"""From nothing to a complete copy, and what that asks of the server."""

from collections.abc import Callable

import pytest

from peertube_sync.models import Account, Channel, InstanceState, Playlist, Video
from tests.support.mirror import Mirror
from tests.support.sandboxes import MORE_THAN_A_PAGE


@pytest.fixture
def first(make_synced: Callable[..., Mirror]) -> Mirror:
    """A mirror whose sandbox still knows what the first sync asked."""
    return make_synced(log=True)


@pytest.fixture
def long_first(make_synced: Callable[..., Mirror]) -> Mirror:
    """The same with more than a page of videos."""
    return make_synced(MORE_THAN_A_PAGE, log=True)


def test_the_copy_equals_the_source(long_first: Mirror) -> None:
    assert long_first.differences() == ""
    assert long_first.instance.state == InstanceState.OK
    assert long_first.source.remote_total == len(long_first.listed())


def test_a_second_sweep_writes_no_catalogue_row(long_mirror: Mirror) -> None:
    totals = long_mirror.sync(full=True)
    assert (totals.created, totals.updated, totals.removed, totals.skipped) == (0, 0, 0, 0)
    assert totals.unchanged == len(long_mirror.listed())


def test_lists_come_before_details_and_captions_come_last(long_first: Mirror) -> None:
    asked = long_first.asked()
    first_details = next(
        index for index, path in enumerate(asked) if path.count("/") == 4 and "/videos/" in path and "-" in path
    )
    last_list = max(index for index, path in enumerate(asked) if path == "/api/v1/videos")
    first_captions = next(index for index, path in enumerate(asked) if path.endswith("/captions"))
    last_details = max(
        index for index, path in enumerate(asked) if path.count("/") == 4 and "-" in path and "/videos/" in path
    )
    assert last_list < first_details
    assert last_details < first_captions


def test_details_come_newest_first(first: Mirror) -> None:
    asked = [
        path.rpartition("/")[2] for path in first.asked() if path.startswith("/api/v1/videos/") and path.count("/") == 4
    ]
    uuids = [one for one in asked if len(one) == 36]
    by_date = list(Video.objects.order_by("-published_at").values_list("uuid", flat=True))
    assert uuids == [str(uuid) for uuid in by_date]


def test_channels_without_videos_accounts_and_playlists_are_mirrored(first: Mirror) -> None:
    host = first.sandbox.host
    assert Channel.objects.filter(details_fetched_at=None).count() == 0
    assert Account.objects.filter(details_fetched_at=None).count() == 0
    assert set(Channel.objects.values_list("name", flat=True)) == {
        channel.name for channel in first.catalogue.channels.values() if not channel.owner.origin
    }
    assert Playlist.objects.exclude(url__startswith=f"http://{host}/").count() == 0
    assert Playlist.objects.filter(elements_fetched_at=None).count() == 0


def test_only_local_public_videos_become_rows(first: Mirror) -> None:
    assert {str(uuid) for uuid in Video.objects.values_list("uuid", flat=True)} == {
        item["uuid"] for item in first.listed()
    }


def test_we_ask_for_local_videos_nsfw_ones_too_and_say_who_we_are(first: Mirror) -> None:
    lists = [one for one in first.sandbox.log if one.path == "/api/v1/videos"]
    assert all(one.query["isLocal"] == ["true"] and one.query["nsfw"] == ["both"] for one in lists)
    agents = {one.headers["user-agent"] for one in first.sandbox.log}
    assert len(agents) == 1
    assert "https://mirror.example" in agents.pop()


def test_a_new_video_costs_one_list_page(long_mirror: Mirror) -> None:
    uuid = long_mirror.catalogue.add_video(name="Fresh")
    before = len(long_mirror.sandbox.log)
    totals = long_mirror.sync()
    assert totals.created == 1
    assert long_mirror.row(uuid).name == "Fresh"
    assert long_mirror.asked(before).count("/api/v1/videos") == 2


def test_nothing_new_costs_one_request(mirror: Mirror) -> None:
    before = len(mirror.sandbox.log)
    mirror.sync()
    assert mirror.asked(before) == ["/api/v1/videos"]


def test_without_details_only_lists_are_read(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    mirror.add()
    totals = mirror.sync(details=False)
    assert (totals.created, totals.errors) == (len(mirror.listed()), [])
    assert Video.objects.exclude(details_fetched_at=None).count() == 0
    assert not any(path.endswith("/captions") for path in mirror.asked())


@pytest.mark.parametrize("version", ["3.4.1", "4.1.0", "6.3.0", "8.2.0"])
def test_old_and_new_versions_are_mirrored(make_mirror: Callable[..., Mirror], version: str) -> None:
    mirror = make_mirror(version=version)
    mirror.add()
    totals = mirror.sync()
    assert (totals.created, totals.skipped, totals.errors) == (len(mirror.listed()), 0, [])
    assert mirror.instance.version == version
    assert Video.objects.filter(details_fetched_at=None).count() == 0
    row = Video.objects.exclude(comments_policy_id=None).first()
    assert row is not None
    assert row.thumbnail_url.startswith("http://")
    assert row.channel.avatars is not None


def test_at_ten_times_the_default_limit_the_server_never_says_slow_down(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror(limit=500, window=10.0)
    mirror.add()
    totals = mirror.sync(details=False)
    assert totals.rate_limited == 0
    starts = sorted(one.started for one in mirror.sandbox.log)
    paced = starts[2:]
    assert paced[-1] - paced[0] > (len(paced) - 1) * 10 / 500 / 2, "spread over the window, not sent at once"
