"""Addresses of all answers about one video, and whether answers are the ones made of whole rows."""

from typing import Any

from django.db import transaction
from django.test import Client

from peertube_sync.models import AnswerPart, Playlist, Video

WORD = "wombat"


def lists_of(video: Video) -> list[str]:
    """Return addresses of lists, on both APIs, that show the video."""
    channel, account = video.channel.handle, video.account.handle
    playlist = Playlist.objects.filter(elements__video=video)[0].uuid
    return [
        *("/api/videos/?page_size=100", "/api/videos/?page_size=100&count=true", f"/api/videos/?q={WORD}"),
        *("/api/videos/?tag=fur&facets=tag,channel,instance", "/api/videos/?ordering=featured&fields=uuid,name"),
        *(f"/api/channels/{channel}/videos/?page_size=100", f"/api/accounts/{account}/videos/?page_size=100"),
        *(f"/api/playlists/{playlist}/videos/", f"/api/playlists/{playlist}/elements/"),
        *("/api/v1/videos?count=100&nsfw=both", f"/api/v1/search/videos?search={WORD}&nsfw=both"),
        *(f"/api/v1/video-channels/{channel}/videos?count=100&nsfw=both",),
        *(f"/api/v1/accounts/{account}/videos?count=100&nsfw=both", f"/api/v1/video-playlists/{playlist}/videos"),
    ]


def rows_of(video: Video) -> list[str]:
    """Return addresses of the video, and of what belongs to it."""
    return [
        *(f"/api/videos/{video.uuid}/{part}" for part in ("", "captions/", "chapters/")),
        *(f"/api/v1/videos/{video.uuid}{part}" for part in ("", "/captions", "/chapters", "/description")),
    ]


def others_of(video: Video) -> list[str]:
    """Return addresses of all else that may be kept."""
    channel, account = video.channel.handle, video.account.handle
    playlist = Playlist.objects.filter(elements__video=video)[0].uuid
    return [
        *("/api/channels/", f"/api/channels/{channel}/", f"/api/channels/{channel}/playlists/"),
        *("/api/accounts/", f"/api/accounts/{account}/", f"/api/accounts/{account}/channels/"),
        *(f"/api/accounts/{account}/playlists/", "/api/playlists/", f"/api/playlists/{playlist}/"),
        *("/api/v1/video-channels", f"/api/v1/video-channels/{channel}", "/api/v1/accounts"),
        *(f"/api/v1/video-channels/{channel}/video-playlists", f"/api/v1/accounts/{account}"),
        *(f"/api/v1/accounts/{account}/video-channels", f"/api/v1/accounts/{account}/video-playlists"),
        *("/api/v1/video-playlists", f"/api/v1/video-playlists/{playlist}"),
        *("/api/v1/search/video-channels?search=a", "/api/v1/search/video-playlists?search=a"),
    ]


def all_of(video: Video) -> list[str]:
    return [*lists_of(video), *rows_of(video), *others_of(video)]


def differing(client: Client, paths: list[str]) -> list[str]:
    """Return the addresses whose answer isn't the one made of whole rows."""
    before = {path: client.get(path) for path in paths}
    with transaction.atomic():
        AnswerPart.objects.all().delete()
        whole = {path: client.get(path) for path in paths}
        transaction.set_rollback(True)
    return [path for path in paths if _told(before[path]) != _told(whole[path])]


def _told(answer: Any) -> tuple[int, bytes]:
    return answer.status_code, answer.content
