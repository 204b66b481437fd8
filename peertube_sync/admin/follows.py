"""Whom the doorbell follows, and whether their bells are relied on: to be read, since sources decide about it."""

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.base import MirroredAdmin, section
from peertube_sync.admin.display import BAD, BUSY, GOOD, QUIET, badge
from peertube_sync.models import Follow, FollowState

COLOURS = {FollowState.ACCEPTED: BUSY, FollowState.LOST: BAD, FollowState.REJECTED: BAD}


@admin.register(Follow)
class FollowAdmin(MirroredAdmin):
    list_display = ("__str__", "standing", "answered_at", "next_at", "doubt")
    list_filter = ("state", "kind")
    search_fields = ("host", "name")
    ordering = ("host", "kind", "name")
    fieldsets = (
        section(None, "host", "kind", "name", "standing", "reason"),
        section(_("Following"), "asked_at", "answered_at", "accepted_at", "rejected_at", "next_at", "failures"),
        section(_("Trust"), "proven_at", "doubted_at", "lost_at", "doubt"),
    )

    @admin.display(description=_("state"), ordering="state")
    def standing(self, follow: Follow) -> str:
        if follow.proven:
            return badge(gettext("proven"), GOOD)
        return badge(follow.get_state_display(), COLOURS.get(FollowState(follow.state), QUIET))
