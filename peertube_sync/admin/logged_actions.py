"""The log of who did what by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.base import MirroredAdmin, section
from peertube_sync.admin.display import NOTHING, link_to_list, moment, shortened, two_lines
from peertube_sync.admin.filters import UserNameFilter, titled
from peertube_sync.admin.private import VIDEO
from peertube_sync.models import LoggedAction, Video


@admin.register(LoggedAction)
class LoggedActionAdmin(MirroredAdmin):
    """Browse it; nobody can change it."""

    list_display = ("time", "who", "place", "what", "done_to", "detail")
    list_display_links = ("time",)
    list_filter = (
        UserNameFilter,
        ("via", titled(_("place"), admin.ChoicesFieldListFilter)),
        ("at", titled(_("day"), admin.DateFieldListFilter)),
        "action",
    )
    search_fields = ("user_name", "row")
    search_help_text = _("User, host, name of the channel or account, uuid")
    sortable_by = ("time",)
    export_columns = {name: name for name in ("at", "user_name", "via", "action", "model", "row", "detail")}
    fieldsets = (section(None, "time", "who", "place", "what", "done_to", "detail"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Add what videos are called now."""
        named = Video.objects.filter(pk=OuterRef("row_id"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(name=Subquery(named.values("name")[:1]))
        return rows

    @admin.display(description=_("time"), ordering="at")
    def time(self, action: LoggedAction) -> str:
        return moment(action.at)

    @admin.display(description=_("user"))
    def who(self, action: LoggedAction) -> str:
        """Link to all that the user did; commands have none."""
        name = action.user_name
        return link_to_list(LoggedAction, name, **{UserNameFilter.parameter_name: name}) if name else NOTHING

    @admin.display(description=_("place"))
    def place(self, action: LoggedAction) -> str:
        """Show where it was done: in the admin, by the API, by a command."""
        return action.get_via_display()

    @admin.display(description=_("action"))
    def what(self, action: LoggedAction) -> str:
        """Show the action as a sentence."""
        return action.get_action_display()

    @admin.display(description=_("of"))
    def done_to(self, action: Any) -> str:
        """Link to where the row is, or was."""
        if not action.row:
            return NOTHING
        try:
            address = reverse(f"admin:peertube_sync_{action.model}_change", args=(action.row_id,))
            shown = format_html('<a href="{}">{}</a>', address, action.row)
        except NoReverseMatch:
            shown = action.row
        return two_lines(shortened(action.name), shown) if action.model == VIDEO and action.name else shown
