"""Which rows a request selects, and in which order: PeerTube's parameters as conditions.

A parameter that nobody knows is ignored, as PeerTube and its search index do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.db.models import Count as Number
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Concat, Lower
from django.db.models.lookups import GreaterThan

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.correction import correct
from peertube_sync.catalogue.counting import Count
from peertube_sync.catalogue.pasted import named_by
from peertube_sync.catalogue.totals import total, total_found, total_matching
from peertube_sync.catalogue.video_search import (
    BestFirst,
    KnownFacts,
    RankedVideos,
    all_matching,
    facts_of_filters,
    flags_of_filters,
    query_of_text,
    search_videos,
    unranked,
)
from peertube_sync.client.constants import LANGUAGES
from peertube_sync.models import Account, Caption, Channel, Instance, Playlist, Tag, Video
from peertube_sync.models.constants import peertubes
from peertube_sync.peertube_api.matching import within_titles
from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.problems import Refusal, invalid

Rows = QuerySet[Any]
Selected = tuple[Rows | BestFirst, Callable[[], Count]]
"""Rows in their order (or the primary keys of the best, `BestFirst`), and the function that counts them."""
Narrowing = tuple[str, Callable[[Query, str], Any], Callable[[Any], Q]]
"""A parameter: its name, the function that reads its value, and the one that makes a condition of the value."""
Sorts = Mapping[str, Any]
Ids = tuple[list[Any], bool]
"""Ids of categories, licences or languages, and how they are meant.

