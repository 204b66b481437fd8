"""Made-up questions, by PeerTube's own document: answers violate nothing that those of a PeerTube don't violate too."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings, strategies
from schemathesis.core.failures import Failure, FailureGroup

from tests.clients.conftest import Pair
from tests.clients.openapi import needs_document, restricted

pytestmark = [pytest.mark.clients, pytest.mark.one_database, needs_document]

EXAMPLES = int(os.environ.get("EXAMPLES", "20"))
"""Cases for each question."""
OF_ROWS = "JsonSchemaError"
RIGHT = {
    ("oauth-clients/local", "UndefinedStatusCode 403"): "nobody is asked for a password here",
    ("server/follow", "UndefinedStatusCode 400"): "an order that a PeerTube doesn't know; the sandbox sorts nothing",
    ("", "JsonSchemaError type nsfwSummary"): "null where nobody has written one, as in 8.2",
    ("videos/{id}", "JsonSchemaError minItems tags"): "a video may have none; a made-up number is another's there",
    ("", "JsonSchemaError type videoChannelPosition"): "null where nobody tells one, as in 8.2",
    ("video-playlists/{playlistId}", "UndefinedStatusCode 400"): "what is no number or uuid; the sandbox finds nothing",
    ("videos/{id}/description", "UndefinedStatusCode 404"): "as 6.3; 8.2 has no such question",
    ("videos/{id}/description", "AcceptedNegativeData"): "as 6.3; 8.2 has no such question",
    ("videos/{id}/description", "JsonSchemaError anyOf "): "as 6.3; 8.2 has no such question",
    ("videos/{id}/storyboards", "UndefinedStatusCode 404"): "as of all below a video; the sandbox has no storyboards",
    ("videos/{id}/storyboards", "AcceptedNegativeData"): "as of all below a video; the sandbox has no storyboards",
}
"""Kinds that may be ours alone, by the beginning of the question, and why."""
HYPOTHESIS = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
)


def names(pair: Pair) -> dict[str, str]:
    """Return what may stand in an address, by the list that it belongs to."""
    first = {kind: pair.own(kind)[0] for kind in ("accounts", "video-channels", "video-playlists")}
    handles = {kind: f"{row.get('name')}@{pair.sandbox.host}" for kind, row in first.items()}
    return {**handles, "video-playlists": first["video-playlists"]["uuid"], "videos": pair.videos()[0]["uuid"]}


def failures(case: Any, response: Any) -> Iterator[str]:
    """Yield the kinds of what is wrong with an answer."""
    try:
        case.validate_response(response)
    except FailureGroup as group:
        for one in group.exceptions:
            yield kind(one)


def kind(failure: Failure) -> str:
    """Return the kind of a failure: of answers that aren't as described also what is wrong, and where."""
    name = type(failure).__name__
    if name == "UndefinedStatusCode":
        return f"{name} {failure.status_code}"
    if name == "JsonSchemaError":
        place = next((part for part in reversed(failure.instance_path) if isinstance(part, str)), "")
        return f"{name} {failure.schema_path[-1]} {place}"
    return name


Wrong = dict[str, set[str]]
"""Kinds of failures, by the address of the server."""


def ask(operation: Any, known: dict[str, str], servers: tuple[str, ...], session: requests.Session) -> Wrong:
    """Ask the servers the same made-up questions, half of them with a name that is known."""
    wrong: Wrong = {server: set() for server in servers}

    @seed(1)
    @HYPOTHESIS
    @given(case=operation.as_strategy(), really=strategies.booleans())
    def compare(case: Any, really: bool) -> None:
        if really and case.path_parameters:
            case.path_parameters = dict.fromkeys(case.path_parameters, known[operation.path.split("/")[3]])
        for server in servers:
            wrong[server].update(failures(case, case.call(base_url=server, session=session)))

    compare()
    return wrong


def allowed(label: str) -> set[str]:
    """Return the kinds that are right of a question, and none of the PeerTube that is compared."""
    return {kind for (start, kind) in RIGHT if label.startswith(f"GET /api/v1/{start}")}


def test_no_kind_of_violation_is_ours_alone(pair: Pair) -> None:
    known, wrong = names(pair), {}
    with requests.Session() as session:
        for result in schemathesis.openapi.from_dict(restricted()).get_all_operations():
            operation = result.ok()
            wrong[operation.label] = ask(operation, known, (pair.home, pair.site), session)
    assert len(wrong) >= 30
    # Rows that a made-up number finds are others here: what is wrong in a row is compared over all answers.
    of_rows = {one for told in wrong.values() for one in told[pair.home] if one.startswith(OF_ROWS)}
    alone = {label: told[pair.site] - told[pair.home] - of_rows - allowed(label) for label, told in wrong.items()}
    assert {label: kinds for label, kinds in alone.items() if kinds} == {}
