"""A mirror within a site made with django CMS, and an editor at work in its admin."""

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from tests.support.snapshot import Kept, made_once

if TYPE_CHECKING:
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
def placeholder(editor: Client) -> Any:
    """The place for plugins on a page that everybody can see."""
    from cms.api import create_page
    from django.contrib.auth.models import User
    from django.contrib.sites.models import Site

    Site.objects.get_or_create(pk=1, defaults={"domain": "testserver", "name": "town"})
    page = create_page("Town", "town.html", "en", slug="town", created_by=User.objects.get(), in_navigation=True)
    return page.get_admin_content("en").rescan_placeholders()["content"]
