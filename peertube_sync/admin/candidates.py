"""Candidates: instances that were heard of, to be approved or rejected."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.actions import log_action, may
from peertube_sync.admin.base import MirroredAdmin, section
from peertube_sync.admin.display import BUSY, QUIET, badge, source_link
from peertube_sync.conf import get_settings
from peertube_sync.models import Action, Candidate
from peertube_sync.sync.operations.discover import approve, reject

APPROVED = ngettext_lazy(
    "%d instance is mirrored from now on; it is due.", "%d instances are mirrored from now on; they are due."
)
REJECTED = ngettext_lazy("%d host is not proposed again.", "%d hosts are not proposed again.")


@admin.register(Candidate)
class CandidateAdmin(MirroredAdmin):
    """Browse hosts that were heard of; decide about them."""

    list_display = ("host", "standing", "heard_from", "heard_at", "at_source")
    list_filter = (("rejected_at", admin.EmptyFieldListFilter), "heard_from")
    search_fields = ("host", "heard_from")
    ordering = ("rejected_at", "host")
    actions = ("approve", "reject", "export_csv")
    export_columns = {name: name for name in ("host", "heard_from", "heard_at", "rejected_at")}
    fieldsets = (section(None, "host", "standing", "heard_from", "heard_at", "rejected_at", "at_source"),)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Allow the actions to whom Django's permission allows changes of candidates."""
        return may(request, "change", Candidate)

    @admin.action(description=_("Approve: mirror from now on"), permissions=["decide"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Candidate]) -> None:
        """Make sources of them, which are due."""
        sources = approve(queryset, get_settings())
        log_action(request, Action.APPROVED, sources)
        messages.success(request, APPROVED % len(sources))

    @admin.action(description=_("Reject: never propose again"), permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Candidate]) -> None:
        log_action(request, Action.REJECTED, queryset)
        number = reject(queryset)
        messages.success(request, REJECTED % number)

    @admin.display(description=_("state"), ordering="rejected_at")
    def standing(self, candidate: Candidate) -> str:
        return (
            badge(gettext("rejected"), QUIET) if candidate.rejected_at else badge(gettext("waits for approval"), BUSY)
        )

    @admin.display(description=_("source"))
    def at_source(self, candidate: Candidate) -> str:
        return source_link(f"https://{candidate.host}")
