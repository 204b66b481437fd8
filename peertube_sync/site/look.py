"""The look of the site as pages show it: what its owner decided in the admin, else what settings and style sheet say.

It is read together with the statement that every page begins with (`attach`), so it costs no page a query, and what
was saved is seen by the next request, whichever process answers it. Where no database is asked for a page, as for the
one that says that it is down, what this process read last stands in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any

import msgspec
from django.db import Error
from django.http import HttpRequest
from django.utils.safestring import SafeString

from peertube_sync.conf import get_settings
from peertube_sync.faces import deadline
from peertube_sync.faces.contrast import COLOUR, DARK_GROUNDS, readable
from peertube_sync.faces.deadline import Reading
from peertube_sync.faces.pages import page
from peertube_sync.models import SectionKind
from peertube_sync.models.site_look import SNAPSHOT
from peertube_sync.site.markdown import to_html

READING = "peertube_sync_reading"
"""The attribute of a request that has what reads its answer."""


class MenuLink(msgspec.Struct, frozen=True):
    label: str
    address: str


class Section(msgspec.Struct, frozen=True):
    """A section of the front page, as `HomeSection` has it."""

    kind: str
    subject: str = ""
    heading: str = ""
    number: int = 12


class Snapshot(msgspec.Struct, frozen=True):
    """What `SiteLook.snapshot` has; a text that an older version of ours wrote may lack some of it."""

    name: str = ""
    logo_version: str = ""
    logo_width: int = 0
    logo_height: int = 0
    show_name: bool = True
    accent: str = ""
    accent_dark: str = ""
    page_links: bool = True
    footer_text: str = ""
    menu: tuple[MenuLink, ...] = ()
    footer: tuple[MenuLink, ...] = ()
    sections: tuple[Section, ...] = ()


USUAL_SECTIONS = (
    Section(SectionKind.FEATURED, number=6),
    Section(SectionKind.LIVE, number=4),
    Section(SectionKind.LATEST),
)
"""What the front page shows where its owner has chosen nothing."""
SQUARE = 1.3
"""How many times wider than high, or the other way round, a logo may be that is the icon of pages, too."""


class LookPresenter:
    """What pages show of the look; `usual_name` is what the settings call the site."""

    def __init__(self, snapshot: Snapshot, usual_name: str) -> None:
        self.snapshot, self.usual_name = snapshot, usual_name

    @property
    def name(self) -> str:
        return self.snapshot.name or self.usual_name

    @property
    def logo(self) -> str:
        """The address of the logo, "" where there is none."""
        return page("logo", self.snapshot.logo_version) if self.snapshot.logo_version else ""

    @property
    def icon(self) -> str:
        """The address of a logo that is about as wide as high, so that it can be the icon of pages; else ""."""
        sides = sorted((self.snapshot.logo_width, self.snapshot.logo_height))
        return self.logo if sides[1] <= SQUARE * sides[0] else ""

    @property
    def shows_name(self) -> bool:
        return self.snapshot.show_name or not self.snapshot.logo_version

    @property
    def style_sheet(self) -> str:
        """The address of the style sheet with the owner's colours, "" where these are ours."""
        light, dark = self.colours
        return page("colours", light[1:], dark[1:]) if light else ""

    @property
    def colours(self) -> tuple[str, str]:
        """The colour by day, and that by night, which may be made of the other; "" twice where the owner chose none."""
        light, dark = (
            colour if COLOUR.fullmatch(colour) else "" for colour in (self.snapshot.accent, self.snapshot.accent_dark)
        )
        return (light, dark or readable(light, DARK_GROUNDS)) if light else ("", "")

    @cached_property
    def footer_html(self) -> SafeString:
        return to_html(self.snapshot.footer_text)

    @property
    def sections(self) -> tuple[Section, ...]:
        return self.snapshot.sections or USUAL_SECTIONS


class _Memory:
    """What this process read last, for answers that ask no database."""

    text: str | None = None


@contextmanager
def attached(request: HttpRequest, reading: Reading) -> Iterator[None]:
    """Let `look_of(request)` read the look with the first statement of `reading`, while that goes on."""
    reading.read_along(SNAPSHOT)
    setattr(request, READING, reading)
    try:
        yield
    finally:
        delattr(request, READING)


def look_of(request: HttpRequest, *, ask: bool = False) -> LookPresenter:
    """Return the look; outside of a reading it is the last one that was read here, unless it is to be asked for."""
    reading: Reading | None = getattr(request, READING, None)
    if reading:
        _Memory.text = reading.value(SNAPSHOT)
    elif ask:
        _read_snapshot()
    return _decode_snapshot(_Memory.text, get_settings())


def _read_snapshot() -> None:
    try:
        with deadline.reading(read_only=False) as reading:
            _Memory.text = reading.value(SNAPSHOT)
    except Error:  # the page that was asked for says what is the matter, or another one does
        return


@lru_cache(maxsize=8)
def _decode_snapshot(text: str | None, settings: Any) -> LookPresenter:
    return LookPresenter(msgspec.json.decode(text or "{}", type=Snapshot), settings.site_name)
