"""What people search for: their query read, and written in the syntax of either database.

Words are folded as those of the texts (`folding.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from peertube_sync.models.folding import has_signs, joined_words, spelt_out, words

FACT = 200
"""Characters of a fact's values that count."""
PREFIX = 3
"""Characters that the last word of a query needs to stand for all words that begin with it."""
WORDS = 100
"""Words that a query may have; each character of a script without spaces is one."""
PART = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')


@dataclass(frozen=True)
class Term:
    """Words that follow each other; of the last one `prefix` tells whether its beginning is enough.

    Any of the `others`, which have none themselves, will do as well. What was `quoted` is meant to the letter.
    """

    words: tuple[str, ...]
    prefix: bool = False
    others: tuple["Term", ...] = ()
    quoted: bool = False

    @property
    def all(self) -> tuple["Term", ...]:
        """The term itself, which is what was asked for, and its others."""
        return (self, *self.others)


@dataclass(frozen=True)
class Alternative:
    """What has all `wanted` terms, of which there is one at least, and none of the `unwanted`."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]


Query = tuple[Alternative, ...]
"""What has any of the alternatives; nothing where there is none."""
Facts = Sequence[Sequence[str]]
"""Groups of facts, of each of which one is to be there."""


def parse_query(text: str) -> Query:
    """Read what people write: words, "a phrase", -unwanted, or. Anything can be read; no word at all is no alternative.

    The last word is taken for the beginning of one, since people search while they type.
    """
    parts = PART.findall(text)
    groups: list[tuple[list[Term], list[Term]]] = [([], [])]  # of wanted and unwanted ones
    for number, (sign, quoted, word) in enumerate(parts, 1):
        if word.casefold() == "or" and not sign:
            groups.append(([], []))
        elif term := _term(quoted or word, last=number == len(parts) and bool(word) and not sign, quoted=not word):
            groups[-1][bool(sign)].append(term)
    return tuple(Alternative(tuple(wanted), tuple(unwanted)) for wanted, unwanted in groups if wanted)


def _term(text: str, *, last: bool, quoted: bool) -> Term | None:
    """Return the words of `text`, in all spellings unless a sign tells them from others; None without any."""
    plain, spelt = tuple(words(text)), tuple(spelt_out(text))
    if has_signs(text):
        return Term(spelt, quoted=True)
    if not plain:
        return None
    others = [Term(spelt, last)] if spelt and spelt != plain else []
    if not quoted and len(plain) > 1:
        wholes = {"".join(plain), "".join(spelt)}
        others += [Term((one,), last and len(one) >= PREFIX) for one in joined_words(text) if one in wholes]
    return Term(plain, last and len(plain[-1]) >= PREFIX, tuple(others), quoted)


def number_of_words(text: str) -> int:
    """Return how many words a query names, each time that it does, however they are joined."""
    return max(len(words(text)), len(spelt_out(text)))


def as_fact(name: str, *values: object) -> str:
    """Return one word for a fact about a video; values that are spelt alike give the same one."""
    return f"{name}={'-'.join(words(' '.join(map(str, values))))[:FACT]}"


def as_tsquery(query: Query, facts: Facts = ()) -> str:
    """Return `query` as PostgreSQL's `tsquery`; of each group of `facts` one has to be there too."""

    def phrase(one: Term) -> str:
        said = " <-> ".join(f"'{word}'" for word in one.words)
        return f"({said}{':*' if one.prefix else ''})"

    def term(one: Term) -> str:
        return f"({' | '.join(map(phrase, one.all))})" if one.others else phrase(one)

    def alternative(one: Alternative) -> str:
        return " & ".join([*map(term, one.wanted), *(f"!{term(no)}" for no in one.unwanted)])

    found = " | ".join(f"({alternative(alternatives)})" for alternatives in query)
    groups = (" | ".join(f"'{fact}'" for fact in group) for group in facts)
    return " & ".join(f"({part})" for part in (found, *groups) if part)


def as_fts5(query: Query) -> str:
    """Return `query` in the syntax of SQLite's FTS5."""

    def phrase(one: Term) -> str:
        return f'"{" ".join(one.words)}"{" *" if one.prefix else ""}'

    def term(one: Term) -> str:
        return f"({' OR '.join(map(phrase, one.all))})" if one.others else phrase(one)

    def alternative(one: Alternative) -> str:
        wanted = f"({' AND '.join(map(term, one.wanted))})"
        unwanted = f" NOT ({' OR '.join(map(term, one.unwanted))})" if one.unwanted else ""
        return f"({wanted}{unwanted})"

    return " OR ".join(map(alternative, query))
