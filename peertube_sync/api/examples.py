"""Examples for the OpenAPI document, all of one invented instance."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

HOME = "https://video.example"
UUID = "3cfb95f8-37a6-4f8a-8a51-729fee50cf98"
SHORT = "8wLiw3yj451EZfEsWzyWmG"
PLAYLIST = "c923c263-522c-49c6-91e2-10686d0fb7c1"
SHORT_PLAYLIST = "qQzD3gWn4D7fzE5Bws4Gcc"


def example(name: str, value: dict[str, Any], *, sent: bool = False) -> list[OpenApiExample]:
    """Return `value` as the one example of an answer, or of what is sent."""
    return [OpenApiExample(name, value=value, response_only=not sent, request_only=sent)]


AVATARS = [{"width": 120, "file_url": f"{HOME}/lazy-static/avatars/1.png", "path": "/lazy-static/avatars/1.png"}]
ACCOUNT_SUMMARY = {
    "name": "alice",
    "host": "video.example",
    "handle": "alice@video.example",
    "display_name": "Alice",
    "url": f"{HOME}/accounts/alice",
    "avatars": AVATARS,
}
CHANNEL_SUMMARY = {
    "name": "cooking",
    "host": "video.example",
    "handle": "cooking@video.example",
    "display_name": "Cooking with Alice",
    "url": f"{HOME}/video-channels/cooking",
    "avatars": AVATARS,
}
CHANNEL = {
    **CHANNEL_SUMMARY,
    "banners": [],
    "owner_account": ACCOUNT_SUMMARY,
    "remote_id": 7,
    "following_count": 0,
    "followers_count": 170,
    "created_at": "2023-05-16T00:00:00Z",
    "updated_at": "2024-01-05T08:30:00Z",
    "videos_count": 42,
    "last_published_at": "2024-05-31T12:00:00Z",
    "details_fetched_at": "2024-06-01T03:00:00Z",
}
CHANNEL_DETAILS = {**CHANNEL, "description": "Slow food.", "support": None, "extra": {}}
VIDEO = {
    "uuid": UUID,
    "short_uuid": SHORT,
    "remote_id": 21003,
    "url": f"{HOME}/videos/watch/{UUID}",
    "watch_url": f"{HOME}/w/{SHORT}",
    "page_url": f"https://www.example.org/watch/videos/{SHORT}/",
    "embed_url": f"{HOME}/videos/embed/{UUID}",
    "name": "Bread without an oven",
    "truncated_description": "A pan and a lid are enough.",
    "channel": CHANNEL_SUMMARY,
    "account": ACCOUNT_SUMMARY,
    "category_id": 18,
    "category_label": "Food",
    "licence_id": 1,
    "licence_label": "Attribution",
    "language_id": "en",
    "language_label": "English",
    "privacy_id": 1,
    "privacy_label": "Public",
    "nsfw": False,
    "nsfw_flags": 0,
    "nsfw_summary": None,
    "is_live": False,
    "live_schedules": None,
    "duration": 754,
    "aspect_ratio": 1.7778,
    "blurred": False,
    "views": 1360,
    "viewers": 2,
    "likes": 27,
    "dislikes": 1,
    "comments": 4,
    "downloads": None,
    "thumbnail_url": f"{HOME}/lazy-static/thumbnails/1.jpg",
    "preview_url": f"{HOME}/lazy-static/previews/1.jpg",
    "thumbnails": [],
    "created_at": "2024-05-31T11:57:00Z",
    "updated_at": "2024-06-01T02:10:00Z",
    "published_at": "2024-05-31T12:00:00Z",
    "originally_published_at": None,
    "details_fetched_at": "2024-06-01T03:00:00Z",
    "featured": False,
    "highlights": None,
}
VIDEO_DETAILS = {
    **VIDEO,
    "description": "A pan and a lid are enough.\n\nRecipe: https://blog.example/bread",
    "support": None,
    "tags": ["baking", "bread"],
    "captions": [
        {
            "language_id": "fr",
            "language_label": "French",
            "file_url": f"{HOME}/lazy-static/video-captions/1-fr.vtt",
            "caption_path": "/lazy-static/video-captions/1-fr.vtt",
            "m3u8_url": None,
            "automatically_generated": False,
            "updated_at": "2024-05-31T12:10:00Z",
        }
    ],
    "chapters": [{"timecode": 0, "title": "The dough"}, {"timecode": 420, "title": "The pan"}],
    "state_id": 1,
    "state_label": "Published",
    "comments_policy_id": 1,
    "comments_policy_label": "Enabled",
    "download_enabled": True,
    "wait_transcoding": True,
    "input_file_updated_at": None,
    "files": [],
    "streaming_playlists": [
        {"id": 5, "type": 1, "playlist_url": f"{HOME}/static/streaming-playlists/hls/{UUID}/master.m3u8"}
    ],
    "thumbnail_path": "/lazy-static/thumbnails/1.jpg",
    "preview_path": "/lazy-static/previews/1.jpg",
    "embed_path": f"/videos/embed/{UUID}",
    "plugin_data": None,
    "extra": {"tracker_urls": []},
    "captions_fetched_at": "2024-06-01T03:05:00Z",
}
PLAYLIST_ITEM = {
    "uuid": PLAYLIST,
    "short_uuid": SHORT_PLAYLIST,
    "remote_id": 9,
    "url": f"{HOME}/video-playlists/{PLAYLIST}",
    "watch_url": f"{HOME}/w/p/{SHORT_PLAYLIST}",
    "embed_url": f"{HOME}/video-playlists/embed/{PLAYLIST}",
    "display_name": "Breads of the world",
    "owner_account": ACCOUNT_SUMMARY,
    "video_channel": CHANNEL_SUMMARY,
    "video_channel_position": 1,
    "videos_length": 12,
    "privacy_id": 1,
    "privacy_label": "Public",
    "type_id": 1,
    "type_label": "Regular",
    "thumbnail_url": f"{HOME}/lazy-static/thumbnails/playlist-1.jpg",
    "thumbnails": [],
    "created_at": "2024-01-05T08:30:00Z",
    "updated_at": "2024-05-31T12:30:00Z",
    "elements_fetched_at": "2024-06-01T03:10:00Z",
}
PLAYLIST_DETAILS = {
    **PLAYLIST_ITEM,
    "description": "One bread a week.",
    "thumbnail_path": "/lazy-static/thumbnails/playlist-1.jpg",
    "embed_path": f"/video-playlists/embed/{PLAYLIST}",
}
INSTANCE = {
    "host": "video.example",
    "url": HOME,
    "name": "Example videos",
    "short_description": "Videos of a small town",
    "version": "6.3.0",
    "state": "ok",
    "added_at": "2024-01-01T10:00:00Z",
    "refreshed_at": "2024-06-01T00:00:00Z",
    "videos_count": 1200,
    "channels_count": 31,
    "accounts_count": 25,
    "playlists_count": 12,
}
INSTANCE_DETAILS = {
    **INSTANCE,
    "about": {"instance": {"description": "Videos of a small town and its people."}},
    "config": {"serverVersion": "6.3.0"},
    "stats": {"totalLocalVideos": 1201},
    "constants": {},
}
PROBLEM = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "detail": "There is no channel 'nothing@video.example' here.",
}
BAD_REQUEST = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "page_size: Give a whole number from 1 to 100.",
    "invalid_params": {"page_size": "Give a whole number from 1 to 100."},
}

SOURCE = {
    "id": 3,
    "host": "video.example",
    "kind": "channel",
    "name": "cooking",
    "state": "active",
    "instance_state": "ok",
    "rules": {"nsfw": False},
    "added_at": "2024-01-01T10:00:00Z",
    "remote_total": 42,
    "excluded": 0,
    "unread": 0,
    "head_at": "2024-06-01T09:00:00Z",
    "head_due_at": "2024-06-01T15:00:00Z",
    "sweep_at": "2024-06-01T03:00:00Z",
    "sweep_due_at": "2024-06-02T03:00:00Z",
    "lists_due_at": "2024-06-02T03:00:00Z",
    "last_error": "",
}
COST = {
    "title": "Cooking with Alice",
    "version": "6.3.0",
    "videos": 42,
    "list_requests": 1,
    "requests": 127,
    "seconds": 51.0,
    "size": 378_000,
}
ADDED_SOURCE = {**SOURCE, "cost": COST}
ADD_SOURCE = {"what": "https://video.example/c/cooking", "rules": {"nsfw": False}}
SYNC = {"full": True}
CURATION = {
    "uuid": UUID,
    "host": "video.example",
    "name": "Bread without an oven",
    "removed_reason": "",
    "hidden": False,
    "featured": True,
    "title": "Bread from a pan",
    "text": "",
    "changed_at": "2024-06-01T12:00:00Z",
}
DECISION = {"featured": True, "title": "Bread from a pan"}
