"""What a feed is of, in words: the names of what its videos are narrowed to, and the page where people see them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.lookups import by_handle, by_host, by_uuid, find_or_404
from peertube_sync.client.constants import CATEGORIES, LANGUAGES, LICENCES
from peertube_sync.models import Video
from peertube_sync.site.markdown import to_text
from peertube_sync.site.search_form import LABELS
from peertube_sync.site.selection import Selection
from peertube_sync.site.source_presenters import ActorPresenter, InstancePresenter, PlaylistPresenter

CONSTANTS: Mapping[str, Mapping[Any, str]] = {
    "category": {str(number): label for number, label in CATEGORIES.items()},
    "licence": {str(number): label for number, label in LICENCES.items()},
    "language": LANGUAGES,
}
"""What PeerTube calls them, for a feed without any video; each instance may call them otherwise."""
ROWS: Mapping[str, tuple[Callable[[], QuerySet[Any]], Callable[[str], Q], Callable[[Any], Any]]] = {
    "instance": (queries.instance_details, by_host, InstancePresenter),
    "channel": (queries.channel_details, by_handle, ActorPresenter),
    "account": (queries.account_details, by_handle, ActorPresenter),
    "playlist": (queries.playlist_details, by_uuid, PlaylistPresenter),
}
BY_THEMSELVES = frozenset({"q", "tag", "tag_all"})
"""Filters whose values are words."""


@dataclass(frozen=True)
class Subject:
    """What a feed is of: "" for whatever there is nothing to say of."""

    title: str = ""
    text: str = ""
    page: str = ""


def subject_of(selection: Selection, rows: Sequence[Video]) -> Subject:
    """Return what `selection` selects, of which `rows` were found.

    A row is looked up once for each kind, however often a query names one: filters take the last.
    """
    used = ((name, selection.query.get(name, value) if name in ROWS else value) for name, value in selection.kept())
    kept: list[tuple[str, str]] = [*dict.fromkeys(used)]
    presenters = [_presenter(name, value) if name in ROWS else None for name, value in kept]
    names = [
        presented.name if presented else _filter_in_words(*filtered, rows)
        for presented, filtered in zip(presenters, kept, strict=True)
    ]
    title = ", ".join(names)
    if len(presenters) == 1 and (presented := presenters[0]):
        return Subject(title, to_text(getattr(presented.row, "description", None)), presented.page)
    return Subject(title)


def _presenter(name: str, value: str) -> Any:
    """Return the row that a filter names as pages show it, None where there is none."""
    find, by, show = ROWS[name]
    try:
        return show(find_or_404(find(), by, value))
    except Http404:
        return None


def _filter_in_words(name: str, value: str, rows: Sequence[Video]) -> str:
    """Return in words what a filter wants."""
    if name in BY_THEMSELVES or name in ROWS:
        return value
    if name in CONSTANTS:
        number = value.partition("@")[0]
        labels = (getattr(row, f"{name}_label") for row in rows if str(getattr(row, f"{name}_id")) == number)
        return next(labels, "") or CONSTANTS[name].get(number, value)
    label = str(LABELS.get(name, name))
    return label if value == "true" else f"{label}: {value}"
