"""What is delivered: an activity, to whom, and in whose name it is signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peertube_sync.testing.activitypub.keys import KeyRing
from peertube_sync.testing.activitypub.signatures import digest_of, signature


@dataclass(frozen=True, slots=True)
class Parcel:
    """An activity on its way to an inbox; `signer` is the path of the actor whose key signs it.

    `forged` names what somebody else did to it ("" for a genuine one). Answers to a Follow can't fail on the way,
    so that a test knows where it stands: what `may_fail` is what tells of changes.
    """

    inbox: str
    signer: str
    body: dict[str, Any]
    may_fail: bool = True
    forged: str = ""

    def sent(self, body: bytes) -> bytes:
        """Return the bytes that go over the wire; those of a forger are others than what was signed."""
        return body.replace(b'"type"', b'"type" ', 1) if self.forged == "body" else body

    def headers(self, keys: KeyRing, body: bytes, host: str, path: str, date: str) -> dict[str, str]:
        """Return the headers in the order that was recorded."""
        if self.forged == "date":
            date = "Sun, 29 Nov 2020 21:19:38 GMT"
        signed_host = "elsewhere.example" if self.forged == "host" else host
        headers = {
            "digest": digest_of(body),
            "content-type": "application/activity+json",
            "accept": "application/activity+json, application/ld+json",
            "date": date,
            "content-length": str(len(self.sent(body))),
            "accept-encoding": "gzip, deflate, br, zstd",
            "host": signed_host,
        }
        key = keys.strangers(self.signer) if self.forged == "key" else keys.of(self.signer)
        signed = signature(key, f"{self.body['actor']}#main-key", path, headers)
        return headers | {"host": host, "signature": signed, "Connection": "close"}
