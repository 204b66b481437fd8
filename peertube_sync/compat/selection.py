"""Which rows a request selects, and in which order: PeerTube's parameters as conditions.

A parameter that nobody knows is ignored, as PeerTube and its search index do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Case, Exists, F, FloatField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from peertube_sync.catalogue.search import find
from peertube_sync.client.constants import LANGUAGES
from peertube_sync.compat.parameters import Query
from peertube_sync.compat.problems import Problem, invalid
from peertube_sync.compat.search import matching
from peertube_sync.models import Caption, Tag, Video
from peertube_sync.models.constants import peertubes

Rows = QuerySet[Any]
Narrowing = tuple[str, Callable[[Query, str], Any], Callable[[Any], Q]]
"""The name of a parameter, how it is read, and the condition that its value makes."""
Sorts = Mapping[str, Any]
Ids = tuple[list[Any], bool]
"""Ids of categories, licences or languages, and whether instances that are named mean something by them."""

NOTHING = Q(pk__in=())
BOOST = 1.5
"""How much more a video in one of `boostLanguages` is worth when sorted by relevance."""
UNKNOWN = "_unknown"
NOT_ALLOWED = "You are not allowed to see all videos, specify a custom include or auto tags filter."
WATCHED = "Cannot use excludeAlreadyWatched parameter when auth token is not provided"

VIDEO_SORTS: Sorts = {
    "name": F("name"),  # in the order of the database, as at PeerTube
    "duration": F("duration"),
    "createdAt": F("created_at"),
    "publishedAt": F("published_at"),
    "originallyPublishedAt": Coalesce("originally_published_at", "published_at"),
    "likes": F("likes"),
    # What these three weigh, the views of the last days, no instance publishes.
    **dict.fromkeys(("views", "trending", "hot", "best"), F("views")),
}
SEARCH_SORTS: Sorts = {**VIDEO_SORTS, "match": F("published_at")}
# As `shapes` shows them: until an actor has told its times, those when it was first seen.
CREATED, UPDATED = Coalesce("created_at", "first_seen_at"), Coalesce("updated_at", "first_seen_at")
CHANNEL_SORTS: Sorts = {"id": F("pk"), "name": F("name"), "createdAt": CREATED, "updatedAt": UPDATED}
ACCOUNT_SORTS: Sorts = {"createdAt": CREATED}
PLAYLIST_SORTS: Sorts = {
    **dict.fromkeys(("name", "displayName"), F("display_name")),
    "createdAt": F("created_at"),
    "updatedAt": F("updated_at"),
}
FOUND_SORTS: Sorts = {"displayName": F("display_name"), **dict.fromkeys(("createdAt", "match"), CREATED)}


def listed_videos(rows: Rows, query: Query) -> Rows:
    """Narrow and sort a list of videos. Raises Problem: also for what only people with an account may ask."""
    if "include" in query.values or "privacyOneOf" in query.values:
        raise Problem(401, NOT_ALLOWED)
    if "excludeAlreadyWatched" in query.values:
        raise Problem(400, WATCHED)
    if "filter" in query.values:
        raise invalid("filter", query.text("filter"))
    sort = query.sort(VIDEO_SORTS, "-publishedAt")
    text = query.text("search")
    found = narrowed(rows, query)
    return ordered(matching(found, text) if text else found, sort, VIDEO_SORTS)


def found_videos(rows: Rows, query: Query) -> Rows:
    """Narrow and sort what a search of videos finds; by relevance the newest finds alone. Raises Problem."""
    sort, text = query.sort(SEARCH_SORTS, "-match"), query.text("search")
    found: Rows = narrowed(rows, query)
    if text and sort.endswith("match"):
        newest = found.filter(pk__in=find(found, text).pks)
        return _by_relevance(matching(newest, text), query.texts("boostLanguages"), sort)
    return ordered(matching(found, text) if text else found, sort, SEARCH_SORTS)


def ordered(rows: Rows, sort: str, sorts: Sorts) -> Rows:
    """Sort by the column that `sort` names, and rows of equal value in the order of their keys."""
    column, descending = sorts[sort.removeprefix("-")], sort.startswith("-")
    return rows.order_by(column.desc() if descending else column.asc(), "-pk" if descending else "pk")


def narrowed(rows: Rows, query: Query) -> Rows:
    """Keep the videos that the parameters of `query` want. Raises Problem."""
    nsfw = query.nsfw()
    wanted = Q() if nsfw is None else Q(nsfw=nsfw)
    for condition in conditions(query, VIDEO_NARROWINGS):
        wanted &= condition
    return rows.filter(wanted)


def conditions(query: Query, narrowings: Sequence[Narrowing]) -> Iterator[Q]:
    """Yield the conditions of the parameters that are there. Raises Problem."""
    for name, read, condition in narrowings:
        value = read(query, name)
        if value is not None and value != []:
            yield condition(value)


def by_handles(handles: Sequence[tuple[str, str]], prefix: str = "") -> Q:
    """Return the condition for actors with one of `handles`; names ignore case, as PeerTube's do."""
    found = NOTHING
    for name, host in handles:
        home = Q(instance__host=host) if host else Q()
        found |= home & Q(**{f"{prefix}name__iexact": name})
    return found


