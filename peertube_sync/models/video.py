"""Videos with their tags, captions and chapters."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.apps import apps
from django.db import connections, models
from django.db.models import Count, Q, Value

from peertube_sync.client.short_uuid import shorten
from peertube_sync.models.actors import Account, Channel
from peertube_sync.models.base import FIRST, NAME, PUBLIC, TAKEN_BACK, URL, Tombstone
from peertube_sync.models.instance import Instance
from peertube_sync.models.leaving import video_stays
from peertube_sync.models.reading import watch_address, widest
from peertube_sync.models.search import BACKENDS
from peertube_sync.models.source import Source, SourceKind, selection
from peertube_sync.models.words import parse_query

LONG = ("description", "support", "files", "streaming_playlists", "extra", "plugin_data")

LISTED = Q(removed_at__isnull=True, privacy_id=PUBLIC, delisted_at__isnull=True)
"""The videos that the lists of their own instance show."""
RARE = {
    "nsfw": Q(nsfw=True),
    "removed": Q(removed_at__isnull=False),
    "delisted": Q(delisted_at__isnull=False),
    "double": Q(double=True),
}
"""Conditions that few videos fulfil; for each there is an index of only those."""


class Tag(models.Model):
    """A tag, spelt as its author did."""

    name = models.CharField(max_length=NAME, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class VideoQuerySet(models.QuerySet["Video"]):
    """Videos by what may be shown, and by what is to be done."""

    def available(self) -> "VideoQuerySet":
        """Those that are public, still there, not leaving, no doubles, and not hidden by this site."""
        return self._for_everybody().filter(removed_at__isnull=True)

    def taken_back(self) -> "VideoQuerySet":
        """Those that would be available if their source had not deleted or withdrawn them."""
        return self._for_everybody().filter(TAKEN_BACK)

    def listed(self) -> "VideoQuerySet":
        """Available ones that the instance shows in its own lists (an idle live isn't)."""
        return self.available().filter(delisted_at__isnull=True)

    def featured(self) -> "VideoQuerySet":
        """Those that the site singles out."""
        return self.filter(pk__in=_decided(featured=True))

    def public(self) -> "VideoQuerySet":
        """Those that everybody may see at their source, as far as is known; tombstones included."""
        return self.filter(privacy_id=PUBLIC)

    def private(self) -> "VideoQuerySet":
        """Those that aren't public: only their owner's token shows them."""
        return self.exclude(privacy_id=PUBLIC)

    def kept_back(self) -> "VideoQuerySet":
        """Those that aren't public and are still there: what users with `view_private_video` may see."""
        return self.private().filter(video_stays(), removed_at__isnull=True, double=False)

    def _for_everybody(self) -> "VideoQuerySet":
        held = self.public().filter(video_stays(), double=False)
        return held.exclude(pk__in=_decided(hidden=True))

    def of_source(self, source: Source) -> "VideoQuerySet":
        """Those that `source` selects, tombstones included."""
        rows = self.private() if source.kind == SourceKind.OWN else self.public()
        return rows.filter(instance=source.instance_id, **selection(source))

    def without_long_texts(self) -> "VideoQuerySet":
        """Leave what lists never show in the database."""
        return self.defer(*LONG)

    def search(self, text: str) -> "VideoQuerySet":
        """Those that `text` finds, annotated with their `relevance`, the greater the better.

        Words are to be found all, in names, tags, channels, accounts and texts; the last one may be a beginning.
        "Words in quotes" follow each other, `-word` is not to be there, `or` separates alternatives. Accents and
        upper case don't count. A text without any word finds nothing.
        """
        if query := parse_query(text):
            return BACKENDS[connections[self.db].vendor](self, query)  # type: ignore[no-any-return]
        return self.none().annotate(relevance=Value(0.0))

    def by_uuids(self, uuids: list[UUID]) -> "VideoQuerySet":
        return self.filter(uuid__in=uuids)


def _decided(**decision: bool) -> Any:
    """Return the keys of videos with a decision: few, so that a plan has them as a table, cheaper than a join."""
    return apps.get_model("peertube_sync", "Curation")._default_manager.filter(**decision).values("video")


class Video(Tombstone):
    """A video of an instance's own, as PeerTube publishes it.

    Names are PeerTube's in snake_case; times are the source's, except for those that say *seen, fetched, due, missing,
    delisted, removed, scrubbed*. Until `details_fetched_at`, what only details tell (description, tags, files, support,
    …) is null. A row with another `privacy_id` than PUBLIC was read with its owner's token, and is shown only to users
    with the permission `view_private_video`. `missing_since`: absent from the last sweep, the source not asked yet.
    `delisted_at`: public, but no longer in the instance's own lists. `double`: of another instance's row with the same
    uuid, which is shown or withheld in its place (`ingest/twins.py`). `files` and `streaming_playlists` are as
    published, in snake_case; `extra` holds what has no column.
    """

    is_local = True

    # Their indexes are among those of Meta, with a second column.
    instance = models.ForeignKey(Instance, models.CASCADE, related_name="videos", db_index=False, editable=False)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="videos", db_index=False, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="videos", db_index=False, editable=False)
    remote_id = models.BigIntegerField(null=True, editable=False)
    uuid = models.UUIDField(editable=False)
    url = models.CharField(max_length=URL, editable=False)
    name = models.CharField(max_length=NAME, editable=False)
    category_id = models.IntegerField(null=True, editable=False)
    category_label = models.CharField(max_length=NAME, null=True, editable=False)  # noqa: DJ001 - as published
    licence_id = models.IntegerField(null=True, editable=False)
    licence_label = models.CharField(max_length=NAME, null=True, editable=False)  # noqa: DJ001 - as published
    language_id = models.CharField(max_length=NAME, null=True, editable=False)  # noqa: DJ001 - as published
    language_label = models.CharField(max_length=NAME, null=True, editable=False)  # noqa: DJ001 - as published
    privacy_id = models.IntegerField(null=True, default=PUBLIC, editable=False)
    privacy_label = models.CharField(max_length=NAME, null=True, editable=False)  # noqa: DJ001 - as published
    nsfw = models.BooleanField(default=False, editable=False)
    nsfw_flags = models.IntegerField(default=0, editable=False)
    nsfw_summary = models.TextField(null=True, editable=False)  # noqa: DJ001 - as published
    truncated_description = models.TextField(null=True, editable=False)  # noqa: DJ001 - as published
    is_live = models.BooleanField(default=False, editable=False)
    live_schedules = models.JSONField(null=True, editable=False)
    duration = models.IntegerField(default=0, editable=False)
    aspect_ratio = models.FloatField(null=True, editable=False)
    views = models.BigIntegerField(default=0, editable=False)
    viewers = models.BigIntegerField(null=True, editable=False)
    likes = models.BigIntegerField(default=0, editable=False)
    dislikes = models.BigIntegerField(default=0, editable=False)
    comments = models.BigIntegerField(null=True, editable=False)
    downloads = models.BigIntegerField(null=True, editable=False)
    thumbnail_path = models.CharField(max_length=URL, null=True, editable=False)  # noqa: DJ001 - as published
    preview_path = models.CharField(max_length=URL, null=True, editable=False)  # noqa: DJ001 - as published
    embed_path = models.CharField(max_length=URL, null=True, editable=False)  # noqa: DJ001 - as published
    thumbnails = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    published_at = models.DateTimeField(editable=False)
    originally_published_at = models.DateTimeField(null=True, editable=False)
    plugin_data = models.JSONField(null=True, editable=False)

    description = models.TextField(null=True, editable=False)  # noqa: DJ001 - as published
    support = models.TextField(null=True, editable=False)  # noqa: DJ001 - as published
    state_id = models.IntegerField(null=True, editable=False)
    state_label = models.CharField(max_length=NAME, null=True, editable=False)  # noqa: DJ001 - as published
    comments_policy_id = models.IntegerField(null=True, editable=False)
    comments_policy_label = models.CharField(max_length=NAME, null=True, editable=False)  # noqa: DJ001 - as published
    download_enabled = models.BooleanField(null=True, editable=False)
    wait_transcoding = models.BooleanField(null=True, editable=False)
    input_file_updated_at = models.DateTimeField(null=True, editable=False)
    files = models.JSONField(null=True, editable=False)
    streaming_playlists = models.JSONField(null=True, editable=False)
    extra = models.JSONField(default=dict, editable=False)
    tags = models.ManyToManyField(Tag, related_name="videos", editable=False)

    details_fetched_at = models.DateTimeField(null=True, editable=False)
    details_due_at = models.DateTimeField(null=True, editable=False)
    captions_fetched_at = models.DateTimeField(null=True, editable=False)
    captions_due_at = models.DateTimeField(null=True, editable=False)
    missing_since = models.DateTimeField(null=True, editable=False)
    double = models.BooleanField(default=False, editable=False)
    delisted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar = VideoQuerySet.as_manager()

    class Meta:
        ordering = ("-published_at", "-pk")
        permissions = (("view_private_video", "Can view videos that aren't public"),)
        constraints = (
            models.UniqueConstraint(fields=["instance", "uuid"], name="video_once"),
            models.UniqueConstraint(fields=["uuid"], name="video_first", condition=FIRST),
        )
        indexes = (
            models.Index(fields=["uuid"], name="video_uuid"),  # look-up by uuid or by address, which holds it
            models.Index(fields=["-published_at", "-id"], name="video_newest"),  # lists, newest first
            models.Index(  # the newest of what is listed, and how many are safe, without a look at the rows
                fields=["-published_at", "-id", "nsfw", "instance"],
                name="video_listed",
                condition=LISTED & Q(double=False),
            ),
            models.Index(fields=["-views", "-id"], name="video_most_viewed"),  # the same by other orderings
            models.Index(fields=["-likes", "-id"], name="video_most_liked"),
            models.Index(fields=["duration", "id"], name="video_shortest"),
            models.Index(fields=["name", "id"], name="video_by_name"),
            models.Index(  # live now; with the columns of video_listed, as SQLite would choose that one otherwise
                fields=["-published_at", "-id", "nsfw", "instance"], name="video_live", condition=Q(is_live=True)
            ),
            models.Index(fields=["instance", "-published_at"], name="video_of_instance"),  # the rhythm of a source
            models.Index(  # how many are listed of an instance, without a look at the rows
                fields=["instance", "double", "nsfw", "id"], name="video_number_of_instance", condition=LISTED
            ),
            models.Index(fields=["language_id", "-published_at", "-id"], name="video_of_language"),  # some are rare
            models.Index(fields=["channel", "-published_at"], name="video_of_channel"),
            models.Index(fields=["account", "-published_at"], name="video_of_account"),
            models.Index(fields=["instance", "created_at"], name="video_sweep"),  # the merge join of a sweep
            models.Index(
                fields=["instance", "details_due_at"],
                name="video_details_due",
                condition=Q(details_due_at__isnull=False),
            ),
            models.Index(
                fields=["instance", "captions_due_at"],
                name="video_captions_due",
                condition=Q(captions_due_at__isnull=False),
            ),
            models.Index(fields=["instance"], name="video_private", condition=~Q(privacy_id=PUBLIC)),
            models.Index(fields=["instance"], name="video_missing", condition=Q(missing_since__isnull=False)),
            *(  # what is rare, newest first: without these, whoever looks for it in the admin walks through all rows
                models.Index(fields=["-published_at", "-id"], name=f"video_{name}", condition=condition)
                for name, condition in RARE.items()
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def short_uuid(self) -> str:
        """The uuid in PeerTube's short form."""
        return shorten(self.uuid)

    @property
    def watch_url(self) -> str:
        """Where people watch the video at its source (PeerTube 3.3 on)."""
        return watch_address(self.instance.scheme, self.instance.host, self.uuid)

    @property
    def thumbnail_url(self) -> str:
        """The thumbnail at its source: the widest of `thumbnails` (8.1 on), else `thumbnail_path`; "" once removed."""
        if self.removed_at:
            return ""
        return widest(self.instance.scheme, self.instance.host, self.thumbnail_path, self.thumbnails)


def having_all(tags: Sequence[int]) -> Any:
    """Return the keys of videos that have all of `tags`, each given once, by key."""
    links: Any = Video.tags.through._default_manager.filter(tag__in=tags).order_by().values("video")
    return links.annotate(number=Count("tag")).filter(number=len(tags)).values("video")


class Caption(models.Model):
    """A caption file of a video; `caption_path` to PeerTube 7.x, `file_url` from 7.1."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="captions", editable=False)
    language_id = models.CharField(max_length=NAME, editable=False)
    language_label = models.CharField(max_length=NAME, null=True, editable=False)  # noqa: DJ001 - as published
    caption_path = models.CharField(max_length=URL, null=True, editable=False)  # noqa: DJ001 - as published
    file_url = models.CharField(max_length=URL, null=True, editable=False)  # noqa: DJ001 - as published
    m3u8_url = models.CharField(max_length=URL, null=True, editable=False)  # noqa: DJ001 - as published
    automatically_generated = models.BooleanField(null=True, editable=False)
    updated_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("video", "language_id")
        constraints = (models.UniqueConstraint(fields=["video", "language_id"], name="caption_once"),)

    def __str__(self) -> str:
        return self.language_label or self.language_id


class Transcript(models.Model):
    """The lines of a caption file as the search needs them.

    `text` has a line per caption, `starts` the second at which each begins, `folded` their words as the search
    compares them. `path` (a whole address where the file isn't on its instance) and `updated_at` tell which file was
    read; one that couldn't be has no lines.
    """

    caption = models.OneToOneField(Caption, models.CASCADE, primary_key=True, related_name="transcript", editable=False)
    video = models.ForeignKey(Video, models.CASCADE, related_name="transcripts", editable=False)
    path = models.CharField(max_length=URL, editable=False)
    updated_at = models.DateTimeField(null=True, editable=False)
    starts = models.JSONField(editable=False)
    text = models.TextField(editable=False)
    folded = models.TextField(editable=False)

    def __str__(self) -> str:
        return f"transcript {self.pk}"


class Chapter(models.Model):
    """A chapter of a video; `timecode` in seconds."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="chapters", editable=False)
    timecode = models.IntegerField(editable=False)
    title = models.CharField(max_length=NAME, editable=False)

    class Meta:
        ordering = ("video", "timecode", "pk")

    def __str__(self) -> str:
        return self.title
