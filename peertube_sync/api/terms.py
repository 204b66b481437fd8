"""What videos are sorted by: categories, languages, licences and tags, with the number of videos of each."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from peertube_sync.api.base import Narrowing, OpenView
from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.facets import count_values
from peertube_sync.catalogue.filters import VideoFilters
from peertube_sync.models import Video

MOST_TERMS = 1_000
"""Terms in an answer; only tags are more than that."""
COUNTED = 10_000
"""Videos that are counted, the newest: so many are a fair sample, and cost the same in any catalogue."""


class TermSerializer(serializers.Serializer[Any]):
    """One of them."""

    id = serializers.JSONField(
        help_text="What the filter of videos takes: a number, a code, an instance's own as `ID@HOST`, the tag itself."
    )
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # the name of a field's own option
    count = serializers.IntegerField(help_text="How many videos have it.")


class TermsSerializer(serializers.Serializer[Any]):
    """The 1,000 most frequent, the most frequent first."""

    complete = serializers.BooleanField(help_text=f"False when only the newest {COUNTED:,} videos are counted.")
    results = TermSerializer(many=True)


class Terms(OpenView, GenericAPIView[Any]):
    """Terms of one kind, counted over the videos that the filters leave."""

    queryset = Video.objects.none()
    serializer_class = TermsSerializer
    filter_backends = (Narrowing,)
    filterset_class = VideoFilters
    pagination_class = None
    facet: ClassVar[str]

    def is_list(self) -> bool:
        """Tell a list, as all of these are, from a single row."""
        return True

    def known_parameters(self) -> set[str]:
        """Return the names of the filters."""
        return super().known_parameters() | {*VideoFilters.base_filters}

    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Count them, the most frequent first."""
        videos: QuerySet[Any] = self.filter_queryset(visibility.listed()).order_by("-published_at", "-pk")
        pks = list(videos.values_list("pk", flat=True)[: COUNTED + 1])
        found = count_values([self.facet], pks[:COUNTED], MOST_TERMS)
        return Response({"complete": len(pks) <= COUNTED, "results": found[self.facet]})


class Categories(Terms):
    """The categories of videos, with their numbers."""

    facet = "category"


class Languages(Terms):
    """The languages of videos, with their numbers."""

    facet = "language"


class Licences(Terms):
    """The licences of videos, with their numbers."""

    facet = "licence"


class Tags(Terms):
    """The tags of videos, with their numbers."""

    facet = "tag"
