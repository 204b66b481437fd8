"""What a real PeerTube delivered is understood, and nothing that differs from it by as much as a bit."""

import pytest
from django.test import Client

from peertube_sync.models import Delivery, Instance, RemoteKey, Ring
from tests.doorbell import recorded
from tests.doorbell.recorded import deliver, deliveries, rung

NUMBERS = range(20)
EDITED, UPLOADED = "9a134d17-c783-4a6a-b1e0-d6fcc80fdfa5", "57101dbd-84a3-4ec4-9c61-12de8e3dd70b"
PLAYLISTS = (
    "2b099efe-b356-497a-b9ef-d45b7182ed84",
    "c235643f-eeb0-42a3-85d5-a016f95fdd08",
    "0238bd14-2123-4a4c-a9ca-61ba0a4b1092",
)


def test_all_that_was_delivered_rings(followed: Instance) -> None:
    assert [deliver(one) for one in deliveries()] == [202] * 20
    videos = {("video", EDITED), ("video", UPLOADED)}
    actors = {("channel", "cooking"), ("account", "alice")}
    assert rung() == videos | actors | {("playlist", uuid) for uuid in PLAYLISTS}
    counts = dict(Ring.objects.values_list("name", "rings"))
    assert (counts[EDITED], counts[UPLOADED], counts[PLAYLISTS[0]]) == (7, 4, 4)


def test_a_view_costs_no_cryptography_and_leaves_nothing(followed: Instance) -> None:
    view = next(one for one in deliveries() if one.activity["type"] == "View")
    assert deliver(view.without("signature").without("digest")) == 202
    assert not Ring.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("number", [number for number in NUMBERS if number != 10])  # that one is a view
def test_one_bit_changed_anywhere_is_refused(followed: Instance, number: int) -> None:
    one = deliveries()[number]
    client = Client()
    for place in range(0, len(one.body), 97):
        body = bytearray(one.body)
        body[place] ^= 1
        assert deliver(one.with_body(bytes(body)), client) in {202, 400, 401, 403, 429}
        assert not rung()
    for header in ("digest", "date", "signature"):
        value = one.headers[header]
        for place in range(0, len(value), 7):
            changed = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
            assert deliver(one.changed(**{header: changed}), client) in {401, 403, 429}, (header, place)
    assert not rung()
    assert not Ring.objects.exclude(kind="key").exists()


@pytest.mark.parametrize("number", NUMBERS[:3])
def test_another_path_actor_or_key_is_refused(followed: Instance, number: int) -> None:
    one = deliveries()[number]
    other = recorded.actor("cooking")["publicKey"]["publicKeyPem"]
    assert deliver(recorded.Recorded("/ap/inbox/", one.headers, one.body)) == 404
    bob = one.body.replace(b"/accounts/alice", b"/accounts/alicf")
    assert deliver(one.with_body(bob)) == 401
    RemoteKey.objects.filter(actor__endswith="/accounts/alice").update(pem=other)
    assert deliver(one) == 401
    assert not rung()
