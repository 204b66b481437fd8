"""Accounts and channels."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.base import ACTOR_LONG, CHANNEL_LONG, INSTANCE_LONG, MirroredAdmin, collapsed, section, under
from peertube_sync.admin.display import (
    joined_links,
    link_to,
    link_to_list,
    long_text,
    moment,
    number,
    picture_of,
    pretty_json,
    source_link,
    tombstone,
    two_lines,
)
from peertube_sync.admin.filters import AvailabilityFilter, DetailsFilter, InstanceFilter, followed
from peertube_sync.models import Account, Channel, Playlist, Video
from peertube_sync.models.picture_shapes import ACCOUNT_AVATAR, CHANNEL_AVATAR
from peertube_sync.models.reading import picture_for

AVATAR = 40
ACTOR_COLUMNS = {
    "name": "name",
    "instance": "instance__host",
    "display_name": "display_name",
    "followers": "followers_count",
    "created_at": "created_at",
    "url": "url",
    "removed_at": "removed_at",
    "removed_reason": "removed_reason",
}
SYNC = section(
    _("Sync"),
    "availability",
    "removed_at",
    "removed_reason",
    "first_seen_at",
    "details_fetched_at",
    "details_due_at",
    "remote_id",
)


class ActorAdmin(MirroredAdmin):
    """The columns that accounts and channels have in common."""

    list_display: tuple[str, ...] = (
        "avatar",
        "title",
        "instance",
        "followers",
        "since",
        "availability",
    )
    list_display_links = ("title",)
    list_filter: ClassVar[tuple[Any, ...]] = (InstanceFilter, AvailabilityFilter, DetailsFilter)
    list_select_related: ClassVar[tuple[str, ...]] = ("instance",)
    ordering = ("-pk",)
    sortable_by: ClassVar[tuple[str, ...]] = ("title", "followers")
    search_fields = ("name", "display_name")
    search_help_text = _("Name or display name")

    @admin.display(description="")
    def avatar(self, actor: Account | Channel) -> str:
        home = actor.instance
        source = picture_for(AVATAR, home.scheme, home.host, actor.avatars)
        of = CHANNEL_AVATAR if isinstance(actor, Channel) else ACCOUNT_AVATAR
        return picture_of(of, actor, source, AVATAR, AVATAR)

    @admin.display(description=_("name"), ordering="display_name")
    def title(self, actor: Account | Channel) -> str:
        return two_lines(actor.display_name or actor.name, actor.name)

    @admin.display(description=_("followers"), ordering="followers_count")
    def followers(self, actor: Account | Channel) -> str:
        """Show how many follow, unknown before the details."""
        return number(actor.followers_count)

    @admin.display(description=_("since"))
    def since(self, actor: Account | Channel) -> str:
        """Show when it was created at the source."""
        return moment(actor.created_at)

    @admin.display(description=_("state"))
    def availability(self, actor: Account | Channel) -> str:
        """Show whether it is still there, and where that is."""
        return two_lines(tombstone(actor), source_link(actor.url))

    @admin.display(description=_("source"))
    def at_source(self, actor: Account | Channel) -> str:
        """Link to its page at home."""
        return source_link(actor.url)


@admin.register(Account)
class AccountAdmin(ActorAdmin):
    page_of = ("account", "handle")
    export_columns = ACTOR_COLUMNS
    list_defer = (*ACTOR_LONG, *under("instance", INSTANCE_LONG))
    fieldsets = (
        section(None, "avatar", "display_name", "name", "instance", long_text("description"), "at_source", "browse"),
        section(_("Numbers"), "followers", "following_count", "created_at", "updated_at"),
        SYNC,
        collapsed(_("As published"), pretty_json("avatars"), pretty_json("extra")),
    )

    @admin.display(description=_("see"))
    def browse(self, account: Account) -> str:
        """Link to the lists of what it publishes."""
        return joined_links(
            [
                link_to_list(Video, gettext("Its videos"), account__id__exact=account.pk),
                link_to_list(Channel, gettext("Its channels"), owner_account__id__exact=account.pk),
                link_to_list(Playlist, gettext("Its playlists"), owner_account__id__exact=account.pk),
            ]
        )


@admin.register(Channel)
class ChannelAdmin(ActorAdmin):
    page_of = ("channel", "handle")
    export_columns = {**ACTOR_COLUMNS, "account": "owner_account__name"}
    list_display = (*ActorAdmin.list_display[:2], "owner", *ActorAdmin.list_display[2:])
    list_filter = (followed(Account, "owner_account"), *ActorAdmin.list_filter)
    list_select_related = ("instance", "owner_account")
    list_defer = (*CHANNEL_LONG, *under("instance", INSTANCE_LONG), *under("owner_account", ACTOR_LONG))
    fieldsets = (
        section(
            None,
            "avatar",
            "display_name",
            "name",
            "instance",
            "owner_account",
            long_text("description"),
            long_text("support"),
            "at_source",
            "browse",
        ),
        section(_("Numbers"), "followers", "following_count", "created_at", "updated_at"),
        SYNC,
        collapsed(_("As published"), pretty_json("avatars"), pretty_json("banners"), pretty_json("extra")),
    )

    @admin.display(description=_("account"))
    def owner(self, channel: Channel) -> str:
        account = channel.owner_account
        return link_to(account, account.display_name or account.name) if account else link_to(None)

    @admin.display(description=_("see"))
    def browse(self, channel: Channel) -> str:
        """Link to the lists of what it publishes."""
        return joined_links(
            [
                link_to_list(Video, gettext("Its videos"), channel__id__exact=channel.pk),
                link_to_list(Playlist, gettext("Its playlists"), video_channel__id__exact=channel.pk),
            ]
        )
