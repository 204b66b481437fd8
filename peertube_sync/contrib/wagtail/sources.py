"""A page of Wagtail's admin: which sources are mirrored, how complete and fresh they are, and what needs a person."""

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.paginator import Paginator
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column, Table
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from peertube_sync.conf import get_settings
from peertube_sync.models import Source
from peertube_sync.sync.operations.problems import problems
from peertube_sync.sync.operations.status import SourceStatus, status_of

VIEW = "peertube_sync.view_source"
PER_PAGE = 50


class SourcesView(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """For users with the permission *Can view source*; links lead to Django's admin, where it is."""

    permission_required = VIEW
    raise_exception = True
    template_name = "peertube_sync/wagtail/sources.html"
    page_title = gettext_lazy("PeerTube")
    header_icon = "media"

    def get_breadcrumbs_items(self) -> list[dict[str, object]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        rows = Source.objects.select_related("instance").order_by("instance__host", "kind", "name")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        return {
            **super().get_context_data(**kwargs),
            "page": page,
            "table": Table(COLUMNS, [status_of(source) for source in page]),
            "problems": problems(get_settings()),
            "overview": _address_or_empty("admin:index"),
            "add": _address_or_empty("admin:peertube_sync_source_add"),
        }


def _address_or_empty(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _coverage(one: SourceStatus) -> str:
    return "-" if one.coverage is None else f"{one.coverage:.1%}"


def _health(one: SourceStatus) -> str:
    """Return that all is well, or what isn't."""
    if one.healthy:
        return _("well")
    return one.last_error or one.instance_reason or one.state


COLUMNS = (
    Column("source", label=gettext_lazy("Source"), accessor="source"),
    Column("mirrored", label=gettext_lazy("Videos"), accessor="mirrored"),
    Column("complete", label=gettext_lazy("Complete"), accessor=_coverage),
    Column("looked", label=gettext_lazy("Last look"), accessor="head_at"),
    Column("health", label=gettext_lazy("Health"), accessor=_health),
)
