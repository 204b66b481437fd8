"""What the pages of mirrored rows share: nothing to edit, lists that stay light, one style sheet."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from peertube_sync.admin.private import opened

INSTANCE_LONG = ("config", "about", "stats", "constants", "short_description", "robots")
ACTOR_LONG = ("description", "extra")
CHANNEL_LONG = (*ACTOR_LONG, "support", "banners")


def under(relation: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a related row as a queryset names them."""
    return tuple(f"{relation}__{name}" for name in names)


def section(title: str | None, *fields: Any) -> tuple[str | None, Any]:
    """Return a fieldset."""
    return title, {"fields": fields}


def collapsed(title: str, *fields: Any) -> tuple[str | None, Any]:
    """Return a fieldset that is closed at first."""
    return title, {"fields": fields, "classes": ("collapse",)}


class LightChangeList(ChangeList):
    """A list that leaves long columns in the database: its admin's `list_defer`."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Return the filtered rows without long columns."""
        queryset = super().get_queryset(request, exclude_parameters)
        return queryset.defer(*getattr(self.model_admin, "list_defer", ()))


class BaseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # can't be subscripted at run time
    """Lists without a second count; long columns stay in the database."""

    list_defer: ClassVar[tuple[str, ...]] = ()
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 500

    class Media:
        css = {"all": ("peertube_sync/admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the user may see."""
        return opened(super().get_queryset(request), request.user)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Use the light list."""
        return LightChangeList


class MirroredAdmin(BaseAdmin):
    """Pages of rows that only a sync writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: rows come from their source."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: the next sync would put it back."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: it would come back, and a site's own rows may hang on it."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Show all that the fieldsets name, edit nothing."""
        return flatten_fieldsets(self.get_fieldsets(request, obj))


class MirroredInline(admin.TabularInline):  # type: ignore[type-arg]  # can't be subscripted at run time
    """Rows that belong to a mirrored one; whoever may see that one may see these."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Allow: the page around has asked."""
        return True

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Show all, edit nothing."""
        return self.fields or ()
