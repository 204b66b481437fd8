"""What else a site could search with: plain full text of both databases, and this project's own search of before.

Each is filled with the titles and texts of the videos that are there, and answers with the titles of its first finds.
"""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from django.conf import settings
from django.db import connection

from peertube_sync.models import Video
from tests.proofs.bench.titles import BY_CODE

BEFORE = "2c13250"
"""The commit before search knew of forms, parts and typos of words."""
CONFIGURATIONS = {"en": "english", "de": "german", "fr": "french", "es": "spanish", "ru": "russian", "ar": "arabic"}
"""Of PostgreSQL, for the languages of `titles.py` that it knows."""
FIRST = 10
"""Finds that are looked at."""
NEWEST = 500
"""Finds of before that were ranked."""
TABLE = "bench_engines"
Engine = Callable[[str], list[str]]


def rows() -> Iterable[tuple[int, str, str, str]]:
    """Yield key, title, text and language of all videos."""
    columns = ("pk", "name", "description", "language_id")
    return ((pk, name, text or "", code or "") for pk, name, text, code in Video.objects.values_list(*columns))


def fts5() -> Engine:
    """Return SQLite's FTS5 as it comes: the words of a query, all of which have to be there, by bm25."""
    table = sqlite3.connect(":memory:")
    table.execute("CREATE VIRTUAL TABLE plain USING fts5(name, text)")
    table.executemany(
        "INSERT INTO plain (rowid, name, text) VALUES (?, ?, ?)", ((pk, *said) for pk, *said, _ in rows())
    )

    def ask(text: str) -> list[str]:
        quoted = " ".join('"{}"'.format(word.replace('"', "")) for word in text.split())
        found = table.execute(f"SELECT name FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT {FIRST}", [quoted])
        return [name for (name,) in found]

    return ask


def postgresql() -> dict[str, Engine]:
    """Return PostgreSQL's `simple` configuration, that of each title's language, and our own search of before."""
    before = _words_of_before()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(
            f"CREATE UNLOGGED TABLE {TABLE}"
            " (id bigint, name text, plain tsvector, stemmed tsvector, before tsvector, published_at timestamptz)"
        )
        weighed = "setweight(to_tsvector({0}, %s), 'A') || setweight(to_tsvector({0}, %s), 'D')"
        plain, stemmed = weighed.format("'simple'"), weighed.format("%s::regconfig")
        cursor.executemany(
            f"INSERT INTO {TABLE} (id, name, plain, stemmed, before) VALUES (%s, %s, {plain}, {stemmed}, %s::tsvector)",
            [
                (pk, name, name, text, code, name, code, text, _placed(before.words(name), before.words(text)))
                for pk, name, text, language in rows()
                for code in [CONFIGURATIONS.get(language, "simple")]
            ],
        )
        cursor.execute(
            f"UPDATE {TABLE} SET published_at = v.published_at FROM {Video._meta.db_table} v WHERE v.id = {TABLE}.id"
        )
        for column in ("plain", "stemmed", "before"):
            cursor.execute(f"CREATE INDEX ON {TABLE} USING gin ({column})")
        cursor.execute(f"ANALYZE {TABLE}")
    codes = [CONFIGURATIONS[code] for code in BY_CODE if code in CONFIGURATIONS]
    any_language = " || ".join(f"plainto_tsquery('{code}', %(text)s)" for code in [*codes, "simple"])
    return {
        "PostgreSQL, `simple`": _asks("plain", "plainto_tsquery('simple', %(text)s)"),
        "PostgreSQL, of each language": _asks("stemmed", any_language),
        "before": lambda text: _asked_before(before, text),
    }


def _asks(column: str, query: str) -> Engine:
    statement = (
        f"SELECT name FROM {TABLE}, (SELECT {query} AS asked) AS query WHERE {column} @@ asked"
        f" ORDER BY ts_rank({column}, asked) DESC, published_at DESC LIMIT {FIRST}"
    )
    return lambda text: _names(statement, {"text": text})


def _asked_before(before: ModuleType, text: str) -> list[str]:
    if not (query := before.parse_query(text)):
        return []
    statement = (
        f"SELECT name FROM (SELECT * FROM {TABLE} WHERE before @@ %(asked)s::tsquery"
        f" ORDER BY published_at DESC LIMIT {NEWEST}) AS newest"
        f" ORDER BY ts_rank(before, %(asked)s::tsquery) DESC, published_at DESC LIMIT {FIRST}"
    )
    return _names(statement, {"asked": before.as_tsquery(query)})


def _names(statement: str, values: dict[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [name for (name,) in cursor.fetchall()]


def _words_of_before() -> ModuleType:
    """Return the module that folded words and read queries at the commit `BEFORE`."""
    command = ["git", "show", f"{BEFORE}:peertube_sync/models/words.py"]
    source = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=settings.BASE_DIR).stdout
    module = ModuleType("words_of_before")
    sys.modules[module.__name__] = module  # where dataclasses look up their module
    exec(compile(source, "words.py", "exec"), module.__dict__)
    return module


def _placed(name: list[str], text: list[str]) -> str:
    """Return the text of a tsvector of what a title and a text say."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(name, 1):
        places.setdefault(word, []).append(f"{place}A")
    for place, word in enumerate(text, len(name) + 3):
        places.setdefault(word, []).append(f"{min(place, 16_383)}D")
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())
