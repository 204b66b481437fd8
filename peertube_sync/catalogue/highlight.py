"""Showing where words were found: HTML in which everything is escaped but <mark>."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import escape

from peertube_sync.models.folding import JOINER, SIGNS, UNSPACED, joined_words, spelt_out, words
from peertube_sync.models.words import Query

AROUND = 120
"""Characters of a snippet on either side of the first hit."""
SEARCHED = 20_000
"""Characters of a text in which a snippet's first hit is looked for: twice as many as PeerTube allows a description."""
WITHIN = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8"
    "\u06ea-\u06ed\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0981-\u0dff\u200c-\u200f\u2060\ufe0f"
)
"""Marks and format characters that don't end a word, which regular expressions don't count among its letters."""
PIECE = re.compile(
    rf"{UNSPACED.pattern}|\.?[^\W_{UNSPACED.pattern[1:-1]}][\w{WITHIN}]*(?:\+\+|[+#\u266f](?!\w))?|_|{SIGNS.pattern}"
)

RUN = re.compile(rf"(?<![\w{WITHIN}])[^\W_][\w{WITHIN}]*(?:{JOINER}[^\W_][\w{WITHIN}]*)+")
"""Words with hyphens or apostrophes between them, which may be one. They begin where a word begins: tried from each of
its letters on, a text of one long word would take hours."""


class Highlighter:
    """Marks the words that `query` wants."""

    def __init__(self, query: Query) -> None:
        wanted = [term for alternatives in query for whole in alternatives.wanted for term in whole.all]
        self.whole = {word for term in wanted for word in term.words}
        self.beginnings = tuple(term.words[-1] for term in wanted if term.prefix)
        self._known: dict[str, bool] = {}

    def mark(self, text: str) -> str:
        return self._marked(text, list(self._hits(text)))

    def snippet(self, text: str) -> str:
        """Return what is around the first hit in `text`, or its beginning, marked; … where something is left out."""
        hit = next(self._hits(text[:SEARCHED]), None)
        first = hit[0] if hit else 0
        begin, end = max(0, first - AROUND), first + AROUND
        begin = text.find(" ", begin, first) + 1 if begin else 0
        cut = text[begin:end] if end >= len(text) else text[begin:end].rpartition(" ")[0] or text[begin:end]
        marked = self._marked(cut, list(self._hits(cut)) if hit else [])
        return f"{'… ' if begin else ''}{marked}{' …' if begin + len(cut) < len(text) else ''}"

    def _hits(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where words begin and end that were asked for, or what is one in the spelling of who asked."""
        done = 0
        for run in RUN.finditer(text):
            if self._is_wanted(run[0], _joined) and not any(self._pieces(text, *run.span())):
                yield from self._pieces(text, done, run.start())
                yield run.span()
                done = run.end()
        yield from self._pieces(text, done, len(text))

    def _pieces(self, text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield where words of a part of `text` begin and end that were asked for."""
        return (piece.span() for piece in PIECE.finditer(text, begin, end) if self._is_wanted(piece[0], _folded))

    def _is_wanted(self, piece: str, read: Callable[[str], Sequence[str]]) -> bool:
        """Return whether a piece, as `read` reads it, has a word that was asked for.

        That is kept, as the same few words make up most of a text; no piece is read in both ways.
        """
        wanted = self._known.get(piece)
        if wanted is None:
            wanted = self._known[piece] = any(map(self._is_asked, read(piece)))
        return wanted

    def _is_asked(self, word: str) -> bool:
        return word in self.whole or word.startswith(self.beginnings)

    def _marked(self, text: str, hits: list[tuple[int, int]]) -> str:
        done, parts = 0, []
        for begin, end in hits:
            parts += [escape(text[done:begin]), f"<mark>{escape(text[begin:end])}</mark>"]
            done = end
        return "".join([*parts, escape(text[done:])])


@lru_cache(maxsize=20_000)
def _joined(run: str) -> tuple[str, ...]:
    """Return what words with hyphens between them are as one."""
    return (*joined_words(run),)


@lru_cache(maxsize=20_000)
def _folded(piece: str) -> tuple[str, ...]:
    """Return the words of a piece; the same few make up most of all texts."""
    return (*words(piece), *spelt_out(piece))
