"""Fetching pictures from the homes of their rows, or from where these keep them: one after the other, at a pace.

Files have a lane of their own in the rate budget, so that they cost the sync nothing and its trouble is not theirs:
`PICTURES_PER_SECOND` requests and `PICTURES_BYTES_PER_SECOND` bytes a second of a host, one at a time, over all
processes. A picture that fails is tried again later and later; a file that is no picture isn't, unless the source has
another one.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from threading import Lock

from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from peertube_sync.client.captions import address_from
from peertube_sync.client.errors import (
    AnswerError,
    BotCheck,
    BudgetClosed,
    Disallowed,
    MalformedAnswer,
    PeerTubeError,
)
from peertube_sync.client.rate_budget import Pace, RateBudget
from peertube_sync.client.robots import Robots
from peertube_sync.client.robots_fetch import fetch_robots
from peertube_sync.client.transport import Transport
from peertube_sync.conf import Settings
from peertube_sync.ingest.pictures.keeping import (
    NotKept,
    Unfit,
    claim,
    keep,
    make_room,
    settle,
    settle_stale,
    used,
    wait_after,
)
from peertube_sync.ingest.pictures.rows import PICTURED, picked_of, shown_row
from peertube_sync.models import Instance, InstanceState, Picture, PictureState
from peertube_sync.models.picture_shapes import SHAPES
from peertube_sync.sync.connect import GRACE, store, user_agent
from peertube_sync.sync.permission import ROBOTS_INTERVAL
from peertube_sync.sync.picture_storages import PictureStorages
from peertube_sync.sync.schedule import active_sources
from peertube_sync.sync.walks.storages import HOSTS_OWN, NotRead

LANE = "pictures:"
"""The prefix of a host's name in the rate budget for pictures."""
LARGEST_ANSWER = 5 * 2**20
"""The most bytes of an answer; one that is longer is cut off."""
TIMEOUT = 15.0
"""Seconds for one picture, at the most."""
LONGEST_FETCH = 60.0
"""Seconds for one picture with all redirects, robots.txt of other hosts and further tries: less than a CLAIM."""
PATIENCE = 5.0
"""Seconds for which a request for a picture waits for its turn in the rate budget."""
REST = 60.0
"""Seconds for which a host that failed isn't asked for pictures: doubled by each failure, up to LONGEST_REST."""
LONGEST_REST = 4 * 3600.0
AT_ONCE = 10
"""How many rows of one kind (such as videos) are put into the queue of pictures at a time."""
STILL_WANTED = timedelta(seconds=20)
"""How old `wanted_at` has to be before it is written again: of twenty visitors of a page, one writes."""
AHEAD = 0.9
"""Up to this part of `PICTURES_BYTES`, pictures are fetched that no visitor has asked for."""
UNASKED = frozenset(
    {
        InstanceState.BOT_CHECK,
        InstanceState.REFUSED,
        InstanceState.DISALLOWED,
        InstanceState.MOVED,
        InstanceState.NOT_PEERTUBE,
        InstanceState.FORBIDDEN,
    }
)
"""States of instances that don't want to be asked, or aren't who they were."""


class TurnEnded(Exception):  # noqa: N818 - a fact: the rest waits
    """This host isn't asked for pictures before `until`; says why."""

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.until = until


def can_fetch(settings: Settings) -> bool:
    """Tell whether this site keeps pictures, and has what makes them."""
    return settings.pictures == "site" and find_spec("PIL") is not None


@lru_cache(maxsize=8)
def pictures_budget(redis_url: str, per_second: float, hold: float) -> RateBudget:
    """Return the budget for pictures, shared by all processes of the site."""
    return RateBudget(store(redis_url), 1.0, hold, pace=Pace.of(per_second))


