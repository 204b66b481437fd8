"""Answers held against the rows that mirror them, with nothing written: what an ingest would change.

The columns come from the same functions that ingest writes by, so "equal" has one meaning.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Model
from msgspec import UNSET

from peertube_sync.client.types import (
    ActorSummary,
    RemoteAccount,
    RemoteCaption,
    RemoteChannel,
    RemoteChapter,
    RemoteElement,
    RemotePlaylist,
    VideoDetails,
    VideoItem,
)
from peertube_sync.ingest.actors import account_row, channel_row, channel_summary_row, owner_key, summary_row
from peertube_sync.ingest.captions import caption_rows, chapter_rows
from peertube_sync.ingest.details import channel_of, details_row, stored_tag_names
from peertube_sync.ingest.playlists import element_row, playlist_row, rows_of
from peertube_sync.ingest.upsert import compare
from peertube_sync.ingest.videos import OURS, list_row
from peertube_sync.models import Account, Caption, Channel, Instance, Playlist, PlaylistElement, Video
from peertube_sync.models.base import Row

NO_NEWS = OURS | {"details_due_at", "removed_reason"}
"""Columns of our own that say nothing of the source; a reason goes with `removed_at`."""
VALUE = 200
"""Characters of a value that a difference shows."""


class DifferenceKind(StrEnum):
    """In which way the copy isn't its source."""

    MISSING = "missing"
    GHOST = "ghost"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Difference:
    """One difference.

    `what` is video, account, channel or playlist, `key` its uuid or name. Where it `differs`: the `field` (a
    column, or tags, captions, chapters, elements) with the values `held` and `published`. `reason` is in words.
    """

    kind: DifferenceKind
    what: str
    key: str
    field: str = ""
    held: Any = None
    published: Any = None
    reason: str = ""

    def __str__(self) -> str:
        subject = f"{self.what} {self.key}"
        if self.kind != DifferenceKind.DIFFERS:
            return f"{self.kind}: {subject}{self.reason and f' ({self.reason})'}"
        if self.reason:
            return f"{self.kind}: {subject} {self.field}: {self.reason}"
        return (
            f"{self.kind}: {subject} {self.field}: held {_shortened(self.held)}, published {_shortened(self.published)}"
        )

    def as_dict(self) -> dict[str, object]:
        """Return plain values, long ones cut."""
        held = published = None
        if self.kind == DifferenceKind.DIFFERS and not self.reason:
            held, published = _shortened(self.held), _shortened(self.published)
        return {**asdict(self), "held": held, "published": published}


def compare_items(instance: Instance, items: Sequence[VideoItem]) -> tuple[list[Difference], dict[UUID, str]]:
    """Return what differs between list items and their rows, and the items that have none: uuid → why, if known."""
    accounts = actor_keys(Account, instance, {item.account.name for item in items})
    channels = actor_keys(Channel, instance, {item.channel.name for item in items})
    rows = {item.uuid: list_row(item, accounts[item.account.name], channels[item.channel.name]) for item in items}
    there = compare(Video, rows, key="uuid", owner=owner_of(instance))
    absent = dict.fromkeys(rows.keys() - there.keys(), "")
    for uuid, changes in there.items():
        if "removed_at" in changes:
            reason = changes.get("removed_reason", ("no reason", ""))[0]
            absent[uuid] = f"held as a tombstone: {reason}"
    held = [item for item in items if item.uuid not in absent]
    differences = [
        *as_differences(Video, {uuid: changes for uuid, changes in there.items() if uuid not in absent}),
        *_compare_actors(
            instance,
            {item.account.name: summary_row(item.account) for item in held},
            {item.channel.name: channel_summary_row(item.channel, accounts[item.account.name]) for item in held},
        ),
    ]
    return differences, absent


def compare_details(instance: Instance, details: VideoDetails) -> list[Difference]:
    """Return what differs between a video's details and the row, its tags and its actors."""
    channel, key = channel_of(details), str(details.uuid)
    owners = {
        account.name: account
        for account in (details.account, channel.owner_account)
        if isinstance(account, RemoteAccount)
    }
    accounts = actor_keys(
        Account, instance, {account.name for account in (*owners.values(), channel.owner_account) if account}
    )
    channels = actor_keys(Channel, instance, {channel.name})
    row = details_row(details, accounts[details.account.name], channels[channel.name])
    links = Video.tags.through._default_manager.filter(video__instance=instance, video__uuid=details.uuid)
    tags = sorted(links.values_list("tag__name", flat=True))
    told_tags = tags if details.tags is UNSET else sorted(stored_tag_names(details.tags))
    return [
        *as_differences(Video, compare(Video, {details.uuid: row}, key="uuid", owner=owner_of(instance))),
        *_unless_equal(key, "tags", tags, told_tags),
        *_compare_actors(
            instance,
            {name: account_row(owner) for name, owner in owners.items()},
            {channel.name: channel_row(channel, owner_key(channel, accounts))},
        ),
    ]


def compare_captions(
    video: Video, captions: Sequence[RemoteCaption], chapters: Sequence[RemoteChapter]
) -> list[Difference]:
    """Return what differs between a video's captions and chapters, and the rows."""
    rows, key = caption_rows(captions), str(video.uuid)
    owner = {"video_id": video.pk}
    differences = [
        Difference(DifferenceKind.DIFFERS, "video", key, f"captions.{language}.{column}", held, published)
        for language, changes in compare(Caption, rows, key="language_id", owner=owner).items()
        for column, (held, published) in changes.items()
    ]
    languages = sorted(video.captions.values_list("language_id", flat=True))
    differences += _unless_equal(key, "captions", languages, sorted(rows))
    there = list(video.chapters.values_list("timecode", "title"))
    return [*differences, *_unless_equal(key, "chapters", there, chapter_rows(chapters))]


