"""Strangers without a key can't keep out what is genuine, nor make us ask an instance for much."""

import json
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from peertube_sync.models import Channel, Delivery, Follow, FollowState, Instance, RemoteKey, Ring, RingKind, Source
from peertube_sync.sync.doorbell import answering, hearing, rings
from peertube_sync.testing.faults import Fault
from tests.doorbell.recorded import deliver
from tests.doorbell.test_following import first, listen
from tests.doorbell.test_refused import ALICE, HOME, STRANGERS, VIDEO, known, made, update  # noqa: F401  a fixture
from tests.support.mirror import Mirror


def forged(home: str, name: str, **more: Any) -> int:
    """Deliver what `name` of the instance `home` never signed, from an address of its own; returns the status."""
    actor, site = f"{home}/accounts/{name}", urlsplit(settings.PEERTUBE_SYNC["SITE_URL"])
    activity = update(actor, f"{home}/videos/watch/{uuid4()}")
    one = made(activity, key=STRANGERS, key_id=f"{actor}#main-key", host=site.netloc, date=now())
    one.environ["REMOTE_ADDR"] = more.get("address", "198.51.100.9")
    return deliver(one)


def now() -> str:
    return format_datetime(timezone.now(), usegmt=True)


def home_of(mirror: Mirror) -> str:
    return mirror.instance.url


def test_what_waits_for_a_key_that_nobody_has_goes_with_the_question(bell: Mirror) -> None:
    assert [forged(home_of(bell), "invented") for _time in range(3)] == [202] * 3
    assert bell.slice().error is None
    assert not Delivery.objects.exclude(key=None).exists()
    assert forged(home_of(bell), "invented") == 401
    assert not Delivery.objects.exclude(key=None).exists()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "moved", "location": "https://elsewhere.example"},
        {"kind": "status", "status": 500},
        {"kind": "reset"},
        {"kind": "html"},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_key_that_cant_be_read_is_no_failure_of_the_instance(bell: Mirror, fault: dict[str, Any]) -> None:
    bell.sandbox.faults.add(Fault(match="/accounts/invented", times=None, **fault))
    assert forged(home_of(bell), "invented") == 202
    bell.catalogue.edit_video(first(bell), name="Heard all the same")
    listen(bell)
    assert Instance.objects.get().state == "ok"
    assert RemoteKey.objects.get(actor__endswith="/invented").reason
    assert bell.row(first(bell)).name == "Heard all the same"


def test_only_so_much_waits_for_one_key(bell: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "PENDING_OF_ONE", 3)
    assert [forged(home_of(bell), "invented") for _time in range(5)] == [202] * 3 + [429] * 2
    assert forged(home_of(bell), "another") == 202


def test_what_isnt_proven_yet_counts_for_the_throttle(bell: Mirror) -> None:
    assert [forged(home_of(bell), f"invented{number % 5}") for number in range(61)] == [202] * 60 + [429]
    assert forged(home_of(bell), "invented0", address="198.51.100.10") == 202


def test_an_address_that_proved_itself_by_a_key_that_was_waited_for_isnt_throttled(bell: Mirror) -> None:
    bell.sandbox.federation.deliveries.log.clear()
    assert Follow.objects.get().state == FollowState.ACCEPTED
    for _time in range(61):
        forged(home_of(bell), "invented", address="127.0.0.1")
    bell.catalogue.edit_video(first(bell), name="Told")
    bell.sandbox.federation.deliveries.wait()
    assert {one.status for one in bell.sandbox.federation.deliveries.log} == {202}


def test_invented_names_keep_no_genuine_new_actor_out(bell: Mirror) -> None:
    home = home_of(bell)
    statuses = [forged(home, f"invented{number}") for number in range(12)]
    assert statuses == [202] * 10 + [429] * 2
    assert bell.slice().error is None
    assert forged(home, "new", address="198.51.100.10") == 202


def test_forged_posts_cost_an_instance_so_many_questions_an_hour(bell: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "QUESTIONS", 3)
    home, names = home_of(bell), [f"user{number}" for number in range(8)]
    monkeypatch.setattr(hearing, "is_known", lambda _instance, address: address.name in names)
    RemoteKey.objects.all().delete()
    assert [forged(home, name) for name in names] == [202] * 3 + [429] * 5
    asked = len(bell.sandbox.log)
    bell.slice()
    assert sum(path.startswith("/accounts/") for path in bell.asked(asked)) == 3
    assert forged(home, names[-1]) == 429
    assert forged(home, "peertube") == 202  # whom we follow may always prove itself
    RemoteKey.objects.update(asked_at=timezone.now() - timedelta(hours=2))
    assert forged(home, names[-1]) == 202


def test_what_rang_is_asked_for_before_keys_are(bell: Mirror) -> None:
    uuid = first(bell)
    bell.catalogue.edit_video(uuid, name="By a known key")
    listen(bell)
    bell.catalogue.edit_video(uuid, name="Once more")
    bell.sandbox.federation.deliveries.wait()
    forged(home_of(bell), "invented")
    asked = len(bell.sandbox.log)
    bell.slice()
    paths = bell.asked(asked)
    video = next(number for number, path in enumerate(paths) if path.endswith(uuid))
    assert video < paths.index("/accounts/invented")
    assert not Ring.objects.filter(waiting=True).exists()


