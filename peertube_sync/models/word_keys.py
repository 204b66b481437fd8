"""What a word is looked up by: the same keys are made of words of titles and of those that are asked for.

A typo leaves two words with the same rest once a letter is taken from either: a letter too many, too few, another
one, or two that changed places. So no word has to be compared with all others.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import snowballstemmer

from peertube_sync.models.folding import UNSPACED

PART = 4
"""Letters of a part of a word, at least."""
CORRECTED = 5
"""Letters of a word that is found in spite of a typo, at least; what is typed may be a letter shorter."""
LONGEST_WITH_KEYS = 24
"""Letters of a word that has keys for typos and parts, at most."""
STEMMED = 3
"""Letters of a word that has other forms, at least."""
STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""Snowball's stemmers, by the codes that PeerTube has for languages; a version that lacks one does without it."""
KNOWN = frozenset(snowballstemmer.algorithms())
UNTOLD = {"LATIN": "en", "CYRILLIC": "ru", "ARABIC": "ar", "GREEK": "el", "ARMENIAN": "hy"}
"""The language by whose rules a word is taken whose video doesn't tell one, by its script."""


def has_forms(word: str) -> bool:
    """Return whether a word is one of letters that stand in words, so that it has keys at all."""
    return len(word) >= STEMMED and is_spelt(word)


def is_spelt(word: str) -> bool:
    """Return whether a word is one of letters alone, in a script that has spaces between words."""
    return word.isalpha() and not UNSPACED.search(word)


def keys_of(word: str, language: str) -> Iterator[str]:
    """Yield the keys by which a word of a title in `language` is found."""
    yield from near_keys(word, language)
    if has_forms(word) and CORRECTED <= len(word) <= LONGEST_WITH_KEYS:
        yield from typo_keys(word)


def near_keys(word: str, language: str) -> Iterator[str]:
    """Yield the keys of a word that its other forms have too, or that begin with its parts."""
    if not has_forms(word):
        return
    yield stem_key(word, language)
    if PART <= len(word) <= LONGEST_WITH_KEYS:
        yield from (f">{word[begin:]}" for begin in range(len(word) - PART + 1))


def typo_keys(word: str) -> Iterator[str]:
    """Yield what two words share that are a typo apart."""
    yield from dict.fromkeys([f"-{word}", *(f"-{word[:place]}{word[place + 1 :]}" for place in range(len(word)))])


def stem_key(word: str, language: str) -> str:
    """Return what forms of a word share in a language."""
    code = language.partition("-")[0] or UNTOLD.get(_script_of(word[0]), "")
    return f"{code}:{_stem_of(word, code)}"


def a_typo_apart(one: str, other: str) -> bool:
    """Return whether a letter too many, too few or another one, or two that changed places, make one of the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    begin = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    mine, others = one[begin:], other[begin:]
    return (
        mine[1:] == others[1:]
        or mine[1:] == others
        or mine == others[1:]
        or (mine[:2] == others[1::-1] and mine[2:] == others[2:])
    )


@lru_cache(maxsize=100_000)
def _stem_of(word: str, code: str) -> str:
    stemmer = _stemmer(code)
    return stemmer.stemWord(word) if stemmer else word


@lru_cache
def _stemmer(code: str) -> Any:
    name = STEMMERS.get(code)
    return snowballstemmer.stemmer(name) if name in KNOWN else None


@lru_cache(maxsize=2_000)
def _script_of(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
