"""Pictures and captions at the paths that answers hand out (`paths.py`): redirects to the files of one row.

A path also names the file; where the row has another one since, it leads to that. Nothing is read from an instance.
Where this site has the pictures (`PICTURES`), paths that were handed out before lead to these.
"""

from collections.abc import Callable, Sequence
from functools import partial

from django.http import HttpResponse

from peertube_sync.models import Caption
from peertube_sync.models.base import Row
from peertube_sync.models.picture_shapes import (
    ACCOUNT_AVATAR,
    CHANNEL_AVATAR,
    CHANNEL_BANNER,
    INSTANCE_AVATAR,
    INSTANCE_BANNER,
    PLAYLIST,
    VIDEO,
)
from peertube_sync.models.reading import (
    HOME,
    Image,
    caption_file,
    image_address,
    preview,
    scheme_and_host,
    small,
    widest,
)
from peertube_sync.peertube_api import instances, paths, redirects, views
from peertube_sync.peertube_api.parameters import DIGITS, Query
from peertube_sync.peertube_api.problems import Refusal, not_found
from peertube_sync.peertube_api.serializers import LARGE_WIDTH, SMALL_WIDTH
from peertube_sync.pictures import addresses
from peertube_sync.pictures.told import COLUMNS

Find = Callable[[str, tuple[str, ...]], Row]
SMALL = ("thumbnail_path", "thumbnails")
PREVIEW = ("preview_path", *SMALL)
WIDEST = 10_000
"""Pixels that no picture has: so it is the widest."""
CAPTION = ("caption_path", "file_url")


def _lead_to_thumbnail(find: Find, of: str, query: Query, uuid: str, name: str) -> HttpResponse:
    if addresses.ours():
        return _ours(query, of, _find_row_of_file(find, uuid, ("pk", *COLUMNS[of])), SMALL_WIDTH)
    row = _find_row_of_file(find, uuid, (*HOME, *SMALL))
    image = _picture_called(row["thumbnails"], name)
    address = (
        image_address(*scheme_and_host(row), image)
        if image
        else small(*scheme_and_host(row), *(row[key] for key in SMALL))
    )
    return redirects.home(query, address)


video_thumbnail = partial(_lead_to_thumbnail, views.find_video, VIDEO)
playlist_thumbnail = partial(_lead_to_thumbnail, views.find_playlist, PLAYLIST)
"""Lead to a thumbnail: the one of this name, else the small one."""


def video_preview(query: Query, uuid: str, name: str) -> HttpResponse:
    """Lead to the picture of a video before it plays."""
    if addresses.ours():
        return _ours(query, VIDEO, _find_row_of_file(views.find_video, uuid, ("pk", *COLUMNS[VIDEO])), LARGE_WIDTH)
    row = _find_row_of_file(views.find_video, uuid, (*HOME, *PREVIEW))
    return redirects.home(query, preview(*scheme_and_host(row), *(row[key] for key in PREVIEW)))


def _picture_of_actor(find: Find, of: str, folder: str, query: Query, rest: str, **named: str) -> HttpResponse:
    (handle,) = named.values()
    row = _find_row_of_file(find, handle, ("pk", *HOME, folder))
    width, _, name = rest.partition("/")
    if addresses.ours():
        asked = int(width) if width.isdecimal() and len(width) < DIGITS else 0
        return _ours(query, of, row, asked or WIDEST)
    images: Sequence[Image] = row[folder] or ()
    wanted = _picture_called(images, name) or next(
        (image for image in images if str(image.get("width")) == width), None
    )
    return redirects.home(
        query, image_address(*scheme_and_host(row), wanted) if wanted else widest(*scheme_and_host(row), None, images)
    )


account_avatar = partial(_picture_of_actor, views.find_account, ACCOUNT_AVATAR, paths.AVATARS)
channel_avatar = partial(_picture_of_actor, views.find_channel, CHANNEL_AVATAR, paths.AVATARS)
channel_banner = partial(_picture_of_actor, views.find_channel, CHANNEL_BANNER, paths.BANNERS)
instance_avatar = partial(_picture_of_actor, instances.find_instance, INSTANCE_AVATAR, paths.AVATARS)
instance_banner = partial(_picture_of_actor, instances.find_instance, INSTANCE_BANNER, paths.BANNERS)
"""Lead to an avatar or banner: the one of this name, else of this width, else the widest."""


def caption(query: Query, uuid: str, rest: str) -> HttpResponse:
    """Lead to the caption file of a video in a language."""
    video = _find_row_of_file(views.find_video, uuid, HOME)
    captions = Caption.objects.filter(video=video["pk"]).values("language_id", *CAPTION)
    for row in captions:
        if row["language_id"] == rest.partition("/")[0]:
            return redirects.home(query, caption_file(*scheme_and_host(video), *(row[key] for key in CAPTION)))
    raise not_found("File")


def _ours(query: Query, of: str, row: Row, width: int) -> HttpResponse:
    """Lead to the picture of a row that this site has. Raises Refusal 404."""
    picture = addresses.find(of, row["pk"], *(row[column] for column in COLUMNS[of]))
    if picture is None:
        raise not_found("File")
    return redirects.here(query, picture.at(width))


def _find_row_of_file(find: Find, name: str, columns: tuple[str, ...]) -> Row:
    """Return the row that a path names. Raises Refusal 404, for what can't name any, too."""
    try:
        return find(name, columns)
    except Refusal as error:
        raise not_found("File") from error


def _picture_called(images: Sequence[Image], name: str) -> Image | None:
    """Return the picture whose file has this name."""
    return next((image for image in images if name != paths.NAMELESS and paths.image_name(image) == name), None)