def _by_relevance(rows: Rows, languages: list[str], sort: str) -> Rows:
    boost = Case(When(language_id__in=languages, then=Value(BOOST)), default=Value(1.0), output_field=FloatField())
    sign = "-" if sort.startswith("-") else ""
    weighed: Rows = rows.alias(worth=F("relevance") * boost)
    return weighed.order_by(f"{sign}worth", f"{sign}published_at", f"{sign}pk")


def _ids(read: Callable[[Query, str], list[Any]]) -> Callable[[Query, str], Ids | None]:
    """Read ids of constants, and whether they are those of the instances that `host` names: else PeerTube's own."""

    def ids(query: Query, name: str) -> Ids | None:
        found = read(query, name)
        return (found, bool(query.hosts("host"))) if found else None

    return ids


def _constants(kind: str) -> Callable[[Ids], Q]:
    return lambda ids: Q(**{f"{kind}_id__in": ids[0]}) if ids[1] else peertubes(kind, ids[0])


def _languages(ids: Ids) -> Q:
    """Spoken in one of them, unknown when that is asked for, or with captions in one of them."""
    wanted = ids[0] if ids[1] else [one for one in ids[0] if one in LANGUAGES or one == UNKNOWN]
    found = Q(language_id__in=wanted) | Q(Exists(Caption.objects.filter(video=OuterRef("pk"), language_id__in=wanted)))
    return found | Q(language_id__isnull=True) if UNKNOWN in wanted else found


def _any_tag(names: list[str]) -> Q:
    spelt = NOTHING
    for name in names:
        spelt |= Q(name__iexact=name)
    links = Video.tags.through._default_manager.filter(video=OuterRef("pk"), tag__in=Tag.objects.filter(spelt))
    return Q(Exists(links))


def _all_tags(names: list[str]) -> Q:
    found = Q()
    for name in names:
        found &= _any_tag([name])
    return found


def _has(column: str) -> Callable[[bool], Q]:
    """Whether there are files; until the details are read nobody knows of any."""
    none = Q(**{f"{column}__isnull": True}) | Q(**{column: []})
    return lambda wanted: ~none if wanted else none


HOMES: tuple[Narrowing, ...] = (
    ("host", Query.hosts, lambda hosts: Q(instance__host__in=hosts)),
    ("blockedHosts", Query.hosts, lambda hosts: ~Q(instance__host__in=hosts)),
)
VIDEO_NARROWINGS: tuple[Narrowing, ...] = (
    *HOMES,
    ("blockedAccounts", Query.handles, lambda handles: ~by_handles(handles, "account__")),
    ("uuids", Query.uuids, lambda uuids: Q(uuid__in=uuids)),
    ("isLocal", Query.flag, lambda local: Q() if local else NOTHING),
    ("isLive", Query.flag, lambda live: Q(is_live=live)),
    ("categoryOneOf", _ids(Query.numbers), _constants("category")),
    ("licenceOneOf", _ids(Query.numbers), _constants("licence")),
    ("languageOneOf", _ids(Query.texts), _languages),
    ("tagsOneOf", Query.texts, _any_tag),
    ("tagsAllOf", Query.texts, _all_tags),
    ("durationMin", Query.number, lambda least: Q(duration__gte=least)),
    ("durationMax", Query.number, lambda most: Q(duration__lte=most)),
    ("startDate", Query.time, lambda time: Q(published_at__gte=time)),
    ("endDate", Query.time, lambda time: Q(published_at__lte=time)),
    ("originallyPublishedStartDate", Query.time, lambda time: Q(originally_published_at__gte=time)),
    ("originallyPublishedEndDate", Query.time, lambda time: Q(originally_published_at__lte=time)),
    ("hasHLSFiles", Query.flag, _has("streaming_playlists")),
    ("hasWebVideoFiles", Query.flag, _has("files")),
)
CHANNEL_NARROWINGS: tuple[Narrowing, ...] = (
    *HOMES,
    ("handles", Query.handles, by_handles),
    ("blockedAccounts", Query.handles, lambda handles: ~by_handles(handles, "owner_account__")),
)
PLAYLIST_NARROWINGS: tuple[Narrowing, ...] = (
    *HOMES,
    ("uuids", Query.uuids, lambda uuids: Q(uuid__in=uuids)),
    ("blockedAccounts", Query.handles, lambda handles: ~by_handles(handles, "owner_account__")),
)
