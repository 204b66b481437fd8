"""What the serializers share: JSON of a known shape, and images with absolute addresses."""

from typing import Any, TypeVar

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

M = TypeVar("M", bound=Model)


class RowSerializer(serializers.ModelSerializer[M]):
    """A row, as it is: nothing is ever written through the API."""

    def get_extra_kwargs(self) -> dict[str, dict[str, Any]]:
        """Make every field read-only."""
        given = super().get_extra_kwargs()
        return {name: {**given.get(name, {}), "read_only": True} for name in self.Meta.fields}


class ImageSerializer(serializers.Serializer[Any]):
    """One size of an image."""

    file_url = serializers.CharField(help_text="Where it is, absolute.")
    width = serializers.IntegerField(required=False, help_text="In pixels.")
    height = serializers.IntegerField(required=False, help_text="In pixels; from PeerTube 7.3.")
    path = serializers.CharField(required=False, help_text="Where it is on its instance; to PeerTube 7.x.")
    created_at = serializers.DateTimeField(required=False)
    updated_at = serializers.DateTimeField(required=False)


@extend_schema_field(ImageSerializer(many=True))
class ImagesField(serializers.Field[Any, Any, Any, Any]):
    """The images in the column of the field's name, each with an absolute `file_url` (PeerTube's own from 7.1)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)

    def to_representation(self, row: Any) -> list[dict[str, Any]]:
        """Complete the addresses."""
        return [
            {**image, "file_url": image.get("file_url") or absolute(row, image.get("path"))}
            for image in getattr(row, self.field_name or "")
        ]


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
class ObjectsField(serializers.JSONField):
    """Objects as PeerTube publishes them, in snake_case."""


@extend_schema_field({"type": "object", "additionalProperties": True})
class ObjectField(serializers.JSONField):
    """An object as PeerTube publishes it, in snake_case."""


def absolute(row: Any, path: str | None) -> str:
    """Return the address of a `path` on the instance of `row`, "" for no path."""
    return f"{row.instance.url}{path}" if path else ""