def test_a_burst_by_known_keys_keeps_no_other_key_waiting(bell: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "AT_ONCE", 4)
    uuids = [str(item["uuid"]) for item in bell.listed()]
    new = bell.catalogue.channel(Channel.objects.filter(videos__uuid=uuids[0]).get().name)
    bell.catalogue.rename_channel(new.name, "Told by an unknown key")
    bell.sandbox.federation.deliveries.wait()
    assert Ring.objects.filter(kind=RingKind.KEY, waiting=True).exists()
    for uuid in uuids:
        rings.ring(bell.instance, RingKind.VIDEO, uuid)
    asked = len(bell.sandbox.log)
    bell.slice()
    paths = bell.asked(asked)
    key = next(number for number, path in enumerate(paths) if path.startswith(("/video-channels/", "/accounts/")))
    before = [path for path in paths[:key] if path.removeprefix("/api/v1/videos/") in uuids]
    assert 0 < len(before) <= 4 < len(uuids)
    assert not Ring.objects.filter(waiting=True).exists()
    assert Channel.objects.get(name=new.name).display_name == "Told by an unknown key"


def test_what_waits_since_an_older_version_is_proven_too(bell: Mirror) -> None:
    uuid = first(bell)
    bell.catalogue.edit_video(uuid, name="Waits for its key")
    bell.sandbox.federation.deliveries.wait()
    waiting = Delivery.objects.exclude(key=None)
    assert waiting.exists()
    for one in waiting:
        one.about.pop("from")
        one.save()
    listen(bell)
    assert bell.row(uuid).name == "Waits for its key"


def test_of_an_instance_that_rings_for_everything_the_lists_are_read_instead(
    mirror: Mirror, doorbell: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rings, "MOST", 3)
    later = timezone.now() + timedelta(hours=5)
    Source.objects.update(head_due_at=later, sweep_due_at=later)
    uuids = [str(uuid4()) for _each in range(5)]
    for uuid in uuids[:3]:
        rings.ring(mirror.instance, RingKind.VIDEO, uuid)
    assert Source.objects.get().sweep_due_at == later
    assert not any(rings.ring(mirror.instance, RingKind.VIDEO, uuid) for uuid in uuids)
    assert Ring.objects.count() == 3
    source = Source.objects.get()
    assert source.head_due_at <= timezone.now()
    assert source.sweep_due_at <= timezone.now()
    swept = len(mirror.runs("sweep"))
    assert mirror.slice().error is None
    assert len(mirror.runs("sweep")) == swept + 1


def test_what_came_to_nothing_and_keys_are_forgotten_after_a_while(bell: Mirror) -> None:
    bell.catalogue.edit_video(first(bell), name="By a known key")
    listen(bell)
    rings.ring(bell.instance, RingKind.VIDEO, str(uuid4()))
    assert bell.slice().error is None
    assert Ring.objects.exists()
    keys = RemoteKey.objects.count()
    Ring.objects.update(rung_at=timezone.now() - timedelta(hours=3))
    RemoteKey.objects.update(asked_at=timezone.now() - timedelta(days=29))
    bell.slice()
    assert (Ring.objects.count(), RemoteKey.objects.count()) == (0, keys)
    RemoteKey.objects.update(asked_at=timezone.now() - timedelta(days=31))
    bell.slice()
    assert not RemoteKey.objects.exists()
    bell.catalogue.edit_video(first(bell), name="By a key that is read anew")
    listen(bell)
    assert bell.row(first(bell)).name == "By a key that is read anew"


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2024 00:00:00 +99999999999999",
        "Mon, 01 Jan 2024 99999999999999999999:00:00 GMT",
        "Sun, 29 Nov 2026 21:21:05 GMT" + " " * 100,
        "Mon,",
        "",
    ],
)
def test_dates_that_none_can_have(known: Instance, date: str) -> None:  # noqa: F811
    one = made(date=date)
    assert deliver(one) == 401
    assert [deliver(one) for _time in range(60)][-1] == 429


@pytest.mark.parametrize(
    "activity",
    [
        {"type": ["View"], "actor": ALICE, "object": VIDEO},
        {"type": "Update", "actor": {"type": "Person", "id": ALICE}, "object": VIDEO},
        {"type": "Flag", "actor": ALICE, "object": [VIDEO]},
        {"type": "Create", "actor": ALICE, "object": {"type": "Note", "id": "x", "actor": {"id": ALICE}}},
        {"type": "Create", "actor": ALICE, "object": {"type": ["Note"], "id": None}},
        {},
    ],
    ids=["types", "actor", "list", "note", "no id", "nothing"],
)
def test_odd_shapes_make_nothing_due_and_are_no_refusals(known: Instance, activity: dict[str, Any]) -> None:  # noqa: F811
    one = made(json.dumps(activity).encode())
    assert {deliver(one) for _time in range(62)} == {202}
    assert not Ring.objects.exists()


@pytest.mark.parametrize("body", [b'{"type": ["View"], "x": ', b'{"type": 5} x', b'["x"]', b'"x"', b"5", b"null"])
def test_what_is_no_object_is_refused(known: Instance, body: bytes) -> None:  # noqa: F811
    assert deliver(made(body)) == 400


@pytest.mark.parametrize("name", [".", "..", "..."])
def test_names_of_dots_are_nobodys(known: Instance, name: str) -> None:  # noqa: F811
    actor = f"{HOME}/accounts/{name}"
    assert deliver(made(update(actor), key_id=f"{actor}#main-key")) == 401
    assert not RemoteKey.objects.filter(actor=actor).exists()


def test_who_has_proven_is_remembered_for_longer_than_from_heartbeat_to_heartbeat(known: Instance) -> None:  # noqa: F811
    import time_machine

    assert deliver(made(update())) == 202
    with time_machine.travel(timezone.now() + timedelta(days=7, hours=12), tick=True):
        assert [deliver(made(b"{")) for _time in range(61)][-1] == 400
    cache.clear()
