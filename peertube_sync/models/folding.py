"""The words of a text, folded the same way where texts are indexed and where they are asked for.

`words` gives them as most people write them: case, accents, width, points and the variants of a letter don't count.
`spelt_out` gives them as others do: Köln as koeln, C++ as cplusplus, an emoji by its number. `joined_words` gives as
one what hyphens and apostrophes take apart: Wi-Fi as wifi, O'Brien as obrien. Titles are indexed in all these ways
(`in_every_spelling`), so that neither database needs to know of languages.

Scripts without spaces between words (Chinese, Japanese, Thai, Khmer …) and Hangul, whose words end in particles, fall
into single characters, which a query finds as a phrase.
"""

import re
import unicodedata
from collections.abc import Callable

LONGEST_WORD = 64
"""Characters of a word that count; what is longer is a hash or a key."""
VOICED = "\u3099\u309a"
"""Marks of Japanese that make another letter, unlike an accent."""
ZERO_WIDTH_SPACE = "\u200b"
"""The one format character that stands between words; others stand within."""
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u3164"
"""What shows nothing, though Unicode calls it a letter or a mark."""
NAMES_OF_LETTERS = {
    # Latin letters with a stroke or a hook, which Unicode doesn't take apart
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "ħ": "h",
    "ŧ": "t",
    "\u0131": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ɓ": "b",
    "ɗ": "d",
    "ƙ": "k",
    "ɛ": "e",
    "ɔ": "o",
    "ə": "e",
    "ŋ": "n",
    # Arabic, as keyboards of Arabic, Persian, Urdu, Kurdish and Pashto write it
    **dict.fromkeys("\u0643\u06aa\u06ab", "\u06a9"),  # kaf
    **dict.fromkeys("\u064a\u0649\u06d2\u06cd\u06d0", "\u06cc"),  # yeh
    **dict.fromkeys("\u0629\u06c1\u06c3\u06d5\u06be\u06ff", "\u0647"),  # heh
    **dict.fromkeys("\u0671\u0672\u0673", "\u0627"),  # alef
    "\u0640": "",  # tatweel, which only makes a word longer
    "\u0621": "",  # hamza
    # Hebrew letters at the end of a word, and Yiddish ones that are two
    **dict(zip("\u05da\u05dd\u05df\u05e3\u05e5", "\u05db\u05de\u05e0\u05e4\u05e6", strict=True)),
    "\u05f0": "\u05d5\u05d5",
    "\u05f1": "\u05d5\u05d9",
    "\u05f2": "\u05d9\u05d9",
    "\u0491": "\u0433",  # Ukrainian ghe
    "\u0901": "\u0902",  # candrabindu
    # Hiragana, of which every word may be written in katakana, too
    **{chr(code): chr(code + 0x60) for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)},
    # Apostrophes that Unicode calls letters, though others separate words
    **dict.fromkeys("\u02b9\u02bb\u02bc\u02bd\u02be\u02bf", " "),
}
LETTERS = str.maketrans(NAMES_OF_LETTERS)
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]"
)
NASAL = re.compile("[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u0939])")
"""A nasal before another consonant, as Hindi may write it in the place of the dot above."""
SPELLINGS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"} | {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe"}
)
"""Letters in the way of who has no key for them."""
SIGNS = re.compile(
    r"(?<=\w)(?:\+\+|[+#\u266f](?![\w+]))|(?<![\w.])\.(?=[^\W\d_])"
    r"|[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff]"
)
"""Signs that tell a word from another: those of C++, C# and .NET; emoji."""
NAMED = {"++": "plusplus ", "+": "plus", "#": "sharp", "\u266f": "sharp", ".": "dot"}
SPELT = re.compile(f"[äöüåøÄÖÜÅØ]|{SIGNS.pattern}")
LETTER = rf"[^\W_\u02b9\u02bb-\u02bf{UNSPACED.pattern[1:-1]}]"
APOSTROPHE = "['`\u2018\u2019\u2032\u02b9\u02bb-\u02bf]"
JOINER = rf"[-\u2010\u2013\u05be.&/\"\u00b7\u2027\u05f3\u05f4{APOSTROPHE[1:-1]}]"
"""What stands within words that others write as one: hyphens, apostrophes, the points of abbreviations."""
ENDING = rf"{APOSTROPHE}(?:ll|re|ve|[dms])(?!{LETTER})"
"""What is left of an English word behind an apostrophe: nobody who looks for a shell means she'll."""
JOINED = re.compile(
    rf"(?<!{LETTER})(?<!{LETTER}{JOINER})(?<![/@.:])"
    rf"{LETTER}+(?:(?!{ENDING})(?:(?<!\d){JOINER}|{JOINER}(?!\d)){LETTER}+){{1,3}}"
    rf"(?!{LETTER})(?!(?!{ENDING}){JOINER}{LETTER})"
)
"""Two to four words with a joiner between each; not within addresses, and not between numbers, which it tells apart."""


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


