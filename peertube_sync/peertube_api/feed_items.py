"""What feeds tell of a video, in the words of no format: only addresses that are safe to open, "" for none.

Pictures that this site has are told by their paths.
"""

from collections.abc import Sequence
from typing import Any

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.aggregates import names_of_gathered_tags
from peertube_sync.catalogue.answer_plan import AnswerPlan, Computed, Related, Table
from peertube_sync.faces.addresses import safe
from peertube_sync.faces.video_files import files, streams
from peertube_sync.models.picture_shapes import ACCOUNT_AVATAR, CHANNEL_AVATAR, VIDEO
from peertube_sync.models.reading import (
    CUT_TEXT,
    FULL_TEXT,
    HOME,
    TITLE,
    Image,
    caption_file,
    embed_address,
    full_text,
    own_or,
    preview,
    watch_address,
    widest,
)
from peertube_sync.pictures.addresses import PictureAddress
from peertube_sync.pictures.told import path, told

PICTURE_WIDTH, AVATAR_WIDTH = 1280, 240
"""Pixels of the pictures that feeds show, where this site has them."""


def _captions(scheme: str, host: str, gathered: Any) -> list[tuple[str, str]]:
    """Return language and address of the captions."""
    rows = sorted(gathered or (), key=lambda row: row["language_id"])
    addresses = (safe(caption_file(scheme, host, row["caption_path"], row["file_url"])) for row in rows)
    return [(row["language_id"], address) for row, address in zip(rows, addresses, strict=True) if address]


def _picture(nsfw: bool, *columns: Any) -> str:  # noqa: FBT001 - a column
    """Return the picture before it plays; none of a video whose pictures are blurred here."""
    return "" if nsfw and visibility.blurs_nsfw() else safe(preview(*columns))


def _picture_here(found: PictureAddress | None, nsfw: bool, *_columns: Any) -> str:  # noqa: FBT001 - a column
    return "" if nsfw and visibility.blurs_nsfw() else path(PICTURE_WIDTH)(found)


def _avatar(scheme: str, host: str, images: Sequence[Image]) -> str:
    return safe(widest(scheme, host, None, images))


def actor_table(of: str) -> Table:
    """Return what is told of a channel or account, whose avatar is a picture `of` that."""
    return {
        "title": "display_name",
        "name": "name",
        "url": Computed(safe, "url"),
        "avatar": Computed(*told(of, path(AVATAR_WIDTH), _avatar, *HOME, "avatars")),
    }


ITEM = AnswerPlan(
    {
        "uuid": "uuid",
        "url": Computed(safe, "url"),
        "address": Computed(lambda *columns: safe(watch_address(*columns)), *HOME, "uuid"),
        "embed": Computed(lambda *columns: safe(embed_address(*columns)), *HOME, "embed_path", "uuid"),
        "title": Computed(own_or, *TITLE),
        "text": Computed(full_text, *FULL_TEXT),
        "summary": Computed(own_or, *CUT_TEXT),
        "picture": Computed(
            *told(VIDEO, _picture_here, _picture, "nsfw", *HOME, "preview_path", "thumbnail_path", "thumbnails")
        ),
        "nsfw": "nsfw",
        "duration": "duration",
        "views": "views",
        "published_at": "published_at",
        "updated_at": "updated_at",
        "language": "language_id",
        "category": "category_label",
        "tags": Computed(names_of_gathered_tags, "all_tags"),
        "files": Computed(files, "files", "streaming_playlists"),
        "streams": Computed(streams, "streaming_playlists"),
        "captions": Computed(_captions, *HOME, "all_captions"),
        "chapters": Computed(lambda found: len(found or ()), "all_chapters"),
        "channel": Related("channel", actor_table(CHANNEL_AVATAR)),
        "account": Related("account", actor_table(ACCOUNT_AVATAR)),
    }
)
