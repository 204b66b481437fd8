"""What is mirrored on an instance, and when it is looked at next."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from peertube_sync.models.base import NAME
from peertube_sync.models.instance import WELL, Instance
from peertube_sync.models.rules import unknown_ids, validate_rules


class SourceKind(models.TextChoices):
    INSTANCE = "instance", _("whole instance")
    CHANNEL = "channel", _("channel")
    ACCOUNT = "account", _("account")
    PLAYLIST = "playlist", _("playlist")
    VIDEO = "video", _("video")
    OWN = "own", _("owner's own videos")


class SourceState(models.TextChoices):
    """Whether a source is worked on."""

    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused by a person")
    SUSPENDED = "suspended", _("inside a broader source")
    SUSPICIOUS = "suspicious", _("too much would vanish: a person has to look")
    UNREADABLE = "unreadable", _("shows what can't be read")


AT_REST = frozenset({SourceState.PAUSED, SourceState.SUSPENDED})
"""The states in which a source is not worked on."""


class SourceQuerySet(models.QuerySet["Source"]):
    """Sources by how they fare."""

    def troubled(self) -> "SourceQuerySet":
        """Those that are worked on and can't be brought up to date, by their own fault or their instance's."""
        return self.filter(~models.Q(last_error="") | ~models.Q(instance__state__in=WELL)).exclude(state__in=AT_REST)


class Source(models.Model):
    """A selection of videos on one instance: `name` is a handle or uuid; "" for all.

    All kinds select public videos; `own` alone, by the name of an account that is logged in, selects the others.

    `rules` say which of them are wanted (see `rules.py`).
    `remote_total` is what the source said at the last look, `excluded` how many of those break a rule, `unread` how
    many of them could not be read. `head_at` and `sweep_at` are of the last looks that could read what was shown.
    `lists_due_at` is when its channels and playlists are listed next. A null due time means not scheduled.
    """

    instance = models.ForeignKey(Instance, models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=10, choices=SourceKind, default=SourceKind.INSTANCE)
    name = models.CharField(max_length=NAME, blank=True)
    rules = models.JSONField(default=dict, blank=True, validators=[validate_rules])
    state = models.CharField(max_length=10, choices=SourceState, default=SourceState.ACTIVE)
    added_at = models.DateTimeField(auto_now_add=True)

    remote_total = models.PositiveIntegerField(null=True, blank=True, editable=False)
    excluded = models.PositiveIntegerField(default=0, editable=False)
    unread = models.PositiveIntegerField(default=0, editable=False)
    head_at = models.DateTimeField(null=True, blank=True, editable=False)
    head_due_at = models.DateTimeField(null=True, blank=True, editable=False, db_default=Now())
    sweep_at = models.DateTimeField(null=True, blank=True, editable=False)
    sweep_due_at = models.DateTimeField(null=True, blank=True, editable=False, db_default=Now())
    lists_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ("instance", "kind", "name")
        constraints = (models.UniqueConstraint(fields=["instance", "kind", "name"], name="source_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}@{self.instance.host}" if self.name else self.instance.host

    @property
    def healthy(self) -> bool:
        """Whether nothing keeps it from being brought up to date but a person: see `SourceQuerySet.troubled`."""
        return self.state in AT_REST or (not self.last_error and self.instance.state in WELL)

    def clean(self) -> None:
        """Refuse rules with ids that the instance, once it has told its own, doesn't know."""
        if unknown := self.unknown_ids():
            raise ValidationError(unknown)

    def unknown_ids(self) -> list[str]:
        """Return a sentence per id in the rules that the instance doesn't know; nothing before it has told its own."""
        return unknown_ids(self.rules, self.instance.constants) if self.rules else []


def selection(source: Source) -> dict[str, object]:
    """Return the conditions on rows for what `source` selects, its rules left aside; none for a whole instance.

    Whether rows are to be public goes without saying: `of_source` sees to it.
    """
    by_kind: dict[SourceKind, dict[str, object]] = {
        SourceKind.INSTANCE: {},
        SourceKind.CHANNEL: {"channel__name": source.name},
        SourceKind.ACCOUNT: {"account__name": source.name},
        SourceKind.PLAYLIST: {"playlist_elements__playlist__uuid": source.name},
        SourceKind.VIDEO: {"uuid": source.name},
        SourceKind.OWN: {"account__name": source.name},
    }
    return by_kind[SourceKind(source.kind)]
