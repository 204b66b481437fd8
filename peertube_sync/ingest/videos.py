"""Pages of a video list into rows: accounts, channels and videos, in that order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone
from msgspec import UNSET

from peertube_sync.client.types import Labelled, Language, VideoFacts, VideoItem
from peertube_sync.ingest.actors import PRESENT, KnownActors, ingest_account_summaries, ingest_channel_summaries
from peertube_sync.ingest.links import link_elements
from peertube_sync.ingest.partial import Pictures
from peertube_sync.ingest.twins import upsert_by_uuid
from peertube_sync.ingest.upsert import Written
from peertube_sync.models import PUBLIC, Instance, Reason, Video
from peertube_sync.models.base import Row

OURS = frozenset({"missing_since", "scrubbed_at"})
"""Columns of our own whose change is no news of the video."""
CHEAP = frozenset({"views", "viewers", "likes", "dislikes", "comments", "downloads"})
COUNTERS = CHEAP | {"updated_at"} | OURS
DOUBT = timedelta(days=1)


@dataclass
class Ingested:
    """What a page came to: uuids by outcome, for updated ones the names of what changed, and all primary keys.

    `restored` are shown again. `private` are those of all that aren't public; `withdrawn` were until now.
    """

    created: set[UUID] = field(default_factory=set)
    updated: dict[UUID, frozenset[str]] = field(default_factory=dict)
    restored: set[UUID] = field(default_factory=set)
    unchanged: set[UUID] = field(default_factory=set)
    private: set[UUID] = field(default_factory=set)
    withdrawn: set[UUID] = field(default_factory=set)
    pks: dict[UUID, int] = field(default_factory=dict)

    @classmethod
    def of(cls, written: Written[UUID], private: set[UUID]) -> "Ingested":
        """Sort what was written; a tombstone that came back is restored, as is what is public (again)."""
        gone = {uuid for uuid, change in written.updated.items() if change.before["removed_at"]}
        hidden = {uuid for uuid, change in written.updated.items() if change.before["privacy_id"] != PUBLIC}
        restored = gone | (hidden - private)
        changed = {uuid: change.names - OURS for uuid, change in written.updated.items() if uuid not in restored}
        updated = {uuid: names for uuid, names in changed.items() if names}
        return cls(
            created=set(written.created),
            updated=updated,
            restored=restored,
            unchanged={*written.unchanged, *(changed.keys() - updated.keys())},
            private=private,
            withdrawn=(written.updated.keys() & private) - gone - hidden,
            pks=written.pks,
        )

    @property
    def news(self) -> bool:
        """Whether anything was unknown or gone before."""
        return bool(self.created or self.restored)


def ingest_videos(instance: Instance, items: Sequence[VideoItem], known: KnownActors) -> Ingested:
    """Write one page of list items; what only details know is left alone.

    The same uuid twice counts once, the later item wins. Actors that are `known` aren't looked at again.
    """
    unique = {item.uuid: item for item in items}
    accounts, channels = ingest_actors_of(instance, unique.values(), known)
    rows = {
        uuid: list_row(item, accounts[item.account.name], channels[item.channel.name]) for uuid, item in unique.items()
    }
    written = upsert_by_uuid(
        Video,
        instance,
        rows,
        also=partial(_when_details_are_due, timezone.now()),
        extra_columns=("details_due_at",),
        unknown=partial(unknown_facts, instance),
    )
    link_elements(instance, written.created)
    return Ingested.of(written, not_public(unique.values()))


def not_public(videos: Iterable[VideoFacts]) -> set[UUID]:
    """Return the uuids of those of `videos` that aren't public."""
    return {video.uuid for video in videos if video.privacy_id != PUBLIC}