True: as the instances that `host` names use them; False: as PeerTube itself does.
"""

NOTHING = Q(pk__in=())
INCLUDED, EXCLUDED = "nsfwFlagsIncluded", "nsfwFlagsExcluded"
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
    "comments": Coalesce("comments", Value(-1)),  # fewer than none where nobody tells
    "localVideoFilesSize": F("duration"),  # the longer, the larger; most instances tell sizes with the details alone
    "match": F("published_at"),
}
# As `serializers` shows them: until the times of an actor are known, the time when it was first seen.
CREATED, UPDATED = Coalesce("created_at", "first_seen_at"), Coalesce("updated_at", "first_seen_at")
CHANNEL_SORTS: Sorts = {"id": F("pk"), "name": F("name"), "createdAt": CREATED, "updatedAt": UPDATED}
ACCOUNT_SORTS: Sorts = {"createdAt": CREATED}
PLAYLIST_SORTS: Sorts = {
    **dict.fromkeys(("name", "displayName"), F("display_name")),
    "createdAt": F("created_at"),
    "updatedAt": F("updated_at"),
}
FOUND_SORTS: Sorts = {"displayName": F("display_name"), **dict.fromkeys(("createdAt", "match"), CREATED)}


def listed_videos(rows: Rows, query: Query) -> Selected:
    """Narrow and sort a list of videos. Raises Refusal: also for what only people with an account may ask."""
    if "include" in query.values or "privacyOneOf" in query.values:
        raise Refusal(401, NOT_ALLOWED)
    if "excludeAlreadyWatched" in query.values:
        raise Refusal(400, WATCHED)
    if "filter" in query.values:
        raise invalid("filter", query.text("filter"))
    sort = query.sort(VIDEO_SORTS, "-publishedAt")
    selected = narrowed(rows, query)
    if query.text("search"):
        return _searched(selected, query, sort)
    return ordered(selected, sort, VIDEO_SORTS), lambda: count_all(selected)


def found_videos(rows: Rows, query: Query) -> Selected:
    """Narrow and sort what a search of videos finds. Raises Refusal."""
    sort = query.sort(VIDEO_SORTS, "-match")
    selected = narrowed(rows, query)
    if query.text("search"):
        return _searched(selected, query, sort, whole=True)
    return ordered(selected, sort, VIDEO_SORTS), lambda: total(selected)


def _searched(rows: Rows, query: Query, sort: str, *, whole: bool = False) -> Selected:
    """Keep and sort what the text of `query` finds; with `whole`, its parameters alone narrow what there is."""
    text, known = query.text("search"), _known_facts(query, whole=whole)
    if (named := named_by(Video, text)) is not None:
        only = rows.filter(named)
        return ordered(only, sort, VIDEO_SORTS), lambda: total(only)
    words = query_of_text(text, rows.db)
    finds = search_videos(rows, words, known)
    if meant := correct(text, words, rows.db, lambda other: search_videos(rows, other, known), finds):
        words, finds = meant.query, meant.found
    if finds.complete and not finds.ranked:
        titled = rows.filter(pk__in=within_titles(rows, text))
        return ordered(titled, sort, VIDEO_SORTS), lambda: total(titled)
    matched = all_matching(rows, words)

    def counted() -> Count:
        return total_found(finds, lambda: total_matching(rows, words, known, query.subject))

    if not sort.endswith("match"):
        return ordered(matched, sort, VIDEO_SORTS), counted
    return BestFirst(
        _keys_by_relevance(finds, rows, query.texts("boostLanguages"), sort), unranked(finds, matched)
    ), counted


def _known_facts(query: Query, *, whole: bool) -> KnownFacts:
    """Return what documents know of all that the parameters leave, and whether that is everything."""
    known = {"nsfw": None if INCLUDED in query.values else query.nsfw(), "is_live": query.flag("isLive")}
    facts = [*facts_of_filters(known), *visibility.facts_of_policy()]
    names = [INCLUDED, *(name for name, _read, _condition in VIDEO_NARROWINGS if name != "isLive")]
    others = any(name in query.values for name in names)
    return KnownFacts(facts, whole=whole and not others, flags=flags_of_filters(known))


def count_all(rows: Rows) -> Count:
    """Count all `rows`, however many they are: clients that copy a list go by its total."""
    return Count(rows.order_by().count())


def ordered(rows: Rows, sort: str, sorts: Sorts) -> Rows:
    """Sort by the column that `sort` names, and rows of equal value in the order of their keys."""
    column, descending = sorts[sort.removeprefix("-")], sort.startswith("-")
    return rows.order_by(column.desc() if descending else column.asc(), "-pk" if descending else "pk")


def all_videos(sort: str, nsfw: bool | None) -> Rows:  # noqa: FBT001 - what a parameter says
    """Return all listed videos, sensitive ones, others, or both, sorted."""
    return ordered(visibility.listed().filter(*([] if nsfw is None else [Q(nsfw=nsfw)])), sort, VIDEO_SORTS)


def all_channels(sort: str) -> Rows:
    """Return all channels that are there, sorted."""
    return ordered(Channel.objects.available(), sort, CHANNEL_SORTS)


def all_accounts(sort: str) -> Rows:
    """Return all accounts that are there, sorted."""
    return ordered(Account.objects.available(), sort, ACCOUNT_SORTS)


def all_playlists(sort: str) -> Rows:
    """Return all playlists that everybody may see, sorted."""
    return ordered(Playlist.objects.available(), sort, PLAYLIST_SORTS)


def narrowed(rows: Rows, query: Query) -> Rows:
    """Keep the videos that the parameters of `query` want.

    Besides what `nsfw` selects, `nsfwFlagsIncluded` adds sensitive videos by their flags, and `nsfwFlagsExcluded` takes
    some out. Raises Refusal, also where the same flag is both included and excluded.
    """
    nsfw, included, excluded = query.nsfw(), query.number(INCLUDED) or 0, query.number(EXCLUDED) or 0
    if included & excluded:
        raise invalid(EXCLUDED, query.text(EXCLUDED), location=query.location)
    wanted = Q() if nsfw is None else Q(nsfw=nsfw)
    if nsfw is False and included:
        wanted |= _flagged(included)
    for condition in conditions(query, VIDEO_NARROWINGS):
        wanted &= condition
    return rows.filter(wanted)


def _flagged(flags: int) -> Q:
    """Return the condition for videos with one of `flags`, bits of `nsfwFlags`."""
    return Q(GreaterThan(F("nsfw_flags").bitand(flags), 0))


def conditions(query: Query, narrowings: Sequence[Narrowing]) -> Iterator[Q]:
    """Yield the conditions of the parameters that are there. Raises Refusal."""
    for name, read, condition in narrowings:
        value = read(query, name)
        if value is not None and value != []:
            yield condition(value)


def by_name_and_host(name: str, host: str) -> Q:
    """Return the condition for actors with a name, on any instance without a `host`; case doesn't count."""
    return Q(name__iexact=name, **({"instance__host": host} if host else {}))


