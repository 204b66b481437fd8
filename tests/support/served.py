"""This site, served on loopback by threads of the test's own process, with the doorbell on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from django.test import override_settings


class _Server(ThreadedWSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        super().process_request_thread(request, client_address)
        connections.close_all()


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def served_with_doorbell(**facts: Any) -> Iterator[str]:
    """Serve while the block runs; gives the address, which is SITE_URL too. `facts` are settings of the app.

    Its threads see what is committed: tests that use it commit their rows.
    """
    with _Server(("127.0.0.1", 0), _QuietHandler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        known = {"DOORBELL": True, "SITE_URL": url, "TOKEN_KEYS": Fernet.generate_key().decode(), **facts}
        changed = {**settings.PEERTUBE_SYNC, **known}
        cache.clear()
        with override_settings(
            PEERTUBE_SYNC=changed, ROOT_URLCONF="tests.doorbell.urls", ALLOWED_HOSTS=["*"], SECURE_SSL_REDIRECT=False
        ):
            server.set_app(WSGIHandler())
            thread = threading.Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            try:
                yield url
            finally:
                server.shutdown()
                thread.join()
