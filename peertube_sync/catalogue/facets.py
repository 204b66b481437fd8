"""Facets: which values the videos of a list have, and how many have which."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from django.db.models import Count, QuerySet

from peertube_sync.catalogue.prepared_queries import PreparedQuery
from peertube_sync.models import Video
from peertube_sync.models.constants import PEERTUBES, constant_of
from peertube_sync.models.lookups import Keys
from peertube_sync.models.prepared import Placeholder

MAX_VALUES = 20
"""Values of a facet, the most frequent first."""
TAG = "tag"
FEW = 1_000
"""Videos of which each is read: what is the same of them is found here sooner than the database adds it up."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "category": ("category_id", "category_label", "instance__host"),
    "channel": ("channel__name", "channel__display_name", "instance__host"),
    "instance": ("instance__host", "instance__name"),
    "language": ("language_id", "language_label", "instance__host"),
    "licence": ("licence_id", "licence_label", "instance__host"),
}
"""What a facet reads of a video: an id, a label, and the host to which the id belongs."""
FACETS = (*sorted((*COLUMNS, TAG)),)

FacetCounts = dict[str, list[dict[str, Any]]]


def count_values(names: Collection[str], pks: Sequence[int], most: int = MAX_VALUES) -> FacetCounts:
    """Return, by facet, how many of the videos `pks` have which value, the most frequent first.

    Two queries, however many facets: reading a thousand videos takes the database longer than counting takes here.
    What more than `FEW` videos have in common it adds up, so that ten thousand are no more than a few rows of each
    value.
    """
    wanted = [name for name in names if name in COLUMNS]
    columns = (*dict.fromkeys(column for name in wanted for column in COLUMNS[name]),)
    added_up = len(pks) > FEW
    rows = _values_query(columns, added_up=added_up).tuples(keys=pks) if wanted else []
    counters = {name: Counter[Any]() for name in names}
    for name in wanted:
        read, counted = itemgetter(*map(columns.index, COLUMNS[name])), counters[name]
        if added_up:
            for row in rows:
                counted[read(row)] += row[-1]
        else:
            counted.update(map(read, rows))
    if TAG in names:
        counters[TAG].update({(name, name): number for name, number in _count_tags_query().tuples(keys=pks)})
    return {name: _most_frequent(name, counters[name], most) for name in names}


@cache
def _values_query(columns: tuple[str, ...], *, added_up: bool) -> PreparedQuery:
    """Return the statement for `columns` of videos with `keys`, of each or with how many have the same."""
    videos = Video.objects.filter(pk__among=Placeholder("keys", Keys()))
    return _added_up(videos, *columns) if added_up else PreparedQuery(videos.order_by().values(*columns))


@cache
def _count_tags_query() -> PreparedQuery:
    links = Video.tags.through._default_manager.filter(video__id__among=Placeholder("keys", Keys()))
    return _added_up(links, "tag__name")


def _added_up(rows: QuerySet[Any], *columns: str) -> PreparedQuery:
    return PreparedQuery(rows.order_by().values(*columns).annotate(number=Count("pk")).values(*columns, "number"))


def _most_frequent(name: str, counted: Counter[Any], most: int) -> list[dict[str, object]]:
    """Return the values with their numbers; of several labels for one value the most frequent."""
    numbers, told = Counter[Any](), defaultdict[Any, list[tuple[int, Any, str | None]]](list)
    for read, number in counted.items():
        if read[0] is not None:
            value, label = _value_and_label(name, *read)
            numbers[value] += number
            told[value].append((number, read, label))
    first = sorted(numbers, key=lambda value: (-numbers[value], str(value)))[:most]
    return [{"id": value, "label": _most_told(told[value]), "count": numbers[value]} for value in first]


def _most_told(told: Iterable[tuple[int, Any, str | None]]) -> str | None:
    """Return the most frequent label, of equally frequent ones always the same."""
    _number, _read, label = min(told, key=lambda one: (-one[0], [*map(str, one[1])]))
    return label


def _value_and_label(name: str, key: Any, label: str | None, host: str = "") -> tuple[object, str | None]:
    """Return what the filter `name` takes, and its label: PeerTube's own have PeerTube's, whatever was published."""
    if name in PEERTUBES:
        constant = constant_of(name, key, label, host)
        return (str(constant), label) if constant.host else (key, PEERTUBES[name][key])
    return (f"{key}@{host}" if host else key), label
