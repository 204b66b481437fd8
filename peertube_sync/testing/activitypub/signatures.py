"""HTTP signatures as PeerTube makes and checks them: draft-cavage, RSA with SHA-256."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

SIGNED = "(request-target) host date digest"
REQUIRED = {"(request-target)", "host", "date", "digest"}
SKEW_SECONDS = 1800
"""How far PeerTube lets the date of a request be from its own time."""
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


def digest_of(body: bytes) -> str:
    return f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode()}"


def signature(key: RSAPrivateKey, key_id: str, path: str, headers: Mapping[str, str]) -> str:
    """Return the `Signature` of a POST to a path; `headers` have lower-case names."""
    signed = key.sign(_signed_text(SIGNED, path, headers), PKCS1v15(), SHA256())
    code = base64.b64encode(signed).decode()
    return f'keyId="{key_id}",algorithm="rsa-sha256",headers="{SIGNED}",signature="{code}"'


def parameters(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """Return what the `Signature` of a POST says. Raises ValueError, with the reason, where nothing can be checked."""
    if headers.get("digest") != digest_of(body):
        raise ValueError("Invalid digest")
    found = dict(_PARAMETER.findall(headers.get("signature", "")))
    if not found.keys() >= {"keyId", "headers", "signature"} or not set(found["headers"].split()) >= REQUIRED:
        raise ValueError("The signature lacks a parameter or a header")
    try:
        sent = parsedate_to_datetime(headers["date"]).replace(tzinfo=UTC).timestamp()
    except (KeyError, ValueError):
        raise ValueError("The date can't be read") from None
    if abs(time.time() - sent) > SKEW_SECONDS:
        raise ValueError("Clock skew is too large")
    return found


def verifies(found: Mapping[str, str], pem: str, path: str, headers: Mapping[str, str]) -> bool:
    """Tell whether the signature with these parameters was made by the owner of the public key."""
    try:
        key = load_pem_public_key(pem.encode())
        code = base64.b64decode(found["signature"], validate=True)
        text = _signed_text(found["headers"], path, headers)
    except (KeyError, ValueError):
        return False
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(code, text, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _signed_text(names: str, path: str, headers: Mapping[str, str]) -> bytes:
    values = {"(request-target)": f"post {path}", **headers}
    return "\n".join(f"{name}: {values[name]}" for name in names.split()).encode()
