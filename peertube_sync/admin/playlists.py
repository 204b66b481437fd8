"""Playlists and their elements."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

from peertube_sync.admin.base import ACTOR_LONG, INSTANCE_LONG, MirroredAdmin, MirroredInline, collapsed, section, under
from peertube_sync.admin.display import (
    NOTHING,
    clock,
    link_to,
    moment,
    number,
    pretty_json,
    prose,
    source_link,
    thumbnail,
    tombstone,
    two_lines,
)
from peertube_sync.admin.filters import AvailabilityFilter, InstanceFilter, followed
from peertube_sync.admin.private import opened
from peertube_sync.admin.search import named_uuid
from peertube_sync.catalogue.images import image_address
from peertube_sync.models import Account, Channel, Playlist, PlaylistElement, Video
from peertube_sync.models.video import LONG

SMALL = (80, 45)
LARGE = (480, 270)
TYPES = {0: "", 1: "deleted", 2: "private", 3: "unavailable"}
"""Why an element may show nothing (PlaylistElement.type_id)."""


class ElementInline(MirroredInline):
    """The places of a playlist, in order."""

    model = PlaylistElement
    fields = ("position", "what", "span", "remark")
    ordering = ("position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Take the names of the videos along."""
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("video", opened(Video.objects.defer(*LONG, "truncated_description"), request.user))
            )
        )

    @admin.display(description="video")
    def what(self, element: PlaylistElement) -> str:
        """Link to the video, or name the one that isn't mirrored."""
        if element.video_id:
            return link_to(element.video) if element.video else "not public"
        return element.video_name or str(element.video_uuid or NOTHING)

    @admin.display(description="part")
    def span(self, element: PlaylistElement) -> str:
        """Show from when to when it plays, where not all of it."""
        start, stop = element.start_timestamp, element.stop_timestamp
        if start is None and stop is None:
            return "all"
        return f"{clock(start or 0)} to {clock(stop) if stop else 'the end'}"

    @admin.display(description="remark")
    def remark(self, element: PlaylistElement) -> str:
        """Say why it shows nothing, or isn't mirrored."""
        return TYPES.get(element.type_id or 0, "") or ("" if element.video_id else "not mirrored")


@admin.register(Playlist)
class PlaylistAdmin(MirroredAdmin):
    """Browse playlists."""

    list_display = ("picture", "display_name", "owner", "length", "updated", "availability")
    list_display_links = ("picture", "display_name")
    list_filter = (
        followed(Account, "owner_account"),
        followed(Channel, "video_channel"),
        InstanceFilter,
        AvailabilityFilter,
    )
    list_select_related = ("instance", "owner_account")
    list_defer = ("description", *under("instance", INSTANCE_LONG), *under("owner_account", (*ACTOR_LONG, "avatars")))
    search_fields = ("display_name",)
    search_help_text = "Words of the name; or a uuid, short uuid or address of a playlist"
    inlines = (ElementInline,)
    fieldsets = (
        section(
            None,
            "preview",
            "display_name",
            "owner_account",
            "video_channel",
            "instance",
            prose("description"),
            "at_source",
        ),
        section(
            "State", "availability", "removed_at", "removed_reason", "privacy_label", "type_label", "videos_length"
        ),
        collapsed(
            "Sync",
            "uuid",
            "short_uuid",
            "remote_id",
            "url",
            "created_at",
            "updated_at",
            "first_seen_at",
            "elements_fetched_at",
            "elements_due_at",
        ),
        collapsed(
            "As published",
            "privacy_id",
            "type_id",
            "thumbnail_path",
            "embed_path",
            "video_channel_position",
            pretty_json("thumbnails"),
        ),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by uuid or address where the term is one, else by words of the name."""
        if uuid := named_uuid(search_term):
            return queryset.filter(uuid=uuid), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="")
    def picture(self, playlist: Playlist) -> str:
        """Show the thumbnail."""
        return thumbnail(_picture(playlist, SMALL[0]), *SMALL)

    @admin.display(description="thumbnail")
    def preview(self, playlist: Playlist) -> str:
        """Show the thumbnail, larger."""
        return thumbnail(_picture(playlist, LARGE[0]), *LARGE)

    @admin.display(description="account")
    def owner(self, playlist: Playlist) -> str:
        """Link to the owner, and to the instance."""
        account = playlist.owner_account
        return two_lines(link_to(account, account.display_name or account.name), link_to(playlist.instance))

    @admin.display(description="updated", ordering="updated_at")
    def updated(self, playlist: Playlist) -> str:
        """Show when it was changed at the source."""
        return moment(playlist.updated_at)

    @admin.display(description="videos", ordering="videos_length")
    def length(self, playlist: Playlist) -> str:
        """Show how many videos the source counts."""
        return number(playlist.videos_length)

    @admin.display(description="state", ordering="removed_at")
    def availability(self, playlist: Playlist) -> str:
        """Show whether it is still there."""
        return tombstone(playlist)

    @admin.display(description="source")
    def at_source(self, playlist: Playlist) -> str:
        """Link to its page at home."""
        return source_link(playlist.watch_url)


def _picture(playlist: Playlist, width: int) -> str:
    return image_address(playlist.instance, playlist.thumbnails, width, playlist.thumbnail_path)
