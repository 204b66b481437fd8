"""Who did what by hand, kept in the history of Django's admin; nowhere if that isn't installed."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Model

ADMIN = "django.contrib.admin"
CHANGE = 2
"""The admin's flag of a change; its own constant can't be imported where the admin isn't installed."""


def note(user: Any, rows: Iterable[Model], message: str) -> None:
    """Write down that `user` did to each of `rows` what `message` says."""
    if apps.is_installed(ADMIN):
        entries: Any = apps.get_model("admin", "LogEntry")
        entries.objects.log_actions(user.pk, list(rows), CHANGE, message)
