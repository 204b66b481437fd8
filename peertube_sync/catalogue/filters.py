"""What lists can be narrowed to. Several filters are all to hold; a repeated one holds for any of its values."""
# mypy: allow-subclassing-any
# (django-filter ships no types)

from functools import cached_property, partial
from typing import Any

from django.core.validators import EMPTY_VALUES
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_filters import rest_framework as filters  # type: ignore[import-untyped]

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.correction import correct
from peertube_sync.catalogue.counting import Count
from peertube_sync.catalogue.filter_kinds import (
    CODE,
    NUMBER,
    AnyTextFilter,
    AnyWordFilter,
    ConstantFilter,
    HandleFilter,
    HostFilter,
    OneOfFilter,
    SearchFilter,
    TimeFilter,
    UUIDFilter,
    WholeNumberFilter,
    YesNoFilter,
)
from peertube_sync.catalogue.name_search import find_names
from peertube_sync.catalogue.pasted import named_by
from peertube_sync.catalogue.ranking import ALL_ALIKE, Ranked
from peertube_sync.catalogue.totals import cached_total, total, total_matching
from peertube_sync.catalogue.unindexed import find_unindexed
from peertube_sync.catalogue.video_search import (
    EXACT,
    KnownFacts,
    RankedVideos,
    all_matching,
    facts_of_filters,
    flags_of_filters,
    newest_videos,
    query_of_text,
    search_videos,
)
from peertube_sync.models import Account, Caption, Channel, Instance, Playlist, SourceKind, SourceState, Tag, Video
from peertube_sync.models.video import having_all
from peertube_sync.models.words import Query, parse_query

PRIVACY = "privacy"
"""The name of the parameter that asks for videos that aren't public."""
PRIVACIES = {"unlisted": 2, "private": 3, "internal": 4, "password_protected": 5}
"""PeerTube's privacies, except the public one."""
NOT_PUBLIC = "not_public"
"""The value of that parameter for all videos that aren't public."""
OR_ITS_OWN = "or what an instance means by an id, as `ID@HOST`; repeatable."


def _of_privacy(rows: QuerySet[Video], _name: str, words: list[str]) -> QuerySet[Video]:
    some = words and NOT_PUBLIC not in words
    return rows.filter(privacy_id__in=[PRIVACIES[word] for word in words]) if some else rows


def _with_any_tag(rows: QuerySet[Video], _name: str, tags: list[str]) -> QuerySet[Video]:
    """Keep videos with one of `tags`, by key: PostgreSQL knows how many videos a key has, of a name it doesn't."""
    keys = list(Tag.objects.filter(name__in=tags).values_list("pk", flat=True))
    return rows.filter(pk__in=Video.tags.through._default_manager.filter(tag__in=keys).values("video"))


def _with_all_tags(rows: QuerySet[Video], _name: str, tags: list[str]) -> QuerySet[Video]:
    """Keep videos with all of `tags`, in one condition however many these are."""
    if not tags:
        return rows
    keys = list(Tag.objects.filter(name__in=tags).values_list("pk", flat=True))
    return rows.filter(pk__in=having_all(keys)) if len(keys) == len({*tags}) else rows.none()


def _captioned(rows: QuerySet[Video], _name: str, wanted: bool) -> QuerySet[Video]:  # noqa: FBT001 - a fact
    captioned = Exists(Caption.objects.filter(video=OuterRef("pk")))
    return rows.filter(captioned if wanted else ~captioned)


def _featured(rows: QuerySet[Video], _name: str, wanted: bool) -> QuerySet[Video]:  # noqa: FBT001 - a fact
    return rows.featured() if wanted else rows.exclude(curation__featured=True)  # type: ignore[attr-defined]


def _shown_in_playlists() -> QuerySet[Any]:
    """Return the keys of videos by playlist: a subquery, as a playlist may show a video twice."""
    return Playlist.objects.available().values("elements__video")


class GivenFilters(filters.FilterSet):
    """Those of its filters that `data` names, or all if they are to be shown as a form.

    Copying twenty of them, and their fields, takes longer than the database takes for a page of videos.
    """

    base_filters: dict[str, Any]

    def __init__(self, data: Any = None, *others: Any, whole: bool = False, **named: Any) -> None:
        if not whole:
            self.base_filters = {
                name: narrowing for name, narrowing in self.base_filters.items() if name in (data or ())
            }
        super().__init__(data, *others, **named)


def _all(rows: QuerySet[Video], _name: str, _wanted: bool) -> QuerySet[Video]:  # noqa: FBT001 - a fact
    """Keep all: it is the search that goes by it."""
    return rows


