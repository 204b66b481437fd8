"""One page of a video list, from the answer to rows: what is taken, what is refused, one transaction."""

from collections.abc import Callable
from typing import Any

from peertube_sync.client.parse import Page, Unreadable
from peertube_sync.client.peertube import PeerTube, Scope
from peertube_sync.client.types import VideoItem
from peertube_sync.ingest.videos import Ingested, ingest_videos
from peertube_sync.models import PUBLIC, Source, SyncRun
from peertube_sync.sync.work import Work

SCOPES = ("instance", "channel", "account")


def scope_of(source: Source) -> Scope:
    """Return whose lists `source` reads."""
    return Scope(source.kind, source.name)  # type: ignore[arg-type]  # only called for SCOPES


def commit_page(work: Work, run: SyncRun, page: Page[VideoItem], also: Callable[[], Any] = lambda: None) -> Ingested:
    """Write one page and `also` what goes with it (a cursor), all or nothing."""
    taken, refused = _sorted_out(work.client, page)
    with work.lease.transaction():
        ingested = ingest_videos(work.instance, taken)
        work.skip(run, "video", page, refused)
        work.count(run, ingested)
        also()
        run.save()
    return ingested


def _sorted_out(client: PeerTube, page: Page[VideoItem]) -> tuple[list[VideoItem], list[Unreadable]]:
    taken: list[VideoItem] = []
    refused: list[Unreadable] = []
    for item in page.items:
        if reason := objection(client, item):
            refused.append(Unreadable(reason, item.url, str(item.uuid)))
        else:
            taken.append(item)
    return taken, refused


def objection(client: PeerTube, video: Any) -> str:
    """Say why a parsed video may not become a row of the polled instance, "" when it may.

    Identity is bound to the home instance: nobody speaks for another host's videos, channels or accounts.
    """
    host = client.transport.host
    for thing in (video, video.channel, video.account):
        if not client.is_home_of(thing):
            return f"{thing.url} is not at home on {host}"
    privacy = getattr(video.privacy, "id", PUBLIC)
    return "" if privacy == PUBLIC else f"not public (privacy {privacy})"
