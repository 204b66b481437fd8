"""Who did what by hand: kept in the log of actions, and in the history of Django's admin where that is installed."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Model

from peertube_sync.models import Action, LoggedAction, Via, Video
from peertube_sync.models.action import ROW
from peertube_sync.models.base import NAME

ADMIN = "django.contrib.admin"
CHANGE = 2
"""The admin's flag of a change; its own constant can't be imported where the admin isn't installed."""


def log(action: Action, rows: Iterable[Model], *, user: Any, via: Via) -> None:
    """Write down, in the log and in the admin's history, that `user` did `action` to each of `rows`."""
    done_to = list(rows)
    record(action, done_to, user=user, via=via)
    if apps.is_installed(ADMIN):
        entries: Any = apps.get_model("admin", "LogEntry")
        entries.objects.log_actions(user.pk, done_to, CHANGE, str(action.label))


def record(action: Action, rows: Iterable[Model], *, user: Any = None, via: Via) -> None:
    """Write down, in the log alone, that `user`, None for a command, did `action` to each of `rows`.

    Rows that are gone by now can be told too. A video is kept by its uuid, not by its name, which is its owner's:
    nobody may read that of a scrubbed tombstone, and not everybody that of a video that isn't public.
    """
    common = {"user_name": _user_name(user), "via": via, "action": action}
    names = ((row, f"{row.uuid}@{row.instance.host}" if isinstance(row, Video) else str(row)) for row in rows)
    LoggedAction.objects.bulk_create(
        LoggedAction(**common, model=str(row._meta.model_name), row_id=row.pk, row=name[:ROW]) for row, name in names
    )


def record_once(action: Action, detail: str, *, user: Any = None, via: Via) -> None:
    """Write down what was done to no single row; `detail` says to what, or to how many."""
    LoggedAction.objects.create(user_name=_user_name(user), via=via, action=action, detail=detail)


def _user_name(user: Any) -> str:
    return user.get_username()[:NAME] if user else ""
