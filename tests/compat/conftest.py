"""The recorded catalogue mirrored in full, and ways to ask for it as PeerTube's clients do."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from tests.support.snapshot import Kept, made_once

UNLIMITED = 1_000_000


@pytest.fixture(autouse=True)
def _unlimited() -> Iterator[None]:
    from django.conf import settings

    with override_settings(PEERTUBE_SYNC={**settings.PEERTUBE_SYNC, "COMPAT_RATE_LIMIT": UNLIMITED}):
        yield


@pytest.fixture
def mirror(db: None, kept: Kept) -> None:
    """The recorded catalogue with all details, captions and chapters."""
    from peertube_sync.ingest.search_documents import index_due
    from tests.support.catalogue import HOST, mirror_all

    made_once(kept, "everything", HOST, mirror_all)
    index_due()


@pytest.fixture
def get(client: Client) -> Callable[..., Any]:
    """Ask below `/api/v1/`; the answer has to be of `status`, and is JSON."""

    def ask(path: str, *, status: int = 200, **query: Any) -> Any:
        answer = client.get(path if path.startswith("/") else f"/api/v1/{path}", query)
        assert answer.status_code == status, answer.content
        return answer.json()

    return ask


@pytest.fixture
def post(client: Client) -> Callable[..., Any]:
    """Post JSON below `/api/v1/`; the answer has to be of `status`, and is JSON."""

    def ask(path: str, body: Any, *, status: int = 200) -> Any:
        answer = client.post(path if path.startswith("/") else f"/api/v1/{path}", body, "application/json")
        assert answer.status_code == status, answer.content
        return answer.json()

    return ask


@pytest.fixture
def catalogue(db: None, kept: Kept) -> None:
    """The recorded catalogue as its lists show it."""
    from peertube_sync.ingest.search_documents import index_due
    from tests.support.catalogue import HOST, mirror_lists

    made_once(kept, "lists", HOST, mirror_lists)
    index_due()
