"""Every operation of the API under inputs made from its own description: no crash, and no answer but as described."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, seed, settings, strategies
from schemathesis.specs.openapi.checks import ignored_auth

from peertube_sync.models import Playlist, Source, Video
from project.wsgi import application
from tests.support.catalogue import HOST
from tests.support.users import somebody

EXAMPLES = int(os.environ.get("EXAMPLES", "4"))
"""Cases for each operation; the suite has little time, people may have more."""
ASKS_OTHERS = "POST /api/sources/"
"""What asks the server that it is told of, so that staff don't try invented ones here."""
ROWS = ("view_source", "add_source", "change_source", "view_curation", "change_curation")
STAFF = (*ROWS, "view_private_video")
HYPOTHESIS = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
)


@pytest.fixture
def api(settings: Any) -> Iterator[Any]:
    """The API as schemathesis sees it, on the connection of the test."""
    settings.ALLOWED_HOSTS = ["localhost"]
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    for signal in signals:
        signal.connect(close_old_connections)


def names(full: Video) -> Mapping[str, str]:
    """Return what may stand in an address, by the list that it belongs to."""
    return {
        "accounts": full.account.handle,
        "channels": full.channel.handle,
        "instances": HOST,
        "playlists": str(Playlist.objects.all()[0].uuid),
        "sources": str(Source.objects.get_or_create(instance=full.instance)[0].pk),
        "videos": str(full.uuid),
    }


def statuses(operation: Any, known: Mapping[str, str], **sent: Any) -> Counter[int]:
    """Ask with made-up cases, half of them with a name that is known; returns how often which status was answered."""
    found: Counter[int] = Counter()

    @seed(1)
    @HYPOTHESIS
    @given(case=operation.as_strategy(), really=strategies.booleans())
    def ask(case: Any, really: bool) -> None:
        if really and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, known[operation.path.split("/")[2]])
        found.update([case.call_and_validate(**sent).status_code])

    ask()
    return found


def test_answers_are_as_described_whatever_is_asked(full: Video, api: Any) -> None:
    known, found = names(full), Counter[int]()
    session = {
        "cookies": {"sessionid": somebody(*STAFF).cookies["sessionid"].value},
        "excluded_checks": [ignored_auth],  # it wants to see what happens without the session, and sends it
    }
    for result in api.get_all_operations():
        operation = result.ok()
        found += statuses(operation, known)
        if "403" in operation.definition.raw["responses"] and operation.label != ASKS_OTHERS:
            found += statuses(operation, known, **session)
    assert {200, 400, 403, 404} <= set(found)
    assert max(found) < 500
