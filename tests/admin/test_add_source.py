"""Adding a source by pasting an address, against a real server."""

import logging
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import connection, connections
from django.test import Client

from peertube_sync.models import OptOut, Source
from peertube_sync.models.rules import RULES
from peertube_sync.testing import Catalogue, Sandbox
from tests.support import builders
from tests.support.admin_pages import StaffClient, adding, page

pytestmark = pytest.mark.django_db

VIDEOS = 30


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Catalogue.generate(videos=VIDEOS, seed=3), limit=None) as running:
        yield running


class Silent(SimpleHTTPRequestHandler):
    """Serves an empty directory, and prints nothing."""

    def log_message(self, *_args: object) -> None:
        """Keep still."""


@pytest.fixture
def another_software(tmp_path: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def told(response: object) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def paste(client: Client, what: str, **rules: object) -> Any:
    """Paste an address, look at what was recognised, and confirm it."""
    shown = client.post(adding("source"), {"what": what, **rules})
    return client.post(adding("source"), {"planned": shown.context["planned"]})


def test_what_was_recognised_and_will_cost_is_shown_before_it_is_added(staff: StaffClient, sandbox: Sandbox) -> None:
    client = staff("add_source", "view_source")
    html = client.post(adding("source"), {"what": f"{sandbox.url}/videos/local", "tags": "cats"}).content.decode()
    parts = ("a whole instance", sandbox.host, "PeerTube 6.3.0", f"{VIDEOS} videos", "requests", "minute", "MB", "cats")
    assert [part for part in parts if part not in html] == []
    assert not Source.objects.exists()


def test_what_is_confirmed_is_added_and_due(staff: StaffClient, sandbox: Sandbox) -> None:
    response = paste(staff("add_source", "view_source"), sandbox.url)
    assert response.status_code == 302
    source = Source.objects.get()
    assert (source.kind, source.name, source.instance.host) == ("instance", "", sandbox.host)
    assert "due now" in told(response)
    assert LogEntry.objects.get().object_repr == str(source)


def test_only_what_was_shown_can_be_confirmed(admin_client: Client, sandbox: Sandbox) -> None:
    shown = admin_client.post(adding("source"), {"what": sandbox.url}).context["planned"]
    refused = admin_client.post(adding("source"), {"planned": f"{shown}x"})
    assert "paste the address again" in refused.content.decode()
    OptOut.objects.create(host=sandbox.host)
    refused = admin_client.post(adding("source"), {"planned": shown})
    assert "has opted out" in refused.content.decode()
    assert not Source.objects.exists()


def test_what_was_added_before_is_not_added_again(admin_client: Client, sandbox: Sandbox) -> None:
    paste(admin_client, sandbox.url)
    response = admin_client.post(adding("source"), {"what": f"{sandbox.url}/videos/local"})
    assert "was added before" in told(response)
    assert Source.objects.count() == 1


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("{url}/w/1111111111111111111111", ""),
        ("nobody@{host}", ""),
        ("what is this?", "not a host"),
        ("<script>alert(1)</script>", "not a host"),
        ("", "required"),
    ],
)
def test_what_can_not_be_added_says_why_beside_the_field(
    admin_client: Client, sandbox: Sandbox, what: str, reason: str
) -> None:
    response = admin_client.post(adding("source"), {"what": what.format(url=sandbox.url, host=sandbox.host)})
    assert response.status_code == 200
    (error,) = response.context["adminform"].form.errors["what"]
    assert reason in error
    assert "<script>alert" not in response.content.decode()
    assert not Source.objects.exists()


def test_a_server_of_another_software_is_refused(admin_client: Client, another_software: str) -> None:
    response = admin_client.post(adding("source"), {"what": another_software})
    (error,) = response.context["adminform"].form.errors["what"]
    assert "PeerTube" in error
    assert not Source.objects.exists()


def test_private_hosts_are_refused_unless_allowed(admin_client: Client, sandbox: Sandbox, settings: object) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "ALLOW_PRIVATE_HOSTS": False}
    response = admin_client.post(adding("source"), {"what": sandbox.url})
    assert response.context["adminform"].form.errors["what"]
    assert not Source.objects.exists()


