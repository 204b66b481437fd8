"""What the site says of itself in PeerTube's words: nodeinfo, config, about, statistics, constants.

Kept in snake_case; `shapes` spells it. The version named is the one whose answers ours are held against.
"""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db.models import Count, Q, Sum

from peertube_sync.catalogue import public
from peertube_sync.client.constants import CATEGORIES, LANGUAGES, LICENCES, PRIVACIES
from peertube_sync.compat.parameters import Query
from peertube_sync.compat.shapes import Json, camel_keys
from peertube_sync.conf import get_settings
from peertube_sync.models import Account, Channel, Instance, Playlist, streamed

VERSION = "6.3.0"
KEPT = 600
"""Seconds that it is kept which constants the instances know."""
LEAST_KEPT = 2
"""Seconds that sums over the whole catalogue are kept at least."""
NODEINFO = "http://nodeinfo.diaspora.software/ns/schema/2.0"
NODEINFO_TYPE = f'application/json; charset=utf-8; profile="{NODEINFO}#"'
POLICY = "do_not_list"
"""What is for adults is left out unless asked for."""
PLAYLIST_PRIVACIES = {"1": "Public", "2": "Unlisted", "3": "Private"}
PEERTUBES: Mapping[str, Mapping[Any, str]] = {
    "categories": CATEGORIES,
    "licences": LICENCES,
    "languages": LANGUAGES,
    "privacies": PRIVACIES,
}
"""PeerTube's own constants by what its API calls them; those of an instance are told by its videos alone."""
OFF: Json = {"enabled": False}
NO_FILES: Json = {"size": {"max": 0}, "extensions": []}
SUMMARY = "A mirror of PeerTube catalogues"

