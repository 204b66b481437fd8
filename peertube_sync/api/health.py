"""Whether the site answers, and whether anybody does what is due: for load balancers and monitors."""

import math
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
MAX_TROUBLED = "max_troubled"
"""The parameter that says how many instances may be in trouble."""


class Health(OpenView):
    """How long due work has been waiting, and how many instances are in trouble; four small queries.

    200 as long as the site and its database answer: a stalled mirror serves as well as any, and so does one that can't
    read a source; `status` alone tells. With `max_overdue`, 503 when work has waited for longer, as no worker runs or
    there are too few; with `max_troubled`, when more instances fail or have a source that can't be brought up to date.
    """

    schema = None  # type: ignore[assignment]
    kept = {"no_store": True}

    def known_parameters(self) -> set[str]:
        return super().known_parameters() | {MAX_OVERDUE, MAX_TROUBLED}

    def get(self, request: Request, **_prefix: Any) -> Response:
        """Tell the state. Raises ValidationError."""
        # Of the instance that waits longest; one that somebody is at work on doesn't wait.
        since = Instance.objects.due().aggregate(since=Min("next_due_at"))["since"]
        overdue = (timezone.now() - since).total_seconds() if since else 0.0
        troubled = Instance.objects.troubled().count()
        stalled = overdue > _most_allowed(request, MAX_OVERDUE, "seconds")
        failed = troubled > _most_allowed(request, MAX_TROUBLED, "instances")
        return Response(
            {
                "status": "stalled" if stalled else "troubled" if troubled else "ok",
                "overdue_seconds": round(overdue),
                "instances": Instance.objects.mirrored().count(),
                "troubled": troubled,
                "search_queue": SearchDue.objects.count(),
            },
            status=503 if stalled or failed else 200,
        )


def _most_allowed(request: Request, name: str, unit: str) -> float:
    text = request.query_params.get(name)
    if text is None:
        return math.inf
    if not text.isdecimal():
        raise invalid_parameter(name, f"{text!r} is no number of {unit}.")
    return float(text)
