"""The panel beside the videos: what they can be narrowed to, and what they are narrowed to already."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peertube_sync.catalogue import public
from peertube_sync.site.selection import ORDERINGS, Selection, without

CHOICES_SECONDS = 600
"""How long the categories and languages that there are may be old: to know them, all videos are read."""

CHOICES_KEY = "peertube_sync.choices.{}"
SHOWN_FILTERS = ("q", "category", "language", "ordering")
"""What the form has fields of its own for."""

LENGTHS = (
    (gettext_lazy("Any length"), "", ""),
    (gettext_lazy("Under 5 minutes"), "", "299"),
    (gettext_lazy("5 to 20 minutes"), "300", "1200"),
    (gettext_lazy("Over 20 minutes"), "1201", ""),
)
LABELS = {
    "instance": gettext_lazy("Instance"),
    "account": gettext_lazy("Account"),
    "channel": gettext_lazy("Channel"),
    "playlist": gettext_lazy("Playlist"),
    "category": gettext_lazy("Category"),
    "licence": gettext_lazy("Licence"),
    "language": gettext_lazy("Language"),
    "tag": gettext_lazy("Tag"),
    "nsfw": gettext_lazy("Sensitive"),
    "is_live": gettext_lazy("Live"),
    "duration_min": gettext_lazy("At least (seconds)"),
    "duration_max": gettext_lazy("At most (seconds)"),
    "published_after": gettext_lazy("Since"),
    "published_before": gettext_lazy("Before"),
    "q": gettext_lazy("Search"),
}


@dataclass(frozen=True)
class Link:
    """A choice that is an address."""

    label: str
    address: str
    current: bool = False


@dataclass(frozen=True)
class Panel:
    """What the form of `selection` shows."""

    selection: Selection

    @property
    def words(self) -> str:
        """Return what is searched for."""
        return self.selection.words

    @property
    def categories(self) -> list[dict[str, Any]]:
        """Return the categories that there are."""
        return self._choices("category")

    @property
    def languages(self) -> list[dict[str, Any]]:
        """Return the languages that there are."""
        return self._choices("language")

    @property
    def orderings(self) -> list[dict[str, Any]]:
        """Return the orderings."""
        given = self.selection.query.get("ordering")
        return [{"value": name, "label": label, "current": name == given} for name, label in ORDERINGS.items()]

    @property
    def lengths(self) -> list[Link]:
        """Return links that narrow the videos by their duration."""
        query = self.selection.query
        given = (query.get("duration_min", ""), query.get("duration_max", ""))
        return [
            Link(str(label), self._with(duration_min=least, duration_max=most), given == (least, most))
            for label, least, most in LENGTHS
        ]

    @property
    def live(self) -> Link:
        """Return the link that shows lives only, or all again."""
        on = self.selection.query.get("is_live") == "true"
        return Link(_("Live now"), self._with(is_live="" if on else "true"), on)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Return what the form has to keep though it has no field for it."""
        return [(name, value) for name, value in self.selection.kept() if name not in SHOWN_FILTERS]

    @property
    def in_use(self) -> list[Link]:
        """Return a link for every filter in use, which takes it away."""
        return [
            Link(f"{LABELS.get(name, name)}: {self._label(name, value)}", self._taken_away(name, value))
            for name, value in self.selection.kept()
        ]

    def _label(self, name: str, value: str) -> str:
        if name in {"category", "language"}:
            return next((one["label"] for one in self._choices(name) if one["value"] == value), value)
        return {"true": _("yes"), "false": _("no")}.get(value, value)

    def _taken_away(self, name: str, value: str) -> str:
        rest = QueryDict(mutable=True)
        for key, values in self.selection.query.lists():
            rest.setlist(key, [one for one in values if (key, one) != (name, value)])
        return without(rest, "cursor")

    def _with(self, **changed: str) -> str:
        emptied = [name for name, value in changed.items() if not value]
        given = {name: value for name, value in changed.items() if value}
        return without(self.selection.query, "cursor", *emptied, **given)

    def _choices(self, name: str) -> list[dict[str, Any]]:
        given = self.selection.query.getlist(name)
        found = cache.get_or_set(CHOICES_KEY.format(name), lambda: list(_there_are(name)), CHOICES_SECONDS) or []
        return [{"value": value, "label": label, "current": value in given} for value, label in found]


def _there_are(name: str) -> Iterator[tuple[str, str]]:
    """Yield the values of the listed videos, each with one label, by their labels."""
    rows = public.listed().exclude(**{f"{name}_id": None}).order_by()
    found = rows.values_list(f"{name}_id", f"{name}_label").distinct()
    labels = {str(value): label or str(value) for value, label in found}
    yield from sorted(labels.items(), key=lambda pair: pair[1].casefold())
