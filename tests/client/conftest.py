"""Servers that count who connects."""

from collections.abc import Callable, Iterator

import pytest

from tests.client.vectors import Server, connects, note_connects


@pytest.fixture(scope="session", autouse=True)
def _connects_are_noted() -> None:
    note_connects()


@pytest.fixture
def serve() -> Iterator[Callable[[bytes], Server]]:
    running: list[Server] = []

    def start(answer: bytes = b"") -> Server:
        running.append(Server(answer))
        return running[-1]

    connects.clear()
    yield start
    for server in running:
        server.close()
