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
from peertube_sync.models import Account, Caption, Channel, FileName, Kind, Playlist
from peertube_sync.models.published import CAPTION, FILES, file_key, files_at_home
from peertube_sync.models.reading import HOME
from peertube_sync.peertube_api import redirects
from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.problems import not_found

SHOWN: Mapping[Kind, Any] = {
    Kind.VIDEO: visibility.available,
    Kind.CHANNEL: Channel.objects.available,
    Kind.ACCOUNT: Account.objects.available,
    Kind.PLAYLIST: Playlist.objects.available,
}
"""The rows that may be shown, by kind."""
MOST = 20
"""Rows that are looked at: a path that more of them claim names none."""
UUID_IN_PATH = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
UUIDS = 2
"""A path of PeerTube's has a uuid of the video and one of the file at the most."""


def lead(folder: str, query: Query, rest: str) -> HttpResponse:
    """Lead to the file whose path at its home is `rest` in a folder (`/static/web-videos/`). Raises Refusal 404."""
    asked = f"{folder}{rest}"
    addresses = {found[asked] for found in _candidates(asked) if asked in found}
    if len(addresses) != 1:
        raise not_found("File")
    return redirects.home(query, addresses.pop())


def _candidates(asked: str) -> Iterator[Mapping[str, str]]:
    """Yield the files of each row that may have the one at this path."""
    named: dict[int, Q] = {}
    claims = list(FileName.objects.filter(key=file_key(asked)).values_list("kind", "row_id")[: MOST + 1])
    if len(claims) > MOST:
        return
    for kind, row in claims:
        named[kind] = named.get(kind, Q()) | Q(pk=row)
    if uuids := [UUID(text) for text in UUID_IN_PATH.findall(asked)[:UUIDS]]:
        for kind in (Kind.VIDEO, Kind.PLAYLIST):
            named[kind] = named.get(kind, Q()) | Q(uuid__in=uuids)
    for kind, condition in named.items():
        rows = list(SHOWN[Kind(kind)]().filter(condition).order_by().values("pk", *HOME, *FILES[Kind(kind)]))
        videos = [row["pk"] for row in rows] if kind == Kind.VIDEO else []
        captions = list(Caption.objects.filter(video__in=videos).values("video", *CAPTION))
        for row in rows:
            yield files_at_home(row, [caption for caption in captions if caption["video"] == row["pk"]])
