"""Hosts side by side: a thread and a database connection for each at work, so that a slow one delays nobody."""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any, TypeVar

from django.db import connections

LOOK = 1.0
"""Seconds between two looks for what has become due while others are at work."""

T = TypeVar("T")
Find = Callable[[Collection[T], int], Iterable[T]]
"""What may begin now, given who is at work, and how many more may be."""


def side_by_side(hosts: int, find: Find[Any], do: Callable[[Any, Event], T], done: Callable[[Any, T], None]) -> None:
    """Do `do` for what `find` gives, `hosts` at a time, until it gives none and none is at work.

    `done` is told each of them and what came of it, in the caller's thread. When the caller is interrupted, the event
    that `do` was given is set, and those at work come to their end. With one host at a time there is no thread.
    """

    def in_thread(thing: Any, stop: Event) -> T:
        try:
            return do(thing, stop)
        finally:
            connections.close_all()

    stop = Event()
    running: dict[Future[T], Any] = {}
    with _Here() if hosts == 1 else ThreadPoolExecutor(hosts, "peertube-sync") as pool:
        try:
            while True:
                for thing in list(find(running.values(), hosts - len(running))):
                    running[pool.submit(do if hosts == 1 else in_thread, thing, stop)] = thing
                if not running:
                    return
                for future in wait(running, LOOK, FIRST_COMPLETED).done:
                    done(running.pop(future), future.result())
        except BaseException:
            stop.set()
            raise


class _Here(Executor):
    """Does at once, in the caller's thread, what is submitted."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Do it; a bug or an interruption comes out right here."""
        future: Future[T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future
