"""Texts of an instance, in the Markdown that PeerTube shows: safe HTML for pages, plain text for everything else.

PeerTube's own rules for descriptions (its `TEXT_RULES`): emphasis, links, lists and line breaks, bare addresses become
links; no headings, no pictures. HTML is escaped by the parser; the sanitiser is the second lock.
"""

import html

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from peertube_sync.faces.addresses import safe

LONGEST = 20_000
"""Characters of a text that are shown; PeerTube takes 10,000 at the most."""

TAGS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "code"}

_markdown = MarkdownIt("zero", {"linkify": True, "breaks": True, "html": False}).enable(
    ["linkify", "autolink", "emphasis", "link", "newline", "entity", "list", "escape", "backticks"]
)


def to_html(text: str | None) -> SafeString:
    """Return `text` (Markdown) as HTML that can be shown as it is."""
    dirty = _markdown.render((text or "")[:LONGEST])
    clean = nh3.clean(
        dirty,
        tags=TAGS,
        attributes={"a": {"href"}},
        attribute_filter=lambda _tag, name, value: (safe(value) or None) if name == "href" else value,
        url_schemes={"http", "https"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308 - the sanitiser has been here


def to_text(text: str | None, length: int = 300) -> str:
    """Return the beginning of `text` (Markdown) in one plain line; it still has to be escaped."""
    bare = nh3.clean(_markdown.render((text or "")[: 4 * length]), tags=set())
    return excerpt(html.unescape(bare), length)


def excerpt(text: str, length: int = 300) -> str:
    """Return the beginning of `text` as it is, in one line; for thousands of texts, as reading Markdown takes long."""
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else f"{line[:length].rsplit(' ', 1)[0]}…"
