"""How the tests of this folder ask a sandbox: over a connection of its own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from peertube_sync.testing import Sandbox


@dataclass(frozen=True)
class Reply:
    """What came back, names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)


Ask = Callable[..., Reply]


def ask(
    sandbox: Sandbox, target: str, *, headers: dict[str, str] | None = None, method: str = "GET", **query: Any
) -> Reply:
    """Ask over a connection of its own; `query` is put into the address."""
    address = f"{target}?{urlencode(query, doseq=True)}" if query else target
    connection = http.client.HTTPConnection(sandbox.host, timeout=10)
    try:
        connection.request(method, address, headers=headers or {})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, found, response.read())
    finally:
        connection.close()


def uuids(reply: Reply) -> list[str]:
    return [item["uuid"] for item in reply.data["data"]]
