"""Signing and proving HTTP requests as PeerTube does: draft-cavage signatures with RSA and SHA-256, over a digest.

Plain functions of texts; keys are PEM. What is signed is always `(request-target) host date digest`, in this order.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from peertube_sync.client.secret import Secret

SIGNED = "(request-target) host date digest"
ALGORITHMS = frozenset({"rsa-sha256", "hs2019"})
"""Names of what PeerTube does; the second leaves it to the key, which is RSA."""
PARAMETER = re.compile(r'\s*([A-Za-z]{1,20})="([^"\\]{0,2048})"\s*')
LONGEST_HEADER = 4096
"""Characters of a signature's header; PeerTube's has about 400."""
LONGEST_DATE = 64
"""Characters of a date; PeerTube's has 29."""
BITS = 2048
FEWEST_BITS, MOST_BITS = 1024, 8192
"""Bits of the keys that are taken: PeerTube made keys of 1024 up to now, and large ones take long to compute with."""


class BadSignature(Exception):  # noqa: N818 - named after what is the case
    """A signature, digest or date isn't what it has to be; the text says which."""


@dataclass(frozen=True)
class Signature:
    """What a header says: the address of the key, and the bytes that prove the request."""

    key_id: str
    proof: bytes

    @classmethod
    def parse(cls, header: str) -> "Signature":
        """Read a header; raises BadSignature where it isn't one over SIGNED, or names anything twice."""
        if len(header) > LONGEST_HEADER:
            raise BadSignature("the signature is too long")
        found: dict[str, str] = {}
        for part in header.split(","):
            match = PARAMETER.fullmatch(part)
            if match is None or match[1] in found:
                raise BadSignature("the signature can't be read")
            found[match[1]] = match[2]
        if found.get("headers") != SIGNED:
            raise BadSignature(f"the signature isn't over {SIGNED}")
        if found.get("algorithm") not in ALGORITHMS:
            raise BadSignature("the signature's algorithm isn't rsa-sha256")
        try:
            proof = base64.b64decode(found.get("signature", ""), validate=True)
        except (binascii.Error, ValueError):
            proof = b""
        if not proof or not found.get("keyId"):
            raise BadSignature("the signature lacks keyId or signature")
        return cls(found["keyId"], proof)


def signed_text(path: str, host: str, date: str, digest: str) -> str:
    """Return what is signed of a POST to `path` of `host`."""
    return f"(request-target): post {path}\nhost: {host}\ndate: {date}\ndigest: {digest}"


def digest_of(body: bytes) -> str:
    """Return the value of the header Digest."""
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def parse_moment(date: str) -> datetime:
    """Return the time that a header says; raises BadSignature."""
    if len(date) > LONGEST_DATE:
        raise BadSignature("the date is too long")
    try:
        found = parsedate_to_datetime(date)
    except (TypeError, ValueError, OverflowError, IndexError):
        raise BadSignature("the date can't be read") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_proven(pem: str, text: str, proof: bytes) -> bool:
    """Tell whether whoever has the other half of the key `pem` signed `text`; a key that can't be read proves none."""
    try:
        public_key(pem).verify(proof, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key(pem: str) -> rsa.RSAPublicKey:
    """Return the key; raises ValueError for what is none of RSA, of a size that is taken."""
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (UnsupportedAlgorithm, TypeError) as error:
        raise ValueError("not a public key") from error
    if not isinstance(key, rsa.RSAPublicKey) or not FEWEST_BITS <= key.key_size <= MOST_BITS:
        raise ValueError("not a public key of RSA with 1024 to 8192 bits")
    return key


def new_key_pair() -> tuple[str, Secret]:
    """Return a new public and private key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.decode(), Secret(private.decode())


def signed_headers(path: str, host: str, body: bytes, key_id: str, private_key: Secret) -> Mapping[str, str]:
    """Return the headers that a POST of `body` to `path` of `host` has to have, signed now."""
    key = serialization.load_pem_private_key(private_key.value.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - `new_key_pair` makes no other
    date, digest = format_datetime(datetime.now(UTC), usegmt=True), digest_of(body)
    proof = key.sign(signed_text(path, host, date, digest).encode(), padding.PKCS1v15(), hashes.SHA256())
    signature = base64.b64encode(proof).decode()
    return {
        "Date": date,
        "Digest": digest,
        "Signature": f'keyId="{key_id}",algorithm="rsa-sha256",headers="{SIGNED}",signature="{signature}"',
    }
