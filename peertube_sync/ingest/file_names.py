"""Writing by which paths rows are found, when these have changed."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from peertube_sync.models import PUBLIC, Account, Caption, Channel, FileName, Kind, Playlist, Video
from peertube_sync.models.published import CAPTION, FILES, file_key, files_at_home
from peertube_sync.models.reading import HOME

ROWS: Mapping[Kind, Any] = {
    Kind.VIDEO: Video.objects.public(),
    Kind.CHANNEL: Channel.objects.filter(private=False),
    Kind.ACCOUNT: Account.objects.filter(private=False),
    Kind.PLAYLIST: Playlist.objects.filter(privacy_id=PUBLIC),
}


def write_file_names(kind: Kind, keys: Collection[int]) -> None:
    """Write the paths of the files of the rows of `kind` with `keys`; of what isn't public there are none."""
    if kind not in ROWS:
        return
    there = set(FileName.objects.filter(kind=kind, row_id__in=keys).values_list("row_id", "key"))
    captions: dict[int, list[Any]] = defaultdict(list)
    if kind == Kind.VIDEO:
        for caption in Caption.objects.filter(video__in=keys).order_by().values("video", *CAPTION):
            captions[caption["video"]].append(caption)
    wanted: set[tuple[int, int]] = set()
    for row in ROWS[kind].filter(pk__in=keys, removed_at__isnull=True).order_by().values("pk", *HOME, *FILES[kind]):
        uuid = str(row.get("uuid", ""))
        paths = files_at_home(row, captions[row["pk"]])
        wanted.update((row["pk"], file_key(path)) for path in paths if not uuid or uuid not in path)
    for pk, key in sorted(there - wanted):
        FileName.objects.filter(kind=kind, row_id=pk, key=key).delete()
    new = [FileName(kind=kind, row_id=pk, key=key) for pk, key in sorted(wanted - there)]
    FileName.objects.bulk_create(new, ignore_conflicts=True)
