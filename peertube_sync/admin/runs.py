"""The history of syncs, and the items that could not be read."""

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.base import INSTANCE_LONG, MirroredAdmin, collapsed, section, under
from peertube_sync.admin.display import (
    BAD,
    BUSY,
    GOOD,
    NOTHING,
    badge,
    cause,
    format_seconds,
    link_to,
    long_text,
    moment,
    number,
    pretty_json,
    shortened,
    two_lines,
)
from peertube_sync.admin.filters import InstanceFilter, SkippedKindFilter, followed
from peertube_sync.models import RunKind, RunState, SkippedItem, Source, SyncRun, Video

COUNTS = ("created", "updated", "unchanged", "restored", "removed", "excluded", "skipped", "odd_fields")
WORDS = {
    "created": _("created"),
    "updated": _("updated"),
    "unchanged": _("unchanged"),
    "restored": _("restored"),
    "removed": _("removed"),
    "excluded": _("excluded"),
    "skipped": _("skipped"),
    "odd_fields": _("odd fields"),
    "fetched": _("fetched"),
    "checked": _("checked"),
    "details_checked": _("details checked"),
    "missing": _("missing"),
    "ghosts": _("ghosts"),
    "differing": _("differing"),
}
"""The counts of runs and of audits."""
TONES = {RunState.RUNNING: BUSY, RunState.DONE: GOOD, RunState.FAILED: BAD}


@admin.register(SyncRun)
class SyncRunAdmin(MirroredAdmin):
    """Browse what was done, what came of it, and what it cost the source."""

    sortable_by = ("started",)
    export_columns = {
        **{name: name for name in ("kind", "state", "started_at", "finished_at")},
        "instance": "instance__host",
        "source_kind": "source__kind",
        "source": "source__name",
        **{name: name for name in (*COUNTS, "requests", "rate_limited", "waited_seconds", "error")},
    }
    list_display = ("started", "kind", "what", "standing", "time", "outcome", "cost")
    list_filter = (followed(Source, "source"), InstanceFilter, "kind", "state")
    list_select_related = ("instance", "source__instance")
    list_defer = ("cursor", *under("instance", INSTANCE_LONG), *under("source__instance", INSTANCE_LONG))
    fieldsets = (
        section(None, "kind", "instance", "source", "standing", "progress", long_text("error")),
        section(_("Time"), ("started_at", "finished_at"), ("took", "waited")),
        section(
            _("Outcome"),
            ("created", "updated", "unchanged"),
            ("restored", "removed"),
            ("excluded", "skipped", "odd_fields"),
        ),
        section(_("Cost"), ("requests", "limited")),
        collapsed(_("What else came of it"), pretty_json("result")),
        collapsed(_("Where it goes on"), pretty_json("cursor")),
    )

    @admin.display(description=_("started"), ordering="started_at")
    def started(self, run: SyncRun) -> str:
        return moment(run.started_at)

    @admin.display(description=_("outcome"))
    def outcome(self, run: SyncRun) -> str:
        """Show the counts that aren't zero, and the beginning of the error."""
        found = {name: getattr(run, name) for name in COUNTS} | run.result
        words = (f"{number(count)} {WORDS.get(name, name.replace('_', ' '))}" for name, count in found.items() if count)
        counts = ", ".join(words) or NOTHING
        return two_lines(counts, cause(run.error, run.instance.url)) if run.error else counts

    @admin.display(description=_("requests"))
    def cost(self, run: SyncRun) -> str:
        """Show how many requests it took, and how many of them met the source's limit."""
        return two_lines(number(run.requests), self.limited(run)) if run.rate_limited else number(run.requests)

    @admin.display(description=_("of"))
    def what(self, run: SyncRun) -> str:
        """Link to the source, else to the instance."""
        return link_to(run.source or run.instance)

    @admin.display(description=_("state"))
    def standing(self, run: SyncRun) -> str:
        return badge(run.get_state_display(), TONES[RunState(run.state)], run.error)

    @admin.display(description=_("took"))
    def time(self, run: SyncRun) -> str:
        """Show how long it took, and how much of that was waiting."""
        return (
            two_lines(self.took(run), gettext("%s waited") % self.waited(run))
            if run.waited_seconds >= 1
            else self.took(run)
        )

    @admin.display(description=_("progress"))
    def progress(self, run: SyncRun) -> str:
        """Show how much of its work is done, where anybody knows how much that is."""
        done, total = progress(run)
        if run.state != RunState.RUNNING or total is None:
            return NOTHING
        shown = format_html('<progress class="pt-progress" value="{}" max="{}"></progress> ', done, max(total, 1))
        return format_html(
            "{}{}", shown, gettext("%(done)s of %(total)s") % {"done": number(done), "total": number(total)}
        )

    @admin.display(description=_("took"))
    def took(self, run: SyncRun) -> str:
        """Show how long it took, or has taken so far."""
        return format_seconds(((run.finished_at or timezone.now()) - run.started_at).total_seconds())

    @admin.display(description=_("waited"))
    def waited(self, run: SyncRun) -> str:
        """Show how much of it was spent on the rate limit."""
        return format_seconds(run.waited_seconds) if run.waited_seconds >= 1 else NOTHING

    @admin.display(description=_("rate limited"))
    def limited(self, run: SyncRun) -> str:
        """Show how often the source's limit was met, which should never be."""
        return badge(gettext("%s rate limited") % number(run.rate_limited), BAD) if run.rate_limited else NOTHING


def progress(run: SyncRun) -> tuple[int, int | None]:
    """Return how many videos `run` has dealt with, and of how many; None where nobody knows."""
    done = run.created + run.updated + run.unchanged + run.restored + run.excluded + run.skipped
    if run.kind == RunKind.SWEEP and run.source:
        total = run.source.remote_total
        return done, total and max(done, total)
    if column := {RunKind.DETAILS: "details_due_at", RunKind.CAPTIONS: "captions_due_at"}.get(RunKind(run.kind)):
        done = run.result.get("fetched", done)
        due = {f"{column}__lte": timezone.now(), "instance": run.instance_id, "removed_at": None}
        return done, done + Video.objects.filter(**due).count()
    return done, None


@admin.register(SkippedItem)
class SkippedItemAdmin(MirroredAdmin):
    """Browse what instances published and could not be read."""

    list_display = ("what", "key", "instance", "why", "last_seen")
    list_display_links = ("what", "key")
    export_columns = {
        **{name: name for name in ("kind", "key", "reason", "first_seen_at", "last_seen_at", "raw")},
        "instance": "instance__host",
    }
    list_filter = (InstanceFilter, SkippedKindFilter)
    list_select_related = ("instance",)
    list_defer = ("raw", *under("instance", INSTANCE_LONG))
    search_fields = ("key", "reason")
    search_help_text = _("Of each instance the newest 1,000 are kept; its runs count all.")
    fieldsets = (
        section(None, "what", "key", "instance", long_text("reason"), "first_seen_at", "last_seen_at"),
        section(_("As it came"), long_text("raw")),
    )

    @admin.display(description=_("kind"), ordering="kind")
    def what(self, item: SkippedItem) -> str:
        return item.kind_name

    @admin.display(description=_("last seen"), ordering="last_seen_at")
    def last_seen(self, item: SkippedItem) -> str:
        return moment(item.last_seen_at)

    @admin.display(description=_("reason"))
    def why(self, item: SkippedItem) -> str:
        """Show the beginning of the reason."""
        return shortened(item.reason, 100)
