"""The words of a text, folded the same way where texts are indexed and where they are asked for.

Upper and lower case, accents and width don't count. Scripts without spaces between words (Chinese, Japanese, Thai …)
fall into single characters, which a query finds as a phrase.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LONGEST = 64
"""Characters of a word that count; what is longer is a hash or a key."""
FACT = 200
"""Characters of a fact's values that count."""
PREFIX = 3
"""Characters that the last word of a query needs to stand for all words that begin with it."""
WORDS = 100
"""Words that a query may have; each character of a script without spaces is one."""
VOICED = "\u3099\u309a"
"""Marks of Japanese that make another letter, unlike an accent."""
PLAIN = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe"})
"""Letters with a stroke, which Unicode doesn't take apart."""
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
PART = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')


class _Table(dict[int, str]):
    """A table for `str.translate` that is worked out as letters come along, and keeps so many of them."""

    most = 20_000

    def __init__(self, of: Callable[[str], str]) -> None:
        super().__init__()
        self.of = of

    def __missing__(self, code: int) -> str:
        replacement = self.of(chr(code))
        if len(self) < self.most:
            self[code] = replacement
        return replacement


def _spaced(letter: str) -> str:
    if UNSPACED.match(letter):
        return f" {letter} "
    return letter if unicodedata.category(letter)[0] in "LNM" else " "


ACCENTS = _Table(lambda letter: "" if unicodedata.combining(letter) and letter not in VOICED else letter)
BORDERS = _Table(_spaced)


def words(text: str) -> list[str]:
    """Return the folded words of `text`: letters, marks and numbers only."""
    bare = unicodedata.normalize("NFKD", text).casefold().translate(ACCENTS).translate(PLAIN)
    return [word[:LONGEST] for word in unicodedata.normalize("NFC", bare).translate(BORDERS).split()]


@dataclass(frozen=True)
class Term:
    """Words that follow each other; of the last one `prefix` tells whether its beginning is enough."""

    words: tuple[str, ...]
    prefix: bool = False


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
        elif found := tuple(words(quoted or word)):
            last = number == len(parts) and bool(word) and not sign
            groups[-1][bool(sign)].append(Term(found, last and len(found[-1]) >= PREFIX))
    return tuple(Alternative(tuple(wanted), tuple(unwanted)) for wanted, unwanted in groups if wanted)


def number_of_words(text: str) -> int:
    """Return how many words a query names, each time that it does, however they are joined."""
    return len(words(text))


def as_fact(name: str, *values: object) -> str:
    """Return one word for a fact about a video; values that are spelt alike give the same one."""
    return f"{name}={'-'.join(words(' '.join(map(str, values))))[:FACT]}"


def as_tsquery(query: Query, facts: Facts = ()) -> str:
    """Return `query` as PostgreSQL's `tsquery`; of each group of `facts` one has to be there too."""

    def term(one: Term) -> str:
        phrase = " <-> ".join(f"'{word}'" for word in one.words)
        return f"({phrase}{':*' if one.prefix else ''})"

    def alternative(one: Alternative) -> str:
        return " & ".join([*map(term, one.wanted), *(f"!{term(no)}" for no in one.unwanted)])

    found = " | ".join(f"({alternative(alternatives)})" for alternatives in query)
    groups = (" | ".join(f"'{fact}'" for fact in group) for group in facts)
    return " & ".join(f"({part})" for part in (found, *groups) if part)


def as_fts5(query: Query) -> str:
    """Return `query` in the syntax of SQLite's FTS5."""

    def term(one: Term) -> str:
        return f'"{" ".join(one.words)}"{" *" if one.prefix else ""}'

    def alternative(one: Alternative) -> str:
        wanted = f"({' AND '.join(map(term, one.wanted))})"
        unwanted = f" NOT ({' OR '.join(map(term, one.unwanted))})" if one.unwanted else ""
        return f"({wanted}{unwanted})"

    return " OR ".join(map(alternative, query))