def test_adding_needs_permission_and_a_token(staff: StaffClient, sandbox: Sandbox) -> None:
    assert staff("change_source").post(adding("source"), {"what": sandbox.url}).status_code == 403
    assert staff("change_source").get(adding("source")).status_code == 403
    strict = staff("add_source")
    strict.handler.enforce_csrf_checks = True
    assert strict.post(adding("source"), {"what": sandbox.url}).status_code == 403
    assert not Source.objects.exists()


def test_the_form_has_one_field_and_the_rules(admin_client: Client) -> None:
    response = admin_client.get(adding("source"))
    assert set(response.context["adminform"].form.fields) == {"what", *RULES}
    assert all(f'name="{name}"' in response.content.decode() for name in RULES)


def test_that_a_broader_source_covers_it_is_told_before_it_is_added(admin_client: Client, sandbox: Sandbox) -> None:
    channel = next(iter(sandbox.catalogue.channels.values()))
    address = f"{channel.name}@{sandbox.host}"
    before = admin_client.post(adding("source"), {"what": address})
    assert "Lies inside" not in before.content.decode()
    paste(admin_client, sandbox.url)
    after = admin_client.post(adding("source"), {"what": address}).content.decode()
    assert "Lies inside" in after
    assert f"{sandbox.host}, which is mirrored already" in after


def test_rules_may_be_given_at_once(admin_client: Client, sandbox: Sandbox) -> None:
    given = {"languages": "fr, en", "categories": "1,5", "nsfw": "false", "min_duration": 60, "since": "2020-01-31"}
    paste(admin_client, sandbox.url, **given)
    assert Source.objects.get().rules == {
        "languages": ["fr", "en"],
        "categories": [1, 5],
        "nsfw": False,
        "min_duration": 60,
        "since": "2020-01-31",
    }


@pytest.mark.parametrize(
    ("given", "words"),
    [({"languages": "french"}, "fr (French)"), ({"categories": "music"}, "numbers"), ({"since": "once"}, "valid date")],
)
def test_a_rule_that_can_not_be_is_told(
    admin_client: Client, sandbox: Sandbox, given: dict[str, str], words: str
) -> None:
    response = admin_client.post(adding("source"), {"what": sandbox.url, **given})
    assert words in response.content.decode()
    assert not Source.objects.exists()


def test_what_lies_inside_a_broader_source_is_said_to_be_suspended(admin_client: Client, sandbox: Sandbox) -> None:
    paste(admin_client, sandbox.url)
    name = sandbox.catalogue.local_videos(sandbox.host)[0]["channel"]["name"]
    message = told(paste(admin_client, f"{name}@{sandbox.host}"))
    assert f"suspended, as it lies inside {sandbox.host}" in message
    assert "due now" not in message


def test_saving_a_rule_tells_how_much_it_hides(admin_client: Client) -> None:
    source = builders.source()
    for seconds in (10, 100, 1000):
        builders.video(source.instance, duration=seconds)
    changed = {"state": "active", "min_duration": 500}
    assert "hides 2 of 3 held videos" in told(admin_client.post(page(source), changed))
    assert "hides 2 of 3 held videos" in admin_client.get(page(source)).content.decode()


class InTransaction(logging.Handler):
    """Notes, whenever a request goes out, whether the thread that sends it has a transaction open."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.open: list[bool] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.open.append(connection.in_atomic_block)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic_requests", [False, True])
def test_the_server_is_asked_outside_of_any_transaction(
    admin_client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, atomic_requests: bool
) -> None:
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", atomic_requests)
    watch, logger = InTransaction(), logging.getLogger("urllib3")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(watch)
    try:
        assert paste(admin_client, sandbox.url).status_code == 302
    finally:
        logger.removeHandler(watch)
        logger.setLevel(logging.NOTSET)
    assert watch.open
    assert not any(watch.open)


def test_paused_siblings_do_not_hinder_adding(admin_client: Client, sandbox: Sandbox) -> None:
    home = builders.instance(host=sandbox.host, scheme="http")
    builders.source(instance=home, kind="channel", name="somebody", state="paused")
    paste(admin_client, sandbox.url)
    assert set(Source.objects.values_list("kind", flat=True)) == {"instance", "channel"}
