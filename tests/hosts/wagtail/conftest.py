"""A mirror within a site made with Wagtail, and an editor at work in its admin."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from tests.support.snapshot import Kept, made_once

if TYPE_CHECKING:
    from wagtail.models import Page

    from peertube_sync.models import Video


@pytest.fixture
def full(db: None, kept: Kept) -> "Video":
    """A video with details in a mirrored catalogue of 40."""
    from peertube_sync.ingest.search_documents import index_due
    from peertube_sync.models import Video
    from tests.support.catalogue import HOST, mirror_one, richest

    made_once(kept, "the town's", HOST, mirror_one)
    index_due()
    return Video.objects.select_related("instance", "channel__instance").get(uuid=richest())


@pytest.fixture
def editor(client: Client, db: None) -> Client:
    """The browser of somebody who may do everything."""
    from django.contrib.auth.models import User

    client.force_login(User.objects.create_superuser("editor", "editor@town.example", "secret"))
    return client


@pytest.fixture
def root(db: None) -> "Page":
    """The page below which all others are."""
    from wagtail.models import Page

    found: Page = Page.objects.get(depth=2)
    return found


@pytest.fixture
def publish(root: "Page", client: Client) -> Callable[..., str]:
    """Publish a page with these fields; how it looks to a visitor."""
    from tests.hosts.wagtail.models import TownPage

    def look(**fields: Any) -> str:
        page = root.add_child(instance=TownPage(title="Town", slug="town", **fields))
        page.save_revision().publish()
        answer = Client().get("/town/")
        assert answer.status_code == 200
        return answer.content.decode()

    return look