def with_handles(actors: type[Model], handles: Sequence[tuple[str, str]]) -> frozenset[int]:
    """Return the keys of the `actors` with one of `handles`.

    There may be thousands of handles, most of them at hosts that we don't mirror.
    """
    homes = {"", *Instance.objects.values_list("host", flat=True)}
    known = {(name, host) for name, host in handles if host in homes}
    if not known:
        return frozenset()
    spelt = Concat("name", Value("@"), "instance__host", output_field=TextField())
    full = Q(handle__spelt_as=frozenset(f"{name}@{host}" for name, host in known if host))
    bare = frozenset(name for name, host in known if not host)
    return _as_set(actors._default_manager.alias(handle=spelt).filter(full | Q(name__spelt_as=bare) if bare else full))


def _as_set(rows: Rows) -> frozenset[int]:
    """Return keys in a set, of which Django doesn't look at every one as it does of a list."""
    return frozenset(rows.order_by().values_list("pk", flat=True))


def _keys_by_relevance(finds: RankedVideos, rows: Rows, languages: list[str], sort: str) -> list[int]:
    """Return the keys of what was found, by relevance, and the newest first where that is equal."""
    worth = {pk: score for score, pk in finds.ranked}
    if languages:
        for pk in _as_set(rows.filter(pk__among=finds.pks, language_id__in=languages)):
            worth[pk] *= BOOST
    best = sorted(worth, key=worth.__getitem__, reverse=True)
    return best if sort.startswith("-") else best[::-1]


def _ids(read: Callable[[Query, str], list[Any]]) -> Callable[[Query, str], Ids | None]:
    """Read ids of constants, and whether they are those of the instances that `host` names: else PeerTube's own."""

    def ids(query: Query, name: str) -> Ids | None:
        asked = read(query, name)
        return (asked, bool(query.hosts("host"))) if asked else None

    return ids


def _constants(kind: str) -> Callable[[Ids], Q]:
    return lambda ids: Q(**{f"{kind}_id__in": ids[0]}) if ids[1] else peertubes(kind, ids[0])


def _in_any_language(ids: Ids) -> Q:
    """Spoken in one of them, unknown when that is asked for, or with captions in one of them."""
    wanted = ids[0] if ids[1] else [code for code in ids[0] if code in LANGUAGES or code == UNKNOWN]
    in_any = Q(language_id__in=wanted) | Q(Exists(Caption.objects.filter(video=OuterRef("pk"), language_id__in=wanted)))
    return in_any | Q(language_id__isnull=True) if UNKNOWN in wanted else in_any


def _has_any_tag(names: list[str]) -> Q:
    links = Video.tags.through._default_manager.filter(tag__id__among=_as_set(_tags_spelt(names)))
    return Q(pk__in=links.order_by().values("video"))


def _has_all_tags(names: list[str]) -> Q:
    """Videos that have each of the tags in one of its spellings, in one condition however many these are."""
    tags = _tags_spelt(names).annotate(spelling=Lower("name")).values_list("pk", "spelling")
    spellings = dict[int, str](tags)
    wanted = {name.lower() for name in names}
    if len(set(spellings.values())) < len(wanted):
        return NOTHING
    links: Any = Video.tags.through._default_manager.filter(tag__id__among=[*spellings]).order_by().values("video")
    whole = links.annotate(number=Number(Lower("tag__name"), distinct=True)).filter(number=len(wanted))
    return Q(pk__in=whole.values("video"))


