"""What the commands have in common in a shell: Ctrl-C, a database without tables, options that there aren't."""

import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.db import OperationalError, connection

from peertube_sync.management import commands
from peertube_sync.management.base import Command
from peertube_sync.models import Instance, Source
from tests.sync.processes import manage

STOPPING = "stopping, which may take some seconds; Ctrl-C again: at once\n"
KEPT = "stopped; everything read so far is kept. Run it again to go on.\n"
MIGRATE = "The tables of peertube_sync aren't there yet (or not up to date); run: manage.py migrate"


def mirror(server: socket.socket) -> None:
    """Make a server that accepts connections, and then says nothing, one of the instances here."""
    host = f"127.0.0.1:{server.getsockname()[1]}"
    instance = Instance.objects.create(host=host, scheme="http", version="6.3.0")
    Source.objects.create(instance=instance, kind="instance")


@pytest.mark.one_database
class TestInterrupted:
    @pytest.mark.parametrize(
        ("command", "hosts"), [(["peertube_sync"], 1), (["peertube_sync", "--watch", "--force-color"], 2)]
    )
    def test_it_says_in_plain_words_what_is_kept(self, database_url: str, command: list[str], hosts: int) -> None:
        servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(hosts)]
        for server in servers:
            mirror(server)
        with manage(*command, database_url=database_url) as process:
            asking = [server.accept()[0] for server in servers]
            process.send_signal(signal.SIGINT)
            for one in (*servers, *asking):
                one.close()
            _out, error = process.communicate(timeout=30)
        told = [line for line in error.splitlines(keepends=True) if " peertube_sync." not in line]  # what isn't the log
        assert (process.returncode, told) == (130, [STOPPING, KEPT])

    def test_it_ends_though_nobody_reads_that(self, database_url: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            mirror(server)
            with manage("peertube_sync", database_url=database_url) as process, server.accept()[0]:
                assert process.stderr
                process.stderr.close()
                process.send_signal(signal.SIGINT)
                assert process.wait(timeout=30) == 130

    @pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
    def test_what_handled_it_before_does_so_again(self, handler: Any) -> None:
        before = signal.signal(signal.SIGINT, handler)
        try:
            with pytest.raises(SystemExit):
                load_command_class("peertube_sync", "peertube_status").run_from_argv(["manage.py", "x", "--help"])
            assert signal.getsignal(signal.SIGINT) is handler
        finally:
            signal.signal(signal.SIGINT, before)

    def test_a_thread_may_run_one(self) -> None:
        command = load_command_class("peertube_sync", "peertube_status")
        with ThreadPoolExecutor(1) as pool, pytest.raises(SystemExit) as ended:
            pool.submit(command.run_from_argv, ["manage.py", "peertube_status", "--help"]).result()
        assert ended.value.code == 0

    def test_the_second_time_it_ends_at_once(self, database_url: str) -> None:
        with ExitStack() as stack:
            servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
            for server in servers:
                mirror(server)
            process = stack.enter_context(manage("peertube_sync", database_url=database_url))
            for server in servers:
                stack.enter_context(server.accept()[0])
            process.send_signal(signal.SIGINT)
            assert process.stderr
            assert process.stderr.readline() == STOPPING
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=5) == -signal.SIGINT


class TestDatabase:
    def test_without_tables_it_says_how_to_make_them(self, tmp_path: Path) -> None:
        with manage("peertube_add", "video.example", database_url=f"sqlite:///{tmp_path / 'empty'}") as process:
            _out, error = process.communicate(timeout=30)
        assert (process.returncode, error) == (1, f"CommandError: {MIGRATE}\n")

    def test_another_trouble_of_the_database_stays_what_it_is(self, db: None) -> None:
        def broken(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            if "peertube_sync_" in sql:
                raise OperationalError("the disk is full")
            return execute(sql, *rest)

        with connection.execute_wrapper(broken), pytest.raises(OperationalError, match="the disk is full"):
            call_command("peertube_status")


@pytest.mark.parametrize("name", [module.name for module in iter_modules(commands.__path__)])
def test_every_command_is_such_a_command(name: str) -> None:
    assert isinstance(load_command_class("peertube_sync", name), Command)


@pytest.mark.one_database
class TestOptions:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["peertube_sync", "--ful"], "unrecognized arguments: --ful; did you mean --full?"),
            (["peertube_add", "--langauge", "fr", "x"], "unrecognized arguments: --langauge; did you mean --language?"),
            (["peertube_status", "--jsno=1", "--xyz"], "arguments: --jsno=1 --xyz; did you mean --json?"),
            (["peertube_sync", "--xyz"], "unrecognized arguments: --xyz"),
        ],
    )
    def test_the_nearest_is_named_and_nothing_is_done(self, db: None, arguments: list[Any], words: str) -> None:
        with pytest.raises(CommandError) as refused:
            call_command(*arguments)
        assert str(refused.value).endswith(words)
