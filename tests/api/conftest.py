"""A mirrored catalogue, and a way to ask the API for it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from tests.support.snapshot import Kept, made_once

if TYPE_CHECKING:
    from peertube_sync.models import Video


@pytest.fixture
def catalogue(db: None, kept: Kept) -> None:
    """The recorded catalogue as its lists show it."""
    from tests.support.catalogue import HOST, mirror_lists

    made_once(kept, "lists", HOST, mirror_lists)


@pytest.fixture
def full(catalogue: None) -> "Video":
    """A video of the catalogue with details, captions, chapters and tags."""
    from tests.support.catalogue import mirror_details, richest

    return mirror_details(richest())


@pytest.fixture
def ask(client: Client) -> Callable[..., Any]:
    """Ask the API for an address; `query` is put into it. The answer has to be of `status`, and is JSON."""

    def get(path: str, *, status: int = 200, **query: Any) -> Any:
        answer = client.get(path if path.startswith("http") else f"/api/{path}", query)
        assert answer.status_code == status, answer.content
        return answer.json()

    return get
