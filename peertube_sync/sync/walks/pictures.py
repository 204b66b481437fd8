"""Pictures as work of a slice: those that visitors wait for, then those of the newest rows."""

import logging
import time
from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone

from peertube_sync.models import Instance
from peertube_sync.sync import events
from peertube_sync.sync.events import logger
from peertube_sync.sync.lease import LeaseLost
from peertube_sync.sync.pictures import REST, TurnEnded, asking, can_fetch, next_pictures
from peertube_sync.sync.work import SliceEnded, Work


def fetch_pictures(work: Work, share: float) -> None:
    """Fetch pictures for this share of a slice at the most, and write when there is more to fetch.

    Whatever goes wrong is an outcome of pictures: the slice goes on.
    """
    if (rests_until := work.instance.pictures_due_at) and rests_until > timezone.now():
        return
    due = None
    if can_fetch(work.settings):
        until = min(work.deadline, time.monotonic() + share * work.settings.slice_seconds)
        try:
            due = timezone.now() if _fetch_or_end(work, until) else None
        except TurnEnded as error:
            due = error.until
            facts = {"host": work.instance.host, "reason": error, "next_try_at": due}
            events.note(
                logging.WARNING, "pictures_wait", "%(host)s: no pictures until %(next_try_at)s: %(reason)s", **facts
            )
    if due != work.instance.pictures_due_at:
        work.instance.pictures_due_at = due
        with work.lease.transaction():
            Instance.objects.filter(pk=work.instance.pk).update(pictures_due_at=due)


def _fetch_or_end(work: Work, until: float) -> bool:
    """Do as `_fetch_until` does; whatever breaks it, such as a storage or a cache, ends the turn of this host."""
    try:
        return _fetch_until(work, until)
    except (TurnEnded, LeaseLost, SliceEnded, DatabaseError):
        raise
    except Exception as error:
        logger.exception("what broke fetching pictures of %s", work.instance.host)
        until_then = timezone.now() + timedelta(seconds=REST)
        raise TurnEnded(f"{type(error).__name__}: {error}"[:300], until_then) from error


def _fetch_until(work: Work, until: float) -> bool:
    """Fetch pictures until that moment (monotonic seconds); tells whether there may be more."""
    if not (pictures := next_pictures(work.instance, work.settings)):
        return False
    with asking(work.instance, work.settings) as asker:
        asker.deadline = work.deadline
        while pictures:
            for picture in pictures:
                asker.fetch(picture)
                if work.stop.is_set() or time.monotonic() >= until:
                    return True
            pictures = next_pictures(work.instance, work.settings)
    return False
