"""Sources: what is mirrored. Added by pasting any address; paused, resumed and synced by hand."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.actions import decide_losses, make_audits_due, make_sources_due, may, record_action, set_paused
from peertube_sync.admin.adding import AddingAdmin
from peertube_sync.admin.base import INSTANCE_LONG, section, under
from peertube_sync.admin.display import NOTHING, cause, joined_links, link_to_list, moment, number, two_lines
from peertube_sync.admin.filters import InstanceFilter, TroubleFilter
from peertube_sync.admin.forms import SourceForm, hiding
from peertube_sync.admin.standing import source_badge
from peertube_sync.models import Action, Instance, Source, SourceState, SyncRun, Video
from peertube_sync.models.rules import RULES
from peertube_sync.models.scope import wanted
from peertube_sync.sync.bulk_removal import AT_ONCE
from peertube_sync.sync.operations.status import wanted_total
from peertube_sync.sync.schedule import make_due
from peertube_sync.sync.scope import remove_source, settle_suspensions

EDITABLE = ("state", *RULES)


@admin.register(Source)
class SourceAdmin(AddingAdmin):
    """Browse, add, pause and sync sources."""

    form = SourceForm
    list_display = ("source", "standing", "total", "head", "sweep", "trouble")
    list_display_links = ("source",)
    list_filter = (InstanceFilter, "kind", "state", TroubleFilter)
    list_select_related = ("instance",)
    list_defer = under("instance", INSTANCE_LONG)
    search_fields = ("name", "instance__host")
    search_help_text = _("Host of the instance, name of the channel or account, uuid")
    actions = ("sync_now", "full_sweep", "pause", "resume", "verify", "accept_losses", "reject_losses", "export_csv")
    export_columns = {
        "instance": "instance__host",
        **{name: name for name in ("kind", "name", "state", "remote_total", "excluded", "unread", "added_at")},
        **{name: name for name in ("head_at", "sweep_at", "last_error")},
    }
    ordering = ("instance__host", "kind", "name")
    fieldsets = (
        section(None, "instance", "kind", "name", "state", "trouble_in_full"),
        section(_("Rules"), *RULES, "effect"),
        section(_("Coverage"), "remote_total", "wanted", "mirrored", "unread", "added_at", "browse"),
        section(_("Schedule"), ("head_at", "head_due_at"), ("sweep_at", "sweep_due_at"), "lists_due_at"),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Show the rules in one place to those who may not change them."""
        found = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return found
        told = {"fields": ("rules", "effect")}
        return [(name, told if RULES.keys() & {*options["fields"]} else options) for name, options in found]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Let nothing but state and rules be changed: another selection is another source."""
        return [name for name in flatten_fieldsets(self.get_fieldsets(request, obj)) if name not in EDITABLE]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], list[Any]]:
        """Name the sources alone: their runs go with them, their videos become tombstones."""
        return [str(source) for source in objs], {Source._meta.verbose_name_plural: len(objs)}, set(), []

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        record_action(request, Action.REMOVED, queryset)
        return super().log_deletions(request, queryset)

    def delete_model(self, request: HttpRequest, obj: Source) -> None:
        """Stop mirroring it; what no other source wants is shown no longer, at once."""
        remove_source(obj, AT_ONCE)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        for source in queryset:
            remove_source(source, AT_ONCE)

    def has_sync_permission(self, request: HttpRequest) -> bool:
        """Allow the actions to whom Django's permission allows changes of sources."""
        return may(request, "change", Source)

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Write state and rules alone: a worker may be writing the rest. What changes is due at once."""
        rows = Source.objects.filter(pk=obj.pk)
        if form.rules_changed:
            rows.update(rules=obj.rules)
            record_action(request, Action.RULES_CHANGED, [obj])
            settle_suspensions(obj.instance)
            make_due(rows, full=True)
            if effect := hiding(obj):  # only tombstones are made, so a rule that goes brings them back
                words = gettext("The rule %s: these become tombstones with the next sync, which is due now.")
                messages.warning(request, words % effect)
            else:
                words = gettext("Without rules, all that it selects comes back with the next sync, due now.")
                messages.success(request, words)
        if "state" in form.changed_data and obj.state != SourceState.SUSPICIOUS:
            set_paused(request, rows, paused=obj.state == SourceState.PAUSED)

    @admin.action(description=_("Sync now"), permissions=["sync"])
    def sync_now(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        make_sources_due(request, queryset, full=False)

    @admin.action(description=_("Full sweep"), permissions=["sync"])
    def full_sweep(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        make_sources_due(request, queryset, full=True)

    @admin.action(description=_("Pause"), permissions=["sync"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        set_paused(request, queryset, paused=True)

    @admin.action(description=_("Resume"), permissions=["sync"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        set_paused(request, queryset, paused=False)

    @admin.action(description=_("Verify: compare their instances with the source"), permissions=["sync"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        make_audits_due(request, Instance.objects.filter(sources__in=queryset).distinct())

    @admin.action(description=_("Accept the losses"), permissions=["sync"])
    def accept_losses(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        """Let the next sync ask for what is missing, however much, and remove what is really gone."""
        decide_losses(request, queryset, accept=True)

    @admin.action(description=_("Reject the losses"), permissions=["sync"])
    def reject_losses(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        """Take what is missing for a mistake of its server."""
        decide_losses(request, queryset, accept=False)

    @admin.display(description=_("source"), ordering="instance__host")
    def source(self, source: Source) -> str:
        """Show what people would paste, and its kind."""
        pasted = f"{source.name}@{source.instance.host}" if source.name else source.instance.host
        return two_lines(pasted, source.get_kind_display())

    @admin.display(description=_("state"), ordering="state")
    def standing(self, source: Source) -> str:
        """Show the state, or what keeps it from being worked on, and whether there are rules."""
        shown = source_badge(source)
        return two_lines(shown, gettext("with rules")) if source.rules else shown

    @admin.display(description=_("videos there"), ordering="remote_total")
    def total(self, source: Source) -> str:
        """Show how many videos the source counts."""
        return number(source.remote_total)

    @admin.display(description=_("last head poll"), ordering="head_at")
    def head(self, source: Source) -> str:
        """Show when new videos were last looked for."""
        return moment(source.head_at)

    @admin.display(description=_("last sweep"), ordering="sweep_at")
    def sweep(self, source: Source) -> str:
        """Show when all of it was last walked through."""
        return moment(source.sweep_at)

    @admin.display(description=_("last error"))
    def trouble(self, source: Source) -> str:
        """Show the beginning of the error, its own or its instance's."""
        return cause(source.last_error or source.instance.state_reason, source.instance.url)

    @admin.display(description=_("effect of the rules"))
    def effect(self, source: Source) -> str:
        """Show how much the rules hide of what is here."""
        return hiding(_as_saved(source)) or gettext("no rules: all of it is wanted")

    @admin.display(description=_("wanted there"))
    def wanted(self, source: Source) -> str:
        """Show how many of the source's videos its rules want."""
        return number(wanted_total(_as_saved(source)))

    @admin.display(description=_("last error"))
    def trouble_in_full(self, source: Source) -> str:
        """Show the error, and what in the rules can't be right."""
        wrong = (source.last_error, source.instance.state_reason, *_as_saved(source).unknown_ids())
        return " ".join(filter(None, wrong)) or NOTHING

    @admin.display(description=_("mirrored"))
    def mirrored(self, source: Source) -> str:
        """Count what is here of what the source has."""
        videos = wanted(_as_saved(source)).filter(removed_at=None, delisted_at=None)
        details = videos.filter(details_fetched_at__isnull=False).count()
        facts = {"videos": number(videos.count()), "details": number(details)}
        return gettext("%(videos)s videos, %(details)s of them with details") % facts

    @admin.display(description=_("see"))
    def browse(self, source: Source) -> str:
        """Link to the lists of the source's rows."""
        runs = link_to_list(SyncRun, gettext("Its sync runs"), source__id__exact=source.pk)
        videos = link_to_list(Video, gettext("Videos of its instance"), instance__id__exact=source.instance_id)
        return joined_links([runs, videos])


def _as_saved(source: Source) -> Source:
    """Return `source` as the database has it: on a form that is shown again, it has the rules that were refused."""
    return Source.objects.select_related("instance").get(pk=source.pk)
