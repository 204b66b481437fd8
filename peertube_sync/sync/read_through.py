"""Details of a video for a visitor who asks before a slice has read them.

Everything here may be refused at once: then the visitor is sent to the home. One thread of a process asks, everybody
else goes on; the rate budget leaves a part of its turns to these requests, and sends none of them twice in a window.
The details are written as a slice writes them, under the lease of the instance. While another process has the lease,
they are only answered, and given to others for a while, and the row is left to the slice.
"""

import threading
import time
from collections.abc import Mapping
from math import ceil
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from msgspec import UNSET

from peertube_sync.client.errors import AskedJustNow, BudgetClosed, PeerTubeError, Refused, UnexpectedShape
from peertube_sync.client.peertube import PeerTube
from peertube_sync.client.robots import Robots
from peertube_sync.client.types import VideoDetails
from peertube_sync.conf import Settings
from peertube_sync.ingest.details import all_facts, unwritten
from peertube_sync.models import PUBLIC, OptOut, RunKind, SourceKind, SyncRun, Video
from peertube_sync.models.instance import WELL
from peertube_sync.models.rules import excluded_by
from peertube_sync.models.scope import want_all
from peertube_sync.models.tally import Measure, add_to_tallies
from peertube_sync.sync.connect import connect_on_demand
from peertube_sync.sync.events import logger
from peertube_sync.sync.lease import Lease, LeaseLost
from peertube_sync.sync.schedule import active_sources, is_due
from peertube_sync.sync.walks.details import commit_details
from peertube_sync.sync.walks.pages import split_allowed
from peertube_sync.sync.work import Work

SECONDS = 2.5
"""How long asking may take, waiting for a turn included; a visitor waits for three at the most."""
HELD = 15.0
"""Seconds after which another may take over the lease of who died while writing."""
DETAILS_KEPT = 60
"""Seconds for which what was read and couldn't be written is given to others."""
REST = 60
"""Seconds for which a host that failed isn't asked on demand."""
SHORT_REST = 5
"""Seconds for which a video isn't asked for again that somebody else has just asked for, without an answer yet."""
LONG_REST = 600
"""Seconds for which a video isn't asked for again that couldn't be read, though its host is well."""

Told = Mapping[str, Any]
"""Columns of a row that isn't written yet; of `tags` the names."""
WRITTEN: Told = {}
"""The row itself has everything."""
UNREADABLE: Told = {}
"""The mark in the cache for a video whose details couldn't be read."""

_asking = threading.Lock()
"""Held by the one thread of this process that asks."""


def read_through(video: int, instance: int, settings: Settings) -> Told | None:
    """Read the details of the video with this key, which is public, from its home, the `instance` with that key.

    Call it outside of any transaction; it takes a visitor's time. Returns None where nothing was read; WRITTEN where
    the row has the details by now, else what it doesn't have. Never raises: what breaks is logged, since there is an
    answer without it.
    """
    if not settings.read_through:
        return None
    known = cache.get_many([_key_of_video(video), _key_of_host(instance)])
    if known:
        return known.get(_key_of_video(video)) or None
    if not _asking.acquire(blocking=False):
        return None
    try:
        return _read_unless_known(video, settings)
    except Exception:
        logger.exception("what broke reading the details of video %s for a visitor", video)
        return None
    finally:
        _asking.release()


def _read_unless_known(pk: int, settings: Settings) -> Told | None:
    video = Video.objects.available().select_related("instance", "account", "channel").filter(pk=pk).first()
    if video is None:
        return None
    if video.details_fetched_at:  # somebody else was quicker
        return WRITTEN
    if (columns := cache.get(_key_of_video(pk))) is not None:
        return columns or None
    if not _may_ask_home(video):
        return None
    if answer := _ask_home(video, settings):
        return _write_or_keep(video, *answer, settings)
    return WRITTEN if _is_written(pk) else None  # by somebody else meanwhile


def _is_written(pk: int) -> bool:
    return Video.objects.filter(pk=pk).exclude(details_fetched_at=None).exists()


