"""Two workers that write rows with the same uuid for two instances at once, in interleavings that are forced.

One transaction is held open while the other runs into it; that one waits is seen in the database, not guessed by time.
"""

import random
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from peertube_sync.client.types import VideoItem
from peertube_sync.ingest.actors import KnownActors
from peertube_sync.ingest.videos import ingest_videos
from peertube_sync.models import Instance, Reason, Video
from peertube_sync.sync.operations.optout import opt_out, undo_opt_out
from peertube_sync.sync.tombstones import make_tombstones
from tests.support.catalogue import local, remote

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NUMBER = 5
ROUNDS = 40
Act = Callable[[], object]


@pytest.fixture
def old(transactional_db: None) -> Instance:
    return Instance.objects.create(host="old.example")


@pytest.fixture
def new(transactional_db: None) -> Instance:
    return Instance.objects.create(host="new.example")


def items() -> list[VideoItem]:
    return [remote(one, VideoItem) for one in local("list")[:NUMBER]]


def write(instance: Instance) -> Act:
    return lambda: ingest_videos(instance, items(), KnownActors())


def put_out_of_scope(instance: Instance) -> Act:
    return lambda: make_tombstones([*rows(instance).values_list("pk", flat=True)], Reason.OUT_OF_SCOPE)


def rows(instance: Instance) -> Any:
    return Video.objects.filter(instance=instance)


def shown() -> dict[UUID, list[str]]:
    """Return by uuid the hosts of the rows that aren't doubles."""
    found: dict[UUID, list[str]] = {uuid: [] for uuid in Video.objects.values_list("uuid", flat=True)}
    for uuid, host in Video.objects.filter(double=False).values_list("uuid", "instance__host"):
        found[uuid].append(host)
    return found


def one_of_each() -> set[str]:
    """Return the hosts that are shown, having seen that each uuid is shown once."""
    found = shown()
    assert {len(hosts) for hosts in found.values()} == {1}
    return {host for hosts in found.values() for host in hosts}


class Worker(threading.Thread):
    """Does `act` in a transaction of its own, on a connection of its own."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.act, self.error = act, None
        self.start()

    def run(self) -> None:
        try:
            with transaction.atomic():
                self.act()
        except Exception as error:
            self.error = error
        finally:
            connections.close_all()

    def end(self) -> None:
        self.join(30)
        assert not self.is_alive()
        assert self.error is None


def wait_until_blocked(worker: Worker) -> None:
    """Return once another connection waits for a lock, or the worker has ended without one."""
    while worker.is_alive():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return


def interleave(first: Act, second: Act, *, commit: bool = True) -> None:
    """Do `first`, begin `second` while that isn't committed, then commit it, or take it back."""
    with transaction.atomic():
        first()
        worker = Worker(second)
        wait_until_blocked(worker)
        transaction.set_rollback(not commit)
    worker.end()


def test_of_two_that_write_at_once_the_first_is_shown(old: Instance, new: Instance) -> None:
    interleave(write(old), write(new))
    assert one_of_each() == {"old.example"}
    assert rows(new).count() == NUMBER


def test_where_the_first_takes_it_back_the_other_is_shown(old: Instance, new: Instance) -> None:
    interleave(write(old), write(new), commit=False)
    assert one_of_each() == {"new.example"}


@pytest.mark.parametrize("other_way_round", [False, True])
def test_what_goes_while_its_twin_comes_is_replaced(old: Instance, new: Instance, other_way_round: bool) -> None:
    write(old)()
    acts = [put_out_of_scope(old), write(new)]
    interleave(*(reversed(acts) if other_way_round else acts))
    assert one_of_each() == {"new.example"}


@pytest.mark.parametrize("other_way_round", [False, True])
def test_what_comes_back_while_its_twin_comes_is_first_again(
    old: Instance, new: Instance, other_way_round: bool
) -> None:
    write(old)()
    with transaction.atomic():
        put_out_of_scope(old)()
    acts = [write(old), write(new)]
    interleave(*(reversed(acts) if other_way_round else acts))
    assert one_of_each() == {"old.example"}


@pytest.mark.parametrize("other_way_round", [False, True])
def test_who_opts_out_while_a_clone_comes_leaves_no_gap(old: Instance, new: Instance, other_way_round: bool) -> None:
    write(old)()
    acts = [lambda: opt_out("old.example"), write(new)]
    interleave(*(reversed(acts) if other_way_round else acts))
    found = shown()
    assert {len(hosts) for hosts in found.values()} == {1}
    assert rows(new).count() == NUMBER


def test_whatever_three_instances_do_at_once_each_uuid_is_shown_once_and_by_the_first(
    old: Instance, new: Instance
) -> None:
    instances = [old, new, Instance.objects.create(host="third.example")]
    chance = random.Random(16)
    for _ in range(ROUNDS):
        workers = [Worker(chance.choice([write(one), put_out_of_scope(one)])) for one in instances]
        for worker in workers:
            worker.end()
        if Video.objects.exists():
            assert {len(hosts) for hosts in shown().values()} == {1}
            assert doubles_in_the_wrong_place() == []
    opt_out("third.example")
    undo_opt_out("third.example")
    assert {len(hosts) for hosts in shown().values()} == {1}


def doubles_in_the_wrong_place() -> list[UUID]:
    """Return the uuids of which another row is shown than the first that is wanted."""
    wrong = []
    for uuid in set(Video.objects.values_list("uuid", flat=True)):
        twins = list(Video.objects.filter(uuid=uuid).order_by("pk"))
        first = next((one for one in twins if one.removed_reason != Reason.OUT_OF_SCOPE), twins[0])
        wrong += [uuid] if first.double else []
    return wrong
