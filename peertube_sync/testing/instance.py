"""The documents an instance publishes about itself: config, about, stats, nodeinfo and the like.

A recorded world answers with what was recorded; a generated catalogue with documents built here,
which have the parts that readers of a catalogue look at.
"""

from __future__ import annotations

import json
from typing import Any

from peertube_sync.testing.files import rehost
from peertube_sync.testing.store import Store
from peertube_sync.testing.versions import Version

JSON = dict[str, Any]

NODEINFO_SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/2.0"
APPLICATION = "https://www.w3.org/ns/activitystreams#Application"
SHORT_DESCRIPTION = "A sandbox that speaks like PeerTube"

#: The part of a configuration that is the same for every generated catalogue.
CONFIG: JSON = {
    "search": {
        "remoteUri": {"users": True, "anonymous": False},
        "searchIndex": {"enabled": False, "url": "", "disableLocalSearch": False, "isDefaultSearch": False},
    },
    "plugin": {"registered": [], "registeredExternalAuths": [], "registeredIdAndPassAuths": []},
    "theme": {"registered": [], "default": "default"},
    "email": {"enabled": False},
    "contactForm": {"enabled": False},
    "serverCommit": "",
    "signup": {
        "allowed": False,
        "allowedForCurrentIP": True,
        "minimumAge": 16,
        "requiresApproval": True,
        "requiresEmailVerification": False,
    },
    "transcoding": {
        "hls": {"enabled": True},
        "web_videos": {"enabled": True},
        "enabledResolutions": [240, 480, 1080],
    },
    "live": {"enabled": True, "allowReplay": True},
    "trending": {"videos": {"intervalDays": 7, "algorithms": {"enabled": ["hot", "most-viewed"], "default": "hot"}}},
    "tracker": {"enabled": True},
    "federation": {"enabled": True},
    "homepage": {"enabled": False},
    "blocklist": {"publicLog": {"enabled": False}},
    "fieldsConstraints": {"users": {"password": {"minLength": 8, "maxLength": 50}}},
    "logo": {"file": {"size": {"max": 8_388_608}, "extensions": [".svg", ".png", ".jpeg", ".jpg", ".gif", ".webp"]}},
    "nsfwFlagsSettings": {"enabled": True},
    "webrtc": {"stunServers": []},
}


def document(store: Store, name: str, host: str, version: Version) -> JSON:
    """Return one document by name, such as `config` or `server/stats`, for the given host."""
    if name in store.documents:
        answer: JSON = json.loads(rehost(json.dumps(store.documents[name]), store.recorded_host, host))
    else:
        answer = _BUILDERS[name](store, host)
    if name == "config":
        instance = version.shape("instance", answer["instance"])
        answer = version.shape("config", answer) | {"instance": instance, "serverVersion": version.text}
    if name == "server/stats":
        answer = version.shape("stats", answer)
    if name == "nodeinfo":
        answer["software"]["version"] = version.text
    return answer


def _config(store: Store, _host: str) -> JSON:
    instance = {
        "name": store.name,
        "shortDescription": SHORT_DESCRIPTION,
        "isNSFW": False,
        "defaultNSFWPolicy": store.nsfw_policy,
        "defaultClientRoute": "/videos/trending",
        "customizations": {"javascript": "", "css": ""},
        "avatars": [],
        "banners": [],
        "defaultLanguage": "en",
        "logo": [],
        "serverCountry": "",
        "social": dict.fromkeys(("blueskyLink", "mastodonLink", "xLink", "externalLink"), ""),
        "support": {"text": ""},
    }
    return CONFIG | {"instance": instance}


def _about(store: Store, _host: str) -> JSON:
    texts = (
        "codeOfConduct",
        "hardwareInformation",
        "creationReason",
        "moderationInformation",
        "administrator",
        "maintenanceLifetime",
        "businessModel",
    )
    facts: JSON = {
        "name": store.name,
        "shortDescription": SHORT_DESCRIPTION,
        "description": "Every video here is **generated**: titles, texts and all.",
        "terms": "Do as you like.",
        "languages": ["en", "fr"],
        "categories": [13, 15],
        "banners": [],
        "avatars": [],
    }
    return {"instance": facts | dict.fromkeys(texts, "")}


def _stats(store: Store, _host: str) -> JSON:
    listed = [video for video in store.videos.values() if video.listed]
    local = [video for video in listed if video.is_local]
    users = sum(account.user_id is not None for account in store.accounts.values())
    return {
        "totalUsers": users,
        "totalDailyActiveUsers": users // 10,
        "totalWeeklyActiveUsers": users // 4,
        "totalMonthlyActiveUsers": users // 2,
        "totalModerators": 1,
        "totalAdmins": 1,
        "totalLocalVideos": len(local),
        "totalLocalVideoViews": sum(video.views for video in local),
        "totalLocalVideoComments": sum(video.comments for video in local),
        "totalLocalVideoDownloads": sum(video.downloads for video in local),
        "totalLocalVideoFilesSize": sum(video.duration for video in local) * 87_500,
        "totalVideos": len(listed),
        "totalVideoComments": sum(video.comments for video in listed),
        "totalLocalVideoChannels": sum(not c.origin for c in store.channels.values()),
        "totalLocalPlaylists": sum(not p.origin for p in store.playlists.values()),
        "totalInstanceFollowers": 0,
        "totalInstanceFollowing": 1,
        "videosRedundancy": [],
        "averageAbuseResponseTimeMs": None,
        "averageRegistrationRequestResponseTimeMs": None,
    }


def _nodeinfo(store: Store, host: str) -> JSON:
    stats = _stats(store, host)
    return {
        "version": "2.0",
        "software": {"name": "peertube"},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": ["atom1.0", "rss2.0"]},
        "openRegistrations": False,
        "usage": {
            "users": {
                "total": stats["totalUsers"],
                "activeMonth": stats["totalMonthlyActiveUsers"],
                "activeHalfyear": stats["totalMonthlyActiveUsers"],
            },
            "localPosts": stats["totalLocalVideos"],
            "localComments": 0,
        },
        "metadata": {
            "taxonomy": {"postsName": "Videos"},
            "nodeName": store.name,
            "nodeDescription": SHORT_DESCRIPTION,
            "nodeConfig": {},
        },
    }


def _well_known(_store: Store, host: str) -> JSON:
    return {
        "links": [
            {"rel": NODEINFO_SCHEMA, "href": f"http://{host}/nodeinfo/2.0.json"},
            {"rel": APPLICATION, "href": f"http://{host}/accounts/peertube"},
        ]
    }


_BUILDERS = {
    "config": _config,
    "config/about": _about,
    "server/stats": _stats,
    "nodeinfo": _nodeinfo,
    "well-known": _well_known,
}
