"""An owner's own videos that aren't public: the same steps as for public ones, asked for with the owner's token."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.utils import timezone

from peertube_sync.client.errors import LoginNeeded, PeerTubeError, Refused, TokenRefused, UnexpectedShape
from peertube_sync.client.peertube import PeerTube
from peertube_sync.models import Source, Video
from peertube_sync.sync.operations.logins import access, as_owner, expire
from peertube_sync.sync.schedule import is_due, next_head, next_sweep
from peertube_sync.sync.walks.details import fetch_captions, fetch_details
from peertube_sync.sync.walks.head import poll_head
from peertube_sync.sync.walks.missing import settle_missing
from peertube_sync.sync.walks.sweep import sweep
from peertube_sync.sync.work import Work

UUIDS = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def read_own(work: Work, source: Source, *, details: bool) -> None:
    """Do what is due of `source`; its trouble costs the other sources nothing.

    Without a login nothing is due before the next sweep, so that it isn't asked for again and again.
    """
    if not _has_due_work(source, details=details):
        return
    try:
        _with_a_good_token(work, source, details=details)
    except LoginNeeded as error:
        work.write_source(source, last_error=str(error), head_due_at=None, sweep_due_at=next_sweep(work.settings))
    except (Refused, TokenRefused, UnexpectedShape) as error:
        if isinstance(error, Refused) and not error.own:
            raise
        reason = nameless(str(error))
        due = next_head(source, work.settings)
        work.write_source(source, last_error=reason, head_due_at=None, sweep_due_at=due)
    except PeerTubeError as error:
        error.args = (nameless(str(error)),)
        raise


def nameless(text: str) -> str:
    """Return the words of an error without uuids: who knows that of an unlisted video can watch it."""
    return UUIDS.sub("…", text)


def _with_a_good_token(work: Work, source: Source, *, details: bool) -> None:
    """Do the steps; where the token ended before its time, do them once more with another one."""
    try:
        with _as_owner(work, source) as owner_work:
            _owner_steps(owner_work, source, details=details)
    except TokenRefused:
        expire(source)
        with _as_owner(work, source) as owner_work:
            _owner_steps(owner_work, source, details=details)


@contextmanager
def _as_owner(work: Work, source: Source) -> Iterator[Work]:
    """Give the same work, done as the owner."""
    transport = work.client.transport
    with as_owner(transport, access(source, transport, work.settings)) as asking:
        yield replace(work, client=PeerTube(asking, work.client.version), owner_source=source)


def _owner_steps(owner_work: Work, source: Source, *, details: bool) -> None:
    if is_due(source.head_due_at):
        poll_head(owner_work, source)
    if is_due(source.sweep_due_at):
        sweep(owner_work, source)
    settle_missing(owner_work)
    if details:
        fetch_details(owner_work)
        fetch_captions(owner_work)


def _has_due_work(source: Source, *, details: bool) -> bool:
    """Return whether to ask for a token at all."""
    if is_due(source.head_due_at) or is_due(source.sweep_due_at):
        return True
    if source.head_due_at is None:
        return False
    columns = ("missing_since", "details_due_at", "captions_due_at") if details else ("missing_since",)
    living = Video.objects.of_source(source).filter(removed_at=None)
    return any(living.filter(**{f"{column}__lte": timezone.now()}).exists() for column in columns)
