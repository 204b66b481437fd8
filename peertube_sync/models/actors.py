"""Accounts and channels: who publishes. Identity is (instance, name); only an instance's own are rows."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from peertube_sync.models.base import NAME, TAKEN_BACK, URL, Tombstone
from peertube_sync.models.instance import Instance
from peertube_sync.models.leaving import stays


class ActorQuerySet(models.QuerySet["Actor"]):
    """Actors by what may be shown."""

    def available(self) -> "ActorQuerySet":
        """Those that everybody may see: still there, and told of in public."""
        return self.filter(stays(), removed_at__isnull=True, private=False)

    def taken_back(self) -> "ActorQuerySet":
        """Those that would be available if their source had not deleted them."""
        return self.filter(stays(), TAKEN_BACK, private=False)


class Actor(Tombstone):
    """What accounts and channels have in common.

    `avatars` are by width, as published, in snake_case. What only the full answer tells (description,
    counts, times) is null until `details_fetched_at`. `private`: nothing but videos that aren't public has told of it
    so far, so it is shown to nobody and asked for by nobody.
    """

    instance = models.ForeignKey(Instance, models.CASCADE, editable=False)
    remote_id = models.BigIntegerField(null=True, editable=False)
    name = models.CharField(max_length=NAME, editable=False)
    display_name = models.CharField(max_length=NAME, editable=False)
    url = models.CharField(max_length=URL, editable=False)
    avatars = models.JSONField(default=list, editable=False)
    description = models.TextField(null=True, editable=False)  # noqa: DJ001 - PeerTube tells null from ""
    following_count = models.BigIntegerField(null=True, editable=False)
    followers_count = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(null=True, editable=False)
    extra = models.JSONField(default=dict, editable=False)
    private = models.BooleanField(default=False, editable=False)
    details_fetched_at = models.DateTimeField(null=True, editable=False)
    details_due_at = models.DateTimeField(null=True, editable=False, default=timezone.now)

    objects: ClassVar = ActorQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name}@{self.instance.host}"

    @property
    def host(self) -> str:
        return self.instance.host

    @property
    def handle(self) -> str:
        """`name@host`, as people write it."""
        return f"{self.name}@{self.instance.host}"


class Account(Actor):
    """A person or organisation on an instance."""

    class Meta:
        ordering = ("instance", "name")
        constraints = (models.UniqueConstraint(fields=["instance", "name"], name="account_once"),)
        indexes = (
            models.Index(fields=["instance", "details_due_at"], name="account_due"),
            models.Index(fields=["name", "id"], name="account_by_handle"),  # lists, sorted in each of these ways
            models.Index(fields=["display_name", "id"], name="account_by_name"),
            models.Index(fields=["-followers_count", "-id"], name="account_most_followed"),
            models.Index(Coalesce("created_at", "first_seen_at"), "id", name="account_by_age"),
        )


class Channel(Actor):
    """What videos are published in; owned by an account."""

    is_local = True

    support = models.TextField(null=True, editable=False)  # noqa: DJ001 - PeerTube tells null from ""
    banners = models.JSONField(default=list, editable=False)
    owner_account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="channels", editable=False)

    class Meta:
        ordering = ("instance", "name")
        constraints = (models.UniqueConstraint(fields=["instance", "name"], name="channel_once"),)
        indexes = (
            models.Index(fields=["instance", "details_due_at"], name="channel_due"),
            models.Index(fields=["name", "id"], name="channel_by_handle"),  # lists, sorted in each of these ways
            models.Index(fields=["display_name", "id"], name="channel_by_name"),
            models.Index(fields=["-followers_count", "-id"], name="channel_most_followed"),
            models.Index(Coalesce("created_at", "first_seen_at"), "id", name="channel_by_age"),
        )
