"""One page of a video list, from the answer to rows: what is taken, what is refused, one transaction."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from peertube_sync.client.hosts import host_of
from peertube_sync.client.parse import Page, Unreadable
from peertube_sync.client.peertube import Scope
from peertube_sync.client.sanitise import one_line
from peertube_sync.client.types import RemotePlaylist, VideoDetails, VideoItem
from peertube_sync.ingest.videos import Ingested, ingest_videos, judged_facts
from peertube_sync.models import PUBLIC, Reason, Source, SyncRun, Video
from peertube_sync.models.rules import excluded_by
from peertube_sync.sync.announce import announce, announce_removed
from peertube_sync.sync.doorbell.silence import note_silent_videos
from peertube_sync.sync.operations.optout import opted_out
from peertube_sync.sync.scope import settle_scope
from peertube_sync.sync.walks.readability import Readability
from peertube_sync.sync.work import Work

V = TypeVar("V", VideoItem, VideoDetails)

SCOPES = ("instance", "channel", "account", "own")


def scope_of(source: Source) -> Scope:
    return Scope(source.kind, source.name)  # type: ignore[arg-type]  # only called for SCOPES


def require_home(work: Work, page: Page[VideoItem]) -> None:
    """Have the instance say its name again where all that `page` shows as its own is at home on one other host.

    Raises Moved where it goes by another name now. What it follows, and lists beside its own, tells nothing.
    """
    strangers = [work.client.stranger(item) for item in page.items if item.is_local is not False]
    if strangers and all(strangers) and len({host_of(address) for address in strangers}) == 1:
        work.confirm_peertube()


def commit_page(
    work: Work,
    run: SyncRun,
    source: Source | None,
    page: Page[VideoItem],
    also: Callable[[], Any] = lambda: None,
    *,
    reading: Readability | None = None,
) -> Ingested:
    """Write one page and `also` what goes with it (a cursor), all or nothing; by the rules of `source`, if any.

    `reading` is told how much of it could be read, and taken for what it is.
    What an owner's list shows as public is not this source's any more: where a row holds it, the removal looks closer.
    """
    apart = [item.uuid for item in page.items if work.owner_source and not work.covers(item)]
    taken, refused = split_allowed(work, page.items)
    if reading:
        followed = {str(item.uuid) for item in page.items if item.is_local is False}
        lost = [*page.unreadable, *(item for item in refused if item.uuid not in followed)]
        reading.add(page.start, len(page.items) - len(refused), lost)
    kept, wanted = split_by_rules(source, taken) if source else (taken, taken)
    with work.lease.transaction():
        ingested = ingest_videos(work.instance, wanted, work.actors)
        announce(ingested)
        note_silent_videos(work, source, ingested)
        work.skip(run, "video", page, refused)
        make_unclear_private(work, page.items)
        work.count(run, ingested)
        run.excluded += len(taken) - len(kept) + len(apart)
        if apart:
            work.rows.filter(uuid__in=apart, removed_at=None).update(missing_since=timezone.now())
        also()
        work.save(run)
    if source and source.rules and ingested.updated:
        settle_scope(work, run, [ingested.pks[uuid] for uuid in ingested.updated])
    return ingested


def make_unclear_private(work: Work, items: Iterable[VideoItem | VideoDetails]) -> None:
    """Show those videos to nobody whose privacy can't be read: they come back with the first answer that tells it."""
    unclear = [item.uuid for item in items if item.privacy_id is None]
    if unclear and (rows := list(work.rows.filter(uuid__in=unclear).values_list("pk", "uuid"))):
        Video.objects.filter(pk__in=[pk for pk, _uuid in rows]).update(privacy_id=None, privacy_label=None)
        announce_removed(rows, Reason.PRIVATE)


def split_allowed(work: Work, items: Iterable[V]) -> tuple[list[V], list[Unreadable]]:
    """Return the `items` that may become rows, and those that may not; of who has opted out, neither."""
    taken: list[V] = []
    refused: list[Unreadable] = []
    for item in items:
        if opted_out(work, item) or (work.owner_source and not work.covers(item)):
            continue
        if reason := objection(work, item):
            refused.append(Unreadable(reason, str(item.url), str(item.uuid)))
        else:
            taken.append(item)
    return taken, refused


def split_by_rules(source: Source, items: list[VideoItem]) -> tuple[list[VideoItem], list[VideoItem]]:
    """Return the items that keep the rules of `source`, and those to write: living rows are brought up to date."""
    if not source.rules:
        return items, items
    tags, held = _known_tags(source, items), held_among(source, [item.uuid for item in items])
    kept = [
        item
        for item in items
        if not excluded_by(source.rules, {**judged_facts(source.instance, item), **tags.get(item.uuid, {})})
    ]
    known = held | {item.uuid for item in kept}
    return kept, [item for item in items if item.uuid in known]


def held_among(source: Source, uuids: list[UUID]) -> set[UUID]:
    """Return those that are living rows: an edit that breaks a rule has to arrive before the row can be judged."""
    rows = Video.objects.filter(instance=source.instance_id, uuid__in=uuids, removed_at=None)
    return set(rows.values_list("uuid", flat=True))


def _known_tags(source: Source, items: list[VideoItem]) -> dict[UUID, dict[str, list[str]]]:
    """Return the tags of unedited rows: lists don't show them, and an excluded row must not come and go."""
    if not source.rules.keys() & {"tags", "exclude_tags"}:
        return {}
    edited = {item.uuid: item.updated_at for item in items}
    rows = Video.objects.filter(instance=source.instance_id, uuid__in=edited).exclude(details_fetched_at=None)
    return {
        row.uuid: {"tags": [tag.name for tag in row.tags.all()]}
        for row in rows.only("uuid", "updated_at").prefetch_related("tags")
        if row.updated_at == edited[row.uuid]
    }


def objection(work: Work, thing: Any) -> str:
    """Say why a parsed video, channel, account or playlist may not become a row of the polled instance, or ""."""
    if stranger := work.client.stranger(thing):
        return f"{one_line(stranger)[:500]} is not at home on {work.client.transport.host}"
    if isinstance(thing, VideoItem | VideoDetails):
        return "" if work.covers(thing) else _why_not_public(thing.privacy_id)
    if isinstance(thing, RemotePlaylist) and thing.privacy_id != PUBLIC:
        return _why_not_public(thing.privacy_id)
    return ""


def _why_not_public(privacy: int | None) -> str:
    if privacy is None:
        return "its privacy can't be read, so it is taken for private"
    return f"not public (privacy {privacy})"