def _visible(letter: str) -> str:
    """Return what counts of a character that Unicode doesn't take apart further: no accents, no formats."""
    if letter == ZERO_WIDTH_SPACE:
        return " "
    kind = unicodedata.category(letter)
    if kind in {"Cf", "Me"} or letter in FILLERS or "\ufe00" <= letter <= "\ufe0f" or letter >= "\U000e0000":
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(letter))
    return "" if unicodedata.combining(letter) and letter not in VOICED else letter


def _spaced(letter: str) -> str:
    if UNSPACED.match(letter):
        return f" {letter} "
    return letter if unicodedata.category(letter)[0] in "LNM" else " "


VISIBLE = _Table(_visible)
BORDERS = _Table(_spaced)


def words(text: str) -> list[str]:
    """Return the folded words of `text`: letters, marks and numbers only."""
    letters = unicodedata.normalize("NFC", _bare(text).translate(LETTERS))
    return [word[:LONGEST_WORD] for word in letters.translate(BORDERS).split()]


def _bare(text: str) -> str:
    """Return `text` without case, accents and what isn't seen, its characters in Unicode's plainest form."""
    return NASAL.sub("\u0902", unicodedata.normalize("NFKD", text)).translate(VISIBLE).casefold()


def spelt_out(text: str) -> list[str]:
    """Return the folded words of `text` with umlauts and signs spelt out; none where it has neither."""
    composed = unicodedata.normalize("NFC", text)
    return words(_spelt(composed)) if SPELT.search(composed) else []


def joined_words(text: str) -> list[str]:
    """Return what a hyphen, an apostrophe or a point takes apart in `text`, as one folded word each, in both spellings.

    Wi-Fi as wifi, U.S.A. as usa, Grün-Weiß as grunweiss and gruenweiss.
    """
    composed = unicodedata.normalize("NFC", text)
    ways = (composed, _spelt(composed)) if SPELT.search(composed) else (composed,)
    found = (word for way in ways for run in JOINED.findall(_bare(way)) for word in words(re.sub(JOINER, "", run)))
    return list(dict.fromkeys(found))


def in_every_spelling(text: str) -> list[str]:
    """Return the words of a short text, then all of them spelt out, so that phrases are found in either way.

    Then those that are written as one, too.
    """
    return [*words(text), *spelt_out(text), *joined_words(text)]


def has_signs(text: str) -> bool:
    """Return whether there is a sign in `text` that tells a word from another."""
    return bool(SIGNS.search(text))


def _spelt(composed: str) -> str:
    return SIGNS.sub(_name_of_sign, composed.translate(SPELLINGS))


def _name_of_sign(sign: re.Match[str]) -> str:
    """Return the name of a sign."""
    return NAMED.get(sign[0]) or f" u{ord(sign[0]):x} "
