"""A Celery worker in a process of its own, as a site has one."""

import queue
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from celery import Celery


@dataclass
class CeleryWorker:
    """A running `celery -A project worker`: send it a task, and wait for a line of its log."""

    process: subprocess.Popen[str]
    broker: Celery
    lines: "queue.Queue[str | None]" = field(default_factory=queue.Queue)
    seen: list[str] = field(default_factory=list)

    def send(self, task: str, *args: object) -> None:
        """Send a task by its name."""
        self.broker.send_task(task, args=args, ignore_result=True)

    def wait_for(self, *words: str, seconds: float = 30) -> str:
        """Wait for the next line of the log with all these words in it, and return it."""
        with suppress(queue.Empty):
            while (line := self.lines.get(timeout=seconds)) is not None:
                self.seen.append(line)
                if all(word in line for word in words):
                    return line
        pytest.fail(f"no line with {words} from the worker; the last ones:\n{''.join(self.seen[-30:])}")

    def read(self) -> None:
        """Pass on the log, line by line, and None at its end."""
        for line in self.process.stdout or ():
            self.lines.put(line)
        self.lines.put(None)
