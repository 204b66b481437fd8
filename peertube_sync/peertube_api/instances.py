"""The index of instances, in the shape of instances.joinpeertube.org: what PeerTube's auto-follow reads."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Lower

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.hosts import normalise_host
from peertube_sync.client.naming import snake_keys
from peertube_sync.models import Instance, InstanceState
from peertube_sync.models.picture_shapes import INSTANCE_AVATAR, INSTANCE_BANNER, images_of_instance
from peertube_sync.peertube_api import paths
from peertube_sync.peertube_api.parameters import DIGITS, MAX_COUNT, Query
from peertube_sync.peertube_api.problems import not_found
from peertube_sync.peertube_api.selection import Narrowing, Sorts, conditions, count_all, ordered
from peertube_sync.peertube_api.serializers import Json, camel_keys, sized, sized_here, time_text
from peertube_sync.peertube_api.server_info import POLICY
from peertube_sync.peertube_api.views import page_of
from peertube_sync.pictures import addresses

MOST_INSTANCES = 10**DIGITS - 1
"""Clients ask for all with a `count` like this."""
ANSWERING = (InstanceState.OK, InstanceState.WAITING, InstanceState.RATE_LIMITED, InstanceState.BUDGET_LOST)
UNFIT = (InstanceState.NOT_PEERTUBE, InstanceState.MOVED, InstanceState.FORBIDDEN, InstanceState.DISALLOWED)
"""States of what is no PeerTube, not under this host, not for everybody, or doesn't want to be asked."""
SORTS: Sorts = {"createdAt": F("added_at"), "name": Lower("name"), "host": F("host")}
FIRST = "-createdAt"
FOLLOW_SORTS: Sorts = {**dict.fromkeys(("createdAt", "redundancyAllowed", "state"), F("added_at"))}
FOLLOWER_SORTS = ("createdAt", "state", "score")
ACTOR_TYPE = "Application"
"""What an instance is among those that follow or are followed."""
ACTOR_NAME = "peertube"
"""How every PeerTube calls the actor that is the instance itself."""
OWN_NUMBER = 1
"""The number of this site's own actor; those of the instances follow. PeerTube counts actors from 1."""
NARROWINGS: tuple[Narrowing, ...] = (
    ("healthy", Query.flag, lambda healthy: Q(state__in=ANSWERING) if healthy else ~Q(state__in=ANSWERING)),
    ("since", Query.time, lambda since: Q(added_at__gte=since)),
    ("search", Query.text, lambda text: Q(name__icontains=text) | Q(host__icontains=text)),
    ("signup", Query.flag, lambda allowed: Q(config__signup__allowed=allowed)),
)
OF_FOLDERS = {paths.AVATARS: INSTANCE_AVATAR, paths.BANNERS: INSTANCE_BANNER}
"""What the pictures of an instance in a folder are of."""
TOTALS = ("total_users", "total_videos", "total_local_videos", "total_instance_followers", "total_instance_following")
SUMS = {
    "total_users": "total_users",
    "total_videos": "total_local_videos",
    "total_video_comments": "total_local_video_comments",
    "total_video_views": "total_local_video_views",
    "total_video_files_size": "total_local_video_files_size",
}


def list_instances(query: Query) -> Json:
    """List the instances, each with what it says of itself."""
    return _page_of_instances(query, _listed_instances().defer("constants", "robots"), _instance_as_json)


def list_hosts(query: Query) -> Json:
    """List the hosts of the instances."""
    return _page_of_instances(query, _listed_instances().only("host"), lambda row: {"host": row.host})


def instance_stats(_query: Query) -> Json:
    """Add up what the instances say of themselves."""
    all_stats = [snake_keys(stats) for stats in _listed_instances().values_list("stats", flat=True)]
    sums = {name: sum(_number_in(stats, counted) or 0 for stats in all_stats) for name, counted in SUMS.items()}
    return camel_keys({"total_instances": len(all_stats), **sums})


def find_instance(host: str, _columns: tuple[str, ...] = ()) -> Mapping[str, object]:
    """Return the pictures of the instance at `host`, and its home. Raises Refusal 404."""
    try:
        row = _listed_instances().filter(host=normalise_host(host)).only("scheme", "host", "config").first()
    except InvalidTarget:
        row = None
    if row is None:
        raise not_found("Instance")
    config = snake_keys(row.config)
    pictures = {folder: images_of_instance(config, folder) for folder in OF_FOLDERS}
    return {"pk": row.pk, "instance__scheme": row.scheme, "instance__host": row.host, **pictures}


def following(query: Query) -> Json:
    """List the instances that are read here, as PeerTube lists those that it follows, by `host` of `following`."""
    wanted = query.text("state") in ("", "accepted") and query.text("actorType") in ("", ACTOR_TYPE)
    known = _listed_instances().filter(host__icontains=query.text("search")) if wanted else Instance.objects.none()
    rows = known.only("host", "scheme", "added_at", "refreshed_at", "stats")
    follows = ordered(rows, query.sort(FOLLOW_SORTS, FIRST), FOLLOW_SORTS)
    return page_of(query, follows, partial(count_all, follows), partial(_as_follows, query))


