"""What lists are narrowed by. None of them looks at the rows of the list to know its choices."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Never

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.timezone import make_aware, now
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.private import opened
from peertube_sync.models import PUBLIC, Instance, SearchDue
from peertube_sync.models.naming import COLUMN_NAMES
from peertube_sync.models.run import SKIPPED

Choices = list[tuple[str, str]]
PAGE_PARAMETERS = ("p", "e", "all")


class ConditionFilter(admin.SimpleListFilter):
    """Choices that each stand for a condition: parameter value → (label, Q)."""

    conditions: dict[str, tuple[Any, Q]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(value, str(label)) for value, (label, _condition) in self.conditions.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.conditions.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


def titled(title: Any, kind: type[admin.FieldListFilter]) -> type[admin.FieldListFilter]:
    """Return Django's filter of this `kind` under a title of its own, where the name of the field says little."""

    class Titled(kind):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

    return Titled


class AvailabilityFilter(ConditionFilter):
    """Whether a row still stands for something public."""

    title = _("state")
    parameter_name = "availability"
    conditions = {
        "available": (_("available"), Q(removed_at=None)),
        "removed": (_("removed"), Q(removed_at__isnull=False)),
    }


DOUBLE = (_("double of another instance's"), Q(double=True))
UNHIDDEN = Q(curation=None) | Q(curation__hidden=False)


class PlaylistStateFilter(AvailabilityFilter):
    """Whether a playlist still stands for something public, or is the double of another instance's."""

    conditions = {
        **AvailabilityFilter.conditions,
        "available": (_("available"), Q(removed_at=None, double=False)),
        "double": DOUBLE,
    }


class VideoStateFilter(ConditionFilter):
    """How a video stands, here and at its source."""

    title = _("state")
    parameter_name = "availability"
    conditions = {
        "available": (_("available"), Q(removed_at=None, privacy_id=PUBLIC, double=False) & UNHIDDEN),
        "listed": (_("in the instance's lists"), Q(removed_at=None, privacy_id=PUBLIC, delisted_at=None)),
        "hidden": (_("hidden here"), Q(curation__hidden=True)),
        "featured": (_("featured here"), Q(curation__featured=True)),
        "delisted": (_("not in the instance's lists"), Q(removed_at=None, delisted_at__isnull=False)),
        "double": DOUBLE,
        "missing": (_("missing, not asked for yet"), Q(removed_at=None, missing_since__isnull=False)),
        "removed": (_("removed"), Q(removed_at__isnull=False)),
        "unsearchable": (_("not in the search yet"), Q(pk__in=SearchDue.objects.values("video_id"))),
        "private": (_("not public at its source"), Q(removed_at=None) & ~Q(privacy_id=PUBLIC)),
    }


class DetailsFilter(ConditionFilter):
    """Whether the details, which lists don't tell, were fetched."""

    title = _("details")
    parameter_name = "details"
    conditions = {
        "yes": (_("fetched"), Q(details_fetched_at__isnull=False)),
        "no": (_("not fetched yet"), Q(details_fetched_at=None)),
    }


class VideoDetailsFilter(ConditionFilter):
    """Whether details were fetched; for those to come, the index of what is due is used."""

    title = _("details")
    parameter_name = "details"
    conditions = {
        "yes": (_("fetched"), Q(details_fetched_at__isnull=False)),
        "no": (_("not fetched yet"), Q(details_fetched_at=None, details_due_at__isnull=False)),
    }


class LiveFilter(ConditionFilter):
    """Whether a video is a live stream."""

    title = _("live")
    parameter_name = "live"
    conditions = {"yes": (_("live"), Q(is_live=True)), "no": (_("recorded"), Q(is_live=False))}


class NsfwFilter(ConditionFilter):
    """Whether a video is marked as sensitive."""

    title = _("sensitive content")
    parameter_name = "nsfw"
    conditions = {"yes": (_("sensitive (NSFW)"), Q(nsfw=True)), "no": (_("not sensitive"), Q(nsfw=False))}


