"""Whether the site answers, and whether anybody does what is due: for load balancers and monitors."""

from typing import Any

from django.db.models import Min
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from peertube_sync.api.base import OpenView
from peertube_sync.api.problems import invalid_parameter
from peertube_sync.models import Instance, SearchDue

MAX_OVERDUE = "max_overdue"
"""The parameter that says how long due work may wait, in seconds."""


class Health(OpenView):
    """How long due work has been waiting, and how many videos wait for the search; three small queries.

    200 as long as the site and its database answer: a stalled mirror serves as well as any. With `max_overdue`, 503
    when work has waited for longer, as no worker runs or there are too few.
    """

    schema = None  # type: ignore[assignment]
    kept = {"no_store": True}

    def known_parameters(self) -> set[str]:
        """Return the one parameter."""
        return super().known_parameters() | {MAX_OVERDUE}

    def get(self, request: Request, **_prefix: Any) -> Response:
        """Tell the state. Raises ValidationError."""
        longest, overdue = _seconds(request.query_params.get(MAX_OVERDUE)), _overdue()
        stalled = longest is not None and overdue > longest
        return Response(
            {
                "status": "stalled" if stalled else "ok",
                "overdue_seconds": round(overdue),
                "instances": Instance.objects.mirrored().count(),
                "search_queue": SearchDue.objects.count(),
            },
            status=503 if stalled else 200,
        )


def _overdue() -> float:
    """Return the seconds for which the longest waiting instance that nobody is at work on has been due."""
    since = Instance.objects.due().aggregate(since=Min("next_due_at"))["since"]
    return (timezone.now() - since).total_seconds() if since else 0.0


def _seconds(given: str | None) -> float | None:
    if given is None:
        return None
    if not given.isdecimal():
        raise invalid_parameter(MAX_OVERDUE, f"{given!r} is no number of seconds.")
    return float(given)
