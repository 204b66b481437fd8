"""A video's details into its row: tags, full description, files, support, and its actors in full."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db.models.functions import Coalesce
from django.utils import timezone
from msgspec import UNSET, UnsetType

from peertube_sync.client.types import Channel, VideoDetails
from peertube_sync.ingest.actors import ingest_accounts, ingest_channels
from peertube_sync.ingest.links import link_elements
from peertube_sync.ingest.upsert import upsert
from peertube_sync.ingest.videos import Ingested, facts, labelled
from peertube_sync.models import Instance, Tag, Video
from peertube_sync.models.base import NAME


def ingest_details(instance: Instance, details: VideoDetails) -> Ingested:
    """Write one answer of `/videos/{id}`; creates the row where there is none.

    Captions and chapters become due with the first details, which count as no update.
    """
    accounts = ingest_accounts(instance, [details.account]).pks
    channels = ingest_channels(instance, [channel_of(details)]).pks
    row = details_row(details, accounts[details.account.name], channels[details.channel.name])
    written = upsert(Video, {details.uuid: row}, key="uuid", owner={"instance_id": instance.pk})
    link_elements(instance, written.created)
    pk = written.pks[details.uuid]
    retagged = _set_tags(pk, details.tags)
    if _stamp(pk, details.published_at):
        return Ingested(created=set(written.created), pks=written.pks)
    return _with_tags(Ingested.of(written), details.uuid, retagged)


def channel_of(details: VideoDetails) -> Channel:
    """Return the channel as far as details tell: they show every one without its banners (observed on 6.3.0)."""
    return msgspec.structs.replace(details.channel, banners=UNSET, banner=UNSET)


def all_facts(details: VideoDetails) -> dict[str, Any]:
    """Return what rules judge by."""
    return {**facts(details), **({} if details.tags is UNSET else {"tags": details.tags})}


def tag_names(names: Iterable[str]) -> set[str]:
    """Return the names of tags as rows hold them."""
    return {name[:NAME] for name in names}


def details_row(details: VideoDetails, account: object, channel: object) -> dict[str, Any]:
    """Return the columns that details fill, with the keys of the two actors."""
    return {
        **facts(details),
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


YOUNG = (timedelta(hours=1), timedelta(days=1))
"""Ages at which details are asked for again: transcoding goes on adding files to a young video."""


def _stamp(pk: int, published_at: datetime) -> bool:
    """Note that the details are there now, and when they are due again; returns whether they are the first."""
    now = timezone.now()
    again = (published_at + age for age in YOUNG)
    due = next((at for at in again if at > now), None) if published_at <= now else None
    row = Video.objects.filter(pk=pk)
    first = row.filter(details_fetched_at=None).exists()
    row.update(details_fetched_at=now, details_due_at=due, captions_due_at=Coalesce("captions_due_at", now))
    return first


def _set_tags(pk: int, names: list[str] | UnsetType) -> bool:
    """Make the tags of a video equal to `names`; returns whether they differed."""
    if names is UNSET:
        return False
    wanted = tag_names(names)
    links = Video.tags.through._default_manager
    there = dict(links.filter(video_id=pk).values_list("tag__name", "pk"))
    if there.keys() == wanted:
        return False
    links.filter(pk__in=[there[name] for name in there.keys() - wanted]).delete()
    links.bulk_create([links.model(video_id=pk, tag_id=tag) for tag in _tags(wanted - there.keys())])
    return True


def _tags(names: Iterable[str]) -> list[int]:
    """Return the primary keys of the tags called `names`, made where they are new."""
    names = sorted(names)
    Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=names).values_list("pk", flat=True))


def _with_tags(ingested: Ingested, uuid: UUID, retagged: bool) -> Ingested:  # noqa: FBT001 - a fact
    if retagged and uuid not in ingested.created | ingested.restored:
        ingested.unchanged.discard(uuid)
        ingested.updated[uuid] = ingested.updated.get(uuid, frozenset()) | {"tags"}
    return ingested
