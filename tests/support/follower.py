"""A bare follower: an actor with an inbox that keeps what it gets, as the one that recorded a real PeerTube had."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

ACTIVITY = "application/activity+json"


@dataclass
class Received:
    """One POST as it arrived: names of headers as they were written, in their order."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def is_genuine(self, pem: str) -> bool:
        """Tell whether digest and signature are right for this key."""
        signature = dict(part.split("=", 1) for part in self.headers["signature"].split('",'))
        signature = {name: value.strip('"') for name, value in signature.items()}
        digest = base64.b64encode(hashlib.sha256(self.body).digest()).decode()
        values = {"(request-target)": f"post {self.path}", **self.headers}
        text = "\n".join(f"{name}: {values[name]}" for name in signature["headers"].split())
        key = load_pem_public_key(pem.encode())
        assert isinstance(key, rsa.RSAPublicKey)
        try:
            key.verify(base64.b64decode(signature["signature"]), text.encode(), padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return self.headers["digest"] == f"SHA-256={digest}"


@dataclass
class Follower:
    """An actor at `home`. `answers` is the status that its inbox gives, `gone` that of its actor where it isn't 200."""

    home: str
    key: rsa.RSAPrivateKey
    name: str = "listener"
    received: list[Received] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: int = 202
    gone: int = 0

    @property
    def actor(self) -> str:
        return f"{self.home}/ap/{self.name}"

    @property
    def document(self) -> dict[str, Any]:
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        return {
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "type": "Application",
            "id": self.actor,
            "url": self.actor,
            "preferredUsername": self.name,
            "name": "A listener",
            "inbox": f"{self.home}/ap/inbox",
            **{part: f"{self.actor}/{part}" for part in ("outbox", "followers", "following")},
            "endpoints": {"sharedInbox": f"{self.home}/ap/inbox"},
            "publicKey": {"id": f"{self.actor}#main-key", "owner": self.actor, "publicKeyPem": pem},
        }

    def told(self) -> list[dict[str, Any]]:
        return [one.data for one in self.received]

    def follow(self, followed: str, number: int = 1) -> int:
        return self.send(f"{followed}/inbox", self.activity("Follow", followed, number))

    def undo(self, followed: str, number: int = 1) -> int:
        return self.send(f"{followed}/inbox", self.activity("Undo", self.activity("Follow", followed, number), number))

    def activity(self, kind: str, told: Any, number: int = 1) -> dict[str, Any]:
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": kind,
            "id": f"{self.actor}/{kind.lower()}s/{number}",
            "actor": self.actor,
            "object": told,
        }

    def send(self, inbox: str, activity: dict[str, Any], **changed: str) -> int:
        """POST a signed activity, some of its headers `changed` after it was signed; returns the status."""
        body = json.dumps(activity).encode()
        host, path = inbox.removeprefix("http://").split("/", 1)
        headers = {
            "host": host,
            "date": changed.pop("signed_date", formatdate(usegmt=True)),
            "digest": f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode()}",
        }
        text = f"(request-target): post /{path}\n" + "\n".join(f"{name}: {value}" for name, value in headers.items())
        code = base64.b64encode(self.key.sign(text.encode(), padding.PKCS1v15(), SHA256())).decode()
        names = changed.pop("signed_names", "(request-target) host date digest")
        headers["signature"] = (
            f'keyId="{self.actor}#main-key",algorithm="rsa-sha256",headers="{names}",signature="{code}"'
        )
        answer = requests.post(inbox, body, headers=headers | {"content-type": ACTIVITY} | changed, timeout=10)
        return answer.status_code


@contextmanager
def following(key: rsa.RSAPrivateKey, **facts: Any) -> Iterator[Follower]:
    """Serve a follower on loopback while the block runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.follower = Follower(f"http://127.0.0.1:{server.server_port}", key, **facts)  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.follower  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass

    def do_GET(self) -> None:
        follower: Follower = self.server.follower  # type: ignore[attr-defined]
        follower.asked.append(self.path)
        if f"{follower.home}{self.path}" == follower.actor:
            self._answer(follower.gone or 200, json.dumps(follower.document).encode())
        else:
            empty = {"type": "OrderedCollection", "id": f"{follower.home}{self.path}", "totalItems": 0}
            self._answer(200, json.dumps(empty).encode())

    def do_POST(self) -> None:
        follower: Follower = self.server.follower  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["content-length"]))
        follower.received.append(Received(self.path, dict(self.headers.items()), body))
        self._answer(follower.answers, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", ACTIVITY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
