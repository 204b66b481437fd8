"""Writing the words by which channels and playlists are found, when their names have changed."""

from collections.abc import Collection, Iterable, Mapping

from peertube_sync.ingest.file_names import ROWS
from peertube_sync.models import Kind, NameKey
from peertube_sync.models.folding import in_every_spelling
from peertube_sync.models.word_keys import near_keys

NAMES: Mapping[Kind, tuple[str, ...]] = {Kind.CHANNEL: ("display_name", "name"), Kind.PLAYLIST: ("display_name",)}
"""The columns of a row that have its names."""


def write_name_keys(kind: Kind, keys: Collection[int]) -> None:
    """Write the words of the names of the rows of `kind` with `keys`; of what isn't public there are none."""
    if kind not in NAMES:
        return
    there = set(NameKey.objects.filter(kind=kind, row_id__in=keys).values_list("row_id", "key"))
    rows = ROWS[kind].filter(pk__in=keys, removed_at__isnull=True).order_by().values_list("pk", *NAMES[kind])
    wanted = {(pk, key) for pk, *names in rows for key in _words_and_keys(names)}
    for pk, key in sorted(there - wanted):
        NameKey.objects.filter(kind=kind, row_id=pk, key=key).delete()
    new = [NameKey(kind=kind, row_id=pk, key=key) for pk, key in sorted(wanted - there)]
    NameKey.objects.bulk_create(new, ignore_conflicts=True)


def _words_and_keys(names: Iterable[str]) -> set[str]:
    """Return the words of names, in every spelling, and their keys; nobody says in which language they are."""
    words = {word for name in names for word in in_every_spelling(name)}
    return words.union(*(near_keys(word, "") for word in words))
