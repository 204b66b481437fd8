"""What may happen to a sandbox's deliveries on their way, and to its followers."""

from collections import Counter
from collections.abc import Iterator

import pytest
import requests

from peertube_sync.testing import Catalogue, Sandbox
from peertube_sync.testing.activitypub.forged import FORGERIES
from peertube_sync.testing.activitypub.keys import private_key
from tests.support.follower import ACTIVITY, Follower, following

INSTANCE = "/accounts/peertube"
CHANGES = 40


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Catalogue.generate(videos=3), limit=None) as running:
        yield running


@pytest.fixture
def follower(sandbox: Sandbox) -> Iterator[Follower]:
    with following(private_key("a follower", 0, 2048)) as one:
        assert one.follow(f"{sandbox.url}{INSTANCE}") == 204
        sandbox.federation.deliveries.wait()
        one.received.clear()
        yield one


def pem(actor: str) -> str:
    """Return the public key that an actor's document tells."""
    document = requests.get(actor, headers={"Accept": ACTIVITY}, timeout=10).json()
    return str(document["publicKey"]["publicKeyPem"])


def edited(sandbox: Sandbox, follower: Follower, changes: int = CHANGES) -> list[str]:
    """Edit videos; return the names that the follower heard, in its order."""
    rows = sandbox.catalogue.local_videos()
    for number in range(changes):
        sandbox.catalogue.edit_video(rows[number % len(rows)]["uuid"], name=f"Edit {number}")
    sandbox.federation.deliveries.wait()
    return [one.data["object"]["name"] for one in follower.received if isinstance(one.data["object"], dict)]


def test_without_faults_each_arrives_once_and_in_order(sandbox: Sandbox, follower: Follower) -> None:
    assert edited(sandbox, follower) == [f"Edit {number}" for number in range(CHANGES)]
    assert sandbox.federation.follows[0].score == 1000 + 10 * (CHANGES + 1)
    assert Counter(one.status for one in sandbox.federation.deliveries.log) == {202: CHANGES + 1}


def test_some_are_lost(sandbox: Sandbox, follower: Follower) -> None:
    sandbox.federation.deliveries.lost = 0.25
    heard = edited(sandbox, follower)
    assert 0 < len(heard) < CHANGES
    assert heard == sorted(heard, key=lambda name: int(name.split()[1]))


def test_some_come_twice(sandbox: Sandbox, follower: Follower) -> None:
    sandbox.federation.deliveries.doubled = 0.25
    heard = edited(sandbox, follower)
    assert len(heard) > CHANGES == len(set(heard))


@pytest.mark.parametrize("fault", [{"late": 0.2}, {"unordered": True}])
def test_some_come_late_or_out_of_order(sandbox: Sandbox, follower: Follower, fault: dict[str, float]) -> None:
    sandbox.federation.set_deliveries(**fault)
    with sandbox.catalogue.lock:  # a busy queue: nothing is settled before all is in it
        for row in sandbox.catalogue.local_videos():
            sandbox.catalogue.view(row["uuid"])
        told = edited_at_once(sandbox)
    sandbox.federation.deliveries.wait()
    heard = [one.data["object"]["name"] for one in follower.received if isinstance(one.data["object"], dict)]
    assert heard != told
    assert sorted(heard) == sorted(told)


def edited_at_once(sandbox: Sandbox) -> list[str]:
    uuid = sandbox.catalogue.local_videos()[0]["uuid"]
    names = [f"Edit {number}" for number in range(CHANGES)]
    for name in names:
        sandbox.catalogue.edit_video(uuid, name=name)
    return names


def test_some_are_forged_and_none_of_those_is_genuine(sandbox: Sandbox, follower: Follower) -> None:
    sandbox.federation.deliveries.forged = 1.0
    edited(sandbox, follower)
    log = sandbox.federation.deliveries.log[1:]
    assert {one.forged for one in log} == {"", *FORGERIES}
    pems: dict[str, str] = {}
    for delivery, one in zip(log, follower.received, strict=True):
        actor = one.data["actor"]
        if actor not in pems:
            pems[actor] = pem(actor)
        assert one.is_genuine(pems[actor]) is (delivery.forged in ("", "date", "foreign"))
        assert (" 2020 " in one.headers["date"]) is (delivery.forged == "date")
        assert delivery.object.startswith(sandbox.url) is (delivery.forged != "foreign")


def test_a_follower_that_fails_is_dropped_in_the_end(sandbox: Sandbox, follower: Follower) -> None:
    follower.answers = 500
    sandbox.federation.follows[0].score = 30
    for _again in range(5):
        edited(sandbox, follower, 1)
    assert len(follower.received) == 3
    assert sandbox.federation.follows == []


def test_followers_are_forgotten_and_keys_changed(sandbox: Sandbox, follower: Follower) -> None:
    before = pem(f"{sandbox.url}{INSTANCE}")
    sandbox.federation.change_keys()
    assert pem(f"{sandbox.url}{INSTANCE}") != before
    sandbox.federation.forget_followers()
    assert edited(sandbox, follower) == []


def test_views_come_in_floods(sandbox: Sandbox, follower: Follower) -> None:
    sandbox.federation.send_views(50)
    sandbox.federation.deliveries.wait()
    assert Counter(one.data["type"] for one in follower.received) == {"View": 50}


def test_a_follower_may_be_elsewhere_than_it_says(sandbox: Sandbox, follower: Follower) -> None:
    port = follower.home.rpartition(":")[2]
    follower.home = "https://mirror.example"
    followed = f"{sandbox.url}{INSTANCE}"
    assert follower.follow(followed) == 403
    sandbox.federation.addresses["mirror.example"] = f"127.0.0.1:{port}"
    assert follower.follow(followed) == 204
    sandbox.federation.deliveries.wait()
    assert follower.received[-1].headers["host"] == "mirror.example"


def test_a_shell_does_all_of_this_over_http(sandbox: Sandbox, follower: Follower) -> None:
    def post(name: str, **arguments: object) -> int:
        return requests.post(f"{sandbox.url}/sandbox/{name}", json=arguments, timeout=10).status_code

    assert post("set_deliveries", lost=1.0) == 200
    assert edited(sandbox, follower) == []
    assert post("set_deliveries") == 200
    assert len(edited(sandbox, follower, 2)) == 2
    assert post("send_views", count=3) == 200
    assert post("reject") == 200
    assert post("forget_followers") == 200
    assert sandbox.federation.follows == []
    assert post("set_deliveries", colour=1) == 400
