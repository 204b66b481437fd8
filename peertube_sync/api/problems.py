"""Errors as answers: always a `detail` in words, and for bad requests what is wrong with which parameter."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from peertube_sync.api.examples import BAD_REQUEST, example


class ProblemSerializer(serializers.Serializer[Any]):
    """Why there is no answer."""

    detail = serializers.CharField(help_text="What is wrong, in words.")


@extend_schema_serializer(examples=example("A page too large", BAD_REQUEST))
class BadRequestSerializer(ProblemSerializer):
    """What is wrong with which parameter."""

    invalid_params = serializers.DictField(
        child=serializers.CharField(), help_text="What is wrong, by the name of the parameter."
    )


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer as Django REST framework does, with `detail` there for bad requests too."""
    response = exception_handler(error, context)
    if response is not None and isinstance(error, ValidationError):
        response.data = _bad_request(response.data)
    return response


def invalid_parameter(name: str, why: str) -> ValidationError:
    """Return the error that says what is wrong with the query parameter `name`."""
    return ValidationError({name: [why]})


def _bad_request(errors: Mapping[str, list[str]]) -> dict[str, Any]:
    by_name = {name: " ".join(map(str, why)) for name, why in errors.items()}
    return {"detail": " ".join(f"{name}: {why}" for name, why in by_name.items()), "invalid_params": by_name}
