"""Keeping pictures as files: one is whole before its row names it, and goes when its row does.

Files are named after a word that is another one each time a picture is made, so no process ever writes where another
one reads. A process that is killed leaves files that no row names (`orphans`), or a claim that ends by itself, and
whose files are deleted when another process takes the picture over.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings as site
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InvalidStorageError, Storage, storages
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from peertube_sync.ingest.pictures.rows import PICTURED, picked_of
from peertube_sync.models import Picture, PictureState
from peertube_sync.models.picture_shapes import BLURRED, SHAPES

logger = logging.getLogger("peertube_sync")

ALIAS = "peertube_pictures"
"""The name of the pictures' storage in Django's STORAGES."""
CLAIM = timedelta(seconds=90)
"""For how long a picture is reserved for the process that fetches it: longer than fetching and making take."""
FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(days=7)
"""The waits before a picture that couldn't be fetched is asked for again: the first is doubled up to the last."""
BATCH = 500
FULL = 0.99
"""Where pictures take more than `PICTURES_BYTES`, some are dropped until only this part of it is taken.

So room is made once for many new pictures.
"""
GONE: Mapping[str, Any] = {"file": "", "sizes": {}, "bytes": 0}


class Unfit(Exception):  # noqa: N818 - a fact about a file
    """The file that was fetched doesn't become a picture here; says why."""


class NotKept(Exception):  # noqa: N818 - a fact about a storage
    """The storage didn't take a picture; says why."""


def storage() -> Storage:
    """Return where pictures are: STORAGES["peertube_pictures"], else a folder of that name below MEDIA_ROOT.

    Raises ImproperlyConfigured where neither is set.
    """
    try:
        return storages[ALIAS]
    except InvalidStorageError as error:
        if ALIAS in site.STORAGES:
            raise ImproperlyConfigured(f"STORAGES[{ALIAS!r}] can't be used: {error}") from error
    if not site.MEDIA_ROOT:
        raise ImproperlyConfigured(
            f"There is no place for pictures: set STORAGES[{ALIAS!r}], or MEDIA_ROOT, below which they are kept then."
        )
    return FileSystemStorage(location=Path(site.MEDIA_ROOT) / ALIAS)


def file_name(file: str, size: str) -> str:
    """Return the name in the storage of a picture's file in a size."""
    return f"{file[:2]}/{file}-{size}.webp"


def claim(picture: Picture) -> str:
    """Take a picture that is due, so that nobody else fetches it meanwhile; returns "" where somebody else was first.

    It is written as a try that failed, until `settle` says what became of it: one over which processes are killed each
    time, for want of memory, is tried later and later. Files of a process that was killed meanwhile are deleted.
    """
    now, word = timezone.now(), uuid4().hex
    tried = {"tries": F("tries") + 1, "due_at": now + max(CLAIM, wait_after(picture.tries))}
    free = Picture.objects.filter(Q(claim="") | Q(claimed_until__lt=now), pk=picture.pk, claim=picture.claim)
    if not free.filter(due_at__lte=now).update(claim=word, claimed_until=now + CLAIM, **tried):
        return ""
    if picture.claim:
        _delete_quietly(picture.of, picture.claim)
    return word


def wait_after(tries: int) -> timedelta:
    """Return how long to leave a picture alone that has failed once more after `tries` times."""
    return min(LAST_RETRY, FIRST_RETRY * float(2 ** min(tries, 20)))


def keep(picture: Picture, word: str, version: str, files: Mapping[str, bytes]) -> int:
    """Keep the files of a picture that was claimed with `word`, in place of older ones; returns their bytes.

    0: its row went meanwhile, or another process took over. Raises NotKept.
    """
    now, sizes = timezone.now(), {size: len(body) for size, body in files.items()}
    try:
        place = storage()
        for size, body in files.items():
            place.save(file_name(word, size), ContentFile(body))
    except Exception as error:  # a storage may be anything, and fail in its own way
        _delete_quietly(picture.of, word)
        raise NotKept(f"the storage of pictures didn't take it: {type(error).__name__}: {error}"[:300]) from error
    columns: dict[str, Any] = {
        "file": word,
        "sizes": sizes,
        "bytes": sum(sizes.values()),
        "version": version,
        "seen_at": now,
    }
    if not settle(picture, word, PictureState.HERE, **columns):
        _delete_quietly(picture.of, word)
        return 0
    if picture.file:
        _delete_quietly(picture.of, picture.file)
    return sum(sizes.values())


def settle(picture: Picture, word: str, state: PictureState, reason: str = "", **columns: Any) -> bool:
    """Write what became of a picture that was claimed with `word`, and give it back; tells whether it was still ours.

    Without a `due_at` nobody asks for it again.
    """
    done = {"claim": "", "claimed_until": None, "due_at": None, "tries": 0, **columns, "state": state}
    return bool(Picture.objects.filter(pk=picture.pk, claim=word).update(**done, reason=reason[:500]))


def settle_stale() -> int:
    """Take away the pictures of rows that went, are hidden from everybody or have another one; returns how many.

    Files that a storage doesn't delete now, and rows that change meanwhile, are looked at the next time.
    """
    taken = 0
    last = 0
    while stale := list(Picture.objects.filter(stale=True, pk__gt=last).order_by("pk")[:BATCH]):
        last = stale[-1].pk
        by_kind: dict[str, list[Picture]] = defaultdict(list)
        for picture in stale:
            by_kind[picture.of].append(picture)
        for of, pictures in by_kind.items():
            taken += sum(_take_away(picture) for picture in _unlike_their_rows(of, pictures))
    return taken


