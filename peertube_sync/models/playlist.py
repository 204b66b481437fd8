"""Playlists and their elements."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext

from peertube_sync.client.short_uuid import shorten
from peertube_sync.models.actors import Account, Channel
from peertube_sync.models.base import FIRST, NAME, PUBLIC, TAKEN_BACK, URL, Tombstone
from peertube_sync.models.instance import Instance
from peertube_sync.models.leaving import stays
from peertube_sync.models.reading import playlist_address
from peertube_sync.models.video import Video


class PlaylistQuerySet(models.QuerySet["Playlist"]):
    """Playlists by what may be shown."""

    def available(self) -> "PlaylistQuerySet":
        """Public ones that are still there, and no doubles."""
        return self.filter(stays(), removed_at__isnull=True, privacy_id=PUBLIC, double=False)

    def taken_back(self) -> "PlaylistQuerySet":
        """Those that would be available if their source had not deleted or withdrawn them."""
        return self.filter(stays(), TAKEN_BACK, privacy_id=PUBLIC, double=False)


class Playlist(Tombstone):
    """A playlist of an instance's own.

    `elements_due_at` is when its elements are read next. `double`: another instance's row with the same uuid came
    first, as of videos.
    """

    is_local = True

    # Their indexes are among those of Meta, with a second column.
    instance = models.ForeignKey(Instance, models.CASCADE, related_name="playlists", db_index=False, editable=False)
    owner_account = models.ForeignKey(Account, models.CASCADE, related_name="playlists", db_index=False, editable=False)
    video_channel = models.ForeignKey(
        Channel, models.SET_NULL, null=True, related_name="playlists", db_index=False, editable=False
    )
    remote_id = models.BigIntegerField(null=True, editable=False)
    uuid = models.UUIDField(editable=False)
    url = models.CharField(max_length=URL, editable=False)
    display_name = models.CharField(max_length=NAME, editable=False)
    description = models.TextField(null=True, editable=False)  # noqa: DJ001 - as published
    privacy_id = models.IntegerField(null=True, default=PUBLIC, editable=False)
    privacy_label = models.CharField(max_length=NAME, null=True, editable=False)  # noqa: DJ001 - as published
    type_id = models.IntegerField(null=True, editable=False)
    type_label = models.CharField(max_length=NAME, null=True, editable=False)  # noqa: DJ001 - as published
    thumbnail_path = models.CharField(max_length=URL, null=True, editable=False)  # noqa: DJ001 - as published
    thumbnails = models.JSONField(default=list, editable=False)
    embed_path = models.CharField(max_length=URL, null=True, editable=False)  # noqa: DJ001 - as published
    videos_length = models.BigIntegerField(null=True, editable=False)
    video_channel_position = models.IntegerField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    double = models.BooleanField(default=False, editable=False)
    elements_fetched_at = models.DateTimeField(null=True, editable=False)
    elements_due_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar = PlaylistQuerySet.as_manager()

    class Meta:
        ordering = ("-updated_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["instance", "uuid"], name="playlist_once"),
            models.UniqueConstraint(fields=["uuid"], name="playlist_first", condition=FIRST),
        )
        indexes = (
            models.Index(fields=["uuid"], name="playlist_uuid"),
            models.Index(fields=["-updated_at", "-id"], name="playlist_newest"),  # lists, last changed first
            models.Index(fields=["-created_at", "-id"], name="playlist_by_age"),
            models.Index(fields=["instance", "-updated_at", "-id"], name="playlist_of_instance"),  # lists on its page
            models.Index(fields=["owner_account", "-updated_at", "-id"], name="playlist_of_account"),
            models.Index(fields=["video_channel", "-updated_at", "-id"], name="playlist_of_channel"),
            models.Index(fields=["instance", "elements_due_at"], name="playlist_due"),
        )

    def __str__(self) -> str:
        return self.display_name

    @property
    def short_uuid(self) -> str:
        """The uuid in PeerTube's short form."""
        return shorten(self.uuid)

    @property
    def watch_url(self) -> str:
        """Where people watch the playlist at its source."""
        return playlist_address(self.instance.scheme, self.instance.host, self.uuid)


class PlaylistElement(models.Model):
    """One place of a playlist, as last seen.

    A playlist may show unlisted or remote videos, which are no rows: then `video` is null, and `video_uuid`
    and `video_name` are all we keep. `type_id`: 0 regular, 1 deleted, 2 private, 3 unavailable.
    """

    playlist = models.ForeignKey(Playlist, models.CASCADE, related_name="elements", editable=False)
    video = models.ForeignKey(Video, models.SET_NULL, null=True, related_name="playlist_elements", editable=False)
    remote_id = models.BigIntegerField(editable=False)
    position = models.IntegerField(editable=False)
    start_timestamp = models.IntegerField(null=True, editable=False)
    stop_timestamp = models.IntegerField(null=True, editable=False)
    type_id = models.IntegerField(null=True, editable=False)
    video_uuid = models.UUIDField(null=True, editable=False)
    video_name = models.CharField(max_length=NAME, blank=True, editable=False)

    class Meta:
        ordering = ("playlist", "position", "pk")
        constraints = (models.UniqueConstraint(fields=["playlist", "remote_id"], name="element_once"),)
        indexes = (  # elements that wait for their video to be mirrored
            models.Index(fields=["video_uuid"], name="element_waiting", condition=models.Q(video=None)),
        )

    def __str__(self) -> str:
        return gettext("element %s") % self.position
