"""What the serializers share: rows, handles and addresses, and JSON of a known shape."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any, TypeVar

from django.db.models import Model
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from peertube_sync.api.serializers.plan import Derived, PlannedList
from peertube_sync.client.short_uuid import shorten
from peertube_sync.models.reading import HOME, with_addresses
from peertube_sync.pictures.addresses import PictureAddress
from peertube_sync.pictures.told import HERE, every_size, told, whole_address

M = TypeVar("M", bound=Model)

WIDEST = 1280
"""Pixels of the pictures that are told by one address, where this site has them."""
EXAMPLES: dict[str, Any] = json.loads(files("peertube_sync.api").joinpath("examples.json").read_text(encoding="utf-8"))
"""What is sent and answered about a recorded catalogue, by component of the OpenAPI document; `make examples`."""


def example(title: str, component: str, *, sent: bool = False) -> list[OpenApiExample]:
    """Return the example of a component of the OpenAPI document: of an answer, or of what is `sent`.

    It is null for a new component, until `make examples` has written what is answered.
    """
    return [OpenApiExample(title, value=EXAMPLES.get(component), response_only=not sent, request_only=sent)]


class RowSerializer(serializers.ModelSerializer[M]):
    """A row, as it is: nothing is ever written through the API. `only` in its context names the fields wanted."""

    sparse = True
    """Whether `fields` narrows it: any row does, but those that stand in others."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.Meta.list_serializer_class = PlannedList

    def get_extra_kwargs(self) -> dict[str, dict[str, object]]:
        options = super().get_extra_kwargs()
        return {name: {**options.get(name, {}), "read_only": True} for name in self.Meta.fields}

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, or those of them that were asked for."""
        is_nested = isinstance(self.parent, RowSerializer)
        fields, only = super().get_fields(), None if is_nested else self.context.get("only")
        return fields if only is None else {name: field for name, field in fields.items() if name in only}


class ImageSerializer(serializers.Serializer[Any]):
    """One size of an image."""

    file_url = serializers.CharField(help_text="Where it is, absolute.")
    width = serializers.IntegerField(required=False, help_text="In pixels.")
    height = serializers.IntegerField(required=False, help_text="In pixels; from PeerTube 7.3.")
    path = serializers.CharField(
        required=False, help_text="Where it is on its instance; to PeerTube 7.x. Where this site has it, here."
    )
    created_at = serializers.DateTimeField(required=False)
    updated_at = serializers.DateTimeField(required=False)


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
class ObjectsField(serializers.JSONField):
    """Objects as PeerTube publishes them, in snake_case."""


@extend_schema_field({"type": "object", "additionalProperties": True})
class ObjectField(serializers.JSONField):
    """An object as PeerTube publishes it, in snake_case."""


def images(of: str, column: str, help_text: str) -> Derived:
    """Return the field for the pictures in a column, which is a picture `of` the row."""
    return Derived(
        *told(of, _images_here, with_addresses, *HOME, column),
        schema=ImageSerializer(many=True),
        help_text=help_text,
    )


def _images_here(found: PictureAddress | None, *_columns: Any) -> list[dict[str, object]]:
    return [{**one, "file_url": f"{HERE}{one['path']}"} for one in every_size(found)]


def picture_address(of: str, source: Callable[..., str], *columns: str, help_text: str) -> Derived:
    """Return the field for the address of a row's picture: here the widest, else as `source` makes it of `columns`."""
    return Derived(*told(of, whole_address(WIDEST), source, *HOME, *columns), help_text=help_text)


def picture_path(of: str, column: str) -> Derived:
    """Return the field for the path of a row's picture: here, else at its home, as `column` tells."""
    return Derived(
        *told(of, lambda found, *_columns: found.at(WIDEST) if found else None, lambda path: path, column),
        schema={"type": "string", "nullable": True},
    )


def short_uuid() -> Derived:
    """Return the field for the short form of a uuid."""
    return Derived(shorten, "uuid", help_text="The uuid in the short form of PeerTube's own addresses.")


def address(of: Callable[..., str], *columns: str, help_text: str) -> Derived:
    """Return the field for an address at the source, made of its scheme, host and `columns`."""
    return Derived(of, *HOME, *columns, help_text=help_text)
