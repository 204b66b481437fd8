"""Videos with their captions and chapters as JSON. Titles and texts of the site's staff replace those of the source."""

from datetime import datetime
from operator import itemgetter
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from peertube_sync.api.serializers.actors import AccountSummarySerializer, ChannelSummarySerializer
from peertube_sync.api.serializers.plan import MOMENTS, Derived, plan_of
from peertube_sync.api.serializers.shared import (
    ObjectField,
    ObjectsField,
    RowSerializer,
    address,
    example,
    images,
    picture_address,
    picture_path,
    short_uuid,
)
from peertube_sync.catalogue.aggregates import names_of_gathered_tags, read_aggregate
from peertube_sync.catalogue.highlight import Highlighter
from peertube_sync.client.short_uuid import shorten
from peertube_sync.faces.pages import page_url
from peertube_sync.models import Caption, Chapter, Video
from peertube_sync.models.picture_shapes import VIDEO as VIDEO_PICTURE
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

ROW = (
    "uuid",
    "short_uuid",
    "remote_id",
    "url",
    "watch_url",
    "page_url",
    "embed_url",
    "name",
    "truncated_description",
    "category_id",
    "category_label",
    "licence_id",
    "licence_label",
    "language_id",
    "language_label",
    "privacy_id",
    "privacy_label",
    "nsfw",
    "nsfw_flags",
    "nsfw_summary",
    "blurred",
    "is_live",
    "live_schedules",
    "duration",
    "aspect_ratio",
    "thumbnail_url",
    "preview_url",
    "thumbnails",
    "created_at",
    "updated_at",
    "published_at",
    "originally_published_at",
    "details_fetched_at",
    "featured",
)
"""The keys of the part of an answer that comes from the row of a video and from the site's decision about it."""
LIST = (
    *(*ROW, "views", "viewers", "likes", "dislikes", "comments", "downloads"),
    *("highlights", "channel", "account"),
)
DETAILS = (
    "description",
    "support",
    "tags",
    "captions",
    "chapters",
    "state_id",
    "state_label",
    "comments_policy_id",
    "comments_policy_label",
    "download_enabled",
    "wait_transcoding",
    "input_file_updated_at",
    "files",
    "streaming_playlists",
    "thumbnail_path",
    "preview_path",
    "embed_path",
    "plugin_data",
    "extra",
    "captions_fetched_at",
)
TEXTS = {
    "remote_id": {"help_text": "Its `id` at the source."},
    "url": {"help_text": "Its ActivityPub id, which is an address at the source too."},
    "duration": {"help_text": "In seconds."},
    "views": {"help_text": "As published by its instance."},
    "viewers": {"help_text": "How many watched when it was last looked at."},
    "published_at": {"help_text": "When it became public on its instance."},
    "originally_published_at": {"help_text": "When it first appeared elsewhere, in its author's words."},
    "details_fetched_at": {"help_text": "When its details were last read; null until they are."},
    "captions_fetched_at": {"help_text": "When captions and chapters were last read; null until they are."},
}


class MomentSerializer(serializers.Serializer[Any]):
    """A line of a video's captions in which words were found."""

    start = serializers.IntegerField(help_text="The second at which the line is said.")
    language_id = serializers.CharField()
    line = serializers.CharField()


class HighlightsSerializer(serializers.Serializer[Any]):
    """Where words were found, as HTML: escaped, with <mark> around them."""

    name = serializers.CharField()
    description = serializers.CharField(help_text="A piece of it; empty where there is none.")
    captions = MomentSerializer(many=True, help_text="Where it is said: three lines of captions at the most.")


class HighlightsField(Derived):
    """What `q` found in a video; the long description is fetched with `q` alone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(self.highlights, schema=HighlightsSerializer(allow_null=True), **options)

    def bind(self, field_name: str, parent: Any) -> None:
        super().bind(field_name, parent)
        query = self.context.get("query")
        self.marker = Highlighter(query) if query else None
        self.columns = (MOMENTS, *TITLE, *FULL_TEXT) if query else ()

    def highlights(self, *columns: Any) -> dict[str, object] | None:
        """Mark the name, and a piece of the description; captions were found with the page."""
        if self.marker is None:
            return None
        moments, *texts = columns
        name, description = own_or(*texts[: len(TITLE)]) or "", full_text(*texts[len(TITLE) :]) or ""
        marked = {"name": self.marker.mark(name), "description": self.marker.snippet(description)}
        return {**marked, "captions": moments}


class BlurredField(Derived):
    """Whether the site wants a video's pictures to be blurred."""

    def __init__(self, **options: Any) -> None:
        super().__init__(self.blurred, "nsfw", schema=OpenApiTypes.BOOL, **options)

    def blurred(self, nsfw: bool) -> bool:  # noqa: FBT001 - a fact
        """Tell it of a sensitive one."""
        return nsfw and self.blur

    def bind(self, field_name: str, parent: Any) -> None:
        """Learn what the site does with sensitive videos."""
        super().bind(field_name, parent)
        self.blur = bool(self.context.get("blur"))