CONFIG: Json = {
    "client": {
        "videos": {
            "miniature": {"display_author_avatar": False, "prefer_author_display_name": False},
            "resumable_upload": {"max_chunk_size": 0},
        },
        "menu": {"login": {"redirect_on_single_external_auth": False}},
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
    },
    "webadmin": {"configuration": {"edition": {"allowed": False}}},
    "search": {
        "remote_uri": {"users": False, "anonymous": False},
        "search_index": {**OFF, "url": "", "disable_local_search": False, "is_default_search": False},
    },
    "plugin": {"registered": [], "registered_external_auths": [], "registered_id_and_pass_auths": []},
    "theme": {"registered": [], "default": "default"},
    "email": OFF,
    "contact_form": OFF,
    "server_version": VERSION,
    "server_commit": "",
    "transcoding": {
        "remote_runners": OFF,
        "hls": OFF,
        "web_videos": OFF,
        "enabled_resolutions": [],
        "profile": "default",
        "available_profiles": ["default"],
    },
    "live": {
        **OFF,
        "allow_replay": False,
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
    "video": {"image": NO_FILES, "file": {"extensions": []}},
    "video_caption": {"file": NO_FILES},
    "user": {"video_quota": 0, "video_quota_daily": 0},
    "video_channels": {"max_per_user": 0},
    "trending": {"videos": {"interval_days": 7, "algorithms": {"enabled": ["most-viewed"], "default": "most-viewed"}}},
    "tracker": OFF,
    "followings": {"instance": {"auto_follow_index": {"index_url": ""}}},
    "broadcast_message": {**OFF, "message": "", "level": "info", "dismissable": False},
    "homepage": OFF,
    "open_telemetry": {"metrics": {**OFF, "playback_stats_interval": 0}},
    "views": {"videos": {"watching_interval": {"anonymous": 0, "users": 0}}},
    "storyboards": OFF,
    "signup": {
        "allowed": False,
        "allowed_for_current_ip": False,
        "minimum_age": 16,
        "requires_approval": False,
        "requires_email_verification": False,
    },
}


def well_known(query: Query) -> Json:
    """Tell where nodeinfo is."""
    return {"links": [{"rel": NODEINFO, "href": f"{query.root}/nodeinfo/2.0.json"}]}


def nodeinfo(query: Query) -> Json:
    """Tell what runs here, in the words of nodeinfo 2.0."""
    told = _numbers()
    users = {"total": told["total_users"], "active_month": 0, "active_halfyear": 0}
    posts = {"local_posts": told["total_local_videos"], "local_comments": told["total_local_video_comments"]}
    whole = {
        "version": "2.0",
        "software": {"name": "peertube", "version": VERSION},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "open_registrations": False,
        "usage": {"users": users, **posts},
        "metadata": {"node_name": _name(query), "node_description": SUMMARY},
    }
    return camel_keys(whole)


def config(query: Query) -> Json:
    """Tell what the site can do: show what it mirrors, nothing else."""
    instance = {
        "name": _name(query),
        "short_description": SUMMARY,
        "is_nsfw": False,
        "default_nsfw_policy": POLICY,
        "default_client_route": "/videos/recently-added",
        "customizations": {"javascript": "", "css": ""},
        "avatars": [],
        "banners": [],
    }
    return camel_keys({**CONFIG, "instance": instance})


def about(query: Query) -> Json:
    """Tell who is behind the site."""
    texts = ("description", "terms", "code_of_conduct", "hardware_information", "creation_reason")
    more = ("moderation_information", "administrator", "maintenance_lifetime", "business_model")
    told: Json = {**dict.fromkeys((*texts, *more), ""), "administrator": get_settings().contact}
    lists: Json = {"languages": [], "categories": [], "avatars": [], "banners": []}
    return camel_keys({"instance": {"name": _name(query), "short_description": SUMMARY, **told, **lists}})


def stats(_query: Query) -> Json:
    """Count what is shown here; what only a PeerTube could count is left out."""
    return camel_keys(_numbers())


def categories(_query: Query) -> Mapping[str, str]:
    """List the categories."""
    return _constants("categories")


def licences(_query: Query) -> Mapping[str, str]:
    """List the licences."""
    return _constants("licences")


def languages(_query: Query) -> Mapping[str, str]:
    """List the languages."""
    return _constants("languages")


def privacies(_query: Query) -> Mapping[str, str]:
    """List the privacies that a video can have."""
    return _constants("privacies")


def playlist_privacies(_query: Query) -> Mapping[str, str]:
    """List the privacies that a playlist can have."""
    return PLAYLIST_PRIVACIES


def _name(query: Query) -> str:
    return get_settings().site_name or urlsplit(query.root).netloc


def _constants(kind: str) -> Mapping[str, str]:
    """Return id and label of PeerTube's own that any instance knows."""
    return cache.get_or_set(f"peertube_sync.compat:{kind}", lambda: _known(kind), KEPT)  # type: ignore[return-value]


def _known(kind: str) -> Mapping[str, str]:
    mirrored = Instance.objects.mirrored().values_list("constants", flat=True)
    known = {key for constants in streamed(mirrored, 100) for key in constants.get(kind, {})}
    return {str(key): label for key, label in PEERTUBES[kind].items() if str(key) in known}


def _numbers() -> Json:
    """Return sums over the whole catalogue, kept so long that they take a twentieth of a processor at the most.

    Not longer: what is hidden at once is to be gone from them, too.
    """
    key = "peertube_sync.compat:numbers"
    numbers: Json | None = cache.get(key)
    if numbers is None:
        began = time.monotonic()
        numbers = _count()
        cache.set(key, numbers, max(LEAST_KEPT, 20 * (time.monotonic() - began)))
    return numbers


def _count() -> Json:
    sums = {"videos": Count("pk"), "views": Sum("views"), "comments": Sum("comments")}
    shown = public.listed().order_by().aggregate(**sums)
    instances = Instance.objects.mirrored().aggregate(number=Count("pk", filter=~Q(version="")))
    return {
        "total_users": Account.objects.available().count(),
        "total_local_videos": shown["videos"],
        "total_local_video_views": shown["views"] or 0,
        "total_local_video_comments": shown["comments"] or 0,
        "total_local_video_files_size": 0,
        "total_videos": shown["videos"],
        "total_video_comments": shown["comments"] or 0,
        "total_local_video_channels": Channel.objects.available().count(),
        "total_local_playlists": Playlist.objects.available().count(),
        "total_instance_followers": 0,
        "total_instance_following": instances["number"],
        "videos_redundancy": [],
    }
