"""Rings, questions and writes in every order: what is here in the end is what was there when it last rang."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from peertube_sync.client.peertube import PeerTube
from peertube_sync.models import Instance, Ring, RingKind, Video
from peertube_sync.sync.doorbell import answering
from peertube_sync.sync.doorbell.rings import ring, waiting
from tests.support.mirror import Mirror

STEPS = ("before the question", "after its answer", "after captions", "before the write", "after the write", "between")
INTERLEAVINGS = 300
TOGETHER = 3
"""Videos that ring before a slice, each with changes of its own: a slice costs as much as answers to a few rings."""


@contextmanager
def at_steps(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, list[str]], change: Callable[[str, str], None]
) -> Iterator[None]:
    """Make the `changes` of each uuid at their steps of answering it, once each."""
    ask, captions, commit = PeerTube.video, PeerTube.captions, answering.commit_details
    done = answering.answered

    def reached(step: str, uuid: str) -> None:
        if step in changes[uuid]:
            changes[uuid].remove(step)
            change(step, uuid)

    def asked(client: PeerTube, uuid: Any) -> Any:
        reached("before the question", str(uuid))
        found = ask(client, uuid)
        reached("after its answer", str(uuid))
        return found

    def asked_captions(client: PeerTube, uuid: Any) -> Any:
        found = captions(client, uuid)
        reached("after captions", str(uuid))
        return found

    def committed(work: Any, run: Any, details: Any) -> None:
        uuid = str(details[0].uuid)
        reached("before the write", uuid)
        commit(work, run, details)
        reached("after the write", uuid)

    def noted(row: Ring) -> None:
        done(row)
        reached("between", row.name)

    with monkeypatch.context() as patched:
        patched.setattr(PeerTube, "video", asked)
        patched.setattr(PeerTube, "captions", asked_captions)
        patched.setattr(answering, "commit_details", committed)
        patched.setattr(answering, "answered", noted)
        yield


@pytest.mark.parametrize("part", range(10))
def test_interleavings(mirror: Mirror, doorbell: None, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    draw = random.Random(part)
    instance = mirror.instance
    uuids = [str(item["uuid"]) for item in mirror.listed()]
    for number in range(INTERLEAVINGS // 10 // TOGETHER):
        changes = {uuid: draw.choices(STEPS, k=draw.randint(1, 4)) for uuid in draw.sample(uuids, TOGETHER)}

        def change(what: str, uuid: str, number: int = number) -> None:
            mirror.catalogue.edit_video(uuid, name=f"{number} {what}")
            if draw.random() < 0.3:
                mirror.catalogue.set_captions(uuid, draw.sample(["de", "fr", "eo", "it"], 2))
            ring(instance, RingKind.VIDEO, uuid)

        for uuid in changes:
            change("at first", uuid)
        with at_steps(monkeypatch, changes, change):
            while waiting(instance).exists():
                assert mirror.slice().error is None
        assert not any(changes.values()), "each change was made"
        for uuid in changes:
            expect_latest(mirror, uuid)


def expect_latest(mirror: Mirror, uuid: str) -> None:
    row = mirror.row(uuid)
    assert row.name == mirror.catalogue.details(uuid, mirror.sandbox.host)["name"]
    told = {caption.language for caption in mirror.catalogue.video(uuid).captions}
    assert {caption.language_id for caption in row.captions.all()} == told


def test_rings_of_one_thing_are_one_row_and_one_question(mirror: Mirror, doorbell: None) -> None:
    uuid = str(mirror.listed()[0]["uuid"])
    assert ring(mirror.instance, RingKind.VIDEO, uuid)
    assert not any(ring(mirror.instance, RingKind.VIDEO, uuid) for _time in range(50))
    asked = len(mirror.sandbox.log)
    mirror.slice()
    assert sum(path.endswith(uuid) for path in mirror.asked(asked)) == 1
    assert Ring.objects.get().rings == 51
    assert not waiting(mirror.instance).exists()


def test_an_instance_that_rang_is_due_unless_it_fails(mirror: Mirror, doorbell: None) -> None:
    assert not Instance.objects.due().exists()
    ring(mirror.instance, RingKind.VIDEO, str(mirror.listed()[0]["uuid"]))
    assert Instance.objects.due().exists()
    Instance.objects.update(state="timeout")
    assert not Instance.objects.due().exists()


def test_what_rang_last_is_asked_first(mirror: Mirror, doorbell: None) -> None:
    uuids = [str(item["uuid"]) for item in mirror.listed()]
    for uuid in uuids:
        ring(mirror.instance, RingKind.VIDEO, uuid)
    asked = len(mirror.sandbox.log)
    mirror.slice()
    first = next(path for path in mirror.asked(asked) if path.startswith("/api/v1/videos/"))
    assert first.endswith(uuids[-1])


def test_one_that_ends_the_slice_is_left_to_the_schedule(
    mirror: Mirror, doorbell: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from peertube_sync.client.errors import Unreachable

    uuid = str(mirror.listed()[0]["uuid"])
    ring(mirror.instance, RingKind.VIDEO, uuid)

    def fail(_client: PeerTube, _uuid: Any) -> Any:
        raise Unreachable("gone for lunch", "timeout")

    with monkeypatch.context() as patched:
        patched.setattr(PeerTube, "video", fail)
        assert mirror.slice().error
    assert not waiting(mirror.instance).exists()
    Video.objects.get(uuid=uuid, details_due_at__isnull=False)
