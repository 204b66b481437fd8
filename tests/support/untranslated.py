"""Finds the words of a page that aren't translated: a language in which every message is put between brackets."""

import re
from collections.abc import Collection
from gettext import NullTranslations
from html.parser import HTMLParser

from tests.support.page import VOID

LANGUAGE = "en-gb"
"""The language whose place it takes, of which the tests have no other use; dates and numbers keep its formats."""
OPEN, CLOSE = "⟦", "⟧"
CONTEXT = "\x04"
"""What Django puts between the context of a message and the message."""
SPOKEN = {"alt", "aria-label", "placeholder", "title"}
"""Attributes that people read or hear."""
SILENT = {"code", "pre", "script", "style"}
"""Elements whose words are for machines, or are shown as they were published."""
DJANGOS = {"True", "False", "None", "Search"}
"""What Django's admin says of its own icons, in English always."""
BRACKETED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
ADDRESS = re.compile(r"https?://\S+")
LETTERS = re.compile(r"[^\W\d_]{2,}")


def bracketed(message: str) -> str:
    """Return a message as this language has it; a list of words for several cases is one message for each."""
    words = message.rpartition(CONTEXT)[2]
    parts = words.split(",") if words == "yes,no,maybe" else [words]
    return ",".join(f"{OPEN}{part}{CLOSE}" for part in parts)


class Bracketed(NullTranslations):
    """English between brackets, for `django.utils.translation`."""

    def gettext(self, message: str) -> str:
        return bracketed(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return bracketed(msgid1 if n == 1 else msgid2)

    def to_language(self) -> str:
        return LANGUAGE


class Texts(HTMLParser):
    """Collects what a page says, but for what is silent, somebody else's (`dir="auto"`) or code (`translate="no"`)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        marked = given.get("dir") == "auto" or given.get("translate") == "no"
        silent = tag in SILENT or marked or (bool(self.open) and self.open[-1][1])
        if not silent:
            self.found += [value for name, value in given.items() if name in SPOKEN]
            self.found += [given.get("value", "")] if given.get("type") in {"button", "reset", "submit"} else []
        if tag not in VOID:
            self.open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            """An element that HTML lets end without saying so."""

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1][1]):
            self.found.append(data.strip())


def untranslated(html: str, content: Collection[str]) -> set[str]:
    """Return what a page in this language says outside of brackets, but for `content`: texts of rows, names, hosts."""
    texts = Texts()
    texts.feed(html)
    texts.close()
    known = sorted(content, key=len, reverse=True)
    return {text for text in texts.found if text not in DJANGOS and LETTERS.search(_rest(text, known))}


def _rest(text: str, known: Collection[str]) -> str:
    text = ADDRESS.sub("", text)
    for value in known:
        text = text.replace(value, "")
    while BRACKETED.search(text):
        text = BRACKETED.sub("", text)
    return text
