"""How values look: pictures, links, badges, durations, JSON.

Whatever came from an instance is hostile: it is escaped, and only http(s) addresses become links or pictures.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext_lazy

from peertube_sync.models import PUBLIC, Account, Channel, Playlist, Video
from peertube_sync.models.naming import COLUMN_NAMES
from peertube_sync.pictures import addresses
from peertube_sync.pictures.told import COLUMNS

NOTHING = "-"
GOOD, BUSY, BAD, QUIET = "good", "busy", "bad", "quiet"
"""How a badge looks."""

UNITS = (
    (86_400, ngettext_lazy("%d day", "%d days")),
    (3_600, ngettext_lazy("%d hour", "%d hours")),
    (60, ngettext_lazy("%d minute", "%d minutes")),
)

Column = Callable[[Any], str]


def picture_of(of: str, row: Any, source: str, width: int, height: int) -> str:
    """Return an `<img>` of the picture of a row: this site's own, else the one at the address at its `source`."""
    if not addresses.ours():
        return thumbnail(source if _is_web(source) else "", width, height)
    found = addresses.find(of, row.pk, *(getattr(row, column) for column in COLUMNS[of]))
    return thumbnail(found.at(2 * width) if found else "", width, height)


def thumbnail(address: str, width: int, height: int) -> str:
    """Return an `<img>` of that many CSS pixels; a placeholder where there is no address."""
    if not address:
        return format_html('<span class="pt-image pt-{}x{}"></span>', width, height)
    return format_html(
        '<img class="pt-image pt-{0}x{1}" src="{2}" width="{0}" height="{1}" alt="" loading="lazy" decoding="async" '
        'referrerpolicy="no-referrer">',
        width,
        height,
        address,
    )


def source_link(address: str) -> str:
    """Return a link that leaves the site, in a tab of its own."""
    if not _is_web(address):
        return NOTHING
    return format_html(
        '<a class="pt-whole" href="{0}" target="_blank" rel="noopener noreferrer" title="{0}">'
        '<span class="pt-word">{1}</span> ↗</a>',
        address,
        gettext("Open"),
    )


def link_to(row: Model | None, text: str = "") -> str:
    """Return a link to the row's own page in the admin."""
    if row is None:
        return NOTHING
    address = reverse(f"admin:peertube_sync_{row._meta.model_name}_change", args=(row.pk,))
    return format_html('<a href="{}">{}</a>', address, text or str(row))


def link_to_list(model: type[Model], text: str, **lookups: object) -> str:
    """Return a link to the list of those rows of `model` that `lookups` select."""
    address = reverse(f"admin:peertube_sync_{model._meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(lookups), text)


def joined_links(links: Iterable[str]) -> str:
    """Return several links in one line."""
    return format_html_join(" · ", "{}", ((link,) for link in links))


def badge(text: str, tone: str, title: str = "") -> str:
    """Return a short word on a coloured ground; `tone` is one of GOOD, BUSY, BAD, QUIET."""
    return format_html('<span class="pt-badge pt-{}" title="{}">{}</span>', tone, title, text)


def tombstone(row: Account | Channel | Playlist) -> str:
    """Return a badge that says whether the row is still there and shown, and else why not."""
    if row.removed_at:
        return badge(row.get_removed_reason_display() or gettext("removed"), BAD)
    if isinstance(row, Playlist) and row.double:
        return badge(gettext("double"), QUIET)
    return badge(gettext("available"), GOOD)


def twins(row: Video | Playlist) -> str:
    """Return links to the rows of other instances with the same uuid, and which of them is shown or withheld for all.

    The names of what isn't public are left out: not everybody may see them.
    """
    others: QuerySet[Any] = (
        type(row)._default_manager.filter(uuid=row.uuid).exclude(pk=row.pk).select_related("instance")
    )
    links = []
    columns = ("uuid", "privacy_id", "double", *NAMES[type(row)], "instance__host")
    for twin in others.order_by("double", "pk").only(*columns):
        name = str(twin) if twin.privacy_id == PUBLIC else str(twin.uuid)
        words = gettext("its double at %s") if twin.double else gettext("the first, at %s")
        links.append(format_html("{} ({})", link_to(twin, name), words % twin.instance.host))
    return joined_links(links) or NOTHING


NAMES: dict[type[Model], tuple[str, ...]] = {Video: ("name",), Playlist: ("display_name",)}


def shortened(text: str, length: int = 60) -> str:
    """Return the beginning of a long text, all of it under the pointer."""
    if len(text) <= length:
        return text or NOTHING
    return format_html('<span title="{}">{}…</span>', text, text[:length].rstrip())


def cause(error: str, home: str) -> str:
    """Return the beginning of an error, all of it under the pointer.

    What was asked for of `home`, an address, would be all that is seen: no more than its path is told.
    """
    without_query = re.sub(r"(https?://[^\s?]+)\?\S+", r"\1", error).replace(f"{home}/", "/")
    return (
        shortened(error)
        if without_query == error
        else format_html('<span title="{}">{}</span>', error, shortened(without_query))
    )


def format_seconds(seconds: float | None) -> str:
    """Return 3725 as "1:02:05", 65 as "1:05"; None as a dash."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def roughly(seconds: float) -> str:
    """Return a duration in its largest unit: 400 as "7 minutes"."""
    for unit, words in UNITS:
        if seconds >= unit:
            count = round(seconds / unit)
            return str(words % count)
    return gettext("a minute")


def moment(at: datetime | None) -> str:
    """Return a time to the minute in the site's time zone, as "2026-11-21 09:56"; None as a dash."""
    if at is None:
        return NOTHING
    here = localtime(at)
    return format_html('<span class="pt-whole">{}</span> <span>{}</span>', f"{here:%Y-%m-%d}", f"{here:%H:%M}")


def two_lines(first: str, second: str) -> str:
    """Return two texts or links below each other, the second one quiet."""
    return format_html('{}<br><small class="quiet">{}</small>', first, second)


def number(value: int | None) -> str:
    """Return 12345 as "12,345", with a space that doesn't break; None as a dash."""
    return NOTHING if value is None else f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def pretty_json(name: str) -> Column:
    """Return a read-only field that shows the JSON column `name` indented."""

    @admin.display(description=COLUMN_NAMES[name])
    def column(row: Any) -> str:
        value = getattr(row, name)
        if not value:
            return NOTHING
        text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html('<pre class="pt-json">{}</pre>', text)

    column.__name__ = f"{name}_pretty"
    return column


def long_text(name: str) -> Column:
    """Return a read-only field that shows the text column `name` with its line breaks, as plain text."""

    @admin.display(description=COLUMN_NAMES[name])
    def column(row: Any) -> str:
        value = getattr(row, name)
        return format_html('<div class="pt-prose">{}</div>', value) if value else NOTHING

    column.__name__ = f"{name}_prose"
    return column


def _is_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))
