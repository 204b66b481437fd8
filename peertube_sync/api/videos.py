"""Videos one by one, with their captions and chapters, and the list of all: of what isn't public too."""

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.request import Request

from peertube_sync.api.pagination import ShortListPagination
from peertube_sync.api.private import BothSides
from peertube_sync.api.serializers.videos import CaptionSerializer, ChapterSerializer, VideoDetailsSerializer
from peertube_sync.api.views import Catalogue, ListOf, VideoLists
from peertube_sync.catalogue import queries
from peertube_sync.catalogue.filters import PrivateVideoFilters, VideoFilters
from peertube_sync.catalogue.lookups import by_uuid
from peertube_sync.catalogue.prepared_queries import ChosenColumns
from peertube_sync.catalogue.visibility import Side
from peertube_sync.models import Caption, Chapter, Video


class VideoViewSet(BothSides, VideoLists, Catalogue):
    """Videos, the newest first."""

    details_class, by = VideoDetailsSerializer, by_uuid
    filterset_class = PrivateVideoFilters  # which have all parameters
    lookup_field, lookup_value_regex = "uuid", "[^/]+"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.side is Side.PUBLIC:
            self.filterset_class = VideoFilters

    @property
    def listed(self) -> Any:
        """What selects all videos of the side."""
        return queries.videos, (self.side,)

    def get_queryset(self) -> QuerySet[Video]:
        """Return what a list is made of."""
        return queries.videos(self.side)

    def get_object(self) -> Any:
        """Return the row that the address names, with what its answer needs. Raises Http404."""

        def rows(side: Side) -> ChosenColumns:
            if self.missing and side is Side.PUBLIC:
                raise self.missing
            self.turn_to(side)
            return ChosenColumns(queries.whole_videos, self.columns, (side,))

        return self.either(rows)

    def chosen(self, columns: tuple[str, ...]) -> ChosenColumns:
        return ChosenColumns(queries.whole_videos, columns, (Side.PUBLIC,))


class VideoCaptions(BothSides, ListOf):
    """The caption files of a video."""

    queryset = Caption.objects.none()
    serializer_class = CaptionSerializer
    pagination_class = ShortListPagination
    ordering = "language_id"

    def rows(self) -> QuerySet[Model]:
        """Return the captions of the video."""
        captions: QuerySet[Model] = self.either(queries.parents).captions.all()
        return captions


class VideoChapters(BothSides, ListOf):
    """The chapters of a video, in their order."""

    queryset = Chapter.objects.none()
    serializer_class = ChapterSerializer
    pagination_class = ShortListPagination
    ordering = "timecode"

    def rows(self) -> QuerySet[Model]:
        """Return the chapters of the video."""
        chapters: QuerySet[Model] = self.either(queries.parents).chapters.all()
        return chapters