@contextmanager
def asking(instance: Instance, settings: Settings) -> "Iterator[Asker]":
    """Give what fetches the pictures of an instance's rows. Raises TurnEnded where it may not be asked now."""
    if instance.state in UNASKED or not active_sources(instance.sources.all()):
        raise TurnEnded(f"{instance.host} isn't asked: {instance.state_reason}", _after(REST))
    timeout = min(settings.request_timeout, TIMEOUT)
    try:
        home = Transport(
            base=instance.url,
            host=instance.host,
            budget=pictures_budget(settings.redis_url, settings.pictures_per_second, timeout + GRACE),
            user_agent=user_agent(settings),
            timeout=timeout,
            patience=PATIENCE,
            allow_private=settings.allow_private_hosts,
            retries=0,
            largest=LARGEST_ANSWER,
            lane=LANE,
            bytes_per_second=settings.pictures_bytes_per_second,
            rest=REST,
            accept="image/*",
            robots=Robots(instance.robots),
        )
    except PeerTubeError as error:
        raise TurnEnded(str(error), _after(REST)) from error
    asker = Asker(instance, settings, home)
    try:
        if instance.robots_due_at is None or instance.robots_due_at <= timezone.now():
            asker.read_robots()
        yield asker
    finally:
        home.close()
        asker.storages.close()


@dataclass
class Asker:
    """Fetches pictures of the rows of one instance, until `deadline` (monotonic seconds).

    A picture that is begun shortly before the deadline still gets the time of one whole request.
    """

    instance: Instance
    settings: Settings
    home: Transport
    deadline: float = math.inf
    storages: PictureStorages = field(init=False)

    def __post_init__(self) -> None:
        """Look at the instance's other hosts as they are known by now."""
        self.storages = PictureStorages(instance=self.instance.pk)

    def read_robots(self) -> None:
        """Read the robots.txt of the instance anew; a day is over, or nobody has read it yet."""
        try:
            text = fetch_robots(self.home)
        except PeerTubeError as error:
            raise TurnEnded(f"its robots.txt can't be read: {error}", _after(REST)) from error
        self.home.robots = Robots(text)
        due = timezone.now() + ROBOTS_INTERVAL
        Instance.objects.filter(pk=self.instance.pk).update(robots=text, robots_due_at=due)

    def fetch(self, picture: Picture) -> bool:
        """Fetch a picture, unless somebody else is at it; tells whether it is here now. Raises TurnEnded."""
        if not (word := claim(picture)):
            return False
        if (row := shown_row(picture.of, picture.row_id)) is None:
            settle(picture, word, PictureState.REFUSED, stale=True)
            settle_stale()
            return False
        if (picked := picked_of(picture.of, row)) is None:
            settle(picture, word, PictureState.NONE)
            return False
        now = time.monotonic()
        self.home.until = min(now + LONGEST_FETCH, max(self.deadline, now + TIMEOUT))
        try:
            files = self._made(picture.of, picked.address)
            kept = keep(picture, word, picked.version, files)
        except Unfit as error:
            self.storages.missed()
            settle(picture, word, PictureState.REFUSED, str(error), version=picked.version)
            return False
        except NotKept as error:
            due = _after(REST)
            settle(picture, word, PictureState.FAILED, str(error), version=picked.version, due_at=due)
            raise TurnEnded(str(error), due) from error
        except BudgetClosed as error:
            settle(picture, word, PictureState.WANTED, due_at=picture.due_at, tries=picture.tries)
            raise TurnEnded(str(error), datetime.fromtimestamp(error.until, UTC)) from error
        except PeerTubeError as error:
            self._failed(picture, word, picked.version, error)
            return False
        self.storages.came()
        cache.delete(self._failing)
        _room.taken(kept, self.settings.pictures_bytes)
        return bool(kept)

    def _made(self, of: str, published: str) -> dict[str, bytes]:
        address = address_from(published, f"{self.home.base}/", self.home.base)
        if not address:
            raise Unfit(f"{published[:200]!r} is no address that can be asked")
        try:
            body = self.storages.read(self.home, address)
        except BotCheck:
            raise
        except MalformedAnswer as error:
            raise Unfit(str(error)) from error
        files: dict[str, bytes] = import_module("peertube_sync.ingest.pictures.making").make(body, SHAPES[of])
        return files

    def _failed(self, picture: Picture, word: str, version: str, error: PeerTubeError) -> None:
        """Write when it is tried again, and end the turn where it is the host's trouble, not that of one picture."""
        if isinstance(error, NotRead) and error.until and time.monotonic() < self.home.until:  # nobody has failed
            due = max(datetime.fromtimestamp(error.until, UTC), _after(REST))
            settle(picture, word, PictureState.WANTED, str(error), due_at=due, tries=picture.tries)
            return
        if isinstance(error, NotRead):
            self.storages.missed()
        wait = wait_after(picture.tries)
        if isinstance(error, Disallowed):
            wait = ROBOTS_INTERVAL
        if isinstance(error, AnswerError) and error.retry_after:
            wait = max(wait, timedelta(seconds=error.retry_after))
        due, tries = timezone.now() + wait, picture.tries + 1
        settle(picture, word, PictureState.FAILED, str(error), version=version, due_at=due, tries=tries)
        if isinstance(error, HOSTS_OWN):
            said = (isinstance(error, AnswerError) and error.retry_after) or 0.0
            raise TurnEnded(str(error), _after(max(said, self._rest_after_failure()))) from error

    def _rest_after_failure(self) -> float:
        """Return for how many seconds a host that failed again rests: longer each time, until a picture comes.

        If the cache has forgotten how often it failed, counting begins anew.
        """
        failures = cache.get(self._failing, 0) + 1
        cache.set(self._failing, failures, int(LONGEST_REST * 2))
        rest: float = min(LONGEST_REST, REST * 2.0 ** min(failures - 1, 10))
        return rest

    @property
    def _failing(self) -> str:
        return f"peertube_sync.pictures.failing:{self.instance.pk}"