def followers(query: Query) -> Json:
    """List nobody: there is no ActivityPub here, so there are no followers."""
    query.sort(FOLLOWER_SORTS, FIRST)
    query.page(MAX_COUNT)
    return {"total": 0, "data": []}


def _listed_instances() -> QuerySet[Instance]:
    """Return those that are mirrored, have answered as PeerTube, and may be named."""
    return Instance.objects.mirrored().exclude(version="").exclude(state__in=UNFIT)


def _page_of_instances(query: Query, rows: QuerySet[Instance], shape: Any) -> Json:
    wanted = Q()
    for condition in conditions(query, NARROWINGS):
        wanted &= condition
    instances = ordered(rows.filter(wanted), query.sort(SORTS, FIRST), SORTS)
    return page_of(
        query, instances, partial(count_all, instances), lambda page: [shape(row) for row in page], most=MOST_INSTANCES
    )


def _instance_as_json(row: Instance) -> Json:
    config, about = snake_keys(row.config), _section(snake_keys(row.about), "instance")
    stats = snake_keys(row.stats)
    signup, own = _section(config, "signup"), _section(config, "instance")
    moderation = _section(config, "auto_blacklist", "videos", "of_users")
    entry = {
        "id": row.pk,
        "host": row.host,
        "name": row.name,
        "short_description": row.short_description,
        "description": about.get("description") or "",
        "version": row.version,
        "signup_allowed": signup.get("allowed", False),
        "signup_requires_approval": signup.get("requires_approval", False),
        "user_video_quota": _section(config, "user").get("video_quota"),
        "live_enabled": _section(config, "live").get("enabled", False),
        "categories": about.get("categories") or [],
        "languages": about.get("languages") or [],
        "auto_blacklist_user_videos_enabled": bool(moderation.get("enabled", False)),
        "default_nsfw_policy": own.get("default_nsfwpolicy", POLICY),  # as `snake_keys` writes it
        "is_nsfw": own.get("is_nsfw", False),
        **{folder: _pictures_of_instance(row, folder, images_of_instance(config, folder)) for folder in OF_FOLDERS},
        **{name: _number_in(stats, name) for name in TOTALS},
        "health": 100 if row.state in ANSWERING else 0,
        "created_at": time_text(row.added_at),
    }
    return camel_keys(entry)


def _section(values: Any, *names: str) -> Json:
    """Return the object below `names` in what an instance says of itself, unchecked as it is; {} where none is."""
    for name in names:
        values = values.get(name) if isinstance(values, dict) else None
    return values if isinstance(values, dict) else {}


def _pictures_of_instance(row: Instance, folder: str, published: Any) -> list[Json]:
    """Return the avatars or banners of an instance in all sizes."""
    if addresses.ours():
        return sized_here(addresses.find(OF_FOLDERS[folder], row.pk, published), published)
    return sized(f"{folder}/{paths.INSTANCES}", row.host, row.scheme, row.host, published)


def _as_follows(query: Query, rows: Iterable[Instance]) -> list[Json]:
    known = _listed_instances().aggregate(number=Count("pk"), since=Min("added_at"))
    own = _actor_of_instance(
        OWN_NUMBER, f"{query.root}/", {"following": known["number"], "followers": 0}, known["since"]
    )
    follows = []
    for row in rows:
        stats = snake_keys(row.stats)
        counts = {name: _number_in(stats, f"total_instance_{name}") for name in ("following", "followers")}
        added_at = time_text(row.added_at)
        follows.append(
            {
                "id": row.pk,
                "follower": own,
                "following": _actor_of_instance(
                    OWN_NUMBER + row.pk, f"{row.url}/accounts/{ACTOR_NAME}", counts, row.added_at
                ),
                "score": 0,
                "state": "accepted",
                "createdAt": added_at,
                "updatedAt": time_text(row.refreshed_at) or added_at,
            }
        )
    return follows


def _actor_of_instance(number: int, address: str, counts: Mapping[str, int | None], since: datetime) -> Json:
    """Return the actor at `address` that an instance is, this site at its front page.

    Nobody knows an instance here from before it was added.
    """
    counters = {"followingCount": counts["following"], "followersCount": counts["followers"]}
    return {
        "id": number,
        "url": address,
        "name": ACTOR_NAME,
        "host": urlsplit(address).netloc,
        "avatars": [],
        "banners": [],
        "hostRedundancyAllowed": False,
        "createdAt": time_text(since),
        **{name: count for name, count in counters.items() if count is not None},
    }


def _number_in(stats: Mapping[str, Any], name: str) -> int | None:
    """Return a number that an instance has published; None where it told none."""
    value = stats.get(name)
    return value if isinstance(value, int) else None
