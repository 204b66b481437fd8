"""Pages of channels or playlists that words find, the best first."""

from typing import Any

from peertube_sync.api.ordering import RELEVANCE
from peertube_sync.api.pagination import KeysetPagination
from peertube_sync.api.video_pagination import ranked_rows
from peertube_sync.catalogue.keyset import Position, not_ours


class NamePagination(KeysetPagination):
    """Pages by keyset, and by relevance where `q` finds."""

    def rows(self, queryset: Any, position: Position | None, number: int, view: Any) -> list[Any]:
        """Return the `number` rows beyond `position`. Raises BadCursor."""
        if self.order != RELEVANCE:
            return super().rows(queryset, position, number, view)
        try:
            return ranked_rows(view.filters.found, view, position, number, back=bool(position and position.backwards))
        except ValueError as error:
            raise not_ours() from error
