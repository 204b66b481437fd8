"""What a visitor's browser loads for a page besides pictures."""

import gzip
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Video
from tests.support.catalogue import make_videos
from tests.support.page import Look

SENT, STORED = 25_000, 75_000
"""Bytes of a page with its style sheets and scripts: compressed, as web servers send them, and as they are."""
SHEETS, SCRIPTS = 25_000, 15_000
"""Bytes of the style sheets alone, and of the scripts alone, as they are."""
LONG = "Why the tide pools below the old light still matter to everybody who lives here " * 2
PAGES = ("/", "/videos/", "/videos/?q=tide", "/videos/{video}/", "/channels/{channel}/", "/playlists/", "/channels/")


def files(addresses: set[str]) -> list[bytes]:
    """Return the static files at these addresses."""
    found = (finders.find(urlsplit(address).path.removeprefix("/static/")) for address in addresses)
    return [Path(str(path)).read_bytes() for path in found]


@pytest.mark.one_database
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_long_titles_is_light(look: Look, full: Video, path: str) -> None:
    make_videos(60, name=LONG[:120], truncatedDescription=LONG)
    index_due()
    page = look(path.format(video=full.short_uuid, channel=full.channel.handle))
    sheets = files({one.attributes["href"] for one in page.all("link", rel="stylesheet")})
    scripts = files({one.attributes["src"] for one in page.all("script") if "src" in one.attributes})
    assert 0 < sum(map(len, sheets)) <= SHEETS
    assert 0 < sum(map(len, scripts)) <= SCRIPTS
    loaded = [page.source.encode(), *sheets, *scripts]
    assert sum(map(len, loaded)) <= STORED
    assert sum(len(gzip.compress(one)) for one in loaded) <= SENT
