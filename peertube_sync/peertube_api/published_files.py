"""Files at the paths that their homes publish: redirects, where all public rows that have such a file mean the same.

An instance may give a file any path, another's too. Then the path alone names nothing, and nothing is led to.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse

from peertube_sync.catalogue import visibility
from peertube_sync.client.addresses import address_at
from peertube_sync.models import Account, Caption, Channel, FileName, Kind, Playlist
from peertube_sync.models.base import Row
from peertube_sync.models.picture_shapes import ACCOUNT_AVATAR, CHANNEL_AVATAR, CHANNEL_BANNER, PLAYLIST, VIDEO
from peertube_sync.models.published import CAPTION, FILES, file_key, files_at_home
from peertube_sync.models.reading import HOME, home_url, image_address
from peertube_sync.peertube_api import redirects
from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.problems import not_found
from peertube_sync.peertube_api.serializers import LARGE_WIDTH
from peertube_sync.pictures import addresses
from peertube_sync.pictures.told import COLUMNS

SHOWN_ROWS: Mapping[Kind, Any] = {
    Kind.VIDEO: visibility.available,
    Kind.CHANNEL: Channel.objects.available,
    Kind.ACCOUNT: Account.objects.available,
    Kind.PLAYLIST: Playlist.objects.available,
}
"""The rows that may be shown, by kind."""
OF_KINDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.VIDEO: (VIDEO,),
    Kind.CHANNEL: (CHANNEL_AVATAR, CHANNEL_BANNER),
    Kind.ACCOUNT: (ACCOUNT_AVATAR,),
    Kind.PLAYLIST: (PLAYLIST,),
}
"""What pictures a row has."""
MOST_CLAIMS = 20
"""Rows that are looked at: a path that more of them claim names none."""
UUID_IN_PATH = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
UUIDS = 2
"""A path of PeerTube's has a uuid of the video and one of the file at the most."""


def lead(folder: str, query: Query, rest: str) -> HttpResponse:
    """Lead to the file whose path at its home is `rest` in a folder (`/static/web-videos/`). Raises Refusal 404."""
    asked = f"{folder}{rest}"
    targets = {file for file in _files_at_path(asked) if file}
    if len(targets) != 1:
        raise not_found("File")
    (address,) = targets
    return (redirects.here if address.startswith("/") else redirects.home)(query, address)


def _files_at_path(asked: str) -> Iterator[str]:
    """Yield the address of the file at this path of each row that has it; "" for none, a path for what is here."""
    for kind, row, files in _candidates(asked):
        if asked in files:
            of = _picture_at(kind, row, files[asked]) if addresses.ours() else ""
            picture = addresses.find(of, row["pk"], *(row[column] for column in COLUMNS[of])) if of else None
            yield files[asked] if not of else picture.at(LARGE_WIDTH) if picture else ""


def _picture_at(kind: Kind, row: Row, address: str) -> str:
    """Return of what a file is a picture; "" of one that is none."""
    home = row["instance__scheme"], row["instance__host"]
    for of in OF_KINDS[kind]:
        images = [image for column in COLUMNS[of] if not column.endswith("_path") for image in row[column] or ()]
        paths = [address_at(home_url(*home), row[column]) for column in COLUMNS[of] if column.endswith("_path")]
        if address in (*paths, *(image_address(*home, image) for image in images)):
            return of
    return ""


def _candidates(asked: str) -> Iterator[tuple[Kind, Row, Mapping[str, str]]]:
    """Yield the rows that may have the file at this path, and the files of each."""
    named: dict[int, Q] = {}
    claims = list(FileName.objects.filter(key=file_key(asked)).values_list("kind", "row_id")[: MOST_CLAIMS + 1])
    if len(claims) > MOST_CLAIMS:
        return
    for kind, row in claims:
        named[kind] = named.get(kind, Q()) | Q(pk=row)
    if uuids := [UUID(text) for text in UUID_IN_PATH.findall(asked)[:UUIDS]]:
        for kind in (Kind.VIDEO, Kind.PLAYLIST):
            named[kind] = named.get(kind, Q()) | Q(uuid__in=uuids)
    for kind, condition in named.items():
        rows = list(SHOWN_ROWS[Kind(kind)]().filter(condition).order_by().values("pk", *HOME, *FILES[Kind(kind)]))
        videos = [row["pk"] for row in rows] if kind == Kind.VIDEO else []
        captions = list(Caption.objects.filter(video__in=videos).values("video", *CAPTION))
        for row in rows:
            own = [caption for caption in captions if caption["video"] == row["pk"]]
            yield Kind(kind), row, files_at_home(row, own)
