"""The site's description of itself in PeerTube's form: nodeinfo, config, about, statistics, constants.

Kept in snake_case; `serializers` spells it. The version named is the one whose answers ours are held against.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.utils import timezone

from peertube_sync.catalogue import visibility
from peertube_sync.client.constants import CATEGORIES, LANGUAGES, LICENCES, PRIVACIES
from peertube_sync.client.naming import snake_keys
from peertube_sync.conf import get_settings
from peertube_sync.models import Account, Channel, Instance, Playlist, SiteLook, streamed
from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.serializers import Json, camel_keys

VERSION = "6.3.0"
CONSTANTS_KEPT = 600
"""Seconds for which the list of PeerTube's constants that instances know is kept in the cache."""
LEAST_KEPT = 2
"""The least number of seconds for which sums over the whole catalogue are kept in the cache."""
NODEINFO = "http://nodeinfo.diaspora.software/ns/schema/2.0"
NODEINFO_TYPE = f'application/json; charset=utf-8; profile="{NODEINFO}#"'
POLICY = "do_not_list"
"""PeerTube's word for what this site does: sensitive videos are left out unless asked for."""
PLAYLIST_PRIVACIES = {"1": "Public", "2": "Unlisted", "3": "Private"}
PEERTUBES: Mapping[str, Mapping[Any, str]] = {
    "categories": CATEGORIES,
    "licences": LICENCES,
    "languages": LANGUAGES,
    "privacies": PRIVACIES,
}
"""PeerTube's own constants, by the names that its API has for them; none that an instance has added."""
OFF: Json = {"enabled": False}
NO_FILES: Json = {"size": {"max": 0}, "extensions": []}
NO_APP: Json = {**OFF, "host": "", "scheme": "", "fallback_url": ""}
FOR_EVER: Json = {"max_age": -1}
STYLES = (
    *("primary_color", "on_primary_color", "foreground_color", "background_color", "background_secondary_color"),
    *("menu_foreground_color", "menu_background_color", "menu_border_radius"),
    *("header_foreground_color", "header_background_color", "input_border_radius"),
)
SUMMARY = "A mirror of PeerTube catalogues"

SUMS = {name: Sum(name) for name in ("views", "comments", "downloads")}
PERIODS = {"daily": 1, "weekly": 7, "monthly": 30}
"""The number of days in each of PeerTube's periods."""
ACTIVE_USERS = (*(f"total_{period}_active_users" for period in PERIODS), "total_moderators", "total_admins")
ACTIVITIES = (
    *("create", "update", "delete", "follow", "accept", "reject", "announce", "undo", "like", "dislike", "flag"),
    *("view", "download", "approve_reply", "reject_reply"),
)
ACTIVITY = "total_activity_pub"
NEVER: Json = {
    "average_abuse_response_time_ms": None,
    "total_abuses": 0,
    "total_abuses_processed": 0,
    "average_registration_request_response_time_ms": None,
    "total_registration_requests": 0,
    "total_registration_requests_processed": 0,
    f"{ACTIVITY}_messages_processed": 0,
    f"{ACTIVITY}_messages_successes": 0,
    **{f"{ACTIVITY}_{activity}_messages_{end}": 0 for end in ("successes", "errors") for activity in ACTIVITIES},
    f"{ACTIVITY}_messages_errors": 0,
    "activity_pub_messages_processed_per_second": 0,
    f"{ACTIVITY}_messages_waiting": 0,
}
"""Statistics of what never happens on this site: always 0, or null."""

