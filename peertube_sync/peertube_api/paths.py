"""Paths at our own host, for clients that join the host they asked and a path of the answer.

Each carries what names the row, since an instance may give a file the name of another's: the kind, the uuid or handle,
of a picture its width, of a caption its language. Behind that stands the name that the file has at home, so that a new
picture has a new address, and the ending is what clients expect. `files.py` and `pages.py` lead on from there.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.short_uuid import parse_uuid
from peertube_sync.models.reading import PLAYER, Image

VIDEO_THUMBNAILS, VIDEO_PREVIEWS, PLAYLIST_THUMBNAILS = "thumbnails/videos", "previews/videos", "thumbnails/playlists"
AVATARS, BANNERS = "avatars", "banners"
ACCOUNTS, CHANNELS, INSTANCES = "accounts", "channels", "instances"
PLAIN_NAME = re.compile(r"\w[\w.~-]{0,199}", re.ASCII)
NAMELESS = "file"


def base_path() -> str:
    """Return the path that PeerTube's addresses begin with here: "/", unless the site stands below another one.

    Whoever writes parts of answers has no request to tell that, so FORCE_SCRIPT_NAME comes first.
    """
    return _mounted_at(get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF, settings.FORCE_SCRIPT_NAME)


@lru_cache(maxsize=64)
def _mounted_at(prefix: str, urlconf: str, _script: str | None) -> str:
    """Return where `peertube_api.urls` are included, else the prefix.

    Kept, since one answer has hundreds of paths that begin with it.
    """
    try:
        path = reverse("peertube_sync_compat:well-known-nodeinfo", urlconf=urlconf)
    except NoReverseMatch:
        return below(prefix)
    return below(path.removesuffix(".well-known/nodeinfo"))


def below(path: str) -> str:
    """Return a path that was reversed, behind FORCE_SCRIPT_NAME where there is one."""
    script = settings.FORCE_SCRIPT_NAME or get_script_prefix()
    return f"{script.rstrip('/')}/{path.removeprefix(get_script_prefix())}"


def paths_depend_on() -> tuple[str, ...]:
    """Return what decides how paths are written."""
    return (base_path(),)


def file_name_of(address: str | None) -> str:
    """Return the name of the file at an address or path; NAMELESS for one that isn't plain."""
    name = re.split(r"[?#]", address or "", maxsplit=1)[0].rpartition("/")[2]
    return name if PLAIN_NAME.fullmatch(name) else NAMELESS


def image_name(image: Image) -> str:
    """Return the name of the file of a picture."""
    return file_name_of(image.get("file_url") or image.get("path"))


def picture_path_here(folder: str, uuid: UUID, address: str) -> str | None:
    """Return the path of a thumbnail or preview, None where the row has no address of one."""
    return f"{base_path()}lazy-static/{folder}/{uuid}/{file_name_of(address)}" if address else None


def picture_paths(folder: str, handle: str) -> Callable[[Image], str]:
    """Return what makes paths of pictures in a folder (`avatars/channels`) of who has this handle, or of a host."""
    begin = f"{base_path()}lazy-static/{folder}/{quote(handle, safe='@:')}"
    return lambda image: f"{begin}/{image.get('width') or 0}/{image_name(image)}"


def caption_path(uuid: UUID, language: str, address: str) -> str | None:
    """Return the path of a caption file, None where there is none."""
    return (
        f"{base_path()}lazy-static/video-captions/{uuid}/{quote(language, safe='')}/{file_name_of(address)}"
        if address
        else None
    )


def player_path_here(published: str | None, uuid: UUID, player: str = PLAYER) -> str:
    """Return the path of the player: with the short form of the uuid where its home writes that, too."""
    name = (published or "").removeprefix(player)
    return f"{base_path()}{player[1:]}{name if _is_name_of(name, uuid) else uuid}"


def _is_name_of(text: str, uuid: UUID) -> bool:
    try:
        return text.isalnum() and parse_uuid(text) == uuid
    except InvalidTarget:
        return False
