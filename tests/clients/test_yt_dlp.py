"""yt-dlp reads the mirror as it reads the PeerTube that is mirrored."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from peertube_sync.conf import get_settings
from tests.clients.conftest import Follow, Pair
from tests.support.sandboxes import MORE_THAN_A_PAGE

if TYPE_CHECKING:
    from tests.support.mirror import Mirror

pytest.importorskip("yt_dlp")
pytestmark = [pytest.mark.clients, pytest.mark.one_database]

KNOWN = "https://framatube.org"
"""yt-dlp knows some hosts as PeerTube's; here this one's addresses lead to the server that is asked."""
METADATA = (
    *("id", "title", "description", "timestamp", "uploader", "uploader_url", "channel", "channel_url", "language"),
    *("license", "duration", "view_count", "like_count", "dislike_count", "age_limit", "tags", "categories"),
    *("is_live", "webpage_url"),
)
"""What the extractor tells of a video: all but numeric ids, which are each server's own, and what has a test below."""
LISTED = ("id", "title", "description", "channel", "timestamp")
FORMAT = ("url", "format_id", "filesize", "fps", "height", "vcodec")

Extract = Callable[[str, str], Any]


@pytest.fixture
def extract() -> Iterator[Extract]:
    """Let yt-dlp tell what it finds at a path of a server."""
    from yt_dlp import YoutubeDL
    from yt_dlp.networking import Request
    from yt_dlp.networking.exceptions import TransportError

    class Program(YoutubeDL):  # type: ignore[misc,valid-type]
        server = ""

        def __init__(self) -> None:
            super().__init__(
                {
                    "quiet": True,
                    "no_warnings": True,
                    "extract_flat": "in_playlist",
                    "cachedir": False,
                    "proxy": "",
                    "writesubtitles": True,
                    "allsubtitles": True,
                }
            )

        def urlopen(self, request: Any) -> Any:
            address = request if isinstance(request, str) else request.url
            if not address.startswith(f"{KNOWN}/"):
                raise TransportError(f"{address} is elsewhere")
            return super().urlopen(Request(address.replace(KNOWN, self.server)))

    def ask(server: str, path: str) -> Any:
        program.server = server
        return program.sanitize_info(program.extract_info(f"{KNOWN}{path}", download=False))

    with Program() as program:
        yield ask


def told(found: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: sorted(found[name]) if name == "tags" else found.get(name) for name in names}


def formats(found: Any) -> list[dict[str, Any]]:
    return sorted((told(one, FORMAT) for one in found["formats"]), key=lambda one: str(one["url"]))


def subtitles(found: Any) -> dict[str, list[str]]:
    return {name: [one["url"] for one in given] for name, given in (found.get("subtitles") or {}).items()}


def test_videos_are_told_as_at_home_and_every_address_answers(pair: Pair, extract: Extract, follow: Follow) -> None:
    rows = pair.videos()
    assert len(rows) >= 30
    for row in rows:
        there, here = (extract(server, f"/w/{row['shortUUID']}") for server in (pair.home, pair.site))
        assert told(here, METADATA) == told(there, METADATA)
        assert formats(here) == formats(there)
        assert subtitles(here).keys() == subtitles(there).keys()
        pictures = [one["url"] for one in here["thumbnails"]]
        assert len(pictures) >= len(there.get("thumbnails") or ())
        for language, addresses in subtitles(here).items():
            for address, published in zip(addresses, subtitles(there)[language], strict=True):
                assert at(address, pair.site, follow) == at(published, pair.home, follow)
        for address in (*pictures, here["webpage_url"]):
            assert at(address, pair.site, follow), address


def at(address: str, server: str, follow: Follow) -> bytes:
    """Return what is at an address of the host that yt-dlp knows."""
    answer = follow(address.replace(KNOWN, server))
    assert answer.status == 200, f"{address}: {answer.status}"
    return answer.body


LISTS = {"/c/{}/videos": "video-channels", "/a/{}/videos": "accounts"}


@pytest.mark.parametrize("page", LISTS)
def test_actors_have_the_videos_of_their_home(pair: Pair, extract: Extract, page: str, follow: Follow) -> None:
    rows = pair.own(LISTS[page])
    assert len(rows) > 5
    for row in rows:
        there, here = (
            extract(pair.home, page.format(row["name"])),
            extract(pair.site, page.format(f"{row['name']}@{row['host']}")),
        )
        assert told(here, LISTED[1:]) == told(there, LISTED[1:])
        assert entries(here) == entries(there)
        assert follow(f"{pair.site}{page.format(row['name'])}").status == 200


def test_playlists_have_the_videos_of_their_home_that_are_public_there(
    pair: Pair, extract: Extract, follow: Follow
) -> None:
    public = {row["shortUUID"] for row in pair.all("videos", f"{pair.home}")} | {
        row["shortUUID"] for row in pair.sandbox.catalogue.local_videos(pair.sandbox.host)
    }
    rows = [row for row in pair.all("video-playlists") if row["isLocal"]]
    assert rows
    for row in rows:
        page = f"/w/p/{row['shortUUID']}"
        there, here = extract(pair.home, page), extract(pair.site, page)
        assert told(here, LISTED) == told(there, LISTED)
        assert [one for one in entries(here) if one[0]] == [one for one in entries(there) if one[0] in public]
        assert len(entries(here)) == len(entries(there))
        assert follow(f"{pair.site}{page}").status == 200
        for picture in here.get("thumbnails") or ():
            assert at(picture["url"], pair.site, follow)


def entries(found: Any) -> list[tuple[str | None, str | None]]:
    """Return short uuid and title of the videos in a list."""
    return [(named(one["url"]), one.get("title")) for one in found["entries"]]


def named(address: str) -> str | None:
    """Return the short uuid at the end of the address of a video; None for one that nobody may see."""
    name = urlsplit(address).path.rpartition("/")[2]
    return None if name == "None" else name


@pytest.fixture
def first_sync(
    transactional_db: None, live_server: Any, make_synced: Callable[..., "Mirror"]
) -> Iterator[tuple["Mirror", str]]:
    """A mirror that reads its first details, at PeerTube's usual limit, and the site's address."""
    from peertube_sync.sync.slices import run_slice

    mirror = make_synced(videos=MORE_THAN_A_PAGE, details=False)
    mirror.sandbox.limit = 50
    begun, stop = threading.Event(), threading.Event()

    def note(kind: str, _done: int, _total: int | None) -> None:
        if kind == "details":
            begun.set()

    def work() -> None:
        run_slice(mirror.instance, get_settings(), progress=note, stop=stop)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(30)
    yield mirror, str(live_server.url)
    stop.set()
    worker.join()


def test_a_video_that_a_first_sync_has_not_read_yet_plays_within_three_seconds(
    first_sync: tuple["Mirror", str], extract: Extract
) -> None:
    from peertube_sync.models import Video

    mirror, site = first_sync
    newest_first = Video.objects.listed().order_by("-published_at").values_list("uuid", flat=True)
    published = {str(uuid): mirror.catalogue.details(str(uuid), mirror.sandbox.host)["files"] for uuid in newest_first}
    last = [uuid for uuid, files in published.items() if files][-1]
    began = time.monotonic()
    found = extract(site, f"/w/{last}")
    assert time.monotonic() - began < 3
    assert {one["fileUrl"] for one in published[last]} <= {one["url"] for one in found["formats"]}
    assert [one.path for one in mirror.sandbox.log].count(f"/api/v1/videos/{last}") == 1
