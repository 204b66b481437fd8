"""Form fields for foreign keys to videos and playlists: found by words of the title, or by a pasted address or uuid.

`video = VideoChoiceField()` in a form is all: it gives a row. The input shows titles as pages do, the site's own first.
While somebody types, the site's JSON feed offers videos, where its pages are included; without it, or without a script,
an address or a whole title will do.
"""

import re
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy

from peertube_sync.faces.pages import page
from peertube_sync.models import Playlist, Video
from peertube_sync.site.choosing import called, find_playlists, find_videos

LABEL = re.compile(r"\((\w{22})\)\s*$")


class ChoiceInput(forms.TextInput):
    """A text that names a row: its title with the short uuid in parentheses."""

    template_name = "peertube_sync/forms/choice.html"
    model: ClassVar[type[Model]]

    class Media:
        js = ("peertube_sync/site/choose.js",)

    def format_value(self, value: Any) -> str:
        """Name the row with the primary key `value`; what was typed stays as it is."""
        if value in (None, ""):
            return ""
        row = value if isinstance(value, self.model) else self._row(value)
        return str(value) if row is None else label_of(row)  # type: ignore[arg-type]  # of the `model`

    def _row(self, value: Any) -> object:
        if not isinstance(value, int):
            return None
        rows: Any = self.model._default_manager
        return (rows.select_related("curation") if self.model is Video else rows).filter(pk=value).first()


class VideoInput(ChoiceInput):
    model = Video

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, object]:
        context = super().get_context(name, value, attrs)
        identity = context["widget"]["attrs"].get("id", f"id_{name}")
        context["widget"]["attrs"] |= {
            "autocomplete": "off",
            "list": f"{identity}_found",
            "data-peertube-choose": page("json-feed"),
        }
        return context


class PlaylistInput(ChoiceInput):
    model = Playlist


class ChoiceField(forms.CharField):
    """Reads what names a row that everybody may see; None for nothing."""

    find: ClassVar[Callable[[str], list[Any]]]
    default_error_messages = {
        "nothing": gettext_lazy("Nothing here is called %(text)s. Use words of its title, or paste its address."),
        "several": gettext_lazy("%(text)s may be any of these: %(found)s. Choose one, or paste its address."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=2000, **options)

    def clean(self, value: Any) -> object:
        """Return the row. Raises ValidationError where no row is named, or several are."""
        text = super().clean(value)
        if not text:
            return None
        named = LABEL.search(text)
        found = type(self).find(named[1] if named else text)
        meant = [row for row in found if _is_named_in(text, row)]
        if len(meant) == 1:
            return meant[0]
        words = {"text": repr(text), "found": ", ".join(label_of(row) for row in found[:5])}
        raise ValidationError(self.error_messages["several" if found else "nothing"], params=words)

    def prepare_value(self, value: Any) -> object:
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as the input shows it."""
        return bool(self.widget.format_value(initial) != (data or ""))


class VideoChoiceField(ChoiceField):
    widget = VideoInput
    find = staticmethod(find_videos)


class PlaylistChoiceField(ChoiceField):
    widget = PlaylistInput
    find = staticmethod(find_playlists)


def _is_named_in(text: str, row: Video | Playlist) -> bool:
    """Tell whether `text` is a row's title, or has its uuid, as addresses have."""
    return called(row).casefold() == text.casefold() or row.short_uuid in text or str(row.uuid) in text


def label_of(row: Video | Playlist) -> str:
    """Return how a row is called in an input, which `ChoiceField` reads again."""
    return f"{called(row)} ({row.short_uuid})"
