"""Facets: which values the videos of a list have, and how many have which."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from peertube_sync.models import Video

SHOWN = 20
"""Values of a facet, the most frequent first."""


@dataclass(frozen=True)
class Facet:
    """A way to sort what is found: `columns` (id, label, host where a handle is the id) of `rows`, by `video`."""

    rows: Callable[[], QuerySet[Any]]
    video: str
    columns: tuple[str, ...]

    def counts(self, pks: Any, most: int = SHOWN) -> list[dict[str, Any]]:
        """Return how many of the videos `pks` (a list or a subquery) have which value, the most frequent first."""
        rows = self.rows().filter(**{f"{self.video}__in": pks, f"{self.columns[0]}__isnull": False}).order_by()
        counted = rows.values_list(*self.columns).annotate(number=Count("pk")).order_by("-number", *self.columns)
        return [_value(*row) for row in counted[:most]]


def _value(key: Any, label: str | None, *rest: Any) -> dict[str, Any]:
    *host, number = rest
    return {"id": f"{key}@{host[0]}" if host else key, "label": label, "count": number}


FACETS: Mapping[str, Facet] = {
    "category": Facet(Video.objects.all, "pk", ("category_id", "category_label")),
    "channel": Facet(Video.objects.all, "pk", ("channel__name", "channel__display_name", "instance__host")),
    "instance": Facet(Video.objects.all, "pk", ("instance__host", "instance__name")),
    "language": Facet(Video.objects.all, "pk", ("language_id", "language_label")),
    "licence": Facet(Video.objects.all, "pk", ("licence_id", "licence_label")),
    "tag": Facet(Video.tags.through._default_manager.all, "video", ("tag__name", "tag__name")),
}