class CaptionSerializer(RowSerializer[Caption]):
    """A caption file."""

    file_url = Derived(
        caption_file,
        *(f"video__{column}" for column in HOME),
        "caption_path",
        "file_url",
        help_text="Where it is at the source, absolute.",
    )

    class Meta:
        model = Caption
        fields = (
            "language_id",
            "language_label",
            "file_url",
            "caption_path",
            "m3u8_url",
            "automatically_generated",
            "updated_at",
        )


class ChapterSerializer(RowSerializer[Chapter]):
    """A chapter."""

    class Meta:
        model = Chapter
        fields = ("timecode", "title")
        extra_kwargs = {"timecode": {"help_text": "Where it begins, in seconds."}}


def _captions_by_language(since: datetime | None, found: Any, *home: str) -> list[object] | None:
    """Return the captions by language, None while nobody has asked for them."""
    at = dict(zip((f"video__{column}" for column in HOME), home, strict=True))
    rows = sorted(read_aggregate(Caption, found), key=itemgetter("language_id"))
    return [plan_of(CaptionSerializer).answer(at | row) for row in rows] if since else None


def _chapters(since: datetime | None, found: Any) -> list[object] | None:
    """Return the chapters in their order, None while nobody has asked for them."""
    rows = sorted(read_aggregate(Chapter, found), key=itemgetter("timecode"))
    return [plan_of(ChapterSerializer).answer(row) for row in rows] if since else None


@extend_schema_serializer(examples=example("A video", "Video"))
class VideoSerializer(RowSerializer[Video]):
    """A video, as lists show it."""

    short_uuid = short_uuid()
    watch_url = address(watch_address, "uuid", help_text="Where people watch it, at the source.")
    page_url = Derived(
        lambda uuid: page_url(shorten(uuid)),
        "uuid",
        schema={"type": "string", "nullable": True},
        help_text="Its page here; null where the site's pages aren't included.",
    )
    embed_url = address(embed_address, "embed_path", "uuid", help_text="The player to embed, at the source.")
    name = Derived(own_or, *TITLE, help_text="Its title: this site's own, else the source's.")
    truncated_description = Derived(
        own_or,
        *CUT_TEXT,
        schema={"type": "string", "nullable": True},
        help_text="This site's own text, else the first 250 characters or so of the description.",
    )
    channel = ChannelSummarySerializer(read_only=True)
    account = AccountSummarySerializer(read_only=True)
    live_schedules = ObjectsField(read_only=True, allow_null=True)
    thumbnail_url = picture_address(
        VIDEO_PICTURE,
        widest,
        *("thumbnail_path", "thumbnails"),
        help_text="The widest; empty when there is none.",
    )
    preview_url = picture_address(
        VIDEO_PICTURE,
        preview,
        *("preview_path", "thumbnail_path", "thumbnails"),
        help_text="The picture before it plays, else the widest thumbnail; empty when there is none.",
    )
    thumbnails = images(VIDEO_PICTURE, "thumbnails", "All sizes, from PeerTube 8.1.")
    blurred = BlurredField(help_text="Whether this site wants its pictures blurred until somebody asks to see them.")
    featured = Derived(
        bool, "curation__featured", schema=OpenApiTypes.BOOL, help_text="Whether this site singles it out."
    )
    highlights = HighlightsField(help_text="Where `q` was found; null without `q`.")

    class Meta:
        model = Video
        fields: tuple[str, ...] = LIST
        extra_kwargs = TEXTS


@extend_schema_serializer(examples=example("A video in full", "VideoDetails"))
class VideoDetailsSerializer(VideoSerializer):
    """A video with all that its instance publishes of it. `tags`, `captions` and `chapters` are null until read."""

    description = Derived(
        own_or,
        "curation__text",
        "description",
        schema={"type": "string", "nullable": True},
        help_text="This site's own text, else the source's (Markdown).",
    )
    tags = Derived(
        lambda since, found: names_of_gathered_tags(found) if since else None,
        *("details_fetched_at", "all_tags"),
        schema={"type": "array", "items": {"type": "string"}, "nullable": True},
        help_text="Spelt as their author did; null until the details are read.",
    )
    captions = Derived(
        _captions_by_language,
        "captions_fetched_at",
        "all_captions",
        *HOME,
        schema=CaptionSerializer(many=True, allow_null=True),
        help_text="Null until they are read.",
    )
    chapters = Derived(
        _chapters,
        "captions_fetched_at",
        "all_chapters",
        schema=ChapterSerializer(many=True, allow_null=True),
        help_text="Null until they are read.",
    )
    thumbnail_path = picture_path(VIDEO_PICTURE, "thumbnail_path")
    preview_path = picture_path(VIDEO_PICTURE, "preview_path")
    files = ObjectsField(read_only=True, allow_null=True, help_text="As published, in snake_case.")
    streaming_playlists = ObjectsField(read_only=True, allow_null=True, help_text="As published, in snake_case.")
    extra = ObjectField(read_only=True, help_text="What else its instance publishes of it.")

    class Meta(VideoSerializer.Meta):
        fields = (*LIST, *DETAILS)
