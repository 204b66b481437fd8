"""Errors as answers, after RFC 9457: a `detail` in words; of bad requests, what is wrong with which parameter."""

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from peertube_sync.api.serializers.shared import example
from peertube_sync.catalogue.lookups import Gone
from peertube_sync.faces.deadline import RETRY_AFTER, ran_out

PROBLEM = "application/problem+json"


class ProblemSerializer(serializers.Serializer[Any]):
    """Why there is no answer."""

    type = serializers.CharField(help_text="Always `about:blank`: the status says what kind of problem it is.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField(help_text="The status.")
    detail = serializers.CharField(help_text="What is wrong, in words.")


@extend_schema_serializer(examples=example("A page too large", "BadRequest"))
class BadRequestSerializer(ProblemSerializer):
    """What is wrong with which parameter, or key of the body."""

    invalid_params = serializers.DictField(
        child=serializers.CharField(), help_text="What is wrong, by the name of the parameter."
    )


class TooSlow(APIException):
    """The database took too long."""

    status_code = 503
    default_detail = gettext_lazy("This takes the database too long; ask for less, or later.")
    wait = RETRY_AFTER


class NoLonger(APIException):
    """What was here was deleted or withdrawn at its source."""

    status_code = 410


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer as Django REST framework does, with a problem in the body."""
    if ran_out(error):
        error = TooSlow()
    elif isinstance(error, Gone):
        error = NoLonger(str(error))
    response = exception_handler(error, context)
    if response is None:
        return None
    status, fields = response.status_code, {}
    if isinstance(error, ValidationError):
        why = {name: " ".join(map(str, found)) for name, found in response.data.items()}
        fields = {"detail": " ".join(f"{name}: {text}" for name, text in why.items()), "invalid_params": why}
    else:
        fields = {"detail": str(response.data["detail"])} | ({"invalid_params": {}} if status == 400 else {})
    response.data = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **fields}
    return response


def invalid_parameter(name: str, why: str) -> ValidationError:
    """Return the error that says what is wrong with the query parameter `name`."""
    return ValidationError({name: [why]})