CONFIG: Json = {
    "client": {
        "videos": {
            "miniature": {"display_author_avatar": False, "prefer_author_display_name": False},
            "resumable_upload": {"max_chunk_size": 0},
        },
        "menu": {"login": {"redirect_on_single_external_auth": False}},
        "browse_videos": {"default_sort": "-publishedAt", "default_scope": "federated"},
        "header": {"hide_instance_name": False},
        "new_features_info": False,
        "open_in_app": {"android": {"intent": NO_APP}, "ios": NO_APP},
    },
    "defaults": {
        "publish": {
            "download_enabled": True,
            "comments_policy": 2,
            "comments_enabled": False,
            "privacy": 1,
            "licence": None,
        },
        "p2p": {"webapp": OFF, "embed": OFF},
        "live": {"save_replay": False},
        "player": {"theme": "lucide", "auto_play": True},
    },
    "webadmin": {"configuration": {"edition": {"allowed": False}}},
    "search": {
        "remote_uri": {"users": False, "anonymous": False},
        "search_index": {**OFF, "url": "", "disable_local_search": False, "is_default_search": False},
    },
    "plugin": {"registered": [], "registered_external_auths": [], "registered_id_and_pass_auths": []},
    "theme": {"registered": [], "built_in": [], "default": "default", "customization": dict.fromkeys(STYLES)},
    "email": OFF,
    "contact_form": OFF,
    "server_version": VERSION,
    "server_commit": "",
    "transcoding": {
        "remote_runners": OFF,
        "hls": {**OFF, "split_audio_and_video": False},
        "web_videos": OFF,
        "always_transcode_original_resolution": False,
        "always_transcode_podcast_optimized_audio": False,
        "enabled_resolutions": [],
        "profile": "default",
        "available_profiles": ["default"],
    },
    "live": {
        **OFF,
        "allow_replay": False,
        "dvr": {"max_window": 0},
        "latency_setting": OFF,
        "max_duration": -1,
        "max_instance_lives": 0,
        "max_user_lives": 0,
        "transcoding": {
            **OFF,
            "remote_runners": OFF,
            "enabled_resolutions": [],
            "profile": "default",
            "available_profiles": ["default"],
        },
        "rtmp": {"port": 1935},
    },
    "video_studio": {**OFF, "remote_runners": OFF},
    "video_file": {"update": OFF},
    "video_transcription": {**OFF, "remote_runners": OFF},
    "import": {
        "videos": {"http": OFF, "torrent": OFF},
        "video_channel_synchronization": OFF,
        "users": OFF,
    },
    "export": {"users": {**OFF, "export_expiration": 0, "max_user_video_quota": 0}},
    "auto_blacklist": {"videos": {"of_users": OFF}},
    "avatar": {"file": NO_FILES},
    "banner": {"file": NO_FILES},
    "logo": {"file": NO_FILES},
    "video": {"image": NO_FILES, "file": {"extensions": []}},
    "video_caption": {"file": NO_FILES},
    "user": {"video_quota": 0, "video_quota_daily": 0},
    "video_channels": {"max_per_user": 0},
    "trending": {"videos": {"interval_days": 7, "algorithms": {"enabled": ["most-viewed"], "default": "most-viewed"}}},
    "tracker": OFF,
    "federation": OFF,
    "blocklist": {"public_log": OFF},
    "followings": {"instance": {"auto_follow_index": {"index_url": ""}}},
    "broadcast_message": {**OFF, "message": "", "level": "info", "dismissable": False},
    "homepage": OFF,
    "open_telemetry": {"metrics": {**OFF, "playback_stats_interval": 0}},
    "views": {"videos": {"remote": FOR_EVER, "local": FOR_EVER, "watching_interval": {"anonymous": 0, "users": 0}}},
    "storyboards": {**OFF, "remote_runners": OFF},
    "webrtc": {"stun_servers": []},
    "nsfw_flags_settings": {"enabled": True},
    "fields_constraints": {"users": {"password": {"min_length": 8, "max_length": 50}}},
    "signup": {
        "allowed": False,
        "allowed_for_current_ip": False,
        "minimum_age": 16,
        "requires_approval": False,
        "requires_email_verification": False,
    },
}


def well_known(query: Query) -> Json:
    return {"links": [{"rel": NODEINFO, "href": f"{query.root}/nodeinfo/2.0.json"}]}


def nodeinfo(query: Query) -> Json:
    """Tell what runs here, in the words of nodeinfo 2.0."""
    numbers = _kept_numbers()
    users = {"total": numbers["total_users"], "active_month": 0, "active_halfyear": 0}
    posts = {"local_posts": numbers["total_local_videos"]}
    if "total_local_video_comments" in numbers:
        posts["local_comments"] = numbers["total_local_video_comments"]
    whole = {
        "version": "2.0",
        "software": {"name": "peertube", "version": VERSION},
        "protocols": [],  # none by which servers talk to each other is spoken here
        "services": {"inbound": [], "outbound": ["atom1.0", "rss2.0"]},
        "open_registrations": False,
        "usage": {"users": users, **posts},
        "metadata": {"node_name": site_name(query), "node_description": SUMMARY},
    }
    return camel_keys(whole)


def ping(_query: Query) -> HttpResponse:
    return HttpResponse("pong")


def config(query: Query) -> Json:
    """Tell what the site can do: show what it mirrors, nothing else."""
    instance = {
        "name": site_name(query),
        "short_description": SUMMARY,
        "is_nsfw": False,
        "default_nsfw_policy": POLICY,
        "default_client_route": "/videos/recently-added",
        "customizations": {"javascript": "", "css": ""},
        "avatars": [],
        "banners": [],
        "logo": [],
        "default_language": settings.LANGUAGE_CODE.partition("-")[0],
        "server_country": "",
        "social": dict.fromkeys(("external_link", "mastodon_link", "bluesky_link", "x_link"), ""),
        "support": {"text": ""},
    }
    return camel_keys({**CONFIG, "instance": instance})


