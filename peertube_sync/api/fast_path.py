"""Plain questions, answered without Django REST framework's request, serializers and renderers around the answer.

Plain is who asks for JSON of a whole list, or of a single row, logs in by nothing, and filters by nothing. Whatever is
odd about a question, or wrong, is left to the long way, which says so: both ways give the same answers, with the same
headers.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, cast
from urllib.parse import quote

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.utils.urls import replace_query_param

from peertube_sync.api.kept import KeptAnswers
from peertube_sync.api.ordering import ONE_WAY, StrictOrdering
from peertube_sync.api.pagination import KeysetPagination
from peertube_sync.api.parts import ready
from peertube_sync.api.renderers import JSONRenderer
from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.answer_parts import Answers, encode
from peertube_sync.catalogue.answer_plan import Column
from peertube_sync.catalogue.keyset import BadCursor, fetch_page, read_beyond
from peertube_sync.catalogue.lookups import find_row
from peertube_sync.catalogue.prepared_queries import ChosenColumns
from peertube_sync.faces import conditional, kept
from peertube_sync.faces.pages import with_pages
from peertube_sync.faces.throttle import ApiThrottle
from peertube_sync.pictures.told import with_root

READ = ("GET", "HEAD")
JSON = JSONRenderer.media_type
ORDERING, CURSOR, SIZE = (
    StrictOrdering.ordering_param,
    KeysetPagination.cursor_query_param,
    KeysetPagination.page_size_query_param,
)
PAGE = "page_url"
HERE = "CURSOR-STANDS-HERE"
"""Where the cursor goes in an address, which takes longer to write than a page has for both of its own."""


class QuickAnswers(KeptAnswers):
    """A view of lists and single rows of which there are parts."""

    has_parts: ClassVar[bool] = True
    missing: Http404 | None = None
    """Why there is no public row of the name."""
    details_class: ClassVar[Any]
    by: ClassVar[Any]

    def answer_plainly(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return the answer to a plain question, None for any other."""
        if not self._is_plain(request):
            return None
        if ApiThrottle().seconds_to_wait(request):
            return None
        self.counted = True
        try:
            return self._fast_answer(request)
        except BadCursor:
            return None
        except Http404 as error:
            self.missing = error
            return None
        except OperationalError as error:
            self.failure = error
            return None

    def chosen(self, columns: tuple[Column, ...]) -> ChosenColumns:
        """Return the public rows of which the address names one."""
        raise NotImplementedError

    def _is_plain(self, request: HttpRequest) -> bool:
        wanted = request.META.get("HTTP_ACCEPT", "*/*")
        if request.method not in READ or not (wanted == "*/*" or wanted.partition(",")[0] == JSON):
            return False
        if self.too_much or not self.has_parts or not kept.is_anonymous(request):
            return False
        return not request.GET or bool(self.is_list() and {ORDERING, CURSOR, SIZE}.issuperset(request.GET))

    def _fast_answer(self, request: HttpRequest) -> HttpResponseBase | None:
        make = self._list_maker(request) if self.is_list() else self._single_row
        if make is None:
            return None
        place = kept.place(request, JSON, self.reading, dated=True)
        answer = place.find(request) if place else None
        if answer is None:
            content, serializer = with_root(request, make()), cast("Any", self.serializer_class)
            if PAGE in serializer.Meta.fields:  # to look for it takes as long as to put an answer together
                content = with_pages(request, content)
            response = HttpResponse(content, content_type=JSON)
            stamp = place.keep(response) if place else conditional.of_content(request, content, JSON)
            answer = stamp.unless_same(request, response)
        answer["Allow"] = ", ".join(self.allowed_methods)
        patch_vary_headers(answer, ["Accept"])
        self.tell_caches(answer)
        return answer

    def _list_maker(self, request: HttpRequest) -> Callable[[], bytes] | None:
        """Return what makes the page that is asked for; None for one that takes more than a statement, or is wrong."""
        order = request.GET.get(ORDERING, self.ordering)
        size = request.GET.get(SIZE, str(self.pagination_class.page_size))
        if order.removeprefix("-") not in {*self.ordering_fields}.difference(ONE_WAY):
            return None
        if not (size.isdecimal() and len(size) <= 3 and 1 <= int(size) <= KeysetPagination.max_page_size):
            return None
        return lambda: self._page(request, order, int(size))

    def _page(self, request: HttpRequest, order: str, size: int) -> bytes:
        answers = self._answers(self.serializer_class)
        rows = ChosenColumns(self.listed[0], answers.columns, self.listed[1])
        page = fetch_page(partial(read_beyond, rows, order), order, size, request.GET.get(CURSOR))
        address = replace_query_param(request.build_absolute_uri(), CURSOR, HERE)
        links = {
            name: address.replace(HERE, quote(cursor)) if cursor else None
            for name, cursor in (("next", page.next), ("previous", page.previous))
        }
        return encode({**links, "results": answers.of(page.rows)})

    def _single_row(self) -> bytes:
        """Return the row that the address names. Raises Http404."""
        answers = self._answers(self.details_class)
        name = self.kwargs[self.lookup_url_kwarg or self.lookup_field]
        bodies = answers.of([find_row(self.chosen(answers.columns), type(self).by, name)])
        if not bodies:
            message = f"There is no {name!r} here any more."
            raise Http404(message)
        return encode(bodies[0])

    def _answers(self, serializer: Any) -> Answers:
        answers: Any = ready(serializer, None, visibility.blurs_nsfw())
        return answers  # type: ignore[no-any-return]
