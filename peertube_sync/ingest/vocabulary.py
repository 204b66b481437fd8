"""Counting in which listed videos each word of titles, tags and names stands, as their documents are written.

One process at a time writes documents, and so these counts.
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from peertube_sync.models import SearchKey, SearchWord
from peertube_sync.models.word_keys import has_forms, keys_of

ROWS = {
    "postgresql": ("(one ->> {})", "json_array_elements(%s::json) AS one"),
    "sqlite": ("json_extract(value, '$[{}]')", "json_each(%s)"),
}
"""How a column of rows in JSON is read, and what reads the rows, by the vendor of the database."""
TOGETHER = 5_000
"""Words that a statement asks for."""
Counts = Counter[tuple[str, str]]
"""How many videos have a word, by the word and the language."""


def count_words(before: Iterable[str], after: Iterable[str]) -> None:
    """Count what videos say now instead of what they said `before`, each as `VideoSearch.said` has it."""
    changes = Counter(itertools.chain.from_iterable(map(words_said, after)))
    changes.subtract(Counter(itertools.chain.from_iterable(map(words_said, before))))
    changed = [(word, change) for word, change in changes.items() if change]
    for begin in range(0, len(changed), TOGETHER):
        some = dict(changed[begin : begin + TOGETHER])
        rows = SearchWord.objects.filter(word__in=list({text for text, _language in some}))
        known = {(text, language): videos for text, language, videos in rows.values_list("word", "language", "videos")}
        numbers = {word: max(known.get(word, 0) + change, 0) for word, change in some.items()}
        _insert_or_add(
            SearchWord, ("word", "language", "videos"), [[*word, videos] for word, videos in numbers.items()]
        )
        new = {word for word, videos in numbers.items() if videos and not known.get(word)}
        _insert_or_add(SearchKey, ("key", "word"), sorted({(key, word[0]) for word in new for key in keys_of(*word)}))
        _forget({word for word, videos in numbers.items() if not videos})


def words_said(said: str) -> Iterator[tuple[str, str]]:
    """Yield each word that can have other forms or a typo, with its language."""
    language, _, text = said.partition("\n")
    return ((word, language) for word in dict.fromkeys(text.split()) if has_forms(word))


def _insert_or_add(model: Any, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write rows by one statement, however many they are; of those that are there already the number is new."""
    if not rows:
        return
    conflict = "(word, language) DO UPDATE SET videos = excluded.videos" if "videos" in columns else "DO NOTHING"
    selected, source = ROWS[connection.vendor]
    read = {name: selected.format(place) for place, name in enumerate(columns)}
    values = ", ".join(f"CAST({place} AS integer)" if name == "videos" else place for name, place in read.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {values} FROM {source} WHERE true"  # noqa: S608 - our names
            f" ON CONFLICT {conflict}",
            [json.dumps(rows, ensure_ascii=False)],
        )


def _forget(gone: set[tuple[str, str]]) -> None:
    """Delete words that no video has any more, and the keys of those that are left in no language."""
    if not gone:
        return
    asked = [word for word, _language in gone]
    SearchWord.objects.filter(word__in=asked, videos=0).delete()
    left = set(SearchWord.objects.filter(word__in=asked).values_list("word", flat=True))
    keys = {key for word, language in gone if word not in left for key in keys_of(word, language)}
    while keys:
        some = [keys.pop() for _ in range(min(TOGETHER, len(keys)))]
        SearchKey.objects.filter(key__in=some, word__in=set(asked) - left).delete()
