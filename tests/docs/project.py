"""A fresh Django project in which the pages' blocks are carried out as a reader would, in a real shell.

`video.example` of the pages is a sandbox here, `localhost:8000` a free port. What a command prints is compared with
what its page shows: in text the numbers don't count, in JSON a page may show a part.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.markdown import Block, Command, blocks
from tests.support.paths import ROOT
from tests.support.servers import free_port

NAME = "mysite"
FOR_TESTS = 'PEERTUBE_SYNC |= {"ALLOW_PRIVATE_HOSTS": True, "RATE_LIMIT_SHARE": 1.0}\n'
READY = {
    "runserver": "Quit the server",
    "--watch": "waited",
    "celery -A mysite worker": "ready.",
    "celery -A mysite beat": "beat: Starting",
    "peertube_sync.testing": "A sandbox PeerTube is at",
}
"""What goes on until it is stopped, by a part of its command; and what it prints when it is up."""

RENDER = "from django.template import Context, Template\nTemplate({!r}).render(Context())"
"""Code that shows a piece of a template."""

SECONDS = 60


@dataclass
class Project:
    """A project in `directory` that has `packages`; `words` of the pages stand for others here.

    Commands are those in `programs`; `packages` is None where these have the app already. What pages write into
    settings.py is put into `settings`.
    """

    directory: Path
    words: dict[str, str]
    packages: Path | None
    running: list["subprocess.Popen[str]"] = field(default_factory=list)
    programs: Path = Path(sys.executable).parent
    settings: str = f"{NAME}/settings.py"
    patience: int = SECONDS

    @classmethod
    def start(cls, directory: Path, words: dict[str, str], packages: Path) -> "Project":
        """Run `django-admin startproject`."""
        project = cls(directory, words, packages)
        assert project.shell(f"django-admin startproject {NAME} .").returncode == 0
        return project

    def copy(self, directory: Path) -> "Project":
        """Return a copy, database and all."""
        shutil.copytree(self.directory, directory, dirs_exist_ok=True)
        return Project(directory, self.words | {"localhost:8000": f"127.0.0.1:{free_port()}"}, self.packages)

    def install(self) -> None:
        """Write what the README says: settings, addresses, a page."""
        for block in blocks("README.md"):
            if block.file:
                self.carry_out(block)

    def carry_out(self, block: Block) -> None:
        """Do what a block says, and see that it comes to what its page says."""
        if block.language == "python":
            self.write(block) if block.file else self.execute(block.text, block)
        if block.language == "html":
            self.write(block) if block.file else self.execute(RENDER.format(block.text), block)
        if block.language == "console":
            for command in block.commands:
                self.command(command, str(block))

    def write(self, block: Block) -> None:
        """Add a block to the project: at the end of its settings or addresses, else as a file of its own."""
        text = self.here(block.text)
        if block.file not in {"settings.py", "urls.py"}:
            path = self.directory / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            return
        path = self.settings if block.file == "settings.py" else f"{NAME}/{block.file}"
        with (self.directory / path).open("a") as file:
            file.write(text + (FOR_TESTS if "PEERTUBE_SYNC = " in text else ""))
        if "DATABASES = " in text:  # the next block about databases takes its place
            checked = self.shell("python manage.py check")
            assert checked.returncode == 0, f"{block}: {checked.stdout}"

    def execute(self, code: str, block: Block) -> None:
        """Run code of the project, from a block."""
        arguments = [str(self.programs / "python"), "manage.py", "shell", "-c", self.here(code)]
        done = subprocess.run(arguments, **self.surroundings(), check=False)
        assert done.returncode == 0, f"{block}: {done.stdout}"

    def command(self, command: Command, where: str) -> None:
        """Run a command; one that goes on is left running until `stop`."""
        if command.line.startswith("pip install "):
            wanted = command.line.split()[-1].strip('"')
            assert re.fullmatch(r"django-peertube-sync(\[(celery|metrics|pictures|wagtail|cms)\])?", wanted), where
            return
        if command.line.startswith("make "):
            check_make(command.line)
            return
        if command.line.startswith("curl ") and not shutil.which("curl"):
            pytest.skip("no curl on the PATH")
        if ready := next((READY[part] for part in READY if part in command.line), None):
            printed = self.leave_running(command.line, ready)
        else:
            printed = self.finish(command, where)
        compare(command.output, self.there(printed), f"{where}: {command.line}")

    def finish(self, command: Command, where: str) -> str:
        """Run a command to its end, which is good unless its page shows an error; returns what it prints."""
        done = self.shell(self.here(command.line))
        fails = "CommandError" in command.output
        assert (done.returncode != 0) == fails, f"{where}: {command.line}\n{done.stdout}"
        return str(done.stdout)

    def leave_running(self, line: str, ready: str) -> str:
        """Start a command and wait until it is up; returns what it has printed so far."""
        line = self.here(line)
        if "runserver" in line:
            line += f" --noreload {self.words['localhost:8000']}"
        process = subprocess.Popen(["bash", "-c", line], **self.surroundings(), start_new_session=True)
        self.running.append(process)
        return read_to(process, ready)

    def stop(self) -> None:
        """End what still runs."""
        for process in self.running:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=SECONDS)

    def shell(self, line: str) -> "subprocess.CompletedProcess[str]":
        """Run a line as somebody would who has activated the virtualenv."""
        return subprocess.run(["bash", "-c", line], **self.surroundings(), timeout=self.patience, check=False)

    def surroundings(self) -> dict[str, Any]:
        """Return where and with what to run: nothing of the suite's own environment."""
        kept = {name: value for name, value in os.environ.items() if name in {"HOME", "LANG", "TMPDIR"}}
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        python = {"PYTHONUNBUFFERED": "1", **({"PYTHONPATH": str(self.packages)} if self.packages else {})}
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return {"cwd": self.directory, "env": {**kept, "PATH": path, **python}, **streams}

    def here(self, text: str) -> str:
        """Put what is here in place of a page's words."""
        for word, stand_in in self.words.items():
            text = text.replace(word, stand_in)
        return text

    def there(self, text: str) -> str:
        """Put a page's words in place of what is here."""
        for word, stand_in in self.words.items():
            text = text.replace(stand_in, word)
        return text.replace('"scheme": "http"', '"scheme": "https"')


