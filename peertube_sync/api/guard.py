"""What every request to the API goes through first: it is counted, it has bounds, and its reading has a time."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from peertube_sync.api.problems import invalid_parameter, problem_handler
from peertube_sync.faces import deadline
from peertube_sync.faces.bounds import CURSOR, Bound, TooMuch, check
from peertube_sync.faces.cors import readable_anywhere
from peertube_sync.faces.throttle import ApiThrottle

BOUNDS = {"cursor": CURSOR, **dict.fromkeys(("fields", "facets"), Bound(listed=True))}


class Guarded(APIView):
    """A view that is asked no more than anybody may."""

    throttle_classes = (ApiThrottle,)
    looks_at_users: ClassVar[bool] = False
    """Whether the host project's logins may be asked, which may write."""
    too_much: TooMuch | None = None
    reading: deadline.Reading
    """What a safe request reads."""
    counted = False
    """Whether the request has been counted."""
    failure: Exception | None = None
    """What a quicker way has met, for the long one to tell."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer; of a request that asks too much nothing is read."""
        try:
            check(request, BOUNDS, kwargs)
        except TooMuch as error:
            self.too_much, request.GET = error, QueryDict()
        if request.method not in SAFE_METHODS:
            return super().dispatch(request, *args, **kwargs)
        with deadline.reading(read_only=not self.looks_at_users) as self.reading:
            answer = self.answer_plainly(request) or super().dispatch(request, *args, **kwargs)
        return readable_anywhere(answer, preflight=request.method == "OPTIONS")

    def answer_plainly(self, _request: HttpRequest) -> HttpResponseBase | None:
        """Return the answer, None where there is no quicker way."""
        return None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count the request, and refuse one that asks too much, before anybody logs in. Raises ValidationError.

        Unknown parameters are refused before any work.
        """
        if not self.counted:
            super().check_throttles(request)
        if self.failure:
            raise self.failure
        if self.too_much:
            raise invalid_parameter(self.too_much.name, self.too_much.why)
        super().initial(request, *args, **kwargs)
        known = self.known_parameters()
        for name in request.query_params:
            if name not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise invalid_parameter(name, f"There is no such parameter here. Known: {listed}.")

    def known_parameters(self) -> set[str]:
        """Return the names of the query parameters that the view understands."""
        return {api_settings.URL_FORMAT_OVERRIDE} - {None}

    def check_throttles(self, request: Request) -> None:
        """Do nothing: `initial` has counted the request by now, before anybody logs in."""

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        """Return what makes an answer of an exception."""
        return problem_handler
