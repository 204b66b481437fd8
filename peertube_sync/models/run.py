"""The records of work done, and of items that could not be read."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peertube_sync.models.base import NAME
from peertube_sync.models.instance import Instance
from peertube_sync.models.source import Source


class RunKind(models.TextChoices):
    REFRESH = "refresh", _("instance")
    HEAD = "head", _("head poll")
    SWEEP = "sweep", _("sweep")
    REMOVAL = "removal", _("missing videos")
    DETAILS = "details", _("details")
    ACTORS = "actors", _("channels and accounts")
    PLAYLISTS = "playlists", _("playlists")
    CAPTIONS = "captions", _("captions and chapters")
    AUDIT = "audit", _("audit")
    SCOPE = "scope", _("out of scope")
    RINGS = "rings", _("videos that rang")


class RunState(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class SyncRun(models.Model):
    """One head poll, sweep, or pass of details: what it wrote, and what it cost the source.

    A sweep outlives a slice: its `cursor` says where it goes on. `removed` became tombstones, for whatever
    reason; `restored` were some and are no longer. `excluded` items broke a rule of the source; `skipped` ones could
    not be read, `odd_fields` of others neither.
    `waited_seconds` is time spent on the rate budget. `result` is what else there is to tell: how many details were
    `fetched`, what an audit came to (which writes nothing, so its other counts stay 0).
    """

    instance = models.ForeignKey(Instance, models.CASCADE, related_name="runs", editable=False)
    source = models.ForeignKey(Source, models.CASCADE, null=True, related_name="runs", editable=False)
    kind = models.CharField(max_length=10, choices=RunKind, editable=False)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING, editable=False)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, editable=False)
    created = models.PositiveIntegerField(default=0, editable=False)
    updated = models.PositiveIntegerField(default=0, editable=False)
    unchanged = models.PositiveIntegerField(default=0, editable=False)
    restored = models.PositiveIntegerField(default=0, editable=False)
    removed = models.PositiveIntegerField(default=0, editable=False)
    excluded = models.PositiveIntegerField(default=0, editable=False)
    skipped = models.PositiveIntegerField(default=0, editable=False)
    odd_fields = models.PositiveIntegerField(default=0, editable=False)
    requests = models.PositiveIntegerField(default=0, editable=False)
    rate_limited = models.PositiveIntegerField(default=0, editable=False)
    waited_seconds = models.FloatField(default=0.0, editable=False)
    cursor = models.JSONField(default=dict, editable=False)
    error = models.TextField(blank=True, editable=False)
    result = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        ordering = ("-started_at", "-pk")
        verbose_name = "sync run"
        indexes = (
            models.Index(fields=["-started_at", "-id"], name="run_newest"),  # the history in the admin
            models.Index(fields=["kind", "-started_at", "-id"], name="run_of_kind"),
            models.Index(fields=["-started_at", "-id"], name="run_not_done", condition=~Q(state="done")),
            models.Index(fields=["source", "kind"], name="run_open", condition=Q(state="running")),
        )

    def __str__(self) -> str:
        of = {"kind": self.get_kind_display(), "source": self.source or self.instance}
        return gettext("%(kind)s of %(source)s") % of


SKIPPED: dict[str, object] = {
    "video": _("video"),
    "channel": _("channel"),
    "playlist": _("playlist"),
    "elements": _("playlist elements"),
    "details": _("details"),
    "caption": _("caption"),
    "captions": _("captions"),
}
"""Kinds of items that a sync skips."""


class SkippedItem(models.Model):
    """What an instance published and could not be read: why, and how it came.

    `kind` says what it is: an item ("video", "playlist", …), or some fields of one that was taken without them ("video
    field", …). `key` is its uuid where that could be read, else a digest of `raw`. Gone when it is read well.
    """

    instance = models.ForeignKey(Instance, models.CASCADE, related_name="skipped_items", editable=False)
    kind = models.CharField(max_length=20, editable=False)
    key = models.CharField(max_length=NAME, editable=False)
    reason = models.TextField(editable=False)
    raw = models.TextField(editable=False)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-last_seen_at", "-pk")
        constraints = (models.UniqueConstraint(fields=["instance", "kind", "key"], name="skipped_once"),)
        indexes = (models.Index(fields=["instance", "-last_seen_at", "-id"], name="skipped_newest"),)  # what is kept

    def __str__(self) -> str:
        return f"{self.kind_name} {self.key}"

    @property
    def kind_name(self) -> str:
        """What to call its kind: one that is none of SKIPPED as it is."""
        return str(SKIPPED.get(self.kind, self.kind))
