"""What is forged makes nothing due and no request; keys are asked for seldom, and only of whom we follow."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.core.cache import cache
from django.test import Client

from peertube_sync.client.http_signatures import SIGNED, digest_of, signed_text
from peertube_sync.models import Delivery, Follow, FollowState, Instance, RemoteKey, Ring
from peertube_sync.sync.doorbell import hearing
from tests.doorbell import recorded
from tests.doorbell.recorded import HOST, MOMENT, Recorded, deliver, deliveries, rung

OURS = "127.0.0.1:19500"
HOME = f"http://{HOST}"
ALICE, PEERTUBE = f"{HOME}/accounts/alice", f"{HOME}/accounts/peertube"
OTHER = "http://127.0.0.2:19000"
VIDEO = f"{HOME}/videos/watch/{uuid4()}"
DATE = "Sun, 29 Nov 2026 21:21:05 GMT"
THEIRS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
"""A key that alice is known to have."""
STRANGERS = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    public = key.public_key()
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, kind).decode()


def made(
    activity: dict[str, Any] | bytes | None = None,
    *,
    key: rsa.RSAPrivateKey = THEIRS,
    key_id: str = f"{ALICE}#main-key",
    date: str = DATE,
    signed: str = SIGNED,
    text: Callable[[str, str, str, str], str] = signed_text,
    path: str = "/ap/inbox",
    host: str = OURS,
    **headers: str,
) -> Recorded:
    """Sign a delivery, well unless told otherwise."""
    body = activity if isinstance(activity, bytes) else json.dumps(activity or update()).encode()
    digest = headers.pop("digest", digest_of(body))
    proof = key.sign(text(path, host, date, digest).encode(), padding.PKCS1v15(), hashes.SHA256())
    value = base64.b64encode(proof).decode()
    signature = f'keyId="{key_id}",algorithm="rsa-sha256",headers="{signed}",signature="{value}"'
    given = {"content-type": "application/activity+json", "date": date, "digest": digest, "signature": signature}
    return Recorded("/ap/inbox", {**given, **headers}, body)


def update(actor: str = ALICE, about: str = VIDEO, kind: str = "Video", **more: Any) -> dict[str, Any]:
    return {"type": "Update", "id": "x", "actor": actor, "object": {"type": kind, "id": about}, **more}


def answer(
    kind: str = "Accept",
    actor: str = ALICE,
    follow: str = f"{recorded.SITE_URL}/ap/actor/follows/1",
    asked_by: str = "",
) -> dict[str, Any]:
    asked = {"type": "Follow", "id": follow, "actor": asked_by or f"{recorded.SITE_URL}/ap/actor"}
    return {"type": kind, "id": "x", "actor": actor, "object": asked}


def lacking(*names: str) -> Callable[[str, str, str, str], str]:
    def text(path: str, host: str, date: str, digest: str) -> str:
        lines = signed_text(path, host, date, digest).split("\n")
        return "\n".join(line for line in lines if line.split(":")[0].strip("()") not in names)

    return text


FORGED: dict[str, Callable[[], Recorded]] = {
    "another's key": lambda: made(key=STRANGERS),
    "another's key id": lambda: made(key=STRANGERS, key_id=f"{PEERTUBE}#main-key"),
    "key of another host": lambda: made(key=STRANGERS, key_id=f"{OTHER}/accounts/alice#main-key"),
    "all of it of another host": lambda: made(
        update(f"{OTHER}/accounts/alice", f"{OTHER}/videos/watch/{uuid4()}"),
        key=STRANGERS,
        key_id=f"{OTHER}/accounts/alice#main-key",
    ),
    "private host": lambda: made(
        update("http://10.0.0.1/accounts/a", f"http://10.0.0.1/videos/watch/{uuid4()}"),
        key_id="http://10.0.0.1/accounts/a#main-key",
    ),
    "metadata host": lambda: made(key_id="http://169.254.169.254/accounts/a#main-key"),
    "user before the host": lambda: made(key_id=f"http://x@{HOST}/accounts/alice#main-key"),
    "the host as user": lambda: made(key_id=f"{HOME}@127.0.0.2/accounts/alice#main-key"),
    "upper-case host": lambda: made(key_id="HTTP://127.0.0.1:19000/accounts/alice#main-key"),
    "https for http": lambda: made(key_id=f"https://{HOST}/accounts/alice#main-key"),
    "another port": lambda: made(key_id="http://127.0.0.1:19001/accounts/alice#main-key"),
    "key at a file": lambda: made(key_id=f"{HOME}/lazy-static/avatars/x.png#main-key"),
    "key of a video": lambda: made(key_id=f"{VIDEO}#main-key"),
    "another fragment": lambda: made(key_id=f"{ALICE}#other-key"),
    "no fragment": lambda: made(key_id=ALICE),
    "a query in the key": lambda: made(key_id=f"{ALICE}?x=1#main-key"),
    "a climbing path": lambda: made(key_id=f"{HOME}/accounts/../accounts/alice#main-key"),
    "an escaped name": lambda: made(key_id=f"{HOME}/accounts/%61lice#main-key"),
    "actor isn't the signer": lambda: made(update(f"{HOME}/accounts/bob")),
    "actor of another host": lambda: made(update(f"{OTHER}/accounts/alice")),
    "object on another host": lambda: made(update(about=f"{OTHER}/videos/watch/{uuid4()}")),
    "object on another port": lambda: made(update(about=f"http://127.0.0.1:19001/videos/watch/{uuid4()}")),
    "object with another scheme": lambda: made(update(about=f"https://{HOST}/videos/watch/{uuid4()}")),
    "date of yesterday": lambda: made(date="Sat, 28 Nov 2026 21:21:05 GMT"),
    "date of 31 minutes ago": lambda: made(date="Sun, 29 Nov 2026 20:49:05 GMT"),
    "date of tomorrow": lambda: made(date="Mon, 30 Nov 2026 21:21:05 GMT"),
    "no date at all": lambda: made(date="now"),
    "date not signed": lambda: made(signed="(request-target) host digest", text=lacking("date")),
    "digest not signed": lambda: made(signed="(request-target) host date", text=lacking("digest")),
    "host not signed": lambda: made(signed="(request-target) date digest", text=lacking("host")),
    "path not signed": lambda: made(signed="host date digest", text=lacking("request-target")),
    "less signed than said": lambda: made(text=lacking("digest")),
    "digest of another body": lambda: made(digest=digest_of(b"{}")),
    "digest by another hash": lambda: made(digest="SHA-1=2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    "for another host": lambda: made(host="elsewhere.example"),
    "for another path": lambda: made(path="/inbox"),
    "no signature": lambda: made().without("signature"),
    "no digest": lambda: made().without("digest"),
    "rubbish for a signature": lambda: made().changed(signature="x" * 5000),
    "a parameter twice": lambda: made().changed(signature=made().headers["signature"] + f',keyId="{ALICE}#main-key"'),
    "an algorithm of its own": lambda: made().changed(signature=made().headers["signature"].replace("rsa-", "none-")),
    "huge": lambda: made(b'{"type": "Update", "x": "' + b"x" * 300_000 + b'"}'),
    "of another type": lambda: made(**{"content-type": "text/plain"}),
    "no JSON": lambda: made(b"{"),
    "a list": lambda: made(b"[]"),
    "deep": lambda: made(b"[" * 100_000),
    "an Accept of another actor": lambda: made(answer(actor=PEERTUBE), key=THEIRS),
    "an Accept of who isn't asked": lambda: made(
        answer(actor=f"{HOME}/accounts/bob"), key_id=f"{HOME}/accounts/bob#main-key"
    ),
    "a Reject of another actor": lambda: made(answer("Reject", PEERTUBE), key=STRANGERS, key_id=f"{PEERTUBE}#main-key"),
}
UNINTERESTING: dict[str, Callable[[], Recorded]] = {
    "a note": lambda: made(update(kind="Note")),
    "a like": lambda: made({"type": "Like", "id": "x", "actor": ALICE, "object": VIDEO}, key=STRANGERS),
    "an unknown address": lambda: made(update(about=f"{HOME}/about/instance")),
    "an unknown type": lambda: made({"type": "Move", "actor": ALICE, "object": VIDEO}),
    "somebody else's Follow": lambda: made(answer(follow="https://elsewhere.example/follows/1")),
    "a Follow of somebody else": lambda: made(answer(asked_by="https://elsewhere.example/actor")),
    "a uuid that is none": lambda: made(update(about=f"{HOME}/videos/watch/1 or 1=1")),
}


@pytest.fixture
def known(followed: Instance) -> Instance:
    """Alice is known by a key whose other half these tests have."""
    RemoteKey.objects.filter(actor=ALICE).update(pem=pem(THEIRS))
    return followed


def nothing_happened() -> bool:
    states = set(Follow.objects.values_list("state", flat=True))
    return not Ring.objects.exists() and not Delivery.objects.exists() and states == {FollowState.ACCEPTED}


def test_what_is_made_here_is_good_otherwise(known: Instance) -> None:
    assert deliver(made()) == 202
    assert rung() == {("video", VIDEO.rpartition("/")[2])}


@pytest.mark.parametrize("kind", FORGED)
def test_forged(known: Instance, kind: str) -> None:
    assert deliver(FORGED[kind]()) in {400, 401, 403, 413, 415}
    assert nothing_happened()


@pytest.mark.parametrize("kind", UNINTERESTING)
def test_uninteresting(known: Instance, kind: str) -> None:
    assert deliver(UNINTERESTING[kind]()) == 202
    assert nothing_happened()


def test_a_replay_makes_nothing_due_while_its_date_is_valid(known: Instance) -> None:
    one = deliveries()[0]
    assert deliver(one.changed()) == 401  # alice has another key here
    good = made()
    assert deliver(good) == 202
    Ring.objects.update(waiting=False)
    with time_machine.travel(MOMENT + timedelta(minutes=20), tick=True):
        assert deliver(good) == 202
    assert not rung()
    with time_machine.travel(MOMENT + timedelta(minutes=31), tick=True):
        assert deliver(good) == 401
    assert not rung()


def test_two_changes_in_one_second_are_no_replay(known: Instance) -> None:
    good = made()
    with time_machine.travel(MOMENT - timedelta(seconds=5), tick=True):
        assert deliver(good) == 202
        Ring.objects.update(waiting=False)
        assert deliver(good) == 202
    assert rung()


def test_keys_invented_by_the_thousand_make_a_few_wanted(known: Instance) -> None:
    client, statuses = Client(), []
    for number in range(1000):
        actor = f"{HOME}/accounts/invented{number}"
        cache.clear()
        statuses.append(deliver(made(update(actor), key=STRANGERS, key_id=f"{actor}#main-key"), client))
    assert statuses.count(202) == hearing.STRANGERS
    assert Ring.objects.filter(kind="key").count() == hearing.STRANGERS
    assert rung() == set(Ring.objects.filter(kind="key").values_list("kind", "name"))


def test_a_key_is_asked_for_once_an_hour_where_it_proves_nothing(known: Instance) -> None:
    with time_machine.travel(MOMENT + timedelta(minutes=61), tick=True):
        now = "Sun, 29 Nov 2026 22:22:12 GMT"
        assert [deliver(made(key=STRANGERS, date=now)) for _time in range(3)] == [401] * 3
        assert rung() == {("key", ALICE)}
        Ring.objects.update(waiting=False)
        RemoteKey.objects.update(asked_at="2026-11-29T22:22:12Z")
        assert deliver(made(update(about=f"{HOME}/videos/watch/{uuid4()}"), key=STRANGERS, date=now)) == 401
        assert not rung()


def test_what_waits_for_a_key_is_bounded(known: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "PENDING", 5)
    Follow.objects.filter(name="alice").delete()
    RemoteKey.objects.filter(actor=ALICE).update(pem="", asked_at=None)
    found = [deliver(made(update(about=f"{HOME}/videos/watch/{uuid4()}"))) for _time in range(7)]
    assert found == [202] * 5 + [429] * 2


def test_who_is_refused_again_and_again_is_throttled_and_who_proves_isnt(known: Instance) -> None:
    junk = made(b"{")
    assert [deliver(junk) for _time in range(61)] == [400] * 60 + [429]
    assert deliver(made()) == 429
    assert deliver(Recorded("/ap/inbox", made().headers, made().body, {"REMOTE_ADDR": "198.51.100.7"})) == 202
    cache.clear()
    assert deliver(made(update(about=f"{HOME}/videos/watch/{uuid4()}"))) == 202
    assert [deliver(junk) for _time in range(61)][-1] == 400


def test_only_posts_are_taken(followed: Instance, client: Client) -> None:
    assert client.get("/ap/inbox").status_code == 405
    assert client.put("/ap/inbox").status_code == 405


def test_the_addresses_of_ours(followed: Instance, client: Client) -> None:
    assert client.get("/ap/actor").status_code == 404
    assert client.get("/ap/actor/followers").json()["totalItems"] == 0
    found = client.get("/.well-known/webfinger", {"resource": f"acct:doorbell@{OURS}"}).json()
    assert found["links"][0]["href"] == f"{recorded.SITE_URL}/ap/actor"
    assert client.get("/.well-known/webfinger", {"resource": "acct:nobody@elsewhere.example"}).status_code == 404
