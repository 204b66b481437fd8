"""One PeerTube server, its own facts, and the lease of the process that works on it."""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from peertube_sync.models.base import NAME


class InstanceState(models.TextChoices):
    """The result of the last contact with an instance."""

    NEW = "new", _("not asked yet")
    OK = "ok", _("answers")
    WAITING = "waiting", _("waits for its rate limit")
    BUDGET_LOST = "budget_lost", _("is not asked: the rate budget is out of reach")
    RATE_LIMITED = "rate_limited", _("told us to slow down")
    DNS = "dns", _("has no address")
    TLS = "tls", _("has no valid certificate")
    CONNECTION_REFUSED = "connection_refused", _("refuses connections")
    TIMEOUT = "timeout", _("does not answer in time")
    UNREACHABLE = "unreachable", _("breaks connections off")
    SERVER_ERROR = "server_error", _("fails on its side")
    BOT_CHECK = "bot_check", _("keeps robots out")
    MALFORMED = "malformed", _("gives odd answers")
    REFUSED = "refused", _("refuses us")
    DISALLOWED = "disallowed", _("disallowed by its robots.txt")
    MOVED = "moved", _("moved to another host")
    NOT_PEERTUBE = "not_peertube", _("runs another software")
    FORBIDDEN = "forbidden", _("on a private network")
    ERROR = "error", _("error")


WELL = frozenset({InstanceState.NEW, InstanceState.OK, InstanceState.WAITING})
"""The states in which nothing is wrong."""


class NamedHow(models.TextChoices):
    """How an instance named another host as its home."""

    REDIRECT = "redirect", _("redirects there")
    NAME = "name", _("calls itself so")


AVATARS = {"avatars": models.F("config__instance__avatars")}
"""What fills `Instance.avatars` from the row itself."""


class InstanceQuerySet(models.QuerySet["Instance"]):
    """Instances by what is wanted of them, and by what is to be done with them."""

    def mirrored(self) -> "InstanceQuerySet":
        """Those of which a source wants something, paused or not: all others are neither shown nor asked."""
        sources = apps.get_model("peertube_sync", "Source")._default_manager.filter(instance=models.OuterRef("pk"))
        return self.filter(models.Exists(sources))

    def with_avatars(self) -> "InstanceQuerySet":
        """Let the database read `avatars` out of each config, so that the long rest of it stays there."""
        return self.defer("config").annotate(**AVATARS)

    def troubled(self) -> "InstanceQuerySet":
        """Those with a source that is worked on and can't be brought up to date, or whose last contact failed."""
        sources = apps.get_model("peertube_sync", "Source")._default_manager.filter(instance=models.OuterRef("pk"))
        return self.filter(models.Exists(sources.troubled()))

    def at_host(self, host: str, **columns: Any) -> "Instance":
        """Return the instance at `host`, made with `columns` where there is none; then no other one had that host."""
        instance, new = self.get_or_create(host=host, defaults=columns)
        if new:
            FormerHost.objects.filter(host=host).delete()
        return instance

    def due(self) -> "InstanceQuerySet":
        """Those with work due and nobody at it, the longest waiting first; leases go by the database's clock.

        Where something rang, there is work, unless the instance failed: then it is left alone for as long as that says.
        """
        rings = apps.get_model("peertube_sync", "Ring")._default_manager.filter(waiting=True)
        free = models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=Now())
        rung = models.Q(pk__in=rings.values("instance"), state=InstanceState.OK, next_due_at__isnull=False)
        first = rings.filter(instance=models.OuterRef("pk")).order_by("rung_at").values("rung_at")[:1]
        due = self.filter(free, models.Q(next_due_at__lte=timezone.now()) | rung)
        return due.order_by(Coalesce(models.Subquery(first), "next_due_at"), "pk")


