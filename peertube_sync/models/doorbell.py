"""The doorbell: our actor, our follows, the keys and deliveries of instances that report changes, and what rang.

Nothing that an activity says is kept, only what it is about.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from peertube_sync.models.base import NAME, URL
from peertube_sync.models.instance import Instance
from peertube_sync.models.source import Source, SourceKind


class DoorbellActor(models.Model):
    """Our actor, as instances know it: one row at the most, made when the first instance is to be followed.

    `private_key` is encrypted (`sync/operations/vault.py`). `off_at`: a person took us out of service, and nobody is
    followed; `gone_at`: for good, so that the actor answers 410.
    """

    THE_ONE = 1

    public_key = models.TextField(editable=False)
    private_key = models.TextField(editable=False)
    made_at = models.DateTimeField(auto_now_add=True)
    off_at = models.DateTimeField(null=True, editable=False)
    gone_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return "doorbell"


class FollowState(models.TextChoices):
    """How a follow stands, by what was last said about it."""

    NEW = "new", _("to be asked")
    ASKED = "asked", _("asked, not answered yet")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected: nobody asks again")
    LOST = "lost", _("not answered any more: asked again")
    LEAVING = "leaving", _("wanted no more: about to be taken back")


class FollowQuerySet(models.QuerySet["Follow"]):
    """Follows by what can be relied on."""

    def proven(self) -> "FollowQuerySet":
        """Those that are accepted, and whose bell a whole walk has proven since then."""
        return self.filter(state=FollowState.ACCEPTED, proven_at__gte=models.F("accepted_at"))

    def of_source(self, source: Source) -> "FollowQuerySet":
        """Return the one of a source, if it is followed."""
        return self.filter(host=source.instance.host, kind=source.kind, name=source.name)


class Follow(models.Model):
    """A follow for a source, or one for a source that is gone: then an Undo is due.

    It names its host instead of an instance, since it outlives both; `follower` is the address of our actor, as it was
    when it was asked. `answered_at` is when its `Accept` last came,
    `next_at` when something is sent next, `failures` how often in a row that went wrong, with the `reason`.
    `proven_at` is when a whole walk that had begun after the acceptance last ended; `doubted_at` when something was
    last found that hadn't rung, or a heartbeat wasn't answered, as `doubt` says: see `sync/doorbell/trust.py`.
    """

    host = models.CharField(max_length=NAME, editable=False)
    scheme = models.CharField(max_length=5, default="https", editable=False)
    kind = models.CharField(max_length=10, choices=SourceKind, editable=False)
    name = models.CharField(max_length=NAME, blank=True, editable=False)
    follower = models.CharField(max_length=URL, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=FollowState, default=FollowState.NEW, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    rejected_at = models.DateTimeField(null=True, editable=False)
    lost_at = models.DateTimeField(null=True, editable=False)
    next_at = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    reason = models.TextField(blank=True, editable=False)
    proven_at = models.DateTimeField(null=True, editable=False)
    doubted_at = models.DateTimeField(null=True, editable=False)
    doubt = models.TextField(blank=True, editable=False)

    objects = FollowQuerySet.as_manager()

    class Meta:
        ordering = ("host", "kind", "name")
        constraints = (models.UniqueConstraint(fields=["host", "kind", "name"], name="follow_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}@{self.host}" if self.name else self.host

    @property
    def proven(self) -> bool:
        """Whether its bell is relied on, as `FollowQuerySet.proven` has it."""
        times = self.accepted_at, self.proven_at
        return self.state == FollowState.ACCEPTED and None not in times and self.proven_at >= self.accepted_at  # type: ignore[operator]


class RemoteKey(models.Model):
    """The public key of an `actor` (its address) of an instance, from its document.

    `asked_at` is when it was last asked for, well or not; `pem` is "" until it was read, `reason` says why the last
    request failed, "" if it didn't.
    """

    instance = models.ForeignKey(Instance, models.CASCADE, related_name="+", editable=False)
    actor = models.CharField(max_length=URL, unique=True, editable=False)
    pem = models.TextField(blank=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    fetched_at = models.DateTimeField(null=True, editable=False)
    failed_at = models.DateTimeField(null=True, editable=False)
    reason = models.TextField(blank=True, editable=False)

    def __str__(self) -> str:
        return self.actor


class RingKind(models.TextChoices):
    """Of what a ring tells that it changed, or is to be had: rows, and the keys that prove deliveries."""

    VIDEO = "video", _("video")
    PLAYLIST = "playlist", _("playlist")
    CHANNEL = "channel", _("channel")
    ACCOUNT = "account", _("account")
    KEY = "key", _("key of an actor")


class Ring(models.Model):
    """Something of an instance that is to be looked at because it rang: all rings of one thing are one row.

    `name` is a uuid, the name of an actor, or the address of one whose key is wanted. `rings` counts them: the worker
    remembers the number before it asks, and the row is `waiting` until an answer is written whose request began after
    the last ring. `missed_at`: a walk found a change that hadn't rung (yet).
    """

    instance = models.ForeignKey(Instance, models.CASCADE, related_name="rings", editable=False)
    kind = models.CharField(max_length=10, choices=RingKind, editable=False)
    name = models.CharField(max_length=URL, editable=False)
    rings = models.PositiveIntegerField(default=0, editable=False)
    rung_at = models.DateTimeField(null=True, editable=False)
    waiting = models.BooleanField(default=False, editable=False)
    missed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["instance", "kind", "name"], name="ring_once"),)
        indexes = (
            models.Index(fields=["instance", "-rung_at"], name="ring_waiting", condition=models.Q(waiting=True)),
            models.Index(fields=["instance"], name="ring_missed", condition=models.Q(missed_at__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Delivery(models.Model):
    """A signature that was heard, by its SHA-256, until its date is too old to be taken again: a replay is known by it.

    While the key that proves it is wanted, `key` is set, `proof` is the signature (base64) of what was `signed`, and
    `about` says what rang, or which answer it was.
    """

    digest = models.CharField(max_length=64, primary_key=True, editable=False)
    valid_until = models.DateTimeField(editable=False)
    key = models.ForeignKey(RemoteKey, models.CASCADE, null=True, related_name="deliveries", editable=False)
    signed = models.TextField(blank=True, editable=False)
    proof = models.TextField(blank=True, editable=False)
    about = models.JSONField(default=dict, editable=False)

    class Meta:
        indexes = (models.Index(fields=["valid_until"], name="delivery_old"),)

    def __str__(self) -> str:
        return self.digest
