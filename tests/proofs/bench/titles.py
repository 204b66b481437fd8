"""Titles in eight languages that differ, and what people ask who look for one of them.

The words of a language are made of its own syllables and endings, and are as frequent as in any language (Zipf). None
stands in a dictionary, so that no engine can know them by heart; their plurals, accents and letters are those of the
language, so that rules for these apply.
"""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

LETTERS = re.compile(r"[^\W\d_]+")
TYPO = 5
"""Letters of a word that is long enough for a typo."""
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
PERSIAN = str.maketrans({"\u0643": "\u06a9", "\u064a": "\u06cc"})
WHOLE = 21_000
"""Titles for which the vocabularies are as large as they are written down here.

More of them have more different words, by the square root of their number, as in any language (Heaps).
"""
FLATTENED = 20
"""Ranks that are about as frequent as the first: what people make videos of isn't as frequent as "the"."""


@dataclass(frozen=True)
class Language:
    """How titles of a language are made; `share` of a thousand titles are in it."""

    code: str
    share: int
    vocabulary: int
    onsets: Sequence[str]
    nuclei: Sequence[str]
    endings: Sequence[str]
    patterns: Sequence[str]
    form: Callable[[str], str]
    """Another form of a word of it: as others write it, or in another number."""


@dataclass(frozen=True)
class Question:
    """A query of one of `CLASSES`, and the words of the title that it means."""

    kind: str
    text: str
    meant: tuple[str, ...]
    title: "Title"


@dataclass(frozen=True)
class Title:
    language: str
    text: str
    content: tuple[str, ...]
    """Its words that say what it is about, as they stand in it."""


def _without_accents(word: str) -> str:
    bare = "".join(one for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one))
    return bare if bare != word else f"{word}s"


def _half_width(word: str) -> str:
    return "".join(HALF.get(one, one) for one in word)


HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
LATIN = ["b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v"]
LANGUAGES = (
    Language(
        "en",
        400,
        12_000,
        [*LATIN, "br", "st", "tr", "pl", "sh"],
        ["a", "e", "i", "o", "u", "ea", "oo"],
        ["t", "n", "r", "d", "l", "ng", "rk", "nt"],
        ("How {} and {} made the {}", "{}: a {} of the {}", "The {} {} {} in {}", "{} with {} from {}", "Why {} {} {}"),
        lambda word: f"{word}s",
    ),
    Language(
        "de",
        150,
        8_000,
        [*LATIN, "sch", "st", "br", "w", "z"],
        ["a", "e", "i", "o", "u", "ä", "ö", "ü", "au", "ei"],
        ["t", "n", "r", "l", "ß", "cht", "rg", "ng"],
        ("{} und {} für {}", "Der {} in der {}", "{}: die {} von {}", "Wie {} ohne {} und {}"),
        lambda word: spelt if (spelt := word.translate(UMLAUTS)) != word else f"{word}en",
    ),
    Language(
        "fr",
        150,
        8_000,
        [*LATIN, "ch", "gr", "pl", "j"],
        ["a", "e", "i", "o", "u", "é", "è", "ou", "eau", "ai"],
        ["t", "n", "r", "l", "ge", "che", "ble"],
        ("Le {} de la {} en {}", "{} : la {} et les {}", "Pourquoi {} {} {}"),
        _without_accents,
    ),
    Language(
        "es",
        100,
        6_000,
        [*LATIN, "ll", "qu", "tr"],
        ["a", "e", "i", "o", "u", "á", "é", "í", "ó"],
        ["a", "o", "e"],
        ("El {} de la {} con {}", "{} y {} para {}", "Un {} sin {}"),
        _without_accents,
    ),
    Language(
        "ru",
        60,
        6_000,
        ["б", "в", "г", "д", "ж", "з", "к", "л", "м", "н", "п", "р", "с", "т", "х", "ш"],
        ["а", "е", "и", "о", "у", "ы"],
        ["т", "н", "р", "к", "л", "м"],
        ("{} и {} для {}", "Как {} без {} на {}"),
        lambda word: f"{word}ы",
    ),
    Language(
        "ja",
        60,
        3_000,
        [chr(code) for code in range(0x4E00, 0x4F00)],
        ("",),
        [chr(code) for code in (0x30AB, 0x30AD, 0x30BF, 0x30C8, 0x30DA, 0x30E9, 0x30EA, 0x30F3)],
        ("{}の{}を{}", "{}と{}について", "はじめての{}と{}"),
        _half_width,
    ),
    Language(
        "ko",
        40,
        3_000,
        [chr(code) for code in range(0xAC00, 0xD7A3, 97)],
        ("",),
        [chr(code) for code in range(0xAC01, 0xD7A3, 389)],
        ("{}의 {}을 배우자", "{}에서 {}로", "{}와 {}는"),
        lambda word: word,
    ),
    Language(
        "ar",
        40,
        3_000,
        ["ب", "ت", "د", "ر", "س", "ك", "ل", "م", "ن", "ي"],
        ("", "\u0627", "\u0648", "\u064a"),
        ["ب", "ر", "ك", "ي", "م"],
        ("{} \u0641\u064a {} \u0645\u0646 {}", "{} \u0648 {}"),
        lambda word: word.translate(PERSIAN),
    ),
)
BY_CODE = {language.code: language for language in LANGUAGES}


