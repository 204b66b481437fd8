"""The form beside the videos: what they can be narrowed to, and what they are narrowed to already."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from html import escape
from typing import Any

from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peertube_sync.catalogue.facets import FacetCounts, count_values
from peertube_sync.catalogue.filters import NOT_PUBLIC, PRIVACY
from peertube_sync.catalogue.visibility import Side
from peertube_sync.models.constant_names import name_of
from peertube_sync.models.constants import PEERTUBES
from peertube_sync.site.selection import ORDERINGS, RELEVANCE, BadSelection, Selection, without

FACETED = ("category", "language", "channel", "instance")
"""The choices of the form: values that the found videos have."""

TAGS = 12

LENGTHS = (
    (gettext_lazy("Any length"), "", ""),
    (gettext_lazy("Under 5 minutes"), "", "299"),
    (gettext_lazy("5 to 20 minutes"), "300", "1200"),
    (gettext_lazy("Over 20 minutes"), "1201", ""),
)
PUBLISHED = (
    (gettext_lazy("Since yesterday"), 1),
    (gettext_lazy("Last 7 days"), 7),
    (gettext_lazy("Last 30 days"), 30),
    (gettext_lazy("Last year"), 365),
)
"""Days before today since which videos may have been published."""
LABELS = {
    "instance": gettext_lazy("Instance"),
    "account": gettext_lazy("Account"),
    "channel": gettext_lazy("Channel"),
    "playlist": gettext_lazy("Playlist"),
    "category": gettext_lazy("Category"),
    "licence": gettext_lazy("Licence"),
    "language": gettext_lazy("Language"),
    "tag": gettext_lazy("Tag"),
    "tag_all": gettext_lazy("Tag"),
    "featured": gettext_lazy("Featured"),
    "has_captions": gettext_lazy("With captions"),
    "nsfw": gettext_lazy("Sensitive"),
    "is_live": gettext_lazy("Live"),
    "duration_min": gettext_lazy("At least (seconds)"),
    "duration_max": gettext_lazy("At most (seconds)"),
    "published_after": gettext_lazy("Published"),
    "published_before": gettext_lazy("Before"),
    "updated_after": gettext_lazy("Changed since"),
    "updated_before": gettext_lazy("Changed before"),
    "as_written": gettext_lazy("Exactly as written"),
    "q": gettext_lazy("Search"),
}


@dataclass(frozen=True)
class Link:
    """A choice that is an address."""

    label: str
    address: str
    current: bool = False


@dataclass(frozen=True)
class Choice:
    """A value to choose; `count` says how many of the newest videos have it, if that is known."""

    value: str
    label: str
    count: int | None = None
    current: bool = False

    @property
    def text(self) -> str:
        return f"{self.label} ({self.count})" if self.count else self.label


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    choices: list[Choice]

    @property
    def options(self) -> SafeString:
        """Return its choices as HTML: there are dozens on each page, for which templates take long."""
        told = (
            f'<option value="{escape(one.value)}"{" selected" if one.current else ""}>{escape(one.text)}</option>'
            for one in self.choices
        )
        return mark_safe("".join(told))  # noqa: S308 - escaped


@dataclass(frozen=True)
class SearchForm:
    """What the form of `selection` shows."""

    selection: Selection
    may_see_private: bool = False

    @property
    def words(self) -> str:
        return self.selection.words

    @property
    def corrected(self) -> str:
        """The words that were searched for instead, if those that were given find nothing; otherwise ""."""
        return self.selection.corrected

    @property
    def beside(self) -> bool:
        """Whether they were searched for beside the words that were given, since these find little."""
        return self.selection.beside

    @property
    def as_written(self) -> str:
        """The address that searches for the words as they are written."""
        return self._address_with(as_written="true")

    @property
    def how_many(self) -> str:
        """Return how many videos were found, in words; "" where a search ended before it found one."""
        total = self.selection.total()
        number = total.number
        if total.exact:
            return ngettext("%s video", "%s videos", number) % number
        return ngettext("At least %s video", "At least %s videos", number) % number if number else ""

    @cached_property
    def fields(self) -> list[Field]:
        """Return what can be chosen: more than one value, or one that is in use; times and licences always."""
        fields = (Field(name, str(LABELS[name]), self._choices(name)) for name in FACETED)
        found = [field for field in fields if len(field.choices) > 1 or field.name in self.selection.query]
        return [*found, self._field("published_after", _since()), self._field("licence", _licences())]

    @property
    def tags(self) -> list[Link]:
        """Return links that narrow the videos to a frequent tag, those in use left out."""
        used = self.selection.query.getlist("tag")
        found = (str(tag["id"]) for tag in self._counts_found["tag"])
        return [Link(tag, self._address_with(tag=tag)) for tag in found if tag not in used][:TAGS]

    @property
    def orderings(self) -> list[Choice]:
        """Return the orderings, the one that is meant without any first."""
        ordering = self.selection.query.get("ordering")
        there = {name: label for name, label in ORDERINGS.items() if name != RELEVANCE or self.words}
        return [Choice(name, str(label), current=name == ordering) for name, label in there.items()]

    @property
    def lengths(self) -> list[Link]:
        """Return links that narrow the videos by their duration."""
        query = self.selection.query
        bounds = (query.get("duration_min", ""), query.get("duration_max", ""))
        return [
            Link(str(label), self._address_with(duration_min=least, duration_max=most), bounds == (least, most))
            for label, least, most in LENGTHS
        ]

    @property
    def kinds(self) -> list[Link]:
        """Return links that show only lives, or only what has captions, or all again."""
        named = {"is_live": _("Live now"), "has_captions": _("With captions")}
        on = {name: self.selection.query.get(name) == "true" for name in named}
        return [
            Link(label, self._address_with(**{name: "" if on[name] else "true"}), on[name])
            for name, label in named.items()
        ]

    @property
    def not_public(self) -> Link | None:
        """Return the link that shows what isn't public, or what is again, to who may see that."""
        on = self.selection.side is Side.PRIVATE
        address = self._address_with(**{PRIVACY: "" if on else NOT_PUBLIC})
        return Link(_("Not public"), address, on) if self.may_see_private else None

    @property
    def hidden_inputs(self) -> list[tuple[str, str]]:
        """Return what the form has to keep though it has no field for it."""
        fields = {"q", *(field.name for field in self.fields)}
        return [(name, value) for name, value in self.selection.kept() if name not in fields]

    @property
    def in_use(self) -> list[Link]:
        """Return a link for every filter in use, which takes it away."""
        return [
            Link(f"{LABELS.get(name, name)}: {self._label(name, value)}", self._address_without(name, value))
            for name, value in self.selection.kept()
            if name != PRIVACY
        ]

    @property
    def cleared(self) -> str:
        """Return the address without any filter or words."""
        return without(
            self.selection.query, "cursor", *(name for name, _value in self.selection.kept() if name != PRIVACY)
        )

    def _label(self, name: str, value: str) -> str:
        choices = next((field.choices for field in self.fields if field.name == name), ())
        if label := next((choice.label for choice in choices if choice.value == value), ""):
            return label
        return {"true": _("yes"), "false": _("no")}.get(value, value)

    def _address_without(self, name: str, value: str) -> str:
        rest = QueryDict(mutable=True)
        for key, values in self.selection.query.lists():
            rest.setlist(key, [text for text in values if (key, text) != (name, value)])
        return without(rest, "cursor")

    def _address_with(self, **changed: str) -> str:
        emptied = [name for name, value in changed.items() if not value]
        filled = {name: value for name, value in changed.items() if value}
        return without(self.selection.query, "cursor", *emptied, **filled)

    def _choices(self, name: str) -> list[Choice]:
        """Return the values to choose from, counted as if none was chosen, and whatever is chosen."""
        chosen = self.selection.query.getlist(name)
        if chosen:
            query = QueryDict(without(self.selection.query, name, "cursor").removeprefix("?"))
            found = _counts((name,), replace(self.selection, query=query))[name]
        else:
            found = self._counts_found[name]
        choices = [
            Choice(str(one["id"]), _choice_label(name, one), one["count"], current=str(one["id"]) in chosen)
            for one in found
        ]
        return [*choices, *_others(choices, chosen)]

    def _field(self, name: str, named: dict[str, str]) -> Field:
        """Return a field with these values and whatever is chosen; how many videos have them isn't counted."""
        chosen = self.selection.query.getlist(name)
        choices = [Choice(value, label, current=value in chosen) for value, label in named.items()]
        return Field(name, str(LABELS[name]), [*choices, *_others(choices, chosen)])

    @cached_property
    def _counts_found(self) -> FacetCounts:
        """Return the values that the videos found have."""
        return _counts((*FACETED, "tag"), self.selection)


