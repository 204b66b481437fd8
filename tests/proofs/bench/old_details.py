"""Run with the packages of the old commit: `python old_details.py DIRECTORY`; writes what the bench has received.

`DIRECTORY` has the answers, a line each, in `pages` and `details`; DATABASE_URL is an empty database. Tells the seconds
that the details took, and those of the CPU of this process, as JSON. Names are those of the old commit.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import dj_database_url
import django
from django.conf import settings
from django.core.management import call_command

HOST = "sandbox.example"
APPS = ["django.contrib.auth", "django.contrib.contenttypes", "peertube_sync"]


def main(directory: Path) -> None:
    settings.configure(
        INSTALLED_APPS=APPS, DATABASES={"default": dj_database_url.config()}, USE_TZ=True, SECRET_KEY="of a bench"
    )
    django.setup()
    call_command("migrate", verbosity=0)
    pages, details = ((directory / name).read_bytes().splitlines() for name in ("pages", "details"))
    sys.stdout.write(json.dumps(measured(pages, details)))


def measured(pages: list[bytes], details: list[bytes]) -> tuple[float, float]:
    """Write list pages, then details in batches; returns the seconds of these."""
    walks: Any = import_module("peertube_sync.sync.details")
    parsing: Any = import_module("peertube_sync.client.parse")
    types: Any = import_module("peertube_sync.client.types")
    commit_page = import_module("peertube_sync.sync.pages").commit_page
    work, run, source = begun()
    for number, body in enumerate(pages):
        commit_page(work, run, source, parsing.parse_page(body, types.VideoItem, 100 * number, HOST))
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(details), walks.BATCH):
        bodies = details[start : start + walks.BATCH]
        walks.commit_details(work, run, [parsing.parse(body, types.VideoDetails, HOST) for body in bodies])
    return time.perf_counter() - wall, time.process_time() - cpu


def begun() -> tuple[Any, Any, Any]:
    """Begin a slice of work that asks nobody; returns it, its run, and its source."""
    models: Any = import_module("peertube_sync.models")
    conf = import_module("peertube_sync.conf").get_settings()
    instance = models.Instance.objects.create(host=HOST)
    source = models.Source.objects.create(instance=instance)
    lease = import_module("peertube_sync.sync.lease").Lease.acquire(instance, conf.lease_seconds)
    client = import_module("peertube_sync.sync.connect").connect("https", HOST, conf, "6.3.0")
    work = import_module("peertube_sync.sync.work").Work(instance, client, lease, conf, time.monotonic() + 3600)
    return work, work.recording("sweep", source).__enter__(), source


if __name__ == "__main__":
    main(Path(sys.argv[1]))
