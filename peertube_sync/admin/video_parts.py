"""What belongs to videos: captions and chapters on their pages, tags on a page of their own."""

from django.contrib import admin

from peertube_sync.admin.base import MirroredAdmin, MirroredInline, section
from peertube_sync.admin.display import clock, link_to_list, source_link
from peertube_sync.models import Caption, Chapter, Tag, Video


class CaptionInline(MirroredInline):
    """Caption files."""

    model = Caption
    fields = ("language_label", "language_id", "automatically_generated", "updated_at", "file")

    @admin.display(description="file")
    def file(self, caption: Caption) -> str:
        """Link to the file at its source."""
        path = f"{caption.video.instance.url}{caption.caption_path}" if caption.caption_path else ""
        return source_link(caption.file_url or path)


class ChapterInline(MirroredInline):
    """Chapters."""

    model = Chapter
    fields = ("at", "title")

    @admin.display(description="at")
    def at(self, chapter: Chapter) -> str:
        """Show the time code as a clock does."""
        return clock(chapter.timecode)


@admin.register(Tag)
class TagAdmin(MirroredAdmin):
    """Browse tags."""

    list_display = ("name", "videos")
    search_fields = ("name",)
    fieldsets = (section(None, "name", "videos"),)

    @admin.display(description="videos")
    def videos(self, tag: Tag) -> str:
        """Link to the list of videos with the tag."""
        return link_to_list(Video, "Its videos", tags__id__exact=tag.pk)
