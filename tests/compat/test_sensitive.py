"""What becomes of sensitive videos in PeerTube's own API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from peertube_sync.models import Playlist, PlaylistElement, Video
from tests.support.catalogue import HOST

Ask = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("catalogue")


def test_nobody_can_ask_for_sensitive_videos_where_the_site_hides_them(get: Ask, post: Ask, settings: Any) -> None:
    video = Video.objects.filter(nsfw=True).select_related("channel", "account")[0]
    playlist = Playlist.objects.all()[0]
    PlaylistElement.objects.create(playlist=playlist, video=video, remote_id=1, position=99, video_uuid=video.uuid)
    lists = (
        "videos",
        "search/videos",
        f"video-channels/{video.channel.name}@{HOST}/videos",
        f"accounts/{video.account.name}@{HOST}/videos",
    )

    def counts(nsfw: str) -> list[int]:
        cache.clear()
        return [get(path, nsfw=nsfw)["total"] for path in lists]

    def element() -> Any:
        elements = get(f"video-playlists/{playlist.uuid}/videos", count=100)["data"]
        return next(one["video"] for one in elements if one["position"] == 99)

    harmless, all_of_them = counts("false"), Video.objects.listed().count()
    assert counts("both")[0] == all_of_them > harmless[0]
    assert element()["uuid"] == str(video.uuid)
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "hide"}
    assert counts("both") == counts("false") == harmless
    assert counts("true") == [0] * len(lists)
    assert post("search/videos", {"uuids": [str(video.uuid)], "nsfw": "both"})["data"] == []
    for path in ("", "/description", "/captions", "/chapters"):
        get(f"videos/{video.uuid}{path}", status=404)
    assert element() is None
    assert get("server/stats")["totalLocalVideos"] == harmless[0]
