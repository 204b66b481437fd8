"""Texts of an instance, in the Markdown that PeerTube shows: safe HTML for pages, plain text for everything else.

PeerTube's own rules for descriptions (its `TEXT_RULES`): emphasis, links, lists and line breaks, bare addresses become
links; no headings, no pictures. `to_html` works in three steps: the text is cut at `LONGEST_DESCRIPTION`;
markdown-it-py renders it and escapes all HTML in it; nh3 keeps only `TAGS` and of their attributes only `href`, if it
is http(s) and leads to a public host (`faces/addresses.py`), and adds `rel="nofollow ugc noopener noreferrer"`.
"""

import html
import re
from collections.abc import Callable
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt

from peertube_sync.faces.addresses import safe

LONGEST_DESCRIPTION = 20_000
"""Characters of a text that are shown; PeerTube takes 10,000 at the most."""

TAGS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "code"}

TAG = re.compile(r"(<[^>]*>)")
CLOCK = re.compile(r"(?<![\w:.,/-])(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)(?![\w:/-]|[.,]\d)")
"""A moment of a video, as people write it: `1:02`, `01:02:03`."""


class _Linkify(LinkifyIt):  # type: ignore[misc]  # it ships no types
    """Finds addresses, which end where Chinese or Japanese punctuation begins: no space stands before or after it."""

    QUOTES, CJK = r"\u2018-\u201f\u2026", r"\u3001-\u3003\u3008-\u3011\u3014-\u301f"
    FULL_WIDTH = r"\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
    UNBROKEN = re.compile(f"[^{QUOTES}{CJK}{FULL_WIDTH}]+")

    def match(self, text: str) -> object:
        """Return the addresses in `text`, None where there are none."""
        addresses = []
        for piece in self.UNBROKEN.finditer(text):
            for address in super().match(piece.group()) or []:
                address.index += piece.start()
                address.last_index += piece.start()
                addresses.append(address)
        return addresses or None

    def match_at_start(self, text: str) -> object:
        """Return the address that `text` begins with, None where it begins with none."""
        piece = self.UNBROKEN.match(text)
        return super().match_at_start(piece.group()) if piece else None


_markdown = MarkdownIt("zero", {"linkify": True, "breaks": True, "html": False}).enable(
    ["linkify", "autolink", "emphasis", "link", "newline", "entity", "list", "escape", "backticks"]
)
_markdown.linkify = _Linkify()


def to_html(text: str | None) -> SafeString:
    """Return `text` (Markdown) as HTML that can be shown as it is."""
    dirty = _markdown.render((text or "")[:LONGEST_DESCRIPTION])
    clean = nh3.clean(
        dirty,
        tags=TAGS,
        attributes={"a": {"href"}},
        attribute_filter=lambda _tag, name, value: (safe(value) or None) if name == "href" else value,
        url_schemes={"http", "https"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308 - the sanitiser has been here


def link_moments(clean: SafeString, play: Callable[[int], str], end: int) -> SafeString:
    """Return what `to_html` made, with times of a video of `end` seconds as links to where it plays from there."""

    def link(match: re.Match[str]) -> str:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        start = 3600 * hours + 60 * minutes + seconds
        if start > end:
            return match[0]
        return f'<a href="{html.escape(play(start))}" data-peertube-start="{start}">{match[0]}</a>'

    pieces, linked = TAG.split(clean), False
    for number, piece in enumerate(pieces):
        if number % 2:
            linked = piece.startswith("<a ") or (linked and piece != "</a>")
        elif not linked:
            pieces[number] = CLOCK.sub(link, piece)
    return mark_safe("".join(pieces))  # noqa: S308 - what was put in is escaped


def to_text(text: str | None, length: int = 300) -> str:
    """Return the beginning of `text` (Markdown) in one plain line; it still has to be escaped."""
    return excerpt(_without_markup((text or "")[: 4 * length]), length)


@lru_cache(maxsize=2048)
def _without_markup(text: str) -> str:
    """Return a short text as its readers see it. It is kept, as the videos of one page are mostly on the next one."""
    return html.unescape(nh3.clean(_markdown.render(text), tags=set()))


def excerpt(text: str, length: int = 300) -> str:
    """Return the beginning of `text` as it is, in one line; for thousands of texts, as reading Markdown takes long."""
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else f"{line[:length].rsplit(' ', 1)[0]}…"
