"""Which rows the sources of an instance want: what they select, and what their rules accept."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from peertube_sync.models.base import Reason
from peertube_sync.models.rules import read_rules
from peertube_sync.models.source import Source, SourceKind, selection
from peertube_sync.models.video import Video


def outside(instance_id: int, sources: Iterable[Source]) -> "QuerySet[Video, Video]":
    """Return the rows of the instance that none of `sources` wants; tombstones are left out.

    Sources of public videos and those of owners have nothing to say about each other's rows.
    """
    rows, sources = Video.objects.filter(instance=instance_id, removed_at=None), list(sources)
    public = _unwanted(rows.public(), [source for source in sources if source.kind != SourceKind.OWN])
    return public | _unwanted(rows.private(), [source for source in sources if source.kind == SourceKind.OWN])


def want_all(sources: Iterable[Source]) -> bool:
    """Return whether one of `sources` wants every public row of its instance, whatever becomes of it."""
    return any(not selection(source) and not source.rules for source in sources if source.kind != SourceKind.OWN)


def _unwanted(rows: "QuerySet[Video, Video]", sources: list[Source]) -> "QuerySet[Video, Video]":
    if want_all(sources):
        return rows.none()
    for source in sources:
        rows = rows.exclude(pk__in=wanted(source).values("pk"))
    return rows


def wanted(source: Source) -> "QuerySet[Video, Video]":
    """Return the rows that `source` wants, tombstones included."""
    return Video.objects.of_source(source).filter(condition_of_rules(source))


def hidden_by_rules(source: Source) -> "tuple[QuerySet[Video, Video], QuerySet[Video, Video]]":
    """Return the rows of what `source` selects that its rules hide, and all; other tombstones are left out."""
    held = Video.objects.of_source(source).filter(Q(removed_at=None) | Q(removed_reason=Reason.OUT_OF_SCOPE))
    kept = Video.objects.filter(condition_of_rules(source), instance=source.instance_id)
    return held.exclude(pk__in=kept.values("pk")), held


def condition_of_rules(source: Source) -> Q:
    """Return the condition for what keeps the rules of `source`."""
    condition = Q()
    for name, value in read_rules(source.rules).items():
        condition &= CONDITIONS[name](value)
    return condition


def _not_among(column: str) -> Callable[[Any], Q]:
    """Rows without a value (no language told) are none of the unwanted."""
    return lambda unwanted: Q(**{f"{column}__isnull": True}) | ~Q(**{f"{column}__in": unwanted})


def _has_tag(names: tuple[str, ...]) -> Q:
    links = Video.tags.through._default_manager.filter(video=OuterRef("pk"), tag__name__in=names)
    return Q(Exists(links))


def _in_doubt() -> Q:
    """Tags that were never asked for, or are about to be asked for again, aren't judged by."""
    return Q(details_fetched_at__isnull=True) | Q(details_due_at__lte=timezone.now())


CONDITIONS: Mapping[str, Callable[[Any], Q]] = {
    "languages": lambda wanted: Q(language_id__in=wanted),
    "exclude_languages": _not_among("language_id"),
    "categories": lambda wanted: Q(category_id__in=wanted),
    "exclude_categories": _not_among("category_id"),
    "tags": lambda wanted: _in_doubt() | _has_tag(wanted),
    "exclude_tags": lambda unwanted: _in_doubt() | ~_has_tag(unwanted),
    "nsfw": lambda wanted: Q(nsfw=wanted),
    "min_duration": lambda least: Q(duration__gte=least),
    "since": lambda since: Q(published_at__gte=since),
}
