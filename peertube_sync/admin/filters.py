"""What lists are narrowed by. None of them looks at the rows of the list to know its choices."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from peertube_sync.admin.private import opened
from peertube_sync.models import PUBLIC, Instance

Choices = list[tuple[str, str]]
PAGE_PARAMETERS = ("p", "e", "all")


class ConditionFilter(admin.SimpleListFilter):
    """Choices that each stand for a condition: parameter value → (label, Q)."""

    conditions: dict[str, tuple[str, Q]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the values and labels."""
        return [(value, label) for value, (label, _condition) in self.conditions.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to the chosen condition."""
        chosen = self.conditions.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class AvailabilityFilter(ConditionFilter):
    """Whether a row still stands for something public."""

    title = "state"
    parameter_name = "availability"
    conditions = {
        "available": ("available", Q(removed_at=None)),
        "removed": ("removed", Q(removed_at__isnull=False)),
    }


UNHIDDEN = Q(curation=None) | Q(curation__hidden=False)


class VideoStateFilter(ConditionFilter):
    """How a video stands, here and at its source."""

    title = "state"
    parameter_name = "availability"
    conditions = {
        "available": (
            "available",
            Q(removed_at=None, privacy_id=PUBLIC) & UNHIDDEN,
        ),
        "hidden": ("hidden here", Q(curation__hidden=True)),
        "featured": ("featured here", Q(curation__featured=True)),
        "delisted": ("not in the instance's lists", Q(removed_at=None, delisted_at__isnull=False)),
        "missing": ("missing, not asked for yet", Q(removed_at=None, missing_since__isnull=False)),
        "removed": ("removed", Q(removed_at__isnull=False)),
        "private": ("not public at its source", Q(removed_at=None) & ~Q(privacy_id=PUBLIC)),
    }


class DetailsFilter(ConditionFilter):
    """Whether the details, which lists don't tell, were fetched."""

    title = "details"
    parameter_name = "details"
    conditions = {
        "yes": ("fetched", Q(details_fetched_at__isnull=False)),
        "no": ("not fetched yet", Q(details_fetched_at=None)),
    }


class LiveFilter(ConditionFilter):
    """Whether a video is a live stream."""

    title = "live"
    parameter_name = "live"
    conditions = {"yes": ("live", Q(is_live=True)), "no": ("recorded", Q(is_live=False))}


class NsfwFilter(ConditionFilter):
    """Whether a video is marked as sensitive."""

    title = "sensitive content"
    parameter_name = "nsfw"
    conditions = {"yes": ("sensitive (NSFW)", Q(nsfw=True)), "no": ("not sensitive", Q(nsfw=False))}


class InstanceFilter(admin.SimpleListFilter):
    """One of the instances, from a select box: there may be hundreds."""

    title = "instance"
    parameter_name = "instance__id__exact"
    template = "peertube_sync/admin/select_filter.html"

    def __init__(self, request: HttpRequest, params: Any, model: type[Model], model_admin: Any) -> None:
        """Remember the other parameters, which the form has to send again."""
        super().__init__(request, params, model, model_admin)
        own = (self.parameter_name, *PAGE_PARAMETERS)
        self.others = [(name, value) for name, values in request.GET.lists() if name not in own for value in values]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return all hosts."""
        return [(str(pk), host) for pk, host in Instance.objects.order_by("host").values_list("pk", "host")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield all, then the hosts."""
        yield {"value": "", "display": "All", "selected": not self.value()}
        for value, host in self.lookup_choices:
            yield {"value": value, "display": host, "selected": value == self.value()}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to the chosen instance."""
        value = self.value() or ""
        return queryset.filter(instance=int(value)) if value.isdecimal() else queryset


class FollowedFilter(admin.SimpleListFilter):
    """Show, and let go of, the one row that a link elsewhere in the admin narrowed the list to."""

    model: type[Model]
    field: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the one row, or nothing: then there is no such filter on the page."""
        value = self.value() or ""
        row = self._named(request, value) if value.isdecimal() else None
        return [(value, str(row))] if row else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to the rows of the one."""
        value = self.value() or ""
        return queryset.filter(**{self.field: int(value)}) if value.isdecimal() else queryset

    def _named(self, request: HttpRequest, pk: str) -> Model | None:
        rows = opened(self.model._default_manager.filter(pk=pk), request.user)
        return (rows.select_related("instance") if hasattr(self.model, "instance") else rows).first()


def followed(related: type[Model], name: str) -> type[FollowedFilter]:
    """Return a filter by the relation `name` to `related`, for links of the form `?name__id__exact=…`."""
    facts = {"title": name.replace("_", " "), "parameter_name": f"{name}__id__exact", "model": related, "field": name}
    return type("FollowedFilter", (FollowedFilter,), facts)
