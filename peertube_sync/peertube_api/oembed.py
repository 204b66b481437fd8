"""oEmbed (oembed.com) as PeerTube provides it: the home's player, for addresses of videos and playlists here."""

import re
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any
from urllib.parse import urlsplit

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.answer_plan import AnswerPlan, Computed, Related, Table
from peertube_sync.faces.addresses import is_ours, safe
from peertube_sync.models.base import Row
from peertube_sync.models.picture_shapes import PLAYLIST as PLAYLIST_PICTURE
from peertube_sync.models.picture_shapes import VIDEO as VIDEO_PICTURE
from peertube_sync.models.reading import HOME, PLAYLIST_PLAYER, TITLE, embed_address, own_or
from peertube_sync.peertube_api.parameters import DIGITS, Query
from peertube_sync.peertube_api.problems import Refusal
from peertube_sync.peertube_api.serializers import Json, pictures_at_home, pictures_here
from peertube_sync.peertube_api.server_info import site_name
from peertube_sync.peertube_api.views import find_playlist, find_video
from peertube_sync.pictures.told import told

WIDTH, HEIGHT = 560, 315
LEAST = 1
VIDEO = re.compile(r"/(?:w|videos/watch|videos)/([^/;]+)(?:/|;.*)?")
PLAYLIST = re.compile(r"/(?:w/p|videos/watch/playlist|playlists)/([^/;]+)(?:/|;.*)?")
FRAME = (
    '<iframe width="{}" height="{}" sandbox="allow-same-origin allow-scripts allow-popups allow-forms" title="{}"'
    ' src="{}" frameborder="0" allowfullscreen></iframe>'
)


def _plan(player: Computed, pictured: Computed, title: Computed | str, whose: str) -> AnswerPlan:
    """Return what is told of a video, or a playlist, that belongs to the channel or account `whose`."""
    return AnswerPlan({"title": title, "player": player, "pictures": pictured, "whose": Related(whose, OWNER)})


def _safe_pictures(*columns: Any) -> list[Json]:
    return [image for image in pictures_at_home(*columns) if safe(image.get("fileUrl") or "")]


OWNER: Table = {"title": "display_name", "url": Computed(safe, "url")}
OF_VIDEO = _plan(
    Computed(lambda *columns: safe(embed_address(*columns)), *HOME, "embed_path", "uuid"),
    Computed(
        *told(
            VIDEO_PICTURE,
            lambda found, nsfw, *_columns: [] if nsfw and visibility.blurs_nsfw() else pictures_here(found),
            lambda nsfw, *columns: [] if nsfw and visibility.blurs_nsfw() else _safe_pictures(*columns),
            *("nsfw", *HOME, "thumbnails", "thumbnail_path", "preview_path"),
        )
    ),
    Computed(own_or, *TITLE),
    "channel",
)
OF_PLAYLIST = _plan(
    Computed(
        lambda *columns: safe(partial(embed_address, player=PLAYLIST_PLAYER)(*columns)), *HOME, "embed_path", "uuid"
    ),
    Computed(*told(PLAYLIST_PICTURE, pictures_here, _safe_pictures, *HOME, "thumbnails", "thumbnail_path")),
    "display_name",
    "owner_account",
)
KINDS: tuple[tuple[re.Pattern[str], Callable[..., Row], AnswerPlan], ...] = (
    (PLAYLIST, find_playlist, OF_PLAYLIST),
    (VIDEO, find_video, OF_VIDEO),
)


def oembed(query: Query) -> Json:
    """Tell how to embed the video or playlist at `url`, within `maxwidth` and `maxheight`. Raises Refusal 400, 501."""
    if (query.text("format") or "json") != "json":
        raise Refusal(501, "Requested format is not implemented on server.")
    embeddable = _find_embeddable(query)
    width, height = min(WIDTH, _most_pixels(query, "maxwidth")), min(HEIGHT, _most_pixels(query, "maxheight"))
    whose = embeddable["whose"] or {"title": "", "url": ""}
    return {
        "type": "video",
        "version": "1.0",
        "html": FRAME.format(width, height, escape(embeddable["title"]), escape(embeddable["player"])),
        "width": width,
        "height": height,
        "title": embeddable["title"],
        "author_name": whose["title"],
        "author_url": whose["url"],
        "provider_name": site_name(query),
        "provider_url": query.root,
        **_thumbnail(query, embeddable["pictures"]),
    }


def _find_embeddable(query: Query) -> Json:
    path = _asked_path(query)
    for pattern, find, plan in KINDS:
        if match := pattern.fullmatch(path):
            try:
                embeddable = plan.answer(find(match[1], plan.columns))
            except Refusal as error:
                raise Refusal(400, "Invalid video or playlist id.") from error
            if embeddable["player"]:
                return embeddable
    raise Refusal(400, "Invalid url.")


def _asked_path(query: Query) -> str:
    """Return the path below this site of the address that is asked for, "" for one of another host or site."""
    try:
        asked, here = urlsplit(query.text("url")), urlsplit(query.root)
    except ValueError:
        return ""
    ours = asked.scheme in ("http", "https") and is_ours(asked.netloc.lower(), here.netloc)
    return asked.path.removeprefix(here.path.rstrip("/")) if ours and asked.path.startswith(here.path) else ""


def _most_pixels(query: Query, name: str) -> int:
    """Return a number of pixels; what is none is left out, as PeerTube does."""
    text = query.text(name)
    return max(int(text), LEAST) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else 10**DIGITS


def _thumbnail(query: Query, images: list[Any]) -> Json:
    """Return the widest picture that is no larger than what is asked for."""
    width, height = _most_pixels(query, "maxwidth"), _most_pixels(query, "maxheight")
    fitting = [image for image in images if _fits(image, width, height)]
    if not fitting:
        return {}
    best = max(fitting, key=lambda image: image["width"])
    return {
        "thumbnail_url": best["fileUrl"],
        "thumbnail_width": best["width"],
        "thumbnail_height": best["height"],
    }


def _fits(picture: Any, width: int, height: int) -> bool:
    wide, high = picture.get("width"), picture.get("height")
    return isinstance(wide, int) and isinstance(high, int) and wide <= width and high <= height
