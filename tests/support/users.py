"""Users with permissions, and how they write through the API."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client


def somebody(*permissions: str) -> Client:
    """Return the browser of a user with these permissions, logged in."""
    user = get_user_model().objects.create_user(f"user{get_user_model().objects.count()}")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, method: str, path: str, body: Any = None, **options: Any) -> Any:
    return getattr(client, method)(f"/api/{path}", body or {}, content_type="application/json", **options)
