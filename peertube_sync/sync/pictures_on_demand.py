"""Pictures that visitors wait for: asked for at once, by threads that end when nobody waits any more.

A visitor is answered before anything is asked: the queue in the rows says what is waited for. So a page of pictures,
seen by many at once, causes one request for each of them, and a server in which no threads run leaves it to the slices.
"""

import threading
from collections.abc import Sequence
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from peertube_sync.conf import Settings
from peertube_sync.models import Instance, Picture
from peertube_sync.sync.events import logger
from peertube_sync.sync.pictures import TurnEnded, asking, can_fetch

THREADS = 4
"""Hosts that one process asks at once because visitors wait."""
WAITING = timedelta(minutes=2)
"""How long ago somebody may have wanted to see a picture that is fetched at once; older ones are the slices'."""
AT_ONCE = 10

_asked: set[int] = set()
"""The instances that this process is asking, a thread for each."""
_lock = threading.Lock()


def fetch_soon(instance: int, settings: Settings) -> None:
    """See to it that what visitors want of this instance (its key) is fetched: by a thread, unless there is one."""
    if not can_fetch(settings):
        return
    with _lock:
        if instance in _asked or len(_asked) >= THREADS:
            return
        _asked.add(instance)
    try:
        threading.Thread(target=_serve, args=(instance, settings), name="peertube-pictures", daemon=True).start()
    except RuntimeError:  # there are as many threads as the system allows, or the process is ending
        logger.exception("no thread could be started to fetch pictures for visitors; slices fetch them")
        with _lock:
            _asked.discard(instance)


def _serve(instance: int, settings: Settings) -> None:
    """Fetch what visitors wait for, of this instance and then of others that no thread is at."""
    try:
        served: int | None = instance
        while served is not None:
            served = _next(served, done=_fetch_wanted(served, settings))
    finally:
        connections.close_all()


def _fetch_wanted(pk: int, settings: Settings) -> bool:
    """Fetch until nothing is waited for, and tell whether that came; what breaks is logged, as nobody could be told."""
    try:
        instance = Instance.objects.get(pk=pk)
        with asking(instance, settings) as asker:
            while wanted := _wanted([pk]):
                for picture in wanted:
                    asker.fetch(picture)
        return True
    except (TurnEnded, Instance.DoesNotExist):
        pass  # slices, or the next visitor, try again when its time has come
    except Exception:
        logger.exception("what broke fetching pictures for visitors")
    return False


def _next(served: int, *, done: bool) -> int | None:
    """Give an instance back; return one of which pictures are waited for, None where there is none.

    Looking and giving back are one step: whoever wants a picture from now on begins another thread. Unless all of what
    it `served` is done, that one is left alone.
    """
    with _lock:
        _asked.discard(served)
        instance = next(
            (picture.instance_id for picture in _wanted(leaving_out=[*_asked, *([] if done else [served])])), None
        )
        if instance is not None:
            _asked.add(instance)
        return instance


def _wanted(of: Sequence[int] | None = None, leaving_out: Sequence[int] = ()) -> list[Picture]:
    """Return some pictures that visitors wait for, last wanted first, and nobody is fetching."""
    now = timezone.now()
    wanted = Picture.objects.filter(due_at__lte=now, wanted_at__gte=now - WAITING).exclude(claimed_until__gte=now)
    rows = wanted.exclude(instance_id__in=leaving_out) if of is None else wanted.filter(instance_id__in=of)
    return list(rows.order_by("-wanted_at", "pk")[:AT_ONCE])