def about(query: Query) -> Json:
    """Tell who is behind the site."""
    texts = ("description", "terms", "code_of_conduct", "hardware_information", "creation_reason")
    more = ("moderation_information", "administrator", "maintenance_lifetime", "business_model")
    about: Json = {**dict.fromkeys((*texts, *more), ""), "administrator": get_settings().contact}
    lists: Json = {"languages": [], "categories": [], "avatars": [], "banners": []}
    return camel_keys({"instance": {"name": site_name(query), "short_description": SUMMARY, **about, **lists}})


def stats(_query: Query) -> Json:
    """Count what is shown here, with nothing of what is never done here: nobody logs in, no server is talked to."""
    return camel_keys(_kept_numbers())


def categories(_query: Query) -> Mapping[str, str]:
    return _own_constants("categories")


def licences(_query: Query) -> Mapping[str, str]:
    return _own_constants("licences")


def languages(_query: Query) -> Mapping[str, str]:
    return _own_constants("languages")


def privacies(_query: Query) -> Mapping[str, str]:
    """List the privacies that a video can have."""
    return _own_constants("privacies")


def playlist_privacies(_query: Query) -> Mapping[str, str]:
    """List the privacies that a playlist can have."""
    return PLAYLIST_PRIVACIES


def site_name(query: Query) -> str:
    """Return what the site is called, its host where nobody says."""
    return SiteLook.name_or(get_settings().site_name) or urlsplit(query.root).netloc


def _own_constants(kind: str) -> Mapping[str, str]:
    """Return id and label of PeerTube's own that any instance knows."""
    key = f"peertube_sync.peertube_api:{kind}"
    labels: Mapping[str, str] | None = cache.get(key)
    if labels is None:
        mirrored = Instance.objects.mirrored().values_list("constants", flat=True)
        known = {constant for constants in streamed(mirrored, 100) for constant in constants.get(kind, {})}
        labels = {str(constant): label for constant, label in PEERTUBES[kind].items() if str(constant) in known}
        cache.set(key, labels, CONSTANTS_KEPT)
    return labels


def _kept_numbers() -> Json:
    """Return sums over the whole catalogue, kept so long that they take a twentieth of a processor at the most.

    Not longer: what is hidden at once is to be gone from them, too.
    """
    key = "peertube_sync.peertube_api:numbers"
    numbers: Json | None = cache.get(key)
    if numbers is None:
        began = time.monotonic()
        numbers = _count_catalogue()
        cache.set(key, numbers, max(LEAST_KEPT, 20 * (time.monotonic() - began)))
    return numbers


def _count_catalogue() -> Json:
    stats = dict(Instance.objects.mirrored().exclude(version="").values_list("pk", "stats"))
    by_instance = visibility.listed().order_by().values("instance").annotate(videos=Count("pk"), **SUMS)
    rows = [{**row, **_sums_of_instance(row, snake_keys(stats.get(row["instance"], {})))} for row in by_instance]
    videos, comments = sum(row["videos"] for row in rows), _sum(row["comments"] for row in rows)
    recent = {
        period: visibility.listed().filter(published_at__gte=timezone.now() - timedelta(days=days)).order_by()
        for period, days in PERIODS.items()
    }
    numbers = {
        "total_users": Account.objects.available().count(),
        **dict.fromkeys(ACTIVE_USERS, 0),
        "total_local_videos": videos,
        "total_local_video_views": sum(row["views"] for row in rows),
        "total_local_video_downloads": _sum(row["downloads"] for row in rows),
        "total_local_video_comments": comments,
        "total_local_video_files_size": _sum(row["files_size"] for row in rows),
        "total_videos": videos,
        "total_video_comments": comments,
        "total_local_video_channels": Channel.objects.available().count(),
        **{
            f"total_local_{period}_active_video_channels": published.values("channel").distinct().count()
            for period, published in recent.items()
        },
        "total_local_playlists": Playlist.objects.available().count(),
        "total_instance_followers": 0,
        "total_instance_following": len(stats),
        "videos_redundancy": [],
    }
    return {name: number for name, number in numbers.items() if number is not None} | NEVER


def _sums_of_instance(row: Mapping[str, Any], stats: Mapping[str, Any]) -> Json:
    """Return what the shown videos of an instance sum up to; where none tells, what the instance says of itself."""
    itself = {name: stats.get(f"total_local_video_{name}") for name in ("comments", "downloads", "files_size")}
    return {name: value if row.get(name) is None else row[name] for name, value in itself.items()}


def _sum(numbers: Iterable[int | None]) -> int | None:
    """Add up what is known; None where nothing is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