def _compare_actors(
    instance: Instance, accounts: Mapping[str, Row], channels: Mapping[str, Row]
) -> Iterator[Difference]:
    for model, rows in ((Account, accounts), (Channel, channels)):
        yield from as_differences(model, compare(model, rows, key="name", owner=owner_of(instance)))


def _unless_equal(key: str, field: str, held: object, published: object) -> list[Difference]:
    return [] if held == published else [Difference(DifferenceKind.DIFFERS, "video", key, field, held, published)]


def as_differences(
    model: type[Model], changes_by_key: Mapping[Any, Mapping[str, tuple[Any, Any]]]
) -> Iterator[Difference]:
    """Tell what `compare` found, except for columns that don't depend on the source."""
    what = model._meta.verbose_name or ""
    for key, changes in changes_by_key.items():
        for column, (held, published) in changes.items():
            if column not in NO_NEWS:
                field, values = _values_as_names(model, column, held, published)
                yield Difference(DifferenceKind.DIFFERS, str(what), str(key), field, *values)


def _values_as_names(model: type[Model], column: str, *values: Any) -> tuple[str, tuple[Any, ...]]:
    """Return a column and its values; the keys of actors as their names."""
    related: Any = model._meta.get_field(column).related_model
    if related is None:
        return column, values
    names = dict(
        related._default_manager.filter(pk__in=[v for v in values if isinstance(v, int)]).values_list("pk", "name")
    )
    return column.removesuffix("_id"), tuple(names.get(value, value) for value in values)


def actor_keys(model: type[Account | Channel], instance: Instance, names: Iterable[str]) -> dict[str, int | str]:
    """Return the primary keys of actors by name; for one that has no row its name, which equals no key."""
    names = list(names)
    there = model._default_manager.filter(instance=instance, name__in=names).order_by().values_list("name", "pk")
    return {**{name: name for name in names}, **dict(there)}


def owner_of(instance: Instance) -> Row:
    """Return what names the rows of `instance`."""
    return {"instance_id": instance.pk}


def _shortened(value: Any) -> str:
    text = repr(value) if isinstance(value, str | list | dict) else str(value)
    return text if len(text) <= VALUE else f"{text[:VALUE]}…"


def compare_channels(instance: Instance, channels: Sequence[RemoteChannel]) -> tuple[list[Difference], set[str]]:
    """Return what differs between full channels and their rows, and the names of those that have none."""
    owners = {channel.owner_account.name: channel.owner_account for channel in channels if channel.owner_account}
    accounts = actor_keys(Account, instance, owners)
    rows = {channel.name: channel_row(channel, owner_key(channel, accounts)) for channel in channels}
    there = compare(Channel, rows, key="name", owner=owner_of(instance))
    absent = {name for name in rows if "removed_at" in there.get(name, {"removed_at": 0})}
    differences = as_differences(Channel, {name: changes for name, changes in there.items() if name not in absent})
    full = {name: account_row(owner) for name, owner in owners.items() if isinstance(owner, RemoteAccount)}
    short = {name: summary_row(owner) for name, owner in owners.items() if name not in full}
    owned = (compare(Account, rows, key="name", owner=owner_of(instance)) for rows in (full, short))
    return [*differences, *chain.from_iterable(as_differences(Account, changes) for changes in owned)], absent


def compare_playlists(instance: Instance, playlists: Sequence[RemotePlaylist]) -> tuple[list[Difference], set[UUID]]:
    """Return what differs between playlists and their rows, and the uuids of those that have none."""
    accounts = actor_keys(Account, instance, {playlist.owner_account.name for playlist in playlists})
    owners = (playlist.video_channel for playlist in playlists)
    channels = actor_keys(Channel, instance, {channel.name for channel in owners if isinstance(channel, ActorSummary)})
    rows = {playlist.uuid: playlist_row(playlist, accounts, channels) for playlist in playlists}
    there = compare(Playlist, rows, key="uuid", owner=owner_of(instance))
    absent = {uuid for uuid in rows if "removed_at" in there.get(uuid, {"removed_at": 0})}
    return list(
        as_differences(Playlist, {uuid: changes for uuid, changes in there.items() if uuid not in absent})
    ), absent


def compare_elements(playlist: Playlist, elements: Sequence[RemoteElement]) -> list[Difference]:
    """Return how a complete reading of a playlist's elements differs from the rows: one difference at the most."""
    videos = rows_of(playlist, elements)
    published = {element.id: element_row(element, videos) for element in elements}
    columns = next(iter(published.values()), ELEMENT_COLUMNS)
    rows = PlaylistElement.objects.filter(playlist=playlist).values("remote_id", *columns)
    held = {row.pop("remote_id"): row for row in rows}
    for key, row in published.items():
        told_values = {column: value for column, value in row.items() if value is not UNSET}
        published[key] = {**held.get(key, {}), **told_values}
    if held == published:
        return []
    values = _positions_and_uuids(held.values()), _positions_and_uuids(published.values())
    return [Difference(DifferenceKind.DIFFERS, "playlist", str(playlist.uuid), "elements", *values)]


ELEMENT_COLUMNS = ("position", "video_uuid")


def _positions_and_uuids(elements: Iterable[Row]) -> list[tuple[int, str]]:
    """Return position and video of elements, in their order."""
    places = ((element["position"], str(element["video_uuid"] or "")) for element in elements)
    return sorted(places)
