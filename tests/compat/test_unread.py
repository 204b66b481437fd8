"""Videos whose details aren't read yet: what lists and single answers say of them."""

from collections.abc import Callable
from typing import Any

from peertube_sync.ingest.answers import write_answers
from peertube_sync.models import Playlist, Video
from tests.support.catalogue import HOST, mirror_details, richest

Get = Callable[..., Any]


def local(answer: Any) -> dict[str, bool]:
    return {one["uuid"]: one["isLocal"] for one in answer["data"]}


def test_local_is_what_is_complete_here_in_every_answer(catalogue: None, get: Get) -> None:
    playlist = Playlist.objects.get(display_name="Best of cooking")
    for make_parts in (lambda: None, write_answers):
        make_parts()
        Video.objects.filter(uuid=richest()).update(details_fetched_at=None)
        for complete in (False, True):
            if complete:
                mirror_details(richest())
            make_parts()
            for path in ("videos", "accounts/alice/videos", "video-channels/cooking/videos"):
                told = local(get(path, count=100))
                assert told.pop(richest()) is complete, path
                assert set(told.values()) <= {False}, path
            one = get(f"videos/{richest()}")
            assert (one["isLocal"], one["url"].startswith(f"http://{HOST}/")) == (complete, True)
            shown = [one["video"] for one in get(f"video-playlists/{playlist.uuid}/videos")["data"] if one["video"]]
            assert {one["isLocal"] for one in shown if one["uuid"] == richest()} == {complete}


def test_a_playlist_is_local_once_its_places_were_read(catalogue: None, get: Get) -> None:
    playlist = Playlist.objects.get(display_name="Best of cooking")
    assert set(local(get("video-playlists")).values()) == {True}
    Playlist.objects.filter(pk=playlist.pk).update(elements_fetched_at=None)
    assert local(get("video-playlists"))[str(playlist.uuid)] is False
    assert get(f"video-playlists/{playlist.uuid}")["isLocal"] is False


def test_the_parameter_asks_for_the_whole_catalogue_of_which_all_is_at_home(catalogue: None, get: Get) -> None:
    assert get("videos", isLocal="true")["total"] == get("videos")["total"] > 0
    assert get("videos", isLocal="false")["data"] == []
