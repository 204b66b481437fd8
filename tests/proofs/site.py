"""An empty site of its own for what runs too long, or measures too much, to be a test."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from cryptography.fernet import Fernet
from django.core.management import call_command

from tests.support.servers import start_postgres

NOT_DURABLE_BUT_HONEST = "fsync = off\n"
"""A killed server loses nothing that it called committed; only a machine that loses its power would."""


@contextmanager
def site(directory: Path, database: str) -> Iterator[Any]:
    """Make an empty site in `directory`, its settings in the environment; gives the PostgreSQL server, if any."""
    server = start_postgres(directory, NOT_DURABLE_BUT_HONEST) if database == "postgres" else None
    os.environ.pop("REDIS_URL", None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DEBUG": "0",
        "SECRET_KEY": "of a site that lives for one proof",
        "DATABASE_URL": server.get_uri() if server else f"sqlite:///{directory / 'site.sqlite3'}",
        "PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS": "1",
        "PEERTUBE_SYNC_API_REQUESTS_PER_MINUTE": "0",
        "PEERTUBE_SYNC_PICTURES": "source",
        "PEERTUBE_SYNC_RATE_LIMIT_SHARE": "1.0",
        "PEERTUBE_SYNC_TOKEN_KEYS": Fernet.generate_key().decode(),
    }
    django.setup()
    call_command("migrate", verbosity=0)
    try:
        yield server
    finally:
        django.db.connections.close_all()
        if server:
            server.cleanup()
