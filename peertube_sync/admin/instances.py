"""Instances: what they say of themselves, how they answer, what is mirrored on them."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.actions import instances_sources, make_audits_due, make_sources_due, may
from peertube_sync.admin.base import INSTANCE_LONG, MirroredAdmin, MirroredInline, collapsed, section
from peertube_sync.admin.display import (
    BAD,
    GOOD,
    NOTHING,
    badge,
    cause,
    joined_links,
    link_to,
    link_to_list,
    long_text,
    moment,
    number,
    pretty_json,
    source_link,
    two_lines,
)
from peertube_sync.admin.filters import DueFilter
from peertube_sync.admin.moving import MovingAdmin, begin_move, may_move, signs
from peertube_sync.admin.optouts import opt_instances_out
from peertube_sync.admin.standing import instance_badge, source_badge
from peertube_sync.models import Channel, Instance, OptOut, Playlist, SkippedItem, Source, SyncRun, Video


class SourceInline(MirroredInline):
    """What is mirrored on the instance."""

    model = Source
    fields = ("source", "standing", "total", "head", "sweep", "trouble")
    verbose_name_plural = _("what is mirrored")

    @admin.display(description=_("source"))
    def source(self, source: Source) -> str:
        """Link to the source's own page."""
        return link_to(source)

    @admin.display(description=_("state"))
    def standing(self, source: Source) -> str:
        """Show the state, or what keeps it from being worked on."""
        return source_badge(source)

    @admin.display(description=_("videos there"))
    def total(self, source: Source) -> str:
        """Show how many the instance said it has."""
        return number(source.remote_total)

    @admin.display(description=_("last head poll"))
    def head(self, source: Source) -> str:
        """Show when new videos were last looked for."""
        return moment(source.head_at)

    @admin.display(description=_("last sweep"))
    def sweep(self, source: Source) -> str:
        """Show when the last complete walk ended."""
        return moment(source.sweep_at)

    @admin.display(description=_("last error"))
    def trouble(self, source: Source) -> str:
        """Show the beginning of what is wrong with the source itself; what its instance answers stands above."""
        return cause(source.last_error, source.instance.url)


