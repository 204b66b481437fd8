"""Addresses of the admin's pages, and how people act on its lists."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse

StaffClient = Callable[..., Client]
"""Logs a member of staff in who has just the named permissions."""

MODELS = (
    "account",
    "channel",
    "curation",
    "instance",
    "loggedaction",
    "playlist",
    "skippeditem",
    "source",
    "syncrun",
    "tag",
    "video",
)
MIRRORED = tuple(name for name in MODELS if name not in {"curation", "source"})


def listing(model: str) -> str:
    return reverse(f"admin:peertube_sync_{model}_changelist")


def page(row: Model, what: str = "change") -> str:
    return reverse(f"admin:peertube_sync_{row._meta.model_name}_{what}", args=(row.pk,))


def adding(model: str) -> str:
    return reverse(f"admin:peertube_sync_{model}_add")


def act(client: Client, action: str, *rows: Model, **more: str) -> list[str]:
    """Do `action` to the rows and return what the admin says of it."""
    model = str(rows[0]._meta.model_name)
    data: dict[str, Any] = {"action": action, "_selected_action": [str(row.pk) for row in rows], **more}
    response = client.post(listing(model), data, follow=True)
    return [str(message) for message in (response.context or {}).get("messages", ())]


def names(response: Any) -> set[str]:
    """The rows that a list shows, as texts."""
    return {str(row) for row in response.context["cl"].result_list}