def ingest_actors_of(
    instance: Instance, items: Iterable[VideoItem], known: KnownActors
) -> tuple[dict[str, int], dict[str, int]]:
    """Write the accounts, then the channels of `items`; returns their primary keys by name."""
    items = list(items)
    public_items = [item for item in items if item.privacy_id == PUBLIC]
    public = {item.account.name for item in public_items}
    accounts = ingest_account_summaries(instance, [item.account for item in items], known, public)
    owners = {item.channel.name: accounts[item.account.name] for item in items}
    by_name = {item.channel.name: item.channel for item in items}
    channels = ingest_channel_summaries(instance, by_name, owners, known, {item.channel.name for item in public_items})
    return accounts, channels


def shared_columns(video: VideoFacts) -> dict[str, object]:
    """Return the columns that list items and details fill alike."""
    plain = {name: getattr(video, name) for name in PLAIN}
    return {
        "remote_id": video.id,
        **plain,
        **labelled("category", video.category),
        **labelled("licence", video.licence),
        **labelled("language", video.language),
        **labelled("privacy", video.privacy),
        "thumbnails": Pictures.of_answer(video.thumbnails),
        **PRESENT,
        "missing_since": None,
    }


UNTITLED = "Untitled"
"""The title of a video or playlist whose own has never been readable."""


def unknown_facts(instance: Instance, uuid: UUID, row: Row) -> Row:
    """Return what stands in a new row of `instance` for what its first answer doesn't tell, or can't be read of it."""
    at = next(row[name] for name in ("created_at", "published_at", "updated_at") if row[name] is not UNSET)
    times = dict.fromkeys(("created_at", "published_at", "updated_at"), at)
    return {**times, "url": f"{instance.url}/videos/watch/{uuid}", "name": UNTITLED}


def judged_facts(instance: Instance, video: VideoFacts) -> dict[str, object]:
    """Return what rules judge by: the facts, where they are unknown as a new row would have them."""
    columns = shared_columns(video)
    defaults: dict[str, Any] = {"language_id": None, "category_id": None, "nsfw": False, "duration": 0}
    known = {name: value for name, value in columns.items() if value is not UNSET}
    return {**defaults, **unknown_facts(instance, video.uuid, columns), **known}


PLAIN = (
    "url",
    "name",
    "nsfw",
    "nsfw_flags",
    "nsfw_summary",
    "is_live",
    "live_schedules",
    "duration",
    "aspect_ratio",
    "views",
    "viewers",
    "likes",
    "dislikes",
    "comments",
    "downloads",
    "thumbnail_path",
    "preview_path",
    "embed_path",
    "created_at",
    "updated_at",
    "published_at",
    "originally_published_at",
    "plugin_data",
)


def labelled(name: str, value: Labelled | Language | msgspec.UnsetType | None) -> dict[str, object]:
    """Return `{id, label}` as the two columns `name_id` and `name_label`."""
    if value is UNSET:
        return {f"{name}_id": UNSET, f"{name}_label": UNSET}
    return {f"{name}_id": value and value.id, f"{name}_label": value and value.label}


def list_row(item: VideoItem, account: object, channel: object) -> dict[str, object]:
    """Return the columns that a list item fills, with the keys of its two actors."""
    return {
        **shared_columns(item),
        "delisted_at": None,
        "truncated_description": item.summary,
        "account_id": account,
        "channel_id": channel,
    }


def _when_details_are_due(now: datetime, _uuid: UUID, before: Row | None, changed: frozenset[str]) -> Row:
    """Details are due at once for a new video and for one whose listed facts changed, counters apart.

    `updatedAt` moves with an edit that lists don't show (tags), but with every view and like too: alone it
    means an edit, together with a counter it is doubtful and waits for a day, so that a thousand views
    cost one question. A row that was only out of scope here comes back with what it had; where it was
    edited, in doubt or not, its tags have to be known before it is judged again.
    """
    if before and before["removed_reason"] == Reason.OUT_OF_SCOPE:
        edited = changed - OURS - {"removed_at", "removed_reason"}
        return {"details_due_at": now if edited - CHEAP else before["details_due_at"]}
    if before is None or changed - COUNTERS or changed == {"updated_at"}:
        return {"details_due_at": now}
    doubtful = now + DOUBT if "updated_at" in changed else None
    return {"details_due_at": before["details_due_at"] or doubtful}
