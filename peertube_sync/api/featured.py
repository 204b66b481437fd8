"""Featured videos first: those that the site singled out, then the others, each part the newest first."""

from typing import Any

from peertube_sync.api.ordering import FEATURED
from peertube_sync.api.video_pagination import VideoPagination
from peertube_sync.catalogue.keyset import Position, beyond, not_ours

PARTS = {"1": True, "0": False}
"""Whether the videos of a part are featured, by the mark of the part in cursors."""


class FeaturedPagination(VideoPagination):
    """Pages of videos that know this ordering too.

    The two parts are read one after the other, each by its index: sorting all by a column of another table isn't
    flat. A cursor's value is the mark of its part, and the time of publication.
    """

    def rows(self, queryset: Any, position: Position | None, number: int, view: Any) -> list[object]:
        """Return the `number` rows beyond `position`. Raises BadCursor."""
        if self.order != FEATURED:
            return super().rows(queryset, position, number, view)
        back, begin, marks = bool(position and position.backwards), None, ["1", "0"]
        order = "published_at" if back else "-published_at"
        marks = marks[::-1] if back else marks
        if position:
            mark = position.value[:1]
            if mark not in PARTS:
                raise not_ours()
            begin = Position(order, backwards=False, value=position.value[1:], pk=position.pk)
            marks = marks[marks.index(mark) :]
        page: list[Any] = []
        for mark in marks:
            part = queryset.featured() if PARTS[mark] else queryset.exclude(curation__featured=True)
            rows = view.fetch(beyond(part, order, begin), ("pk", "published_at"))[: number - len(page)]
            page += [{**row, FEATURED: f"{mark}{row['published_at'].isoformat()}"} for row in rows]
            if len(page) == number:
                break
            begin = None
        return page
