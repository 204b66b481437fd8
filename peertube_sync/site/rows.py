"""The rows that pages show: those of the catalogue, sensitive videos left out where `NSFW_POLICY` is `hide`."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from peertube_sync.conf import get_settings


def wanted(rows: Callable[..., QuerySet[Any]]) -> QuerySet[Any]:
    """Return what `rows`, one of `catalogue.queries` that counts or lists videos, has for this site's visitors."""
    return rows(nsfw=get_settings().nsfw_policy != "hide")
