"""Details of videos into their rows: tags, full description, files, support, and its actors in full."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db.models.functions import Coalesce
from django.utils import timezone
from msgspec import UNSET, UnsetType

from peertube_sync.client.types import Channel, VideoDetails
from peertube_sync.ingest.actors import ingest_channels
from peertube_sync.ingest.links import link_elements
from peertube_sync.ingest.twins import upsert_by_uuid
from peertube_sync.ingest.videos import Ingested, facts, judged_facts, labelled, not_public, unknown_facts
from peertube_sync.models import Instance, Tag, Video
from peertube_sync.models.base import NAME


def ingest_details(instance: Instance, answers: Sequence[VideoDetails], rotation: timedelta) -> Ingested:
    """Write answers of `/videos/{id}`, each uuid once, all public or none; creates rows where there are none.

    Captions and chapters become due with the first details, which count as no update. Accounts, which details tell in
    full, are asked for by name a `rotation` later.
    """
    private = not_public(answers)
    written = ingest_channels(
        instance, map(channel_of, answers), rotation, [one.account for one in answers], public=not private
    )
    accounts, channels = (one.pks for one in written)
    rows = {one.uuid: details_row(one, accounts[one.account.name], channels[one.channel.name]) for one in answers}
    videos = upsert_by_uuid(Video, instance, rows, unknown=unknown_facts(instance))
    link_elements(instance, videos.created)
    pks = videos.pks
    retagged = _set_tags({pks[one.uuid]: tag_names(one.tags) for one in answers if one.tags is not UNSET})
    first = _stamp({pks[one.uuid]: one.published_at for one in answers})
    return _counted(Ingested.of(videos, private), retagged, first)


def channel_of(details: VideoDetails) -> Channel:
    """Return the channel as far as details tell: they show every one without its banners (observed on 6.3.0)."""
    return msgspec.structs.replace(details.channel, banners=UNSET, banner=UNSET)


def all_facts(instance: Instance, details: VideoDetails) -> dict[str, Any]:
    """Return what rules judge by."""
    return {**judged_facts(instance, details), **({} if details.tags is UNSET else {"tags": details.tags})}


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


def _stamp(published: Mapping[int, datetime | UnsetType]) -> set[int]:
    """Note that the details are there now, and when they are due again; returns whose are the first."""
    now = timezone.now()
    rows = Video.objects.filter(pk__in=published)
    first = set(rows.filter(details_fetched_at=None).values_list("pk", flat=True))
    rows.update(details_fetched_at=now, details_due_at=None, captions_due_at=Coalesce("captions_due_at", now))
    young = {pk: due for pk, at in published.items() if at is not UNSET and (due := _due_again(at, now))}
    Video.objects.bulk_update([Video(pk=pk, details_due_at=due) for pk, due in young.items()], ["details_due_at"])
    return first


def _due_again(published_at: datetime, now: datetime) -> datetime | None:
    if published_at > now:
        return None
    return next((published_at + age for age in YOUNG if published_at + age > now), None)


def _set_tags(wanted: Mapping[int, set[str]]) -> set[int]:
    """Make the tags of videos (by primary key) equal to `wanted`; returns those whose tags differed."""
    links = Video.tags.through._default_manager
    held: dict[tuple[int, str], int] = {
        (video, name): pk
        for video, name, pk in links.filter(video_id__in=wanted).values_list("video_id", "tag__name", "pk")
    }
    asked = {(video, name) for video, names in wanted.items() for name in names}
    lost, new = held.keys() - asked, asked - held.keys()
    if lost:
        links.filter(pk__in=[held[link] for link in lost]).delete()
    tags = _tags({name for _video, name in new})
    links.bulk_create([links.model(video_id=video, tag_id=tags[name]) for video, name in sorted(new)])
    return {video for video, _name in lost | new}


def _tags(names: set[str]) -> dict[str, int]:
    """Return the primary keys of the tags called `names`, made where they are new."""
    Tag.objects.bulk_create([Tag(name=name) for name in sorted(names)], ignore_conflicts=True)
    return dict(Tag.objects.filter(name__in=names).values_list("name", "pk"))


def _counted(ingested: Ingested, retagged: set[int], first: set[int]) -> Ingested:
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
