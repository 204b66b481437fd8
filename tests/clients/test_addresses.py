"""Every address of 200 answers leads to something: at the mirror, or where it leads from there."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.clients.answers import Question, questions
from tests.clients.conftest import Follow, Pair, ask

pytestmark = [pytest.mark.clients, pytest.mark.one_database]

ANSWERS, ALL = 200, 10_000
OTHERS = (
    *("/services/oembed?url={0}/w/{1}", "/api/v1/instances", "/api/v1/server/following", "/nodeinfo/2.0.json"),
    *("/feeds/videos.json", "/.well-known/nodeinfo"),
)
"""What is asked beside the catalogue."""
ENDS = ("Path", "Url", "path", "url")


def addresses(value: Any) -> Iterator[tuple[str, str]]:
    """Yield all addresses of an answer, with the keys that have them."""
    if isinstance(value, list):
        for one in value:
            yield from addresses(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str) and one and name.endswith(ENDS):
                yield name, one
            else:
                yield from addresses(one)


def spread(rows: list[Any], most: int) -> list[Any]:
    return [rows[number * len(rows) // most] for number in range(most)]


def told_at_home(pair: Pair, asked: list[Question]) -> set[str]:
    """Return all addresses that the home tells itself."""
    paths = {question.there for question in asked} | {f"/api/v1/videos/{row['uuid']}" for row in pair.videos(ALL)}
    answers = (ask(pair.home, path) for path in paths)
    return {urljoin(pair.home, address) for answer in answers for _name, address in addresses(answer)}


def test_no_address_leads_to_nothing(pair: Pair, follow: Follow) -> None:
    asked = list(questions(pair))
    paths = [question.here for question in spread(asked, ANSWERS - len(OTHERS))] + [
        path.format(pair.site, pair.videos()[0]["uuid"]) for path in OTHERS
    ]
    found: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        for name, address in addresses(ask(pair.site, path)):
            found[urljoin(pair.site, address)].add(f"{name} of {path}")
    assert len(found) > 500
    status = {address: follow(address).status for address in found}
    assert {(address, *found[address]) for address in found if status[address] == 404} == set()
    wrong = {address for address in found if status[address] != 200}
    # The sandbox has no videos and torrents; what it says of such an address is what it says of any.
    assert wrong <= told_at_home(pair, asked)
    assert not any(address.startswith(pair.site) for address in wrong)