@admin.register(Instance)
class InstanceAdmin(MovingAdmin, MirroredAdmin):
    page_of = ("instance", "host")
    list_display = ("place", "version", "contact", "refreshed", "next_due", "audit")
    list_filter = ("state", DueFilter)
    list_defer = INSTANCE_LONG
    search_fields = ("host", "name")
    actions = ("sync_now", "full_sweep", "verify", "move", "opt_out", "export_csv")
    export_columns = {
        name: name
        for name in (
            *("host", "name", "version", "state", "state_reason", "failing_since", "added_at", "refreshed_at"),
            *("next_due_at", "audited_at", "audit_differences"),
        )
    }
    inlines = (SourceInline,)
    fieldsets = (
        section(None, "host", "name", "version", long_text("short_description"), "at_source", "browse"),
        section(
            _("Contact"), "health", "state_reason", "failing_since", "failures", "next_due", "refreshed", "added_at"
        ),
        section(_("Another home"), "former", "home"),
        collapsed(_("Its robots.txt"), "robots", "robots_due_at"),
        section(_("Schedule"), "refresh_due_at", "lease_until"),
        section(_("Last complete audit"), "audited_at", "equality"),
        collapsed(_("Statistics as published"), pretty_json("stats")),
        collapsed(_("About as published"), pretty_json("about")),
        collapsed(_("Configuration as published"), pretty_json("config")),
        collapsed(_("Constants as published"), pretty_json("constants")),
    )

    def has_sync_permission(self, request: HttpRequest) -> bool:
        """Allow the actions to whom Django's permission allows changes of instances."""
        return may(request, "change", Instance)

    def is_shown(self, obj: Instance) -> bool:
        """Tell whether anything of it is mirrored."""
        return Instance.objects.mirrored().filter(pk=obj.pk).exists()

    @admin.action(description=_("Sync now"), permissions=["sync"])
    def sync_now(self, request: HttpRequest, queryset: QuerySet[Instance]) -> None:
        make_sources_due(request, instances_sources(queryset), full=False)

    @admin.action(description=_("Full sweep"), permissions=["sync"])
    def full_sweep(self, request: HttpRequest, queryset: QuerySet[Instance]) -> None:
        make_sources_due(request, instances_sources(queryset), full=True)

    @admin.action(description=_("Verify: compare with its source"), permissions=["sync"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Instance]) -> None:
        make_audits_due(request, queryset)

    def has_move_permission(self, request: HttpRequest) -> bool:
        """Allow it to whom Django's permissions allow changes and the deletion of instances."""
        return may_move(request)

    @admin.action(description=_("Move to another host"), permissions=["move"])
    def move(self, request: HttpRequest, queryset: QuerySet[Instance]) -> HttpResponse | None:
        return begin_move(request, queryset)

    def has_opt_out_permission(self, request: HttpRequest) -> bool:
        """Allow it to whom Django's permissions allow opt-outs and the deletion of instances."""
        return may(request, "add", OptOut) and may(request, "delete", Instance)

    @admin.action(description=_("Opt out: delete all rows, never ask again"), permissions=["opt_out"])
    def opt_out(self, request: HttpRequest, queryset: QuerySet[Instance]) -> HttpResponse | None:
        """Ask first; it can't be undone but by mirroring anew."""
        return opt_instances_out(self, request, queryset)

    @admin.display(description=_("instance"), ordering="host")
    def place(self, instance: Instance) -> str:
        """Show the host, and what the instance calls itself."""
        return two_lines(instance.host, instance.name) if instance.name else instance.host

    @admin.display(description=_("contact"), ordering="state")
    def health(self, instance: Instance) -> str:
        """Show what the last contact came to."""
        return instance_badge(instance)

    @admin.display(description=_("facts last read"), ordering="refreshed_at")
    def refreshed(self, instance: Instance) -> str:
        """Show when its own facts were last read."""
        return moment(instance.refreshed_at)

    @admin.display(description=_("moved from"))
    def former(self, instance: Instance) -> str:
        """Show the hosts that it had before."""
        return ", ".join(map(str, instance.former_hosts.all())) or NOTHING

    @admin.display(description=_("signs of a move"))
    def home(self, instance: Instance) -> str:
        """Show what speaks for another home."""
        return signs(instance)

    @admin.display(description=_("next due"), ordering="next_due_at")
    def next_due(self, instance: Instance) -> str:
        """Show when it is worked on next."""
        return moment(instance.next_due_at)

    @admin.display(description=_("contact"), ordering="state")
    def contact(self, instance: Instance) -> str:
        """Show what the last contact came to, since when, and the beginning of the reason."""
        health = self.health(instance)
        if not instance.state_reason:
            return health
        since, reason = instance.failing_since, cause(instance.state_reason, instance.url)
        if since:
            time = f"{localtime(since):%Y-%m-%d %H:%M}"
            reason = format_html(gettext("since {time}: {reason}"), time=time, reason=reason)
        return two_lines(health, reason)

    @admin.display(description=_("last audit"), ordering="audited_at")
    def audit(self, instance: Instance) -> str:
        """Show when it was last compared with its source, and what came of it."""
        return two_lines(moment(instance.audited_at), self.equality(instance)) if instance.audited_at else NOTHING

    @admin.display(description=_("came to"))
    def equality(self, instance: Instance) -> str:
        """Show how many differences the last audit found."""
        if instance.audit_differences is None:
            return NOTHING
        found = instance.audit_differences
        return badge(ngettext("%s difference", "%s differences", found) % number(found), BAD if found else GOOD)

    @admin.display(description=_("source"))
    def at_source(self, instance: Instance) -> str:
        return source_link(instance.url)

    @admin.display(description=_("mirrored here"))
    def browse(self, instance: Instance) -> str:
        """Link to the lists of what the instance has."""
        return links_of(instance)


def links_of(instance: Instance) -> str:
    """Return links to the lists of an instance's rows."""
    lists: tuple[tuple[type[Model], str], ...] = (
        (Video, gettext("Videos")),
        (Channel, gettext("Channels")),
        (Playlist, gettext("Playlists")),
        (SyncRun, gettext("Sync runs")),
        (SkippedItem, gettext("Skipped items")),
    )
    return joined_links([link_to_list(model, text, instance__id__exact=instance.pk) for model, text in lists])