class _Room:
    """Keeps within the bytes that pictures may have, looking each time this process has added a hundredth of them."""

    def __init__(self) -> None:
        self._lock, self._added = Lock(), 0

    def taken(self, size: int, most: int) -> None:
        """Count the bytes of a picture that came, and make room where there is none."""
        with self._lock:
            self._added += size
            if self._added * 100 < most:
                return
            self._added = 0
        make_room(most)


_room = _Room()


def next_pictures(instance: Instance, settings: Settings) -> list[Picture]:
    """Return some pictures to fetch: those that visitors wait for first, then those of the newest rows."""
    if due := list(_due(instance)[:AT_ONCE]):
        return due
    if used() >= settings.pictures_bytes * AHEAD:
        return []
    queued = sum(_queue_missing(of, instance) for of in PICTURED)
    return list(_due(instance)[: AT_ONCE * len(PICTURED)]) if queued else []


def want(of: str, pk: int, instance: int, version: str) -> None:
    """Put a picture into the queue because a visitor waits for it, before all that nobody waits for.

    A picture that is finished (here or refused), but made from another version than the row has now, is marked as
    stale. For a picture that is known already, only the first of twenty visitors of a page writes; the others only
    read.
    """
    now, mine = timezone.now(), Picture.objects.filter(of=of, row_id=pk)
    known = mine.only("state", "version", "wanted_at", "stale").first()
    if known is None:
        fresh = Picture(of=of, row_id=pk, instance_id=instance, due_at=now, wanted_at=now)
        Picture.objects.bulk_create([fresh], ignore_conflicts=True)
    elif known.state == PictureState.DROPPED:
        mine.filter(state=known.state).update(state=PictureState.WANTED, due_at=now, wanted_at=now)
    elif known.state == PictureState.WANTED:
        if known.wanted_at is None or known.wanted_at < now - STILL_WANTED:
            mine.filter(state=known.state).update(wanted_at=now)
    elif known.version != version and not known.stale:
        mine.filter(version=known.version).exclude(state=PictureState.WANTED).update(stale=True)


def _due(instance: Instance) -> "QuerySet[Picture, Picture]":
    now = timezone.now()
    due = Picture.objects.filter(instance_id=instance.pk, due_at__lte=now).exclude(claimed_until__gte=now)
    return due.order_by(F("wanted_at").desc(nulls_last=True), "due_at", "-row_id")


def _queue_missing(of: str, instance: Instance) -> int:
    """Put the newest rows of a kind that have no picture yet into the queue; returns how many."""
    kind, known = PICTURED[of], Picture.objects.filter(of=of, row_id=OuterRef("pk"))
    rows = kind.shown().filter(~Exists(known), kind.publishing, **{kind.instance: instance.pk})
    pks = list(rows.order_by(*kind.newest_first).values_list("pk", flat=True)[:AT_ONCE])
    new = [Picture(of=of, row_id=pk, instance_id=instance.pk, due_at=timezone.now()) for pk in pks]
    Picture.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _after(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)
