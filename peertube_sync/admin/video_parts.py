"""What belongs to videos: captions and chapters on their pages, tags on a page of their own."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.base import INSTANCE_LONG, MirroredAdmin, MirroredInline, section, under
from peertube_sync.admin.display import format_seconds, link_to_list, source_link
from peertube_sync.models import Caption, Chapter, Tag, Video
from peertube_sync.models.constant_names import name_of
from peertube_sync.models.reading import caption_file
from peertube_sync.models.video import LONG


class CaptionInline(MirroredInline):
    model = Caption
    fields = ("language", "language_id", "automatically_generated", "updated_at", "file")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Take along where the instance is."""
        long = (*under("video", LONG), *under("video__instance", INSTANCE_LONG))
        return super().get_queryset(request).select_related("video__instance").defer(*long)

    @admin.display(description=_("language"))
    def language(self, caption: Caption) -> str:
        return name_of("language", caption.language_id, caption.language_label)

    @admin.display(description=_("file"))
    def file(self, caption: Caption) -> str:
        """Link to the file at its source."""
        home = caption.video.instance
        return source_link(caption_file(home.scheme, home.host, caption.caption_path, caption.file_url))


class ChapterInline(MirroredInline):
    model = Chapter
    fields = ("at", "title")

    @admin.display(description=_("at"))
    def at(self, chapter: Chapter) -> str:
        """Show the time code as a clock does."""
        return format_seconds(chapter.timecode)


@admin.register(Tag)
class TagAdmin(MirroredAdmin):
    export_columns = {"name": "name"}
    list_display = ("name", "its_videos")
    search_fields = ("name",)
    fieldsets = (section(None, "name", "its_videos"),)

    @admin.display(description=_("videos"))
    def its_videos(self, tag: Tag) -> str:
        """Link to the list of videos with the tag."""
        return link_to_list(Video, gettext("Its videos"), tags__id__exact=tag.pk)
