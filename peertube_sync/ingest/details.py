"""Details of videos into their rows: tags, full description, files, support, and its actors in full."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec
from django.utils import timezone
from msgspec import UNSET, UnsetType

from peertube_sync.client.types import RemoteChannel, VideoDetails
from peertube_sync.ingest.actors import KnownActors, ingest_channels
from peertube_sync.ingest.links import link_elements
from peertube_sync.ingest.tags import set_tags
from peertube_sync.ingest.twins import upsert_by_uuid
from peertube_sync.ingest.upsert import compare
from peertube_sync.ingest.videos import Ingested, judged_facts, labelled, not_public, shared_columns, unknown_facts
from peertube_sync.models import Instance, Video
from peertube_sync.models.base import NAME, Row


def ingest_details(
    instance: Instance, answers: Sequence[VideoDetails], rotation: timedelta, known: KnownActors | None = None
) -> Ingested:
    """Write answers of `/videos/{id}`, each uuid once, all public or none; creates rows where there are none.

    Captions and chapters become due with the first details, which count as no update. Accounts, which details tell in
    full, are asked for by name a `rotation` later; actors that are `known` aren't looked at again.
    """
    private = not_public(answers)
    written = ingest_channels(
        instance,
        map(channel_of, answers),
        rotation,
        [answer.account for answer in answers],
        known=known,
        public=not private,
    )
    accounts, channels = (result.pks for result in written)
    rows = {
        answer.uuid: details_row(answer, accounts[answer.account.name], channels[answer.channel.name])
        for answer in answers
    }
    videos = upsert_by_uuid(
        Video,
        instance,
        rows,
        also=_stamps({answer.uuid: answer.published_at for answer in answers}, rotation),
        extra_columns=(*STAMPS, "delisted_at"),
        unknown=partial(unknown_facts, instance),
    )
    link_elements(instance, videos.created)
    pks = videos.pks
    tags_by_video = {pks[answer.uuid]: stored_tag_names(answer.tags) for answer in answers if answer.tags is not UNSET}
    first = {pks[uuid] for uuid, before in videos.there.items() if before["details_fetched_at"] is None}
    retagged = set_tags(tags_by_video, untagged=first.union(videos.created.values()))
    return _count_updates(Ingested.of(videos, private), retagged, first)


def channel_of(details: VideoDetails) -> RemoteChannel:
    """Return the channel as far as details tell: they show every one without its banners (observed on 6.3.0)."""
    return msgspec.structs.replace(details.channel, banners=UNSET, banner=UNSET)


def all_facts(instance: Instance, details: VideoDetails) -> dict[str, object]:
    """Return the facts by which the rules of a source judge a video; tags only where `details` tell them."""
    return {**judged_facts(instance, details), **({} if details.tags is UNSET else {"tags": details.tags})}


def stored_tag_names(names: Iterable[str]) -> set[str]:
    """Return the names of tags as rows hold them."""
    return {name[:NAME] for name in names}


def details_row(details: VideoDetails, account: object, channel: object) -> dict[str, object]:
    """Return the columns that details fill, with the keys of the two actors."""
    return {
        **shared_columns(details),
        "account_id": account,
        "channel_id": channel,
        "truncated_description": details.truncated_description,
        "description": details.description,
        "support": details.support,
        **labelled("state", details.state),
        **labelled("comments_policy", details.policy),
        "download_enabled": details.download_enabled,
        "wait_transcoding": details.wait_transcoding,
        "input_file_updated_at": details.input_file_updated_at,
        "files": details.files,
        "streaming_playlists": details.streaming_playlists,
        "extra": details.extra,
    }


def unwritten(instance: Instance, details: VideoDetails) -> dict[str, object]:
    """Return what `ingest_details` would change in the row of a video, and write nothing: by column, its actors apart.

    `tags` are names. Columns that stay as they are aren't named.
    """
    row = details_row(details, UNSET, UNSET)
    there = compare(Video, {details.uuid: row}, key="uuid", owner={"instance_id": instance.pk})
    values = {column: value for column, (_held, value) in there.get(details.uuid, {}).items()}
    tags = {} if details.tags is UNSET else {"tags": stored_tag_names(details.tags)}
    return {**values, **tags, "details_fetched_at": timezone.now()}


YOUNG = (timedelta(hours=1), timedelta(days=1))
"""Ages at which details are asked for again: transcoding goes on adding files to a young video."""


STAMPS = ("details_fetched_at", "details_due_at", "captions_due_at")


def _stamps(published: Mapping[UUID, datetime | UnsetType], rotation: timedelta) -> Callable[..., Row]:
    """Note that the details are there now, and when they are due again.

    No list tells of changes to a delisted video, so its details come round by themselves.
    """
    now = timezone.now()

    def stamps(uuid: UUID, before: Row | None, _changed: frozenset[str]) -> Row:
        at, due = published[uuid], None
        if not isinstance(at, UnsetType) and at <= now:
            due = next((at + age for age in YOUNG if at + age > now), None)
        if before and before["delisted_at"]:
            due = now + rotation
        captions = before and before["captions_due_at"]
        return {"details_fetched_at": now, "details_due_at": due, "captions_due_at": captions or now}

    return stamps


def _count_updates(ingested: Ingested, retagged: set[int], first: set[int]) -> Ingested:
    """Count other tags as an update, and the first details of a row that was there as nothing."""
    for uuid, pk in ingested.pks.items():
        if uuid in ingested.created or uuid in ingested.restored:
            continue
        if pk in first:
            ingested.unchanged.discard(uuid)
            ingested.updated.pop(uuid, None)
        elif pk in retagged:
            ingested.unchanged.discard(uuid)
            ingested.updated[uuid] = ingested.updated.get(uuid, frozenset()) | {"tags"}
    return ingested
