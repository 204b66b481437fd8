"""Suggestions for who is typing a search."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from peertube_sync.api.base import Narrowing, OpenView
from peertube_sync.api.serializers.shared import example
from peertube_sync.catalogue.filters import SuggestFilters
from peertube_sync.catalogue.suggestions import TYPES, Suggestion, suggest
from peertube_sync.faces.pages import page
from peertube_sync.models import Video


class SuggestionSerializer(serializers.Serializer[Any]):
    """Something that may be meant."""

    type = serializers.ChoiceField(choices=TYPES, help_text="What it is.")
    name = serializers.CharField(help_text="Its title or name, as the site shows it.")
    id = serializers.CharField(help_text="A short uuid, a handle, or the tag: what addresses and filters name it by.")
    page_url = serializers.CharField(
        allow_null=True,
        help_text="Its page here, in the language of who asks; null where the site's pages aren't included.",
    )


@extend_schema_serializer(examples=example("What `tel` may become", "Suggestions"))
class SuggestionsSerializer(serializers.Serializer[Any]):
    """What may be meant: channels, then tags, then titles of videos."""

    results = SuggestionSerializer(many=True)


class Suggest(OpenView, GenericAPIView[Any]):
    """Channels, tags and titles of videos that have the words of `q`, ten at most; the last word may be a beginning.

    They are looked for among the newest videos with these words, as lists show them.
    """

    queryset = Video.objects.none()
    serializer_class = SuggestionsSerializer
    filter_backends = (Narrowing,)
    filterset_class = SuggestFilters
    pagination_class = None

    def is_list(self) -> bool:
        """Tell a list, as this is, from a single row."""
        return True

    def known_parameters(self) -> set[str]:
        return super().known_parameters() | {*SuggestFilters.base_filters}

    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Suggest; nothing where nothing is typed yet."""
        filters: Any = Narrowing().checked(request, Video.objects.none(), self)
        suggestions = suggest(filters.form.cleaned_data["q"]) if filters else []
        return Response(
            {
                "results": [
                    asdict(suggestion) | {"page_url": _page_url(request, suggestion)} for suggestion in suggestions
                ]
            }
        )


def _page_url(request: Request, suggestion: Suggestion) -> str | None:
    tagged = f"{page('videos')}?{urlencode({'tag': suggestion.id})}" if page("videos") else ""
    path = tagged if suggestion.type == "tag" else page(suggestion.type, suggestion.id)
    return request.build_absolute_uri(path) if path else None
