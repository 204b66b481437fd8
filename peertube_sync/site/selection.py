"""Which videos an address asks for: the API's filters, words to search for, an ordering, a page.

Pages, feeds and template tags all select with this, so that what one of them shows the others can show too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.counting import Count
from peertube_sync.catalogue.filters import PrivateVideoFilters, VideoFilters
from peertube_sync.catalogue.keyset import BadCursor, KeysetPage, not_ours, read_page, read_page_of
from peertube_sync.catalogue.lookups import present_query
from peertube_sync.catalogue.prepared_queries import ChosenRows
from peertube_sync.catalogue.ranking import Languages
from peertube_sync.catalogue.totals import total_found
from peertube_sync.catalogue.video_search import ALL_LISTED, DEEPEST, BestFirst, RankedVideos, unranked
from peertube_sync.catalogue.visibility import Side
from peertube_sync.models import Video
from peertube_sync.models.words import Query

NEWEST, RELEVANCE = "-published_at", "relevance"
ORDERINGS = {
    RELEVANCE: gettext_lazy("Best match first"),
    NEWEST: gettext_lazy("Newest first"),
    "published_at": gettext_lazy("Oldest first"),
    "-views": gettext_lazy("Most watched"),
    "-likes": gettext_lazy("Most liked"),
    "-duration": gettext_lazy("Longest first"),
    "name": gettext_lazy("By title"),
}
FILTERS = (*VideoFilters.base_filters,)
LARGEST_PAGE = 100


class BadSelection(ValueError):  # noqa: N818 - named after what is the case
    """A filter, ordering, size or cursor that makes no sense; `problems` says why, by the parameter."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(f"{name}: {why}" for name, why in problems.items()))
        self.problems = problems


@dataclass(frozen=True)
class Selection:
    """What a query selects; parameters that aren't ours (those of trackers, say) are ignored."""

    query: QueryDict
    page_size: int = 24
    best_first: bool = False
    """Whether what words find is sorted by relevance where no order is asked for."""
    languages: Languages = field(default_factory=dict)
    """How much whoever searches prefers languages, among videos that fit equally."""
    side: Side = Side.PUBLIC
    """Which videos there are to choose from; `privacy` is a parameter on the private side alone."""
    within: Mapping[str, str] = field(default_factory=dict)
    """Filters that a page sets itself, whatever its query says."""

    @property
    def words(self) -> str:
        return self.query.get("q", "").replace("\0", "").strip()[:200]

    @property
    def searched(self) -> Query:
        """What is searched for: nothing without words. Raises BadSelection."""
        return self._filters.query or ()

    @property
    def corrected(self) -> str:
        """The words that were searched for instead, since these find nothing; "" where they do. Raises BadSelection."""
        return self._filters.corrected

    @property
    def beside(self) -> bool:
        """Whether they were searched for beside the words that were given, since these find little."""
        return self._filters.beside

    @property
    def order(self) -> str:
        """Return what to sort by. Raises BadSelection."""
        order = self.query.get("ordering") or (RELEVANCE if self.best_first and self.words else NEWEST)
        if order not in ORDERINGS:
            raise BadSelection({"ordering": _("There is no such order.")})
        if order == RELEVANCE and not self.words:
            raise BadSelection({"ordering": _("Search for words to sort by relevance.")})
        return order

    @property
    def size(self) -> int:
        """Return how many videos a page has. Raises BadSelection."""
        size = self.query.get("page_size") or str(self.page_size)
        if not (size.isascii() and size.isdecimal() and len(size) <= 3 and 1 <= int(size) <= LARGEST_PAGE):
            raise BadSelection({"page_size": _("Give a whole number from 1 to 100.")})
        return int(size)

    @property
    def _kind(self) -> type[VideoFilters]:
        return PrivateVideoFilters if self.side is Side.PRIVATE else VideoFilters

    @cached_property
    def _filters(self) -> VideoFilters:
        asked = self.query
        if self.within:
            asked = self.query.copy()
            asked.update(self.within)
        filters = self._kind(asked, queries.videos(self.side))
        if not filters.is_valid():
            raise BadSelection({name: " ".join(why) for name, why in filters.errors.items()})
        filters.languages = self.languages
        return filters

    def rows(self) -> QuerySet[Video]:
        """Return the videos, unsorted. Raises BadSelection."""
        selected: QuerySet[Video] = self._filters.qs
        return selected

    @cached_property
    def found(self) -> RankedVideos:
        """Return what words find, else the newest videos, within bounds. Raises BadSelection."""
        found: RankedVideos = self._filters.find(ALL_LISTED)
        return found

    def total(self) -> Count:
        """Return how many videos there are. Raises BadSelection."""
        asked = f"site {self.side} {self.kept()} {dict(self.within)}"
        return total_found(self.found, lambda: self._filters.total(ALL_LISTED, asked))

    @cached_property
    def newest(self) -> list[int]:
        """Return the primary keys of the newest videos, of which facets are counted. Raises BadSelection."""
        return self.found.pks

    def page(self) -> KeysetPage:
        """Return the page that the query asks for. Raises BadSelection.

        Feeds were subscribed to by a host that their instance had formerly, perhaps: where nothing is found, that is
        looked up.
        """
        found = self._page()
        moved = None if found.rows else present_query(self.query)
        return replace(self, query=moved)._page() if moved else found

    def _page(self) -> KeysetPage:
        cursor = self.query.get("cursor") or None
        try:
            if self.order == RELEVANCE:
                return self._best(cursor_place(cursor))
            order = self.order
            if self._filters.selects_all:
                return read_page_of(ChosenRows(queries.videos, (self.side,)), order, self.size, cursor)
            return read_page(self.rows(), order, self.size, cursor)
        except BadCursor as error:
            raise BadSelection({"cursor": _("This page isn't there any more; begin anew.")}) from error

    def _best(self, begin: int) -> KeysetPage:
        """Return the page from place `begin` on: the best of the newest videos that were found, then all others."""
        ranked, end = [pk for _relevance, pk in sorted(self.found.ranked, reverse=True)], begin + self.size
        matched = self.rows() if end >= len(ranked) else Video.objects.none()  # few pages lead beyond what is ranked
        found = BestFirst(ranked, unranked(self.found, matched))[begin : end + 1]
        return KeysetPage(
            ChosenRows(queries.videos, (self.side,)).among(found[: self.size]),
            next=str(end) if len(found) > self.size else "",
            previous=str(max(begin - self.size, 0)) if begin else "",
        )

    def kept(self) -> list[tuple[str, str]]:
        """Return the filters and words in use, as names and values."""
        names = ("q", *(name for name in self._kind.base_filters if name != "q"))
        return [(name, value) for name in names for value in self.query.getlist(name) if value.strip()]


def cursor_place(cursor: str | None) -> int:
    """Return the place in a ranking that a cursor of one tells. Raises BadCursor."""
    if cursor and not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= len(str(DEEPEST))):
        raise not_ours()
    return int(cursor or 0)


def without(query: QueryDict, *names: str, **changed: str) -> str:
    """Return `query` as text to follow an address, without `names` and with what is `changed`."""
    kept = {name: values for name, values in query.lists() if name not in names}
    return f"?{urlencode(kept | {name: [value] for name, value in changed.items()}, doseq=True)}"


def query_of(**filters: object) -> QueryDict:
    """Return filters given in Python as a query; lists repeat their name, truth values are spelt as the API does."""
    query = QueryDict(mutable=True)
    for name, value in filters.items():
        values = value if isinstance(value, list | tuple | set) else [value]
        query.setlist(name, [str(value).lower() if isinstance(value, bool) else str(value) for value in values])
    return query
