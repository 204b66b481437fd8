"""What a PeerTube 8.2.1 delivered to a follower, and the site and the clock that it was delivered to."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from peertube_sync.models import Follow, FollowState, Instance, RemoteKey, Ring
from tests.support.paths import ROOT

RECORDINGS = ROOT / "tests" / "recordings" / "activitypub-8.2"
SITE_URL = "http://127.0.0.1:19500"
HOST = "127.0.0.1:19000"
MOMENT = datetime(2026, 11, 29, 21, 21, 10, tzinfo=UTC)
"""All deliveries came in the minutes before."""
ACTORS = ("peertube", "cooking", "alice")
FOLLOWED = {"peertube": ("instance", ""), "cooking": ("channel", "cooking"), "alice": ("account", "alice")}


@dataclass
class Recorded:
    """A delivery as it came; `environ` is what else the request has."""

    path: str
    headers: dict[str, str]
    body: bytes
    environ: dict[str, str] = field(default_factory=dict)

    def changed(self, **headers: str) -> "Recorded":
        return Recorded(self.path, {**self.headers, **headers}, self.body, self.environ)

    def without(self, name: str) -> "Recorded":
        return Recorded(self.path, {key: value for key, value in self.headers.items() if key != name}, self.body)

    def with_body(self, body: bytes) -> "Recorded":
        return Recorded(self.path, self.headers, body, self.environ)

    @property
    def activity(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


def deliveries() -> list[Recorded]:
    lines = (RECORDINGS / "received.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    return [Recorded(one["path"], one["headers"], one["body"].encode()) for one in found]


def actor(name: str) -> dict[str, Any]:
    return dict(json.loads((RECORDINGS / f"actor.{name}.json").read_text()))


def follow_all() -> Instance:
    """Follow the three actors that were followed, whose keys are known."""
    instance = Instance.objects.create(host=HOST, scheme="http", state="ok")
    for name in ACTORS:
        kind, target = FOLLOWED[name]
        state = {"state": FollowState.ACCEPTED, "asked_at": MOMENT, "answered_at": MOMENT, "accepted_at": MOMENT}
        Follow.objects.create(host=HOST, scheme="http", kind=kind, name=target, **state)
        document = actor(name)
        pem = document["publicKey"]["publicKeyPem"]
        RemoteKey.objects.create(instance=instance, actor=document["id"], pem=pem, asked_at=MOMENT, fetched_at=MOMENT)
    return instance


def deliver(one: Recorded, client: Client | None = None) -> int:
    """Return the status of the inbox's answer."""
    headers = {name: value for name, value in one.headers.items() if name != "content-type"}
    kind = one.headers.get("content-type", "")
    response = (client or Client()).post(one.path, one.body, content_type=kind, headers=headers, **one.environ)
    return int(response.status_code)


def rung() -> set[tuple[str, str]]:
    """Return what is to be looked at."""
    return set(Ring.objects.filter(waiting=True).values_list("kind", "name"))