def _others(choices: Sequence[Choice], chosen: Sequence[str]) -> Iterator[Choice]:
    """Return what is chosen though it isn't offered."""
    known = {choice.value for choice in choices}
    return (Choice(value, value, current=True) for value in chosen if value and value not in known)


def _since() -> dict[str, str]:
    """Return days to choose from, in UTC as the filter reads them, and what they are called."""
    today = datetime.now(UTC).date()
    return {(today - timedelta(days)).isoformat(): str(label) for label, days in PUBLISHED}


def _licences() -> dict[str, str]:
    """Return PeerTube's own licences, and what they are called."""
    return {str(key): name_of("licence", key, name) for key, name in PEERTUBES["licence"].items()}


def _choice_label(name: str, value: dict[str, Any]) -> str:
    """Return what a value is called, with the host of whose own category or language it is."""
    key, label = str(value["id"]), value["label"]
    _id, at, host = key.rpartition("@") if name in PEERTUBES else (key, "", "")
    if name in PEERTUBES and not at:
        return name_of(name, value["id"], label)
    return f"{label} \N{MIDDLE DOT} {host}" if label and at else label or key


def _counts(names: tuple[str, ...], selection: Selection) -> FacetCounts:
    try:
        return count_values(names, selection.newest)
    except BadSelection:
        return {name: [] for name in names}
