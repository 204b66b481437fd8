"""Indexers on connections of their own, which halt where a test wants them to."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

from django.db import connection

from peertube_sync.ingest.search_documents import index_due

PATIENCE = 5.0
"""Seconds after which something that should have come about is taken for waiting in vain."""


class Indexer:
    """Empties the queue as a worker does, and halts after its statement number `halt`, from 1 on."""

    def __init__(self, pool: ThreadPoolExecutor, halt: int) -> None:
        self._halt = halt
        self._statements = 0
        self._still, self._go = Event(), Event()
        self._outcome: Future[int] = pool.submit(self._index)

    def stands_still(self) -> bool:
        """Wait until it halts or has ended; False where it waits for something else."""
        return self._still.wait(PATIENCE)

    def goes_on(self) -> None:
        """Let it go on."""
        self._go.set()

    def ends(self) -> int:
        """Let it go on to its end; returns how many documents it wrote, or raises what it raised."""
        self.goes_on()
        return self._outcome.result(PATIENCE)

    def _index(self) -> int:
        try:
            with connection.execute_wrapper(self._counted):
                return index_due()
        finally:
            self._still.set()
            connection.close()

    def _counted(self, execute: Any, *statement: Any) -> Any:
        done = execute(*statement)
        self._statements += 1
        if self._statements == self._halt:
            self._still.set()
            self._go.wait(PATIENCE * 10)
        return done


@contextmanager
def indexers() -> Iterator[Any]:
    """Give what starts an indexer; in the end all have ended."""
    started: list[Indexer] = []

    def start(halt: int) -> Indexer:
        started.append(Indexer(pool, halt))
        return started[-1]

    with ThreadPoolExecutor() as pool:
        try:
            yield start
        finally:
            for one in started:
                one.goes_on()
