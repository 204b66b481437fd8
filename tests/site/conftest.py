"""A mirrored catalogue, and a visitor who looks at its pages."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.support.page import Page
from tests.support.snapshot import Kept, made_once

if TYPE_CHECKING:
    from peertube_sync.models import Video


@pytest.fixture
def full(db: None, kept: Kept) -> "Video":
    """A video with details, captions, chapters and tags, in a mirrored catalogue of 40."""
    from peertube_sync.ingest.search_documents import index_due
    from peertube_sync.models import Video
    from tests.support.catalogue import HOST, mirror_one, richest

    made_once(kept, "the site's", HOST, mirror_one)
    index_due()
    return Video.objects.select_related("instance", "channel__instance").get(uuid=richest())


@pytest.fixture
def look(client: Client) -> Callable[..., Page]:
    """Look at an address; `query` is put into it. The answer has to be of `status`."""

    def get(path: str, *, status: int = 200, **query: object) -> Page:
        answer = client.get(path, query)
        assert answer.status_code == status, answer.content
        return Page(answer.content.decode())

    return get