def _unlike_their_rows(of: str, pictures: Sequence[Picture]) -> list[Picture]:
    """Return those that are to go, after the marks of all others are off."""
    gone, same = [], defaultdict(list)
    for picture, now in _as_they_are(of, pictures):
        if now and now[1] == picture.version:
            same[now[0]].append(picture)
        else:
            gone.append(picture)
    for instance, unchanged in same.items():
        Picture.objects.filter(pk__in=[picture.pk for picture in unchanged]).update(stale=False, instance_id=instance)
        # A row may have changed since it was read, and the mark that this has set has just been taken off.
        changed = [picture.pk for picture, now in _as_they_are(of, unchanged) if now != (instance, picture.version)]
        Picture.objects.filter(pk__in=changed).update(stale=True)
    return gone


def _as_they_are(of: str, pictures: Sequence[Picture]) -> Iterator[tuple[Picture, tuple[int, str] | None]]:
    """Yield each with its instance and version as the row has them now, or None where nobody may see that."""
    kind = PICTURED[of]
    rows = kind.shown().filter(pk__in=[picture.row_id for picture in pictures]).order_by()
    rows_by_key = {row["pk"]: row for row in rows.values("pk", kind.instance, *kind.columns)}
    for picture in pictures:
        row = rows_by_key.get(picture.row_id)
        picked = picked_of(of, row) if row else None
        yield picture, (row[kind.instance], picked.version) if row and picked else None


def _take_away(picture: Picture) -> bool:
    """Delete a picture with its files, and tell whether it went."""
    try:
        for word in filter(None, (picture.file, picture.claim)):
            delete_files(picture.of, word)
    except Exception:
        logger.exception("files of the picture of %s couldn't be deleted; tried again later", picture)
        return False
    as_read = Picture.objects.filter(pk=picture.pk, file=picture.file, claim=picture.claim)
    return bool(as_read.delete()[0])


def used() -> int:
    """Return how many bytes all pictures have."""
    return Picture.objects.filter(bytes__gt=0).aggregate(sum=Sum("bytes"))["sum"] or 0


def make_room(most: int) -> int:
    """Throw pictures away, least recently seen first, until no more than `most` bytes are left; returns how many."""
    too_many, dropped = used() - most, 0
    if too_many <= 0:
        return 0
    too_many += int(most * (1 - FULL))
    while too_many > 0:
        oldest = list(Picture.objects.filter(bytes__gt=0).order_by("seen_at", "bytes", "pk")[:BATCH])
        if not oldest:
            break
        for picture in oldest:
            if too_many <= 0:
                break
            if drop(picture):
                dropped += 1
            too_many -= picture.bytes
    return dropped


def drop(picture: Picture, *, due: bool = False) -> bool:
    """Throw the files of a picture away; its row stays, and with `due` it is fetched again."""
    columns = {**GONE, "state": PictureState.WANTED if due else PictureState.DROPPED}
    mine = Picture.objects.filter(pk=picture.pk, file=picture.file)
    if not mine.update(**columns, due_at=timezone.now() if due else None):
        return False
    _delete_quietly(picture.of, picture.file)
    return True


def delete_files(of: str, word: str) -> None:
    """Delete the files that are named after `word`, in whatever sizes there are."""
    place = storage()
    for size in (*map(str, SHAPES[of].widths), BLURRED):
        place.delete(file_name(word, size))


def _delete_quietly(of: str, word: str) -> None:
    """Delete files that no row names any more; what stays behind is for `orphans` to find."""
    try:
        delete_files(of, word)
    except Exception:
        logger.exception("files of a picture that isn't needed any more couldn't be deleted")


def read_file(picture: Picture, size: str) -> bytes | None:
    """Return the file of a picture in a size; None where it isn't what was written. Raises what the storage raises."""
    try:
        with storage().open(file_name(picture.file, size)) as opened:
            body = opened.read()
    except FileNotFoundError:
        return None
    return body if len(body) == picture.sizes[size] else None


def is_whole(picture: Picture, size: str) -> bool:
    """Tell whether the file of a picture in a size is there, as long as it was. Raises what the storage raises."""
    try:
        return bool(storage().size(file_name(picture.file, size)) == picture.sizes[size])
    except FileNotFoundError:
        return False


def damaged() -> Iterator[Picture]:
    """Yield the pictures of which a file isn't there, or isn't as long as it was."""
    for picture in Picture.objects.exclude(file="").order_by("pk").iterator(chunk_size=BATCH):
        if any(read_file(picture, size) is None for size in picture.sizes):
            yield picture


def end_claims() -> None:
    """Take pictures from processes that hold them for longer than a claim lasts: their results are no longer kept."""
    Picture.objects.filter(claimed_until__lt=timezone.now()).update(claim="", claimed_until=None)


def orphans() -> Iterator[str]:
    """Yield the names of files that belong to no picture, whoever left them."""
    place = storage()
    for folder in _folders(place):
        words = defaultdict(list)
        for name in place.listdir(folder)[1]:
            words[name.partition("-")[0]].append(f"{folder}/{name}")
        # A claim becomes a file: who asks for the files first misses what is kept between the two questions.
        claimed = set(Picture.objects.filter(claim__in=list(words)).values_list("claim", flat=True))
        named = set(Picture.objects.filter(file__in=list(words)).values_list("file", flat=True))
        for word in words.keys() - claimed - named:
            yield from words[word]


def _folders(place: Storage) -> list[str]:
    try:
        return sorted(place.listdir("")[0])
    except FileNotFoundError:  # nothing was ever kept
        return []


def count_by_state() -> dict[str, int]:
    """Return how many pictures are in which state; those that nobody has looked for yet aren't among them."""
    return dict(Picture.objects.order_by().values_list("state").annotate(number=Count("*")))
