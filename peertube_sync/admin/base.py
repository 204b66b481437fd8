"""What the pages of mirrored rows share: nothing to edit, lists that stay light, one style sheet.

Lists cost the same however many rows there are: their numbers are estimates beyond DEPTH, their pages end there,
nothing is counted per filter, and what can be sorted by has an index.
"""

from functools import cached_property
from math import ceil
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import AdminErrorList, AdminForm
from django.contrib.admin.utils import flatten, flatten_fieldsets
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.forms import BaseForm
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.export import Columns, exported
from peertube_sync.admin.private import opened
from peertube_sync.catalogue.counting import Count, count
from peertube_sync.faces.pages import page

DEPTH = 5_000
"""Rows of a list that are counted, and that its pages reach."""
FOUND = 1_000
"""Rows of a search that are counted, and that its pages reach: to count one is to read its document."""
PAGES = (PAGE_VAR, "page")
"""The parameters that name a page, of lists and of the choices of `autocomplete_fields`."""
INSTANCE_LONG = ("config", "about", "stats", "constants", "short_description", "robots")
ACTOR_LONG = ("description", "extra")
CHANNEL_LONG = (*ACTOR_LONG, "support", "banners")


def under(relation: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a related row as a queryset names them."""
    return tuple(f"{relation}__{name}" for name in names)


def section(title: Any, *fields: Any) -> tuple[Any, Any]:
    return title, {"fields": fields}


def collapsed(title: Any, *fields: Any) -> tuple[Any, Any]:
    """Return a fieldset that is closed at first."""
    return title, {"fields": fields, "classes": ("collapse",)}


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # can't be subscripted at run time
    """Pages of the first `reach` rows; tells of more how many there are, roughly.

    `at_first`: the first page is wanted. It is read before rows are counted, as one that isn't full tells their number:
    words that few rows have, which all have to be looked at, are searched for once.
    """

    reach = DEPTH
    at_first = False

    @cached_property
    def first(self) -> list[object]:
        """The rows of the first page, and one more."""
        return list(self.object_list[: self.per_page + 1])

    @cached_property
    def counted(self) -> Count:
        """How many rows there are, and whether that is exact."""
        if self.at_first and len(self.first) <= self.per_page:
            return Count(len(self.first))
        return count(self.object_list, self.reach)  # type: ignore[arg-type]  # lists are querysets here

    def page(self, number: int | str) -> Page[Any]:
        """Return a page; the first one was read already."""
        if self.at_first and self.validate_number(number) == 1:
            return Page(self.first[: self.per_page], 1, self)
        return super().page(number)

    @cached_property
    def count(self) -> int:
        """How many rows there are, roughly beyond `reach`."""
        return self.counted.number

    @cached_property
    def num_pages(self) -> int:
        """How many pages can be turned."""
        return max(1, ceil(min(self.count, self.reach) / self.per_page))


class LightChangeList(ChangeList):
    """A list that leaves long columns in the database: its admin's `list_defer`."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Return the filtered rows without long columns."""
        queryset = super().get_queryset(request, exclude_parameters)
        return queryset.defer(*getattr(self.model_admin, "list_defer", ()))

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str | Combinable]:
        """Break ties in the direction of what they are ties of: so one index serves both directions."""
        *chosen, last = super().get_ordering(request, queryset)
        ascending = bool(chosen) and isinstance(chosen[-1], str) and not chosen[-1].startswith("-")
        return [*chosen, "pk" if last == "-pk" and ascending else last]

    def get_results(self, request: HttpRequest) -> None:
        """Show what was read in order to count: a list, of which `list_editable` could make no forms."""
        super().get_results(request)
        if self.paginator.at_first and not self.multi_page:
            self.result_list = self.paginator.first


class BaseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # can't be subscripted at run time
    """Lists at a bounded cost; long columns stay in the database; what a list shows can be exported."""

    list_defer: ClassVar[tuple[str, ...]] = ()
    export_columns: ClassVar[Columns] = {}
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 500
    paginator = BoundedPaginator
    actions: Any = ("export_csv",)

    class Media:
        css = {"all": ("peertube_sync/admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the user may see."""
        return opened(super().get_queryset(request), request.user)

    def get_paginator(self, request: HttpRequest, *args: Any, **options: Any) -> BoundedPaginator:
        """Tell it whether the first page is wanted."""
        paginator: BoundedPaginator = super().get_paginator(request, *args, **options)  # type: ignore[assignment]
        paginator.at_first = all(request.GET.get(name, "1") == "1" for name in PAGES)
        return paginator

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LightChangeList

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse:
        """Send the rows as a file, as they are read."""
        return exported(request, queryset, self.export_columns)

    def form_context(self, request: HttpRequest, title: Any, form: BaseForm, fieldsets: Any) -> dict[str, object]:
        """Return what the admin's own page of a form needs for one that isn't a row's."""
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "adminform": AdminForm(form, fieldsets, {}, (), model_admin=self),  # type: ignore[arg-type]
            "errors": AdminErrorList(form, []),  # type: ignore[arg-type]
            "inline_admin_formsets": [],
            "media": self.media + form.media,
            "is_popup": False,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
        }


class MirroredAdmin(BaseAdmin):
    """Pages of rows that only a sync writes; `page_of` is the site's page that shows them, with the name of its key."""

    page_of: ClassVar[tuple[str, str] | None] = None

    def view_on_site(self, obj: Any) -> str | None:
        """Return the row's page here, None where there is none: it isn't shown, or the pages aren't included."""
        if self.page_of is None or not self.is_shown(obj):
            return None
        name, key = self.page_of
        return page(name, str(getattr(obj, key))) or None

    def is_shown(self, obj: Any) -> bool:
        """Tell whether a row is among those that visitors see."""
        return bool(type(obj).objects.available().filter(pk=obj.pk).exists())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: rows come from their source."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: the next sync would put it back."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: it would come back, and a site's own rows may hang on it."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Show all that the fieldsets name, edit nothing."""
        return flatten_fieldsets(self.get_fieldsets(request, obj))


class MirroredInline(admin.TabularInline):  # type: ignore[type-arg]  # can't be subscripted at run time
    """Rows that belong to a mirrored one; whoever may see that one may see these."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Allow: the page around has asked."""
        return True

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return flatten(self.fields or ())