def read_to(process: "subprocess.Popen[str]", word: str) -> str:
    """Return what a process prints up to the line with `word`."""
    patience = threading.Timer(SECONDS, process.kill)
    patience.start()
    lines: list[str] = []
    try:
        for line in process.stdout or ():
            lines.append(line)
            if word in line:
                return "".join(lines)
    finally:
        patience.cancel()
    pytest.fail(f"it ended without {word!r}:\n{''.join(lines)}")


def check_make(line: str) -> None:
    """See that the Makefile, or the demo, knows the target and the variables of a line."""
    words = line.split()[1:]
    known = (ROOT / "Makefile").read_text()
    for word in words:
        name, is_variable, _value = word.partition("=")
        assert (f"{name}=" if is_variable else f"\n{name}:") in known, line


def compare(shown: str, printed: str, where: str) -> None:
    """See that a command printed what its page shows; a page may show nothing."""
    if not shown.strip():
        return
    try:
        part = json.loads(shown)
    except ValueError:
        assert masked(shown) == masked(printed), where
    else:
        assert_part(part, json.loads(printed), where)


def assert_part(shown: Any, printed: Any, where: str) -> None:
    """See that JSON is a part of other JSON: the same facts, of which numbers may differ."""
    if isinstance(shown, dict):
        assert shown.keys() <= printed.keys(), where
        for key, value in shown.items():
            assert_part(value, printed[key], f"{where} {key}")
    elif isinstance(shown, list):
        assert len(shown) <= len(printed), where
        for one, other in zip(shown, printed, strict=False):
            assert_part(one, other, where)
    else:
        assert masked(json.dumps(shown)) == masked(json.dumps(printed)), where


def masked(text: str) -> str:
    """Return a text without what differs from one time to the next: cursors, numbers, widths of columns."""
    lines = (" ".join(line.split()) for line in text.strip().splitlines())
    return re.sub(r"\d+(\.\d+)?", "0", re.sub(r"cursor=[\w%-]+", "cursor=", "\n".join(lines)))
