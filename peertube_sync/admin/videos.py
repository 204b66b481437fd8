"""Videos with their captions, chapters and tags, and what this site decides about them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.actions import curate, may
from peertube_sync.admin.base import (
    CHANNEL_LONG,
    FOUND,
    INSTANCE_LONG,
    BoundedPaginator,
    MirroredAdmin,
    collapsed,
    section,
    under,
)
from peertube_sync.admin.curation import CurationInline, record_decision
from peertube_sync.admin.display import (
    BAD,
    BUSY,
    GOOD,
    NOTHING,
    QUIET,
    badge,
    format_seconds,
    joined_links,
    link_to,
    link_to_list,
    long_text,
    moment,
    number,
    picture_of,
    pretty_json,
    source_link,
    twins,
    two_lines,
)
from peertube_sync.admin.filters import (
    InstanceFilter,
    LiveFilter,
    NsfwFilter,
    PublishedFilter,
    VideoDetailsFilter,
    VideoStateFilter,
    followed,
)
from peertube_sync.admin.search import named_uuid
from peertube_sync.admin.video_parts import CaptionInline, ChapterInline
from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.video_search import all_matching, query_of_text
from peertube_sync.catalogue.visibility import Side
from peertube_sync.models import PUBLIC, Account, Channel, Curation, Tag, Video
from peertube_sync.models.constant_names import name_of
from peertube_sync.models.picture_shapes import VIDEO
from peertube_sync.models.video import LONG

SMALL = (64, 36)
LARGE = (480, 270)


@admin.register(Video)
class VideoAdmin(MirroredAdmin):
    page_of = ("video", "short_uuid")
    list_display = (
        "picture",
        "name",
        "channel_name",
        "published",
        "length",
        "view_count",
        "progress",
    )
    list_display_links = ("name",)
    list_filter = (
        followed(Channel, "channel"),
        followed(Account, "account"),
        followed(Tag, "tags"),
        VideoStateFilter,
        PublishedFilter,
        InstanceFilter,
        VideoDetailsFilter,
        LiveFilter,
        NsfwFilter,
    )
    list_select_related = ("instance", "channel", "curation")
    list_defer = (
        *LONG,
        "nsfw_summary",
        "truncated_description",
        "curation__text",
        *under("instance", INSTANCE_LONG),
        *under("channel", (*CHANNEL_LONG, "avatars")),
    )
    search_fields = ("name",)
    search_help_text = _("Words of names, tags, channels and texts; or a uuid, short uuid or address of a video")
    actions = ("hide", "show", "feature", "unfeature", "export_csv")
    export_columns = {
        "uuid": "uuid",
        "name": "name",
        "instance": "instance__host",
        "channel": "channel__name",
        "account": "account__name",
        "published_at": "published_at",
        "duration": "duration",
        "views": "views",
        "likes": "likes",
        "language": "language_id",
        "category": "category_label",
        "licence": "licence_label",
        "nsfw": "nsfw",
        "url": "url",
        "removed_at": "removed_at",
        "removed_reason": "removed_reason",
        "double": "double",
        "hidden": "curation__hidden",
        "featured": "curation__featured",
    }
    save_on_top = True
    inlines = (CurationInline, CaptionInline, ChapterInline)
    fieldsets = (
        section(None, "preview", "name", "channel", ("account", "instance"), "at_source"),
        section(_("State"), "standing", "twins", ("removed_at", "removed_reason"), ("delisted_at", "missing_since")),
        section(
            _("Published"),
            ("published_at", "originally_published_at"),
            ("created_at", "updated_at"),
            ("length", "is_live"),
        ),
        section(
            _("Facts"),
            "tag_links",
            ("category", "licence", "language"),
            ("privacy", "state_label"),
            ("comments_policy_label", "download_enabled"),
            ("nsfw", "nsfw_summary"),
        ),
        section(_("Numbers"), ("views", "viewers", "likes"), ("dislikes", "comments", "downloads")),
        section(_("Texts"), long_text("description"), long_text("truncated_description"), long_text("support")),
        collapsed(
            _("Sync"),
            "uuid",
            "short_uuid",
            "remote_id",
            "url",
            "first_seen_at",
            ("details_fetched_at", "details_due_at"),
            ("captions_fetched_at", "captions_due_at"),
        ),
        collapsed(
            _("As published"),
            ("category_id", "licence_id", "language_id"),
            ("privacy_id", "state_id", "comments_policy_id"),
            ("nsfw_flags", "aspect_ratio", "wait_transcoding"),
            "input_file_updated_at",
            "thumbnail_path",
            "preview_path",
            "embed_path",
            pretty_json("thumbnails"),
            pretty_json("live_schedules"),
            pretty_json("files"),
            pretty_json("streaming_playlists"),
            pretty_json("plugin_data"),
            pretty_json("extra"),
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Allow what can be changed here, which is curation, to whom curation is allowed."""
        return self.has_view_permission(request, obj) and self.has_curate_permission(request)

    def has_curate_permission(self, request: HttpRequest) -> bool:
        """Allow the actions to whom Django's permission allows changes of curation."""
        return may(request, "change", Curation)

    def save_model(self, request: HttpRequest, obj: Video, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Write nothing: saving the row would undo what a worker writes meanwhile."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Save the decision, the only one that can be changed here, and write down what it is."""
        super().save_formset(request, form, formset, change)
        for one in formset.forms:
            if one.has_changed():
                record_decision(request, one.instance, one)

    def is_shown(self, obj: Video) -> bool:
        """Tell whether visitors see it, by what the site does with sensitive videos too."""
        return visibility.available(Side.PUBLIC).filter(pk=obj.pk).exists()

    def get_paginator(self, request: HttpRequest, *args: Any, **options: Any) -> BoundedPaginator:
        """Count less of what the search finds."""
        paginator = super().get_paginator(request, *args, **options)
        if request.GET.get(SEARCH_VAR):
            paginator.reach = FOUND
        return paginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by uuid or address where the term is one, else by the search of the site."""
        if uuid := named_uuid(search_term):
            return queryset.filter(uuid=uuid), False
        if not search_term:
            return queryset, False
        return all_matching(queryset, query_of_text(search_term, queryset.db)), False

    @admin.action(description=_("Hide on this site"), permissions=["curate"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        """Take them out of everything that the site shows."""
        curate(request, queryset, ngettext_lazy("%d video is hidden.", "%d videos are hidden."), hidden=True)

    @admin.action(description=_("Show on this site"), permissions=["curate"])
    def show(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        """Take back that they are hidden."""
        curate(request, queryset, ngettext_lazy("%d video is shown.", "%d videos are shown."), hidden=False)

    @admin.action(description=_("Feature on this site"), permissions=["curate"])
    def feature(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        curate(request, queryset, ngettext_lazy("%d video is featured.", "%d videos are featured."), featured=True)

    @admin.action(description=_("Stop featuring"), permissions=["curate"])
    def unfeature(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        """Take back that they are featured."""
        words = ngettext_lazy("%d video is not featured any more.", "%d videos are not featured any more.")
        curate(request, queryset, words, featured=False)

    @admin.display(description="")
    def picture(self, video: Video) -> str:
        return picture_of(VIDEO, video, video.thumbnail_url, *SMALL)

    @admin.display(description=_("thumbnail"))
    def preview(self, video: Video) -> str:
        return picture_of(VIDEO, video, video.thumbnail_url, *LARGE)

    @admin.display(description=_("channel"))
    def channel_name(self, video: Video) -> str:
        """Link to the channel, and to the instance."""
        channel = video.channel
        return two_lines(link_to(channel, channel.display_name or channel.name), link_to(video.instance))

    @admin.display(description=_("published"), ordering="published_at")
    def published(self, video: Video) -> str:
        return moment(video.published_at)

    @admin.display(description=_("duration"), ordering="duration")
    def length(self, video: Video) -> str:
        """Show the duration as a clock does."""
        return gettext("live") if video.is_live else format_seconds(video.duration)

    @admin.display(description=_("views"), ordering="views")
    def view_count(self, video: Video) -> str:
        return number(video.views)

    @admin.display(description=_("state"))
    def progress(self, video: Video) -> str:
        """Show the state, whether the details are here, and where its source is."""
        details = gettext("with details") if video.details_fetched_at else gettext("no details yet")
        return two_lines(self.standing(video), joined_links([details, source_link(video.watch_url)]))

    @admin.display(description=_("state"))
    def standing(self, video: Video) -> str:
        """Show what decides whether the video is shown: what hides it comes before what doesn't."""
        curation = getattr(video, "curation", None)
        ordered = (
            (video.removed_at, video.get_removed_reason_display() or gettext("removed"), BAD),
            (video.privacy_id != PUBLIC, gettext("not public: %s") % self.privacy(video), QUIET),
            (video.double, gettext("double"), QUIET),
            (curation and curation.hidden, gettext("hidden here"), QUIET),
            (video.delisted_at, gettext("not in the instance's lists"), BUSY),
            (video.missing_since, gettext("missing"), BUSY),
            (curation and curation.featured, gettext("featured"), GOOD),
            (True, gettext("available"), GOOD),
        )
        return next(badge(word, tone) for holds, word, tone in ordered if holds)

    @admin.display(description=_("short UUID"))
    def short_uuid(self, video: Video) -> str:
        return video.short_uuid

    @admin.display(description=_("same uuid"))
    def twins(self, video: Video) -> str:
        """Link to the rows of other instances that have its uuid."""
        return twins(video)

    @admin.display(description=_("source"))
    def at_source(self, video: Video) -> str:
        """Link to its page at home."""
        return source_link(video.watch_url)

    @admin.display(description=_("category"))
    def category(self, video: Video) -> str:
        return name_of("category", video.category_id, video.category_label) or NOTHING

    @admin.display(description=_("licence"))
    def licence(self, video: Video) -> str:
        return name_of("licence", video.licence_id, video.licence_label) or NOTHING

    @admin.display(description=_("language"))
    def language(self, video: Video) -> str:
        return name_of("language", video.language_id, video.language_label) or NOTHING

    @admin.display(description=_("privacy"))
    def privacy(self, video: Video) -> str:
        """Show who may see it at the source."""
        return name_of("privacy", video.privacy_id, video.privacy_label) or NOTHING

    @admin.display(description=_("tags"))
    def tag_links(self, video: Video) -> str:
        if video.details_fetched_at is None:
            return gettext("not known before the details are fetched")
        return (
            joined_links(link_to_list(Video, tag.name, tags__id__exact=tag.pk) for tag in video.tags.all()) or NOTHING
        )
