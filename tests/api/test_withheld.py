"""What is withheld: hidden, removed and unlisted rows are nowhere."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from peertube_sync.models import PUBLIC, Account, Channel, Curation, Playlist, PlaylistElement, Reason, Video
from tests.support.catalogue import HOST, Ask, element_of_two, everything, uuids

pytestmark = pytest.mark.usefixtures("catalogue")


def hide(video: Video) -> None:
    Curation.objects.create(video=video, hidden=True)


def remove(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(removed_at=timezone.now(), removed_reason=Reason.DELETED)


def make_unlisted(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(privacy_id=PUBLIC + 1)


WITHHELD = pytest.mark.parametrize("withhold", [hide, remove, make_unlisted])


@WITHHELD
def test_an_element_tells_nothing_of_a_video_that_is_withheld(ask: Ask, withhold: Callable[[Video], None]) -> None:
    playlist, element = element_of_two()
    assert element.video
    withhold(element.video)
    shown = everything(ask, f"playlists/{playlist.uuid}/elements/")[0]
    assert (shown["video"], shown["video_uuid"], shown["video_name"]) == (None, None, "")


def test_an_element_names_a_video_that_is_not_mirrored(ask: Ask) -> None:
    playlist, element = element_of_two()
    PlaylistElement.objects.filter(pk=element.pk).update(video=None)
    shown = everything(ask, f"playlists/{playlist.uuid}/elements/")[0]
    assert (shown["video"], shown["video_uuid"]) == (None, str(element.video_uuid))
    assert shown["video_name"] == element.video_name


@WITHHELD
def test_a_video_that_is_withheld_is_nowhere(ask: Ask, full: Video, withhold: Callable[[Video], None]) -> None:
    withhold(full)
    uuid = str(full.uuid)
    for path in ("", "captions/", "chapters/"):
        ask(f"videos/{uuid}/{path}", status=410 if withhold is remove else 404)
    for path in ("videos/", f"channels/{full.channel.handle}/videos/", f"accounts/{full.account.handle}/videos/"):
        assert uuid not in uuids({"results": everything(ask, path)})


def test_a_delisted_video_is_in_no_list_but_can_be_asked_for(ask: Ask, full: Video) -> None:
    Video.objects.filter(pk=full.pk).update(delisted_at=timezone.now())
    assert str(full.uuid) not in uuids({"results": everything(ask, "videos/")})
    assert ask(f"videos/{full.uuid}/")["uuid"] == str(full.uuid)


def test_removed_actors_and_playlists_are_gone(ask: Ask) -> None:
    now = timezone.now()
    Channel.objects.filter(name="cooking").update(removed_at=now)
    Account.objects.filter(name="alice").update(removed_at=now)
    playlist = Playlist.objects.get(display_name="Bob picks")
    Playlist.objects.filter(pk=playlist.pk).update(privacy_id=PUBLIC + 1)
    for path in (f"channels/cooking@{HOST}/", f"accounts/alice@{HOST}/", f"playlists/{playlist.uuid}/"):
        ask(path, status=404)
    for path in (
        f"channels/cooking@{HOST}/videos/",
        f"accounts/alice@{HOST}/channels/",
        f"playlists/{playlist.uuid}/videos/",
    ):
        ask(path, status=404)
    assert "cooking" not in {one["name"] for one in everything(ask, "channels/")}
    assert "alice" not in {one["name"] for one in everything(ask, "accounts/")}
    assert str(playlist.uuid) not in uuids({"results": everything(ask, "playlists/")})
