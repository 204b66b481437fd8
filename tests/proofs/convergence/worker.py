"""A Celery worker in a process group of its own, to be killed with all its children."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import ROOT

OPTIONS = ("--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")


@dataclass
class Worker:
    """A worker with these variables in its environment; it writes its log at the end of `log`."""

    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "project", "worker", *OPTIONS],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End the worker and its children at once, whatever they are doing."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def crash(self) -> None:
        """Kill it and start another one."""
        self.kill()
        self.start()