class Instance(models.Model):
    """A PeerTube server.

    `host` is normalised (lower case, IDNA, port only where not default). `config`, `about`, `stats` and
    `constants` hold the server's answers as published. `losses_accepted`: a person said that what is missing,
    however much, may go. `failing_since`: no contact was good since then. `robots` is the text of its robots.txt.
    `pictures_due_at` is when pictures of its rows are asked for next, null where none are missing.
    `caption_files`: caption files were wanted too when captions were last looked at.
    `audited_at` and `audit_differences` are of the last complete audit; `audit_due_at` is when one that a person
    asked for begins, null where nobody did. `lease_token` and
    `lease_until` belong to the one process that may write this instance's rows.

    `named_home` is another host that it last named as its home, `named_home_how`, at `named_home_at`; "" since it
    answers at `host` itself. `twin_of` is an instance that was here before and had videos of the same uuids when last
    looked. Neither proves anything: whoever holds an expired domain can redirect, and anybody can publish
    another's uuids. A person decides (`peertube_move`).
    """

    host = models.CharField(max_length=NAME, unique=True)
    scheme = models.CharField(max_length=5, default="https", editable=False)
    version = models.CharField(max_length=100, blank=True, editable=False)
    name = models.CharField(max_length=NAME, blank=True, editable=False)
    short_description = models.TextField(blank=True, editable=False)
    config = models.JSONField(default=dict, blank=True, editable=False)
    about = models.JSONField(default=dict, blank=True, editable=False)
    stats = models.JSONField(default=dict, blank=True, editable=False)
    constants = models.JSONField(default=dict, blank=True, editable=False)

    added_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=20, choices=InstanceState, default=InstanceState.NEW, editable=False)
    state_reason = models.TextField(blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    robots = models.TextField(blank=True, editable=False)
    robots_due_at = models.DateTimeField(null=True, blank=True, editable=False, db_default=Now())
    refreshed_at = models.DateTimeField(null=True, blank=True, editable=False)
    refresh_due_at = models.DateTimeField(null=True, blank=True, editable=False, db_default=Now())
    pictures_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False, db_default=Now())
    caption_files = models.BooleanField(default=False, editable=False)
    losses_accepted = models.BooleanField(default=False, editable=False)
    audited_at = models.DateTimeField(null=True, blank=True, editable=False)
    audit_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    audit_differences = models.PositiveIntegerField(null=True, blank=True, editable=False)
    named_home = models.CharField(max_length=NAME, blank=True, editable=False)
    named_home_how = models.CharField(max_length=10, choices=NamedHow, blank=True, editable=False)
    named_home_at = models.DateTimeField(null=True, blank=True, editable=False)
    twin_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="twins", editable=False)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InstanceQuerySet.as_manager()

    class Meta:
        ordering = ("host",)
        indexes = (models.Index(fields=["next_due_at"], name="instance_due"),)  # due()

    def __str__(self) -> str:
        return self.host

    @property
    def url(self) -> str:
        """The address of the instance's front page, without a slash at its end."""
        return f"{self.scheme}://{self.host}"

    @cached_property
    def avatars(self) -> object:
        """Its pictures as its config lists them, unchecked as they are; `with_avatars` reads them with the row."""
        return self._listed("avatars")

    @property
    def banners(self) -> object:
        """Its wide pictures as its config lists them, unchecked as they are."""
        return self._listed("banners")

    def _listed(self, name: str) -> object:
        own = self.config.get("instance") if isinstance(self.config, dict) else None
        return own.get(name) if isinstance(own, dict) else None


class FormerHost(models.Model):
    """A host that an instance had before a person moved it: addresses that were given out lead on to the present one.

    No instance has it as its `host`: an instance that is added there anew takes the name over.
    """

    host = models.CharField(max_length=NAME, unique=True, editable=False)
    instance = models.ForeignKey(Instance, models.CASCADE, related_name="former_hosts", editable=False)
    moved_at = models.DateTimeField(auto_now_add=True, editable=False)

    class Meta:
        ordering = ("host",)

    def __str__(self) -> str:
        return self.host
