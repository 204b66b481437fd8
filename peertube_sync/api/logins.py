"""Who asks: people log in to the API as the host project has them log in to its own."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import DataError
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.settings import api_settings


def logins() -> list[BaseAuthentication]:
    """Return how people log in to the host project's APIs."""
    classes: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    return [authentication() for authentication in classes]


def user_of(request: Request) -> AbstractBaseUser | AnonymousUser:
    """Return who asks. Raises AuthenticationFailed.

    Names and session keys go to the database as they were sent, and PostgreSQL knows no text with a NUL.
    """
    try:
        return request.user
    except DataError as error:
        request.authenticators = []  # so that nothing else of the answer asks again
        raise AuthenticationFailed from error
