"""Playlists and their elements."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.base import ACTOR_LONG, INSTANCE_LONG, MirroredAdmin, MirroredInline, collapsed, section, under
from peertube_sync.admin.display import (
    NOTHING,
    format_seconds,
    link_to,
    long_text,
    moment,
    number,
    picture_of,
    pretty_json,
    source_link,
    tombstone,
    twins,
    two_lines,
)
from peertube_sync.admin.filters import InstanceFilter, PlaylistStateFilter, followed
from peertube_sync.admin.private import opened
from peertube_sync.admin.search import named_uuid
from peertube_sync.models import Account, Channel, Playlist, PlaylistElement, Video
from peertube_sync.models.constant_names import name_of
from peertube_sync.models.picture_shapes import PLAYLIST
from peertube_sync.models.reading import picture_for
from peertube_sync.models.video import LONG

SMALL = (80, 45)
LARGE = (480, 270)
TYPES = {1: _("deleted"), 2: _("private"), 3: _("unavailable")}
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

    @admin.display(description=_("video"))
    def what(self, element: PlaylistElement) -> str:
        """Link to the video, or name the one that isn't mirrored."""
        if element.video_id:
            return link_to(element.video) if element.video else gettext("not public")
        return element.video_name or str(element.video_uuid or NOTHING)

    @admin.display(description=_("part"))
    def span(self, element: PlaylistElement) -> str:
        """Show from when to when it plays, where not all of it."""
        start, stop = element.start_timestamp, element.stop_timestamp
        if start is None and stop is None:
            return gettext("all")
        return gettext("%(start)s to %(stop)s") % {
            "start": format_seconds(start or 0),
            "stop": format_seconds(stop) if stop else gettext("the end"),
        }

    @admin.display(description=_("remark"))
    def remark(self, element: PlaylistElement) -> str:
        """Say why it shows nothing, or isn't mirrored."""
        return str(TYPES.get(element.type_id or 0, "") or ("" if element.video_id else _("not mirrored")))


@admin.register(Playlist)
class PlaylistAdmin(MirroredAdmin):
    page_of = ("playlist", "short_uuid")
    sortable_by = ("updated",)
    export_columns = {
        "uuid": "uuid",
        "name": "display_name",
        "instance": "instance__host",
        "account": "owner_account__name",
        "channel": "video_channel__name",
        "videos": "videos_length",
        "updated_at": "updated_at",
        "url": "url",
        "removed_at": "removed_at",
        "removed_reason": "removed_reason",
        "double": "double",
    }
    list_display = ("picture", "display_name", "owner", "length", "updated", "availability")
    list_display_links = ("display_name",)
    list_filter = (
        followed(Account, "owner_account"),
        followed(Channel, "video_channel"),
        InstanceFilter,
        PlaylistStateFilter,
    )
    list_select_related = ("instance", "owner_account")
    list_defer = ("description", *under("instance", INSTANCE_LONG), *under("owner_account", (*ACTOR_LONG, "avatars")))
    search_fields = ("display_name",)
    search_help_text = _("Words of the name; or a uuid, short uuid or address of a playlist")
    inlines = (ElementInline,)
    fieldsets = (
        section(
            None,
            "preview",
            "display_name",
            "owner_account",
            "video_channel",
            "instance",
            long_text("description"),
            "at_source",
        ),
        section(
            _("State"),
            "availability",
            "twins",
            "removed_at",
            "removed_reason",
            "privacy",
            "type_label",
            "videos_length",
        ),
        collapsed(
            _("Sync"),
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
            _("As published"),
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
        return _picture_of_playlist(playlist, *SMALL)

    @admin.display(description=_("thumbnail"))
    def preview(self, playlist: Playlist) -> str:
        return _picture_of_playlist(playlist, *LARGE)

    @admin.display(description=_("account"))
    def owner(self, playlist: Playlist) -> str:
        """Link to the owner, and to the instance."""
        account = playlist.owner_account
        return two_lines(link_to(account, account.display_name or account.name), link_to(playlist.instance))

    @admin.display(description=_("updated"), ordering="updated_at")
    def updated(self, playlist: Playlist) -> str:
        """Show when it was changed at the source."""
        return moment(playlist.updated_at)

    @admin.display(description=_("videos"))
    def length(self, playlist: Playlist) -> str:
        """Show how many videos the source counts."""
        return number(playlist.videos_length)

    @admin.display(description=_("state"))
    def availability(self, playlist: Playlist) -> str:
        return two_lines(tombstone(playlist), source_link(playlist.watch_url))

    @admin.display(description=_("privacy"))
    def privacy(self, playlist: Playlist) -> str:
        """Show who may see it at the source."""
        return name_of("privacy", playlist.privacy_id, playlist.privacy_label) or NOTHING

    @admin.display(description=_("short UUID"))
    def short_uuid(self, playlist: Playlist) -> str:
        return playlist.short_uuid

    @admin.display(description=_("same uuid"))
    def twins(self, playlist: Playlist) -> str:
        """Link to the rows of other instances that have its uuid."""
        return twins(playlist)

    @admin.display(description=_("source"))
    def at_source(self, playlist: Playlist) -> str:
        """Link to its page at home."""
        return source_link(playlist.watch_url)


def _picture_of_playlist(playlist: Playlist, width: int, height: int) -> str:
    home = playlist.instance
    source = picture_for(width, home.scheme, home.host, playlist.thumbnails, playlist.thumbnail_path)
    return picture_of(PLAYLIST, playlist, source, width, height)
