"""What the site's own people decide about videos."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.actions import may, record_action
from peertube_sync.admin.base import INSTANCE_LONG, BaseAdmin, under
from peertube_sync.admin.display import NOTHING, moment, picture_of
from peertube_sync.admin.private import opened
from peertube_sync.models import Action, Curation, LoggedAction, Video, decided
from peertube_sync.models.picture_shapes import VIDEO
from peertube_sync.models.video import LONG


class CurationInline(admin.StackedInline):  # type: ignore[type-arg]  # can't be subscripted at run time
    """The decisions about a video, on its page."""

    model = Curation
    fields = (("hidden", "featured"), "title", "text")
    can_delete = False
    extra, min_num = 0, 1
    leads = True
    """Whether our template shows it above the rest, which can't be changed."""
    verbose_name = _("curation: what this site decides")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Allow the first decision to whom further ones are allowed: no decision is one, too."""
        return may(request, "change", Curation)


def record_decision(request: HttpRequest, curation: Curation, form: Any) -> None:
    """Write down what `form` has changed of the decision about a video."""
    changed = {name: form.cleaned_data[name] for name in form.changed_data if name != "video"}
    for action in decided(changed):
        record_action(request, action, [curation.video])


@admin.register(Curation)
class CurationAdmin(BaseAdmin):
    """Browse, change and take back decisions."""

    export_columns = {
        "uuid": "video__uuid",
        "video": "video__name",
        "instance": "video__instance__host",
        **{name: name for name in ("hidden", "featured", "title", "text", "changed_at")},
    }
    list_display = ("picture", "video_name", "title", "hidden", "featured", "changed", "by")
    list_display_links = ("video_name",)
    list_filter = ("hidden", "featured")
    list_select_related = ("video__instance",)
    list_defer = ("text", *under("video", LONG), *under("video__instance", INSTANCE_LONG))
    search_fields = ("title", "video__name")
    autocomplete_fields = ("video",)
    fields = ("video", "hidden", "featured", "title", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Curation]:
        """Add who decided last, as far as the log reaches."""
        of_video = LoggedAction.objects.filter(model=Video._meta.model_name, row_id=OuterRef("video_id"))
        by = Subquery(of_video.values("user_name")[:1])
        rows: QuerySet[Curation] = super().get_queryset(request).annotate(user_name=by)
        return rows

    def save_model(self, request: HttpRequest, obj: Curation, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Save, and write down what was decided about the video."""
        super().save_model(request, obj, form, change)
        record_decision(request, obj, form)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        """Write down for each video that its decision is deleted."""
        videos = Video.objects.filter(curation__in=[curation.pk for curation in queryset])
        record_action(
            request, Action.DECISION_DELETED, videos.select_related("instance").only("uuid", "instance__host")
        )
        return super().log_deletions(request, queryset)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Let a decision stay with its video."""
        return ("video",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the videos that the user may see."""
        return super().formfield_for_foreignkey(
            db_field, request, **{**kwargs, "queryset": opened(Video.objects.all(), request.user)}
        )

    @admin.display(description="")
    def picture(self, curation: Curation) -> str:
        return picture_of(VIDEO, curation.video, curation.video.thumbnail_url, 80, 45)

    @admin.display(description=_("changed"), ordering="changed_at")
    def changed(self, curation: Curation) -> str:
        return moment(curation.changed_at)

    @admin.display(description=_("by"))
    def by(self, curation: Any) -> str:
        return curation.user_name or NOTHING

    @admin.display(description=_("video"), ordering="video__name")
    def video_name(self, curation: Curation) -> str:
        return curation.video.name
