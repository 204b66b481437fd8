"""A fediverse in one process: `python -m tests.proofs.bench.fediverse_server`, for `tests.proofs.bench.fediverse`.

One socket on all of 127.0.0.0/8 answers for every host, told apart by the Host header. Catalogues are made when
they are first asked for. Prints its two ports (of those that answer, of those that take connections and never do),
and, when its standard input ends, one line of JSON: host → [[monotonic seconds, path, sort, status], …].
"""

import argparse
import json
import random
import socket
import sys
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from peertube_sync.testing import Catalogue
from peertube_sync.testing.answers import Answer, html_answer
from peertube_sync.testing.faults import Fault, Faults
from peertube_sync.testing.limits import Limiter
from peertube_sync.testing.respond import Call, LoggedRequest, Responder
from peertube_sync.testing.wire import Server

SPREAD = 2.0
"""Sigma of the logarithm of the sizes: of 1,764 the largest has some 50,000 videos, half of them fewer than 70."""
WINDOW = 10.0
SLOW_SECONDS = 1.0
SHARES = {"dead": 0.02, "silent": 0.01, "slow": 0.02, "limiting": 0.02, "lying": 0.02}
"""How many are not as they should be. Dead hosts refuse connections, silent ones never answer, limiting ones say 429
before they had to, lying ones tell of a thousand videos that they don't have."""
ACTIVE = 0.2
"""Of the good hosts so many have published lately; the others have been quiet for a year."""


@dataclass(frozen=True)
class Host:
    """One host of the fediverse; all is decided by the seed and its number."""

    number: int
    kind: str
    size: int

    @property
    def address(self) -> str:
        """The address on loopback that is its name."""
        return f"127.{1 + self.number // 62500}.{self.number // 250 % 250}.{1 + self.number % 250}"

    def published(self) -> list[datetime]:
        """When it has published lately, newest first: from four times an hour to once in three days."""
        drawn = random.Random(self.number)
        if self.kind != "good" or drawn.random() > ACTIVE:
            return []
        gap = timedelta(hours=0.25 * 288 ** drawn.random())
        return [datetime.now(UTC) - gap * number for number in range(1, 11)]


def hosts(number: int, videos: int, seed: int) -> list[Host]:
    """Return the hosts, with `videos` of all of them together."""
    drawn = random.Random(seed)
    weights = [drawn.lognormvariate(0, SPREAD) for _ in range(number)]
    kinds = drawn.choices([*SHARES, "good"], [*SHARES.values(), 1 - sum(SHARES.values())], k=number)
    each = videos / sum(weights)
    return [
        Host(at, kind, max(1, round(weight * each)))
        for at, (weight, kind) in enumerate(zip(weights, kinds, strict=True))
    ]


@dataclass
class Everybody:
    """Answers for all hosts."""

    hosts: dict[str, Host]
    limit: int
    made: dict[str, Responder] = field(default_factory=dict)
    making: threading.Lock = field(default_factory=threading.Lock)

    def respond(self, call: Call) -> tuple[Answer, Fault | None]:
        """Answer as the host that the call names."""
        address = call.headers.get("host", "").partition(":")[0]
        if address not in self.hosts:
            return html_answer("no such host", 404), None
        with self.making:
            if address not in self.made:
                self.made[address] = self._make(self.hosts[address])
        return self.made[address].respond(call)

    def _make(self, host: Host) -> Responder:
        catalogue = Catalogue.generate(videos=max(0, host.size - len(host.published())), seed=host.number)
        for at in reversed(host.published()):
            catalogue.add_video(created=at.isoformat(), published=at.isoformat())
        log: list[LoggedRequest] = []
        latency = SLOW_SECONDS if host.kind == "slow" else 0.0
        faults = _faults(host.kind)
        return Responder(catalogue, Limiter(self.limit, WINDOW), faults, log, {}, latency, None, "6.3.0")


def _faults(kind: str) -> Faults:
    faults = Faults()
    if kind == "limiting":
        faults.add(Fault("too_many", after=12, retry_after=5))
    if kind == "lying":
        faults.add(Fault("total", "/api/v1/videos[?]", times=None))
    return faults


class Wide(Server):
    """Listens on every address of the machine's loopback."""

    request_queue_size = 512

    def server_bind(self) -> None:
        """Take the port on all addresses."""
        self.server_address = ("0.0.0.0", self.server_address[1])
        super().server_bind()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    for name in ("hosts", "videos", "seed", "limit"):
        parser.add_argument(name, type=int)
    given = parser.parse_args()
    everybody = Everybody({one.address: one for one in hosts(given.hosts, given.videos, given.seed)}, given.limit)
    server = Wide(0, cast("Responder", everybody))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with socket.create_server(("0.0.0.0", 0), backlog=512) as silent:
        sys.stdout.write(f"{server.port} {silent.getsockname()[1]}\n")
        sys.stdout.flush()
        sys.stdin.read()
    server.shutdown()
    sys.stdout.write(json.dumps({address: _log(one) for address, one in everybody.made.items()}))


def _log(responder: Responder) -> list[tuple[float, str, str, int]]:
    return [(one.started, one.path, one.query.get("sort", [""])[0], one.status) for one in responder.log]


if __name__ == "__main__":
    main()
