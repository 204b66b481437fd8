"""Rows that a text names in a search: who pastes an address or a handle wants that one, and not words in it.

The addresses are PeerTube's, at the home of a row, at another instance that shows it or at this site, and those of this
site's own pages. What is named and isn't here isn't found.
"""

import re
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.db.models import Q

from peertube_sync.catalogue.lookups import by_handle, present
from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.targets import recognise, video_of
from peertube_sync.models import Account, Channel, Playlist, Video

UUID_ALONE = re.compile(r"(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(?=.*[1-9])[1-9A-HJ-NP-Za-km-z]{22}")
"""A uuid, long or short; a short one without any digit may be a word, and is taken for one."""
ADDRESS = re.compile(r"(?:https?://)?[^\s/@:]+(?::[0-9]+)?/\S+", re.IGNORECASE)
HANDLE = re.compile(r"[@!]?[^@\s/:]+@[^@\s/]+|acct:\S+", re.IGNORECASE)
"""`name@host`, as the fediverse writes it: with an @ before it, or with `!` or `acct:`."""
ACTORS: dict[type[Any], str] = {Channel: "channel", Account: "account"}


def named_by(model: type[Any], text: str) -> Q | None:
    """Return the condition for the one row of `model`, of videos, playlists, channels or accounts, that `text` names.

    None for a text that names nothing, which is to be read as words.
    """
    text = text.strip()
    if model in ACTORS:
        return _handle(text, ACTORS[model])
    if model in {Video, Playlist} and (uuid := _uuid(text)):
        return Q(uuid=uuid)
    return None


def _uuid(text: str) -> UUID | None:
    if not (UUID_ALONE.fullmatch(text) or ADDRESS.fullmatch(text)):
        return None
    try:
        return video_of(text)[0]
    except InvalidTarget:
        return None


def _handle(text: str, kind: str) -> Q | None:
    if not (HANDLE.fullmatch(text) or ADDRESS.fullmatch(text)):
        return None
    own = re.search(rf"/{kind}s/([^/@?#]+@[^/?#]+)", text)  # the page at a site like ours
    try:
        target = recognise(unquote(own[1]) if own else text.removeprefix("!"))
        return by_handle(present(f"{target.name}@{target.host}")) if target.kind in {kind, "actor"} else None
    except InvalidTarget:
        return Q(pk__in=()) if HANDLE.fullmatch(text) else None
