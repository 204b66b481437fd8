"""Who did what by hand, wherever they did it: in the admin, through the API, by a command."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from peertube_sync.models.base import NAME

ROW = 2 * NAME + 1
"""Characters of what people would paste: a name or uuid, @, a host."""


class Action(models.TextChoices):
    """What people do. The labels are sentences of the log and of the admin's history."""

    ADDED = "added", _("Added.")
    RULES_CHANGED = "rules_changed", _("Rules changed.")
    REMOVED = "removed", _("Removed.")
    SYNC = "sync", _("Sync asked for.")
    FULL_SWEEP = "full_sweep", _("Full sweep asked for.")
    AUDIT = "audit", _("Audit asked for.")
    PAUSED = "paused", _("Paused.")
    RESUMED = "resumed", _("Resumed.")
    LOSSES_ACCEPTED = "losses_accepted", _("Losses accepted.")
    LOSSES_REJECTED = "losses_rejected", _("Losses rejected.")
    MOVED = "moved", _("Moved to another host.")
    APPROVED = "approved", _("Approved.")
    REJECTED = "rejected", _("Rejected.")
    HIDDEN = "hidden", _("Hidden.")
    SHOWN = "shown", _("Shown.")
    FEATURED = "featured", _("Featured.")
    NOT_FEATURED = "not_featured", _("Not featured any more.")
    REWORDED = "reworded", _("Own title or text changed.")
    DECISION_DELETED = "decision_deleted", _("Decision deleted: shown as its source has it.")
    OPTED_OUT = "opted_out", _("Opted out.")
    OPT_OUT_NOTED = "opt_out_noted", _("Note of the opt-out changed.")
    OPT_OUT_UNDONE = "opt_out_undone", _("Opt-out taken back.")
    LOGGED_IN = "logged_in", _("Logged in.")
    LOGGED_OUT = "logged_out", _("Logged out.")
    KEYS_ROTATED = "keys_rotated", _("Tokens encrypted by the first key.")
    DOORBELL_ON = "doorbell_on", _("Doorbell turned on.")
    DOORBELL_OFF = "doorbell_off", _("Doorbell turned off.")
    DOORBELL_KEY = "doorbell_key", _("New keys made for the doorbell.")
    PURGED = "purged", _("Old tombstones scrubbed.")
    EXPORTED = "exported", _("Exported as CSV.")


class Via(models.TextChoices):
    ADMIN = "admin", _("admin")
    API = "api", _("API")
    COMMAND = "command", _("command")


class LoggedAction(models.Model):
    """One action on one row. It outlives both the user and the row, and has no text that somebody else published.

    `user_name`: the login name, as it was then; "" of commands, which have no user. `row`: what people would paste,
    such as a host, name@host, or uuid@host; "" where it was no single row: then `detail` says what was exported, or how
    many were purged. `model` and `row_id` say where the row is, if it still is.
    """

    at = models.DateTimeField(auto_now_add=True, editable=False)
    user_name = models.CharField(max_length=NAME, blank=True, editable=False)
    via = models.CharField(max_length=10, choices=Via, editable=False)
    action = models.CharField(max_length=20, choices=Action, editable=False)
    model = models.CharField(max_length=100, blank=True, editable=False)
    row_id = models.BigIntegerField(null=True, editable=False)
    row = models.CharField(max_length=ROW, blank=True, editable=False)
    detail = models.CharField(max_length=NAME, blank=True, editable=False)

    class Meta:
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        indexes = (
            models.Index(fields=["-at", "-id"], name="action_newest"),
            models.Index(fields=["model", "row_id", "-at"], name="action_of_row"),
        )

    def __str__(self) -> str:
        what = ": ".join(filter(None, (self.row, str(self.get_action_display()))))
        return f"{self.at:%Y-%m-%d %H:%M} {what}"


DECISIONS: Mapping[tuple[str, Any], Action] = {
    ("hidden", True): Action.HIDDEN,
    ("hidden", False): Action.SHOWN,
    ("featured", True): Action.FEATURED,
    ("featured", False): Action.NOT_FEATURED,
}


def decided(decision: Mapping[str, Any]) -> list[Action]:
    """Return what it is to write `decision`, columns of Curation and their values."""
    return [*dict.fromkeys(DECISIONS.get(each, Action.REWORDED) for each in decision.items())]