def _may_ask_home(video: Video) -> bool:
    """Tell whether a slice would ask for these details if it came now, of a host that is well and has set its rules."""
    instance, now = video.instance, timezone.now()
    wanted = any(source.kind != SourceKind.OWN for source in active_sources(instance.sources.all()))
    if instance.failures or instance.state not in WELL or video.missing_since or not wanted:
        return False
    if instance.robots_due_at is None or instance.robots_due_at <= now:
        return False
    if Robots(instance.robots).delay:  # a host that wants pauses has few turns to give, and the slices need them
        return False
    if OptOut.objects.of([instance.host], "", video.account.name, video.channel.name).exists():
        return False
    noted = instance.skipped_items.filter(kind=RunKind.DETAILS, key=str(video.uuid))
    return not (video.details_due_at and video.details_due_at > now and noted.exists())


def _ask_home(video: Video, settings: Settings) -> tuple[PeerTube, VideoDetails] | None:
    """Ask the home, once; None where that came to nothing, which is remembered for a while."""
    what, rest = _key_of_host(video.instance_id), REST
    try:
        client = connect_on_demand(video.instance, settings, SECONDS)
        try:
            return client, client.video(video.uuid)
        finally:
            client.transport.close()
            tally = client.transport.tally
            with transaction.atomic():  # a slice counts its own requests alone
                asked = {(Measure.REQUESTS, ""): tally.requests, (Measure.RATE_LIMITED, ""): tally.rate_limited}
                add_to_tallies(video.instance_id, asked)
    except AskedJustNow:
        what, rest = _key_of_video(video.pk), SHORT_REST
    except BudgetClosed as error:
        rest = max(1, ceil(error.until - time.time()))
    except (Refused, UnexpectedShape) as error:
        if getattr(error, "own", True):
            what, rest = _key_of_video(video.pk), LONG_REST
    except PeerTubeError:
        pass
    cache.add(what, UNREADABLE, rest)
    return None


def _write_or_keep(video: Video, client: PeerTube, details: VideoDetails, settings: Settings) -> Told | None:
    """Write details as a slice does; where another process is at work on the instance, keep them for others."""
    if details.privacy_id != PUBLIC:
        cache.set(_key_of_video(video.pk), UNREADABLE, LONG_REST)
        return None
    lease = Lease.acquire(video.instance, HELD)
    work = Work(video.instance, client, lease or Lease(video.instance_id, uuid4(), 0), settings, deadline=0)
    if lease:
        try:
            with lease.transaction():
                if _is_written(video.pk):  # by a slice meanwhile
                    return WRITTEN
                requests = client.transport.tally.requests
                run = SyncRun.objects.create(instance=work.instance, kind=RunKind.DETAILS, requests=requests)
            with work.recording(RunKind.DETAILS, run=run):
                commit_details(work, run, [details])
            return WRITTEN
        except LeaseLost:
            pass
        finally:
            lease.release()
    if not is_due(video.details_due_at):  # for the slice that is at work, or the next one
        Video.objects.filter(pk=video.pk, details_fetched_at=None).update(details_due_at=timezone.now())
    if not _is_as_known(work, video, details):
        return None
    columns = unwritten(video.instance, details)
    cache.set(_key_of_video(video.pk), columns, DETAILS_KEPT)
    return columns


def _is_as_known(work: Work, video: Video, details: VideoDetails) -> bool:
    """Tell whether nothing in `details` decides who may see the video.

    Only the process that writes the details may decide that.
    """
    taken, _refused = split_allowed(work, [details])
    owners = (details.account.name, details.channel.name)
    if not taken or owners != (video.account.name, video.channel.name) or details.nsfw not in (video.nsfw, UNSET):
        return False
    if want_all(work.sources):
        return True
    facts = all_facts(work.instance, details)
    selecting = (source for source in work.sources if Video.objects.of_source(source).filter(pk=video.pk).exists())
    return any(not excluded_by(source.rules, facts) for source in selecting)


def _key_of_video(pk: int) -> str:
    return f"peertube_sync.read_through.video:{pk}"


def _key_of_host(instance: int) -> str:
    return f"peertube_sync.read_through.host:{instance}"
