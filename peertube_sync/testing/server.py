"""The sandbox itself: a PeerTube stand-in over real HTTP on loopback."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from peertube_sync.testing.activitypub.federation import Federation
from peertube_sync.testing.catalogue import Catalogue
from peertube_sync.testing.faults import Faults
from peertube_sync.testing.limits import Limiter
from peertube_sync.testing.respond import LoggedRequest, Responder
from peertube_sync.testing.versions import Version
from peertube_sync.testing.wire import Server

POLL_SECONDS = 0.02


class Sandbox:
    """A PeerTube stand-in; a context manager that serves while it is open.

    `limit` requests per `window` seconds and client (None or 0 lifts the limit), `latency` seconds before
    every answer, `host_name` the name it calls itself by (None: what a request's Host says).
    `version` such as "3.4.1" or "8.2.1" is the release that it speaks as (None: the catalogue's). Besides
    PeerTube's API it answers `POST /sandbox/…` (see `control`). Raises OSError when the port is taken (port 0 takes a
    free one), ValueError for what is no version.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        limit: int | None = 50,
        window: float = 10.0,
        port: int = 0,
        latency: float = 0.0,
        host_name: str | None = None,
        version: str | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.log: list[LoggedRequest] = []
        self.faults = Faults()
        self._limiter = Limiter(limit, window)
        release = Version(version or catalogue.version)
        self.federation = Federation(catalogue, lambda: f"http://{host_name or self.host}", release)
        responder = Responder(
            catalogue, self.federation, self._limiter, self.faults, self.log, {}, latency, host_name, release
        )
        self._server = Server(port, responder)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,))

    @property
    def host(self) -> str:
        """Return address and port to connect to, such as `127.0.0.1:43121`."""
        return f"127.0.0.1:{self._server.port}"

    @property
    def url(self) -> str:
        """Return the address with its scheme."""
        return f"http://{self.host}"

    @property
    def limit(self) -> int | None:
        """Requests per window and client; None or 0 when lifted. May be set while serving."""
        return self._limiter.limit

    @limit.setter
    def limit(self, limit: int | None) -> None:
        self._limiter.limit = limit

    @property
    def window(self) -> float:
        """Seconds of a window. May be set while serving; running windows keep their end."""
        return self._limiter.window

    @window.setter
    def window(self, seconds: float) -> None:
        self._limiter.window = seconds

    def start(self) -> Self:
        """Begin to serve in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close every connection."""
        self.federation.stop()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.close_connections()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
