"""What all views share: JSON and browsable pages, strict about parameters, cheap for clients that ask again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django_filters.rest_framework import DjangoFilterBackend  # type: ignore[import-untyped]
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import JSONParser
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from peertube_sync.api.guard import Guarded
from peertube_sync.api.ordering import StrictOrdering
from peertube_sync.api.pagination import KeysetPagination
from peertube_sync.api.parameters import comma_separated
from peertube_sync.api.parts import ready
from peertube_sync.api.problems import PROBLEM, invalid_parameter
from peertube_sync.api.renderers import BrowsableRenderer, JSONRenderer
from peertube_sync.api.schema import CatalogueSchema
from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.answer_plan import Column
from peertube_sync.conf import get_settings
from peertube_sync.faces import conditional

FIELDS = "fields"
"""The parameter that names the fields wanted."""
KEPT_BY_NOBODY: Mapping[str, Any] = {"private": True, "no_store": True}
"""What caches may do with answers that aren't for everybody."""


class Narrowing(DjangoFilterBackend):  # type: ignore[misc]  # it ships no types
    """Filters by the view's `filterset_class`, and as a form in the browsable API."""

    whole = False

    def get_filterset_kwargs(self, *arguments: Any) -> dict[str, object]:
        """Return what the filters are made of."""
        return {**super().get_filterset_kwargs(*arguments), "whole": self.whole}

    def to_html(self, *arguments: Any) -> str | None:
        """Show all filters, not only those that are in use; None where a view has none."""
        self.whole = True
        shown: str | None = super().to_html(*arguments)
        return shown

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Narrow `queryset`, and leave what does so to the view. Raises ValidationError."""
        view.filters = getattr(view, "filters", None) or self.checked(request, queryset, view)
        view.is_plain = view.filters is None and getattr(view, "listed", None) is not None
        if view.filters is None:
            return queryset
        view.filters.queryset = queryset
        narrowed: QuerySet[Any] = view.filters.qs
        return narrowed

    def checked(self, request: Request, queryset: QuerySet[Any], view: Any) -> object:
        """Return the filters that are asked for, None for none, before anything is read. Raises ValidationError."""
        known = view.filterset_class.base_filters if view.filterset_class else ()
        if not any(name in request.query_params for name in known):
            return None
        filters = self.get_filterset(request, queryset, view)
        if not filters.is_valid():
            # django-filter's own way takes a "%" of the asker for a format.
            raise ValidationError(
                {
                    name: [ErrorDetail(text, code=error.code) for error in found for text in error.messages]
                    for name, found in filters.errors.as_data().items()
                }
            )
        return filters


class OpenView(Guarded):
    """A view that everybody may read, independent of the host project's REST_FRAMEWORK."""

    authentication_classes: Sequence[Any] = ()
    permission_classes: Sequence[Any] = (AllowAny,)
    renderer_classes = (JSONRenderer, BrowsableRenderer)
    parser_classes = (JSONParser,)
    versioning_class = None

    sparse = False
    """Whether `fields` can be chosen."""
    kept: Mapping[str, Any] = {"public": True}
    """What caches may do with an answer, as `patch_cache_control` takes it; the public ones, for `PUBLIC_MAX_AGE`."""
    takes: Mapping[str, Any] = {}
    """The serializers of what is sent, by method."""
    gives: Mapping[str, Mapping[int, Any]] = {}
    """The serializers of good answers by method and status, where these aren't 200 with the view's own."""
    fails: tuple[int, ...] = ()
    """Statuses of errors besides those that every view may answer with."""
    schema = CatalogueSchema()

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in UTC, in whatever time zone the site lives."""
        with timezone.override(UTC):
            return super().dispatch(*args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Tell caches what they may do, and let them ask whether an answer still holds; name errors by their type."""
        final = super().finalize_response(request, response, *args, **kwargs)
        made = isinstance(final, Response)  # else it was kept, or is known to who asks
        if made and final.exception and final.accepted_renderer.format == JSONRenderer.format:
            final.content_type = PROBLEM
        if final.status_code not in {200, 304} or request.method not in SAFE_METHODS:
            return final
        self.tell_caches(final)
        if made and self.kept is not KEPT_BY_NOBODY:
            final.add_post_render_callback(partial(self.unless_known, request))
        return final

    def tell_caches(self, answer: HttpResponseBase) -> None:
        """Write on an answer what caches may do with it."""
        fresh = {"max_age": get_settings().public_max_age} if self.kept.get("public") else {}
        patch_cache_control(answer, **self.kept, **fresh)

    def unless_known(self, request: Request, answer: Response) -> HttpResponseBase:
        """Return the answer with its tag and the time of its last change, or 304 for a client that has it."""
        stamp = conditional.of_content(request._request, answer.content, answer.accepted_media_type)
        return stamp.unless_same(request._request, answer)


class CatalogueView(OpenView, GenericAPIView[Any]):
    """A view of rows: filtered by `filterset_class`, sorted by one of `ordering_fields`, in pages by keyset."""

    filter_backends = (Narrowing, StrictOrdering)
    pagination_class = KeysetPagination
    sparse = True
    filterset_class: Any = None
    filters: Any = None
    listed: Any = None
    """The function that selects all rows of the list, and a tuple of what it takes; None where that differs."""
    is_plain = False
    """Whether all of these rows are asked for."""
    ordering_fields: ClassVar[tuple[str, ...]] = ()
    ordering: ClassVar[str]

    def known_parameters(self) -> set[str]:
        """Return the names of filters, ordering and pages; a single row knows none of them."""
        known = super().known_parameters() | {FIELDS}
        if not self.is_list():
            return known
        filters = self.filterset_class.base_filters if self.filterset_class else ()
        ordering = {StrictOrdering.ordering_param} if self.ordering_fields else set()
        pages = {KeysetPagination.cursor_query_param, KeysetPagination.page_size_query_param}
        return known | {*filters, *self.pagination_class.extra_parameters} | ordering | pages

    def get_serializer_context(self) -> dict[str, object]:
        """Add which fields are wanted, and whether to blur. Raises ValidationError."""
        request: Any = getattr(self, "request", None)  # there is none while the API is being described
        only = frozenset(comma_separated(request, FIELDS) if request else ()) or None
        if only:
            serializer: Any = self.get_serializer_class()
            for name in only.difference(serializer.Meta.fields):
                raise invalid_parameter(FIELDS, f"{name!r} is none of {', '.join(serializer.Meta.fields)}.")
        context = {**super().get_serializer_context(), "only": only, "blur": visibility.blurs_nsfw()}
        return {**context, "ready": ready} if self.takes_parts(context) else context

    def takes_parts(self, context: Mapping[str, Any]) -> bool:
        """Tell whether answers may be put together of parts: whole ones, as JSON, of what everybody may see."""
        renderer = getattr(getattr(self, "request", None), "accepted_renderer", None)
        return context["only"] is None and renderer is not None and renderer.format == JSONRenderer.format

    def fetch(self, rows: QuerySet[Any], keys: Iterable[str]) -> QuerySet[Any, Any]:
        """Return `rows` as its serializer needs them, and with `keys`."""
        planned: Any = self.get_serializer(many=True)
        fetched: QuerySet[Any, Any] = planned.fetch(rows, keys)
        return fetched

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return which columns the answer needs."""
        planned: Any = self.get_serializer(many=True)
        columns: tuple[Column, ...] = planned.columns
        return columns

    def is_list(self) -> bool:
        """Tell a list from a single row."""
        return True