Asked = tuple[str, tuple[str, ...]]
"""A query, "" where a title has no words for one, and the words of the title that are meant."""


def make_titles(number: int, seed: int = 1) -> list[Title]:
    """Make so many titles, each another; the same for the same numbers."""
    random, made = Random(seed), dict[str, Title]()
    growth = max(1.0, (number / WHOLE) ** 0.5)
    known = {
        language.code: _vocabulary(language, round(language.vocabulary * growth), random) for language in LANGUAGES
    }
    weights = [*itertools.accumulate(1 / (rank + FLATTENED) for rank in range(max(map(len, known.values()))))]
    while len(made) < number:
        (language,) = random.choices(LANGUAGES, [one.share for one in LANGUAGES])
        words, pattern = known[language.code], random.choice(language.patterns)
        content = random.choices(words, cum_weights=weights[: len(words)], k=pattern.count("{}"))
        text = pattern.format(*content)
        made.setdefault(text, Title(language.code, text, tuple(dict.fromkeys(content))))
    return list(made.values())


def _vocabulary(language: Language, size: int, random: Random) -> list[str]:
    """Return so many words of a language, the most frequent first, which are shorter than others."""
    made: dict[str, None] = {}
    while len(made) < size:
        syllables = random.choice((1, 2, 2) if len(made) < size // 20 else (2, 2, 3))
        word = "".join(random.choice(language.onsets) + random.choice(language.nuclei) for _ in range(syllables))
        made[word + random.choice(language.endings)] = None
    return list(made)


def as_they_are(title: Title, _random: Random) -> Asked:
    """Ask for the whole title."""
    return title.text, title.content


def two_words(title: Title, random: Random) -> Asked:
    """Ask for two of its words, in any order."""
    meant = random.sample(title.content, min(2, len(title.content)))
    return " ".join(meant) if len(meant) > 1 else "", tuple(meant)


def with_a_typo(title: Title, random: Random) -> Asked:
    """Ask for two of its words, with a letter too many, too few, or another one, or with two that changed places."""
    return _with_one_changed(
        title, random, lambda word: len(word) >= TYPO and bool(LETTERS.fullmatch(word)) and word < "\u0600", _typo
    )


def in_another_form(title: Title, random: Random) -> Asked:
    """Ask for two of its words, one of them in another form."""
    form = BY_CODE[title.language].form
    return _with_one_changed(title, random, lambda word: len(word) > 2, lambda word, _random: form(word))


def _with_one_changed(
    title: Title, random: Random, may: Callable[[str], bool], change: Callable[[str, Random], str]
) -> Asked:
    if not (able := [word for word in title.content if may(word)]):
        return "", ()
    chosen = random.choice(able)
    others = [word for word in title.content if word != chosen]
    meant = [chosen, *(random.sample(others, 1) if others else ())]
    random.shuffle(meant)
    return " ".join(change(word, random) if word == chosen else word for word in meant), tuple(meant)


def _typo(word: str, random: Random) -> str:
    place, kind = random.randrange(1, len(word) - 1), random.randrange(4)
    letter = random.choice([one for one in word if one != word[place]] or ["x"])
    changed = (
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    )[kind]
    return changed if changed != word else word[:place] + word[place + 1 :]


CLASSES: dict[str, Callable[[Title, Random], Asked]] = {
    "words as they are": as_they_are,
    "two words, any order": two_words,
    "one typo": with_a_typo,
    "another form": in_another_form,
}


def questions(titles: Sequence[Title], number: int) -> Iterator[Question]:
    """Yield so many questions of each class."""
    for kind, ask in CLASSES.items():
        random, made = Random(kind), 0
        while made < number:
            title = random.choice(titles)
            text, meant = ask(title, random)
            if text:
                made += 1
                yield Question(kind, text, meant, title)