def _tags_spelt(names: list[str]) -> QuerySet[Tag]:
    return Tag.objects.filter(name__spelt_as=names)


def _has_files(column: str) -> Callable[[bool], Q]:
    """Whether there are files; until the details are read nobody knows of any."""
    none = Q(**{f"{column}__isnull": True}) | Q(**{column: []})
    return lambda wanted: ~none if wanted else none


MUTED_KEPT = 10
"""Seconds for which the keys of muted accounts are kept: the same list comes with every search of a user."""


def _muted(query: Query, name: str) -> frozenset[int] | None:
    """Return the keys of the accounts with the handles that a parameter names, as they were a moment ago."""
    if not (texts := query.texts(name)):
        return None
    asked = blake2b("\0".join([query.state, *texts]).encode(), digest_size=16).hexdigest()
    accounts = cache.get(f"peertube_sync.peertube_api:{asked}")
    if accounts is None:
        accounts = with_handles(Account, query.handles(name))
        cache.set(f"peertube_sync.peertube_api:{asked}", accounts, MUTED_KEPT)
    return frozenset(accounts)


def _not_of(owner: str) -> Callable[[frozenset[int]], Q]:
    return lambda muted: Q(**{f"{owner}__id__outside": muted}) if muted else Q()


HOMES: tuple[Narrowing, ...] = (
    ("host", Query.hosts, lambda hosts: Q(instance__host__in=hosts)),
    (
        "blockedHosts",
        Query.hosts,
        lambda hosts: Q(instance__id__outside=_as_set(Instance.objects.filter(host__spelt_as=frozenset(hosts)))),
    ),
)
VIDEO_NARROWINGS: tuple[Narrowing, ...] = (
    *HOMES,
    ("blockedAccounts", _muted, _not_of("account")),
    ("uuids", Query.uuids, lambda uuids: Q(uuid__in=uuids)),
    (EXCLUDED, Query.number, lambda flags: ~_flagged(flags)),
    ("isLocal", Query.flag, lambda local: Q() if local else NOTHING),
    ("isLive", Query.flag, lambda live: Q(is_live=live)),
    ("categoryOneOf", _ids(Query.numbers), _constants("category")),
    ("licenceOneOf", _ids(Query.numbers), _constants("licence")),
    ("languageOneOf", _ids(Query.texts), _in_any_language),
    ("tagsOneOf", Query.texts, _has_any_tag),
    ("tagsAllOf", Query.texts, _has_all_tags),
    ("durationMin", Query.number, lambda least: Q(duration__gte=least)),
    ("durationMax", Query.number, lambda most: Q(duration__lte=most)),
    ("startDate", Query.time, lambda time: Q(published_at__gte=time)),
    ("endDate", Query.time, lambda time: Q(published_at__lte=time)),
    ("originallyPublishedStartDate", Query.time, lambda time: Q(originally_published_at__gte=time)),
    ("originallyPublishedEndDate", Query.time, lambda time: Q(originally_published_at__lte=time)),
    ("hasHLSFiles", Query.flag, _has_files("streaming_playlists")),
    ("hasWebVideoFiles", Query.flag, _has_files("files")),
)
CHANNEL_NARROWINGS: tuple[Narrowing, ...] = (
    *HOMES,
    ("handles", Query.handles, lambda handles: Q(pk__among=with_handles(Channel, handles))),
    ("blockedAccounts", _muted, _not_of("owner_account")),
)
PLAYLIST_NARROWINGS: tuple[Narrowing, ...] = (
    *HOMES,
    ("uuids", Query.uuids, lambda uuids: Q(uuid__in=uuids)),
    ("blockedAccounts", _muted, _not_of("owner_account")),
)