class OfInstance(GivenFilters):
    instance = HostFilter("instance", Instance.objects.mirrored, help_text="The host of an instance.")


class AccountFilters(OfInstance):
    """What narrows a list of accounts: their instance alone."""


class NameFilters(OfInstance):
    """What narrows lists of what has a name, and is found by it."""

    q = SearchFilter("search", help_text="Words to be found in names, read as `q` of videos is.")

    @cached_property
    def found(self) -> Ranked:
        """What `q` finds among what the other filters leave, the best first, as relevance and primary key."""
        rows: QuerySet[Any] = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            rows = rows if name == "q" else self.filters[name].filter(rows, value)
        return find_names(rows, self.form.cleaned_data["q"])

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return what all filters leave."""
        if not self.form.cleaned_data.get("q"):
            narrowed: QuerySet[Any] = super().filter_queryset(queryset)
            return narrowed
        return self.queryset.filter(pk__among=[pk for _score, pk in self.found])  # type: ignore[no-any-return]


class ChannelFilters(NameFilters):
    account = HandleFilter(
        "owner_account", Account.objects.available, help_text="The handle of the account that owns it."
    )


class PlaylistFilters(NameFilters):
    account = HandleFilter(
        "owner_account", Account.objects.available, help_text="The handle of the account that owns it."
    )
    channel = HandleFilter(
        "video_channel", Channel.objects.available, help_text="The handle of the channel that shows it."
    )


class VideoFilters(OfInstance):
    q = SearchFilter(
        "search", help_text='Words to be found in names, tags, channels and texts; `"a phrase"`, `-unwanted`, `or`.'
    )
    account = HandleFilter("account", Account.objects.all, help_text="The handle of an account.")
    channel = HandleFilter("channel", Channel.objects.all, help_text="The handle of a channel.")
    playlist = UUIDFilter("pk", _shown_in_playlists, help_text="The uuid or short uuid of a playlist.")
    category = ConstantFilter("category", NUMBER, help_text=f"A category of PeerTube's own, like `1`, {OR_ITS_OWN}")
    licence = ConstantFilter("licence", NUMBER, help_text=f"A licence of PeerTube's own, like `1`, {OR_ITS_OWN}")
    language = ConstantFilter("language", CODE, help_text=f"A language of PeerTube's own, like `fr`, {OR_ITS_OWN}")
    tag = AnyTextFilter("tags", method=_with_any_tag, help_text="A tag, spelt as its author did; repeatable.")
    tag_all = AnyTextFilter("tags", method=_with_all_tags, help_text="A tag; of several given all have to be there.")
    featured = YesNoFilter("curation", method=_featured, help_text="Whether this site features it.")
    has_captions = YesNoFilter("captions", method=_captioned, help_text="Whether it has caption files.")
    nsfw = YesNoFilter("nsfw", help_text="Whether it is for adults; both kinds when left out.")
    is_live = YesNoFilter("is_live", help_text="Whether it is a live.")
    duration_min = WholeNumberFilter("duration", lookup_expr="gte", help_text="The least duration, in seconds.")
    duration_max = WholeNumberFilter("duration", lookup_expr="lte", help_text="The greatest duration, in seconds.")
    published_after = TimeFilter("published_at", lookup_expr="gte", help_text="The earliest time of publication.")
    published_before = TimeFilter("published_at", lookup_expr="lt", help_text="Published before this time.")
    updated_after = TimeFilter("updated_at", lookup_expr="gte", help_text="The earliest time of the last change.")
    updated_before = TimeFilter("updated_at", lookup_expr="lt", help_text="Last changed before this time.")

    as_written = YesNoFilter(
        "pk", method=_all, help_text="Whether to search for `q` only as it is written, though it finds little."
    )

    languages = ALL_ALIKE
    """How much the person who searches prefers which languages; it decides between videos that fit equally."""
    corrected = ""
    """The words searched for instead of `q`, which found nothing, or as well as `q` (`beside`), which found little."""
    beside = False

    @property
    def selects_all(self) -> bool:
        """Tell whether no filter is in use, so that all videos are selected."""
        return all(value in EMPTY_VALUES for value in self.form.cleaned_data.values())

    def find(self, known: KnownFacts) -> RankedVideos:
        """Find what `q` says among the videos that the other filters leave; of those without filters that is `known`.

        If that finds nothing or little, words that are a typo apart are searched for, and named in `corrected`. Without
        `q` these are the newest of the videos.
        """
        known = self._known_facts(known)
        if self.query is None:
            return newest_videos(self.narrowed, known)
        search = partial(search_videos, self.narrowed, known=known, languages=self.languages)
        found = search(self.query)
        if self.form.cleaned_data.get("as_written"):
            return found
        meant = correct(self.words, self.query, self.queryset.db, search, found)
        if not meant:
            return found
        self.corrected, self.beside, self.query = meant.text, meant.beside, meant.query
        return meant.found

    def total(self, known: KnownFacts, asked: str) -> Count:
        """Return how many videos all filters leave; of those without filters that is `known`.

        It is kept by what is `asked`: all that selects these videos.
        """
        if self.query is None:
            return cached_total(asked, partial(total, self.narrowed))
        return total_matching(self.narrowed, self.query, self._known_facts(known), asked)

    def filter_queryset(self, _queryset: QuerySet[Video]) -> QuerySet[Video]:
        """Return the videos that all filters leave."""
        return self.narrowed if self.query is None else all_matching(self.narrowed, self.query)

    def _known_facts(self, known: KnownFacts) -> KnownFacts:
        """Return what is known of all videos that the other filters than `q` leave."""
        values = self.form.cleaned_data
        return KnownFacts(
            [*facts_of_filters(values), *known.facts, *(visibility.facts_of_policy() if self.query else ())],
            values.get("published_after"),
            values.get("published_before"),
            whole=known.whole and all(name in EXACT or value in EMPTY_VALUES for name, value in values.items()),
            flags=flags_of_filters(values),
        )

    @cached_property
    def query(self) -> Query | None:
        """What `q` searches for, None without words."""
        return query_of_text(self.words, self.queryset.db) if self.words else None

    @property
    def words(self) -> str:
        """What `q` says in words; "" where it names a video."""
        return "" if self.named is not None else self.form.cleaned_data.get("q") or ""

    @cached_property
    def named(self) -> Q | None:
        """The condition for the video whose address or uuid `q` is, None for words."""
        return named_by(Video, self.form.cleaned_data.get("q") or "")

    @cached_property
    def narrowed(self) -> QuerySet[Video]:
        """The videos that the other filters leave, of which `q` names one or searches for words."""
        rows: QuerySet[Video] = self.queryset.all() if self.named is None else self.queryset.filter(self.named)
        for name, value in self.form.cleaned_data.items():
            rows = rows if name == "q" else self.filters[name].filter(rows, value)
        return rows


class SuggestFilters(GivenFilters):
    """What suggestions are asked for with."""

    q = SearchFilter("search", help_text="What somebody is typing.")


class RelatedFilters(VideoFilters):
    """Filters of videos that are like one, which are found by its words."""

    q = as_written = None  # type: ignore[assignment]  # takes them away


class PrivateVideoFilters(VideoFilters):
    """Filters of videos that aren't public."""

    privacy = AnyWordFilter(
        PRIVACY,
        method=_of_privacy,
        words=[NOT_PUBLIC, *PRIVACIES],
        help_text="What isn't public instead of what is: all, or of these privacies; repeatable. For users with the "
        "permission `view_private_video`.",
    )

    def filter_queryset(self, _queryset: QuerySet[Video]) -> QuerySet[Video]:
        """Return the videos that all filters leave."""
        return self.narrowed.filter(pk__in=self._found.pks) if self.words else self.narrowed

    def find(self, _known: KnownFacts) -> RankedVideos:
        """Find what `q` says among the videos that the other filters leave, or the newest of these."""
        return self._found

    def total(self, _known: KnownFacts, _asked: str) -> Count:
        """Return how many of them there are."""
        if self.words:
            return Count(len(self._found.pks), exact=self._found.complete, least=not self._found.complete)
        return total(self.narrowed)

    @cached_property
    def query(self) -> Query | None:
        """What `q` searches for, None without words."""
        return parse_query(self.words) if self.words else None

    @cached_property
    def _found(self) -> RankedVideos:
        return find_unindexed(self.narrowed, self.words) if self.words else newest_videos(self.narrowed)


class SourceFilters(OfInstance):
    kind = OneOfFilter("kind", choices=SourceKind, help_text="What it selects.")
    state = OneOfFilter("state", choices=SourceState, help_text="Whether it is worked on.")


class CurationFilters(GivenFilters):
    instance = HostFilter("video__instance", Instance.objects.mirrored, help_text="The host of an instance.")
    hidden = YesNoFilter("hidden", help_text="Whether the video is hidden.")
    featured = YesNoFilter("featured", help_text="Whether the video is featured.")