class PublishedFilter(admin.SimpleListFilter):
    """Show, and let go of, the one day that the overview's chart narrowed the list to."""

    title = _("day of publication")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the one day, or nothing: then there is no such filter on the page."""
        day = self._day()
        return [(day.isoformat(), f"{day:%Y-%m-%d}")] if day else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what was published on the day, in the site's time zone."""
        day = self._day()
        if day is None:
            return queryset
        begin, end = (make_aware(datetime.combine(date, time.min)) for date in (day, day + timedelta(days=1)))
        return queryset.filter(published_at__gte=begin, published_at__lt=end)

    def _day(self) -> date | None:
        """Return the day; None for none, and for one at the very edge of the calendar."""
        try:
            day = date.fromisoformat(self.value() or "")
        except ValueError:
            return None
        return day if date.min < day < date.max else None


class UserNameFilter(admin.SimpleListFilter):
    """Show, and let go of, the one user that a link narrowed the list to."""

    title = _("user")
    parameter_name = "user_name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the one user, or nothing: then there is no such filter on the page."""
        name = self.value()
        return [(name, name)] if name else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what the user did."""
        name = (self.value() or "").replace("\0", "")
        return queryset.filter(user_name=name) if name else queryset


class DueFilter(admin.SimpleListFilter):
    """Whether work is due on an instance, by now."""

    title = _("schedule")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the one choice beside all."""
        return [("yes", str(_("due now")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(next_due_at__lte=now()) if self.value() else queryset


class TroubleFilter(admin.SimpleListFilter):
    """Whether a source that is worked on can be brought up to date."""

    title = _("trouble")
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the one choice beside all."""
        return [("yes", str(_("fails, or can't be read")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what is in trouble."""
        return queryset.troubled() if self.value() else queryset  # type: ignore[attr-defined]  # sources alone


class SkippedKindFilter(ConditionFilter):
    title = _("kind")
    parameter_name = "kind"
    conditions = {kind: (words, Q(kind=kind)) for kind, words in SKIPPED.items()}


class InstanceFilter(admin.SimpleListFilter):
    """One of the instances, from a select box: there may be hundreds."""

    title = _("instance")
    parameter_name = "instance__id__exact"
    template = "peertube_sync/admin/select_filter.html"

    def __init__(self, request: HttpRequest, params: Any, model: type[Model], model_admin: Any) -> None:
        """Remember the other parameters, which the form has to send again."""
        super().__init__(request, params, model, model_admin)
        own = (self.parameter_name, *PAGE_PARAMETERS)
        self.others = [(name, value) for name, values in request.GET.lists() if name not in own for value in values]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(pk), host) for pk, host in Instance.objects.order_by("host").values_list("pk", "host")]

    def choices(self, changelist: ChangeList) -> Iterator[Never]:
        """Yield nothing: the template shows `options`."""
        yield from ()

    @property
    def options(self) -> str:
        """All, then the hosts, as HTML: a template takes ten times as long for a thousand of them."""
        chosen = self.value() or ""
        rows = [("", _("All")), *self.lookup_choices]
        texts = ((value, " selected" if value == chosen else "", host) for value, host in rows)
        return format_html_join("\n", '<option value="{}"{}>{}</option>', texts)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        # By its key, of which Django knows which numbers no database could be asked for.
        return queryset.filter(instance__pk=value) if value.isdecimal() else queryset


class FollowedFilter(admin.SimpleListFilter):
    """Show, and let go of, the one row that a link elsewhere in the admin narrowed the list to."""

    model: type[Model]
    field: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the one row, or nothing: then there is no such filter on the page."""
        value = self.value() or ""
        if not value.isdecimal():
            return []
        rows = opened(self.model._default_manager.filter(pk=value), request.user)
        row = (rows.select_related("instance") if hasattr(self.model, "instance") else rows).first()
        return [(value, str(row))] if row else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to the rows of the one."""
        value = self.value() or ""
        return queryset.filter(**{self.field: int(value)}) if value.isdecimal() else queryset


def followed(related: type[Model], name: str) -> type[FollowedFilter]:
    """Return a filter by the relation `name` to `related`, for links of the form `?name__id__exact=…`."""
    facts = {"title": COLUMN_NAMES[name], "parameter_name": f"{name}__id__exact", "model": related, "field": name}
    return type("FollowedFilter", (FollowedFilter,), facts)
