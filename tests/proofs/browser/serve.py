"""A small demo in one process: a mirrored sandbox, its site and admin, and a sync that goes on until it is ended.

    python -m tests.proofs.browser.serve DIRECTORY INSTANCE

Prints the address of the site as soon as INSTANCE is mirrored. The admin's login is demo, the password too.
SERVED_SETTINGS in the environment names other settings than those of project/.
"""

import os
import sys
import threading
from pathlib import Path

import django
from django.core.management import call_command

LOGIN = "demo"


def serve(directory: Path, instance: str) -> None:
    """Set up a site, mirror `instance`, then serve and sync for ever."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": os.environ.get("SERVED_SETTINGS", "project.settings"),
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{directory / 'site.sqlite3'}",
        "PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS": "1",
        "PEERTUBE_SYNC_RATE_LIMIT_SHARE": "1.0",
        "PEERTUBE_SYNC_CAPTION_SEARCH": "1",
        "PEERTUBE_SYNC_SITE_REQUESTS_PER_MINUTE": "0",
        "PEERTUBE_SYNC_API_REQUESTS_PER_MINUTE": "0",
        "PEERTUBE_SYNC_SITE_NAME": "Harbour videos",
    }
    os.environ.setdefault("PEERTUBE_SYNC_PICTURES", "source")
    django.setup()
    call_command("migrate", verbosity=0)
    _mirror(instance)
    sys.stdout.write(f"{_listen()}\n")
    sys.stdout.flush()
    call_command("peertube_sync", watch=True, stdout=sys.stderr)


def _mirror(instance: str) -> None:
    """Mirror an instance, and feature some of its videos."""
    from django.contrib.auth.models import User

    from peertube_sync.models import Curation, Video

    User.objects.create_superuser(LOGIN, password=LOGIN)
    call_command("peertube_add", instance, stdout=sys.stderr)
    call_command("peertube_sync", json=True, stdout=sys.stderr)
    liked = Video.objects.listed().order_by("-likes")[:4]
    Curation.objects.bulk_create([Curation(video=video, featured=True) for video in liked])


def _listen() -> str:
    """Serve the site in threads; return its address."""
    from wsgiref.simple_server import WSGIRequestHandler

    from django.core.servers.basehttp import ThreadedWSGIServer

    from project.wsgi import application

    class Silent(WSGIRequestHandler):
        """Writes no log."""

        def log_message(self, *_args: object) -> None:
            """Keep still."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Silent, allow_reuse_address=False)
    server.set_app(application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2])
