"""What feeds tell of a video, in the words of no format: only addresses that are safe to open, "" for none."""

from typing import Any

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.aggregates import tag_names
from peertube_sync.catalogue.answer_plan import AnswerPlan, Computed, Related, Table
from peertube_sync.faces.addresses import safe
from peertube_sync.faces.video_files import files, streams
from peertube_sync.models.reading import (
    CUT_TEXT,
    FULL_TEXT,
    HOME,
    TITLE,
    caption_file,
    embed_address,
    full_text,
    own_or,
    preview,
    watch_address,
    widest,
)


def _captions(scheme: str, host: str, found: Any) -> list[tuple[str, str]]:
    """Return language and address of the captions."""
    rows = sorted(found or (), key=lambda row: row["language_id"])
    addresses = (safe(caption_file(scheme, host, row["caption_path"], row["file_url"])) for row in rows)
    return [(row["language_id"], address) for row, address in zip(rows, addresses, strict=True) if address]


ACTOR: Table = {
    "title": "display_name",
    "name": "name",
    "url": Computed(safe, "url"),
    "avatar": Computed(lambda scheme, host, images: safe(widest(scheme, host, None, images)), *HOME, "avatars"),
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
        # The picture before it plays; none of a video whose pictures are blurred here.
        "picture": Computed(
            lambda nsfw, *columns: "" if nsfw and visibility.blurs_nsfw() else safe(preview(*columns)),
            *("nsfw", *HOME, "preview_path", "thumbnail_path", "thumbnails"),
        ),
        "nsfw": "nsfw",
        "duration": "duration",
        "views": "views",
        "published_at": "published_at",
        "updated_at": "updated_at",
        "language": "language_id",
        "category": "category_label",
        "tags": Computed(tag_names, "all_tags"),
        "files": Computed(files, "files", "streaming_playlists"),
        "streams": Computed(streams, "streaming_playlists"),
        "captions": Computed(_captions, *HOME, "all_captions"),
        "chapters": Computed(lambda found: len(found or ()), "all_chapters"),
        "channel": Related("channel", ACTOR),
        "account": Related("account", ACTOR),
    }
)
