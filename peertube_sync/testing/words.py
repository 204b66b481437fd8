"""The vocabulary of generated catalogues: titles, texts, tags and names in several languages."""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class Language(NamedTuple):
    """What it takes to make titles and texts in one language."""

    code: str
    titles: tuple[str, ...]
    topics: tuple[str, ...]
    sentences: tuple[str, ...]


LANGUAGES = (
    Language(
        "en",
        (
            "How to start with {}",
            "A quiet afternoon: {}",
            "{}: what nobody tells you",
            "Field notes on {}",
            "{}, part {n}",
            "Why {} still matters",
            "Workshop {n}: {}",
        ),
        (
            "sourdough bread",
            "free software",
            "bicycle repair",
            "night skies",
            "tide pools",
            "analogue synthesisers",
            "community gardens",
            "old railways",
            "public libraries",
            "self-hosting",
        ),
        (
            "We filmed this over three weekends with a borrowed camera.",
            "Sources and notes: <https://example.org/notes>.",
            "**Thank you** to everybody who sent questions.",
            "Corrections are welcome in the comments.",
            "The music is our own & free to share.",
        ),
    ),
    Language(
        "fr",
        (
            "Découvrir {}",
            "{} : le grand entretien",
            "Atelier n° {n} : {}",
            "Une journée avec {}",
            "Tout comprendre sur {}",
        ),
        (
            "les logiciels libres",
            "la forêt en hiver",
            "le pain au levain",
            "l'éducation populaire",
            "les oiseaux du marais",
            "le vélo en ville",
            "la cuisine d'été",
        ),
        (
            "Un grand merci aux bénévoles de l'association.",
            "Les *transcriptions* sont disponibles en sous-titres.",
            "Retrouvez-nous chaque mois : <https://example.org/agenda>.",
            "Tournage réalisé à l'automne, montage libre.",
        ),
    ),
    Language(
        "de",
        (
            "{}: eine Einführung",
            "Folge {n}: {}",
            "Unterwegs mit dem Thema {}",
            "{} für alle",
            "Gespräche über {}",
        ),
        (
            "Stadtgärten",
            "freie Werkzeuge",
            "Vogelstimmen",
            "Größenordnungen",
            "Brückenbau",
            "Küchenphysik",
            "Alpenübergänge",
        ),
        (
            "Alle Unterlagen stehen unter freier Lizenz.",
            "Fragen beantworten wir in der nächsten Folge.",
            "Aufgenommen in einer *kleinen* Werkstatt.",
            "Mehr dazu: <https://example.org/mehr>.",
        ),
    ),
    Language(
        "es",
        ("Introducción a {}", "{}: taller número {n}", "Historias de {}", "Un paseo por {}"),
        ("la huerta", "el mar Caribe", "la música de cámara", "el niño y el río", "la montaña"),
        (
            "Grabado con luz natural y mucha paciencia.",
            "¿Preguntas? Déjalas en los **comentarios**.",
            "Más información en <https://example.org/es>.",
        ),
    ),
    Language(
        "ja",
        ("{}の作り方", "{}を歩く 第{n}回", "はじめての{}", "{}について話そう"),
        ("味噌汁", "京都の庭", "自由ソフトウェア", "星空", "木工", "路面電車"),
        (
            "ご視聴ありがとうございます。",
            "字幕は有志によるものです。",
            "詳しくは <https://example.org/ja> をご覧ください。",
        ),
    ),
    Language(
        "eo",
        ("Enkonduko al {}", "{}: epizodo {n}", "Ĉiutaga {}"),
        ("ĝardenado", "libera programaro", "muziko", "ĥemio en la kuirejo", "vojaĝoj"),
        ("Dankon pro via atento!", "La ŝanĝoj aperos en la sekva filmo.", "Ĝis revido **baldaŭ**."),
    ),
)

TAGS = (
    "bread", "free software", "forêt", "vélo", "Garten", "música", "星空", "library", "live",
    "tutorial", "talk", "documentary", "history", "science", "kids", "maps", "Ĝardeno", "physics",
    "radio", "workshop", "travel", "birds", "cinema", "policy", "hardware", "linux",
)  # fmt: skip

PLACES = ("Harbour", "Orchard", "Atelier", "Werkstatt", "Estudio", "Garden", "Studio", "Kiosque")
THINGS = ("Films", "Radio", "Talks", "Journal", "Archive", "Notes", "Television", "Lab")
PEOPLE = ("Ada", "Björn", "Chloé", "Dmitri", "Esra", "Fatou", "Günther", "Hana", "Iñaki", "Jun")

_BY_CODE = {language.code: language for language in LANGUAGES}


def compose_title(language: Language, random: Random) -> str:
    """Make a title out of a template and a topic."""
    topic = random.choice(language.topics)
    title = random.choice(language.titles).format(topic, n=random.randrange(1, 400))
    return title[0].upper() + title[1:]


def compose_description(seed: int, code: str | None) -> str | None:
    """Make the same Markdown text for the same seed: none, short, or far above 250 characters."""
    random = Random(seed)
    length = random.choice((0, 1, 2, 3, 8, 12, 20))
    sentences = _BY_CODE.get(code or "en", LANGUAGES[0]).sentences
    paragraphs = [" ".join(random.choices(sentences, k=random.randrange(1, 4))) for _ in range(length)]
    return "\n\n".join(paragraphs) or None


def compose_cues(seed: int, code: str, count: int = 8) -> str:
    """Make a WebVTT file: one sentence every three seconds."""
    sentences = _BY_CODE.get(code, LANGUAGES[0]).sentences
    random = Random(seed)
    cues = [f"{_cue_time(3 * n)} --> {_cue_time(3 * n + 3)}\n{random.choice(sentences)}" for n in range(count)]
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def _cue_time(seconds: int) -> str:
    return f"{seconds // 60:02d}:{seconds % 60:02d}.000"
