"""Our own client reads here what it reads at the catalogue's home; what differs is named, with its reason.

`WORLD=…/world.json.gz` in the environment names a larger recorded world than those in the repository.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from django.test import Client
from msgspec import UNSET

from peertube_sync.client.peertube import PeerTube
from peertube_sync.client.transport import Transport
from peertube_sync.testing import Catalogue, Sandbox
from peertube_sync.testing.versions import Version
from tests.compat.file_paths import paths_at_home
from tests.compat.lacking import lacking
from tests.support.budgets import at_once
from tests.support.recorded import shape
from tests.support.worlds import TINY, WORLDS

NUMBER = "numeric ids belong to the server that answers"
FORM = "the newer form, beside the older one"
FILE = "pictures have an absolute address beside their path"
EXCEPTIONS = {
    "id": NUMBER,
    "url of a picture": FILE,
    "file_url": FILE,
    "thumbnails": FORM,
    "nsfw_flags": FORM,
    "comments": FORM,
    "m3u8_url": FORM,
    "embed_url": FILE,
    "thumbnail_url": FILE,
    "preview_url": FILE,
    "banners": "details show every channel without its banners at its home; here as its own answer does",
    "height": "lists of videos leave it out at a home that tells it elsewhere",
    "comments_enabled": "the older form, beside the newer one",
    "video of an element": "a video that is unlisted, or at home elsewhere, is no row here",
}
#: Facts that 6.3.0 doesn't tell, and so neither does a site that speaks as 6.3.0.
NEWER = frozenset({"downloads", "live_schedules", "nsfw_summary", "video_channel_position"})


@pytest.fixture(params=WORLDS)
def home(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(Catalogue.load(request.param), limit=None) as sandbox:
        yield sandbox


@pytest.fixture
def here(db: None, home: Sandbox) -> Any:
    """Our client on this site, without a network in between."""
    from peertube_sync.client.peertube import PeerTube
    from tests.support.mirror import Mirror

    mirror = Mirror(home)
    mirror.add()
    mirror.sync()
    return PeerTube(InProcess(), "6.3.0")  # type: ignore[arg-type]


class InProcess:
    """Answers as a transport does, from this process; paths of files are those they lead to."""

    host = "testserver"

    def get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        from peertube_sync.client.transport import HttpAnswer

        response = Client().get(path, params)
        assert response.status_code == 200, response.content
        return HttpAnswer(msgspec.json.encode(paths_at_home(response.json())), response.headers)


def plain(node: Any) -> Any:
    """Turn parsed answers into dicts without what an answer didn't say."""
    if isinstance(node, msgspec.Struct):
        fields = msgspec.structs.asdict(node)
        return {name: plain(value) for name, value in fields.items() if value is not UNSET}
    if isinstance(node, dict):
        return {name: plain(value) for name, value in node.items()}
    if isinstance(node, list):
        rows = [plain(value) for value in node]
        return sorted(rows, key=lambda row: row.get("path") or row["file_url"]) if rows and is_size(rows[0]) else rows
    return node


def is_size(node: Any) -> bool:
    return isinstance(node, dict) and "width" in node and ("path" in node or "aspect_ratio" in node)


def is_picture(node: Any) -> bool:
    return isinstance(node, dict) and "width" in node and "path" in node


def differences(home: Any, here: Any, path: str = "", *, short: bool = False) -> Iterator[str]:
    """Yield the places where both differ, but for the exceptions; with `short`, home may tell less."""
    if isinstance(home, dict) and isinstance(here, dict):
        short = short or is_short_owner(home, path)
        for name in home.keys() if short else home.keys() | here.keys():
            if not is_exception(name, home, here):
                yield from differences(home.get(name, UNSET), here.get(name, UNSET), f"{path}.{name}", short=short)
    elif isinstance(home, list) and isinstance(here, list) and len(home) == len(here):
        for number, (one, other) in enumerate(zip(home, here, strict=True)):
            yield from differences(one, other, f"{path}[{number}]", short=short)
    elif home != here:
        yield f"{path}: {home!r} at home, {here!r} here"


def is_short_owner(home: dict[str, Any], path: str) -> bool:
    """Tell whether this is the owner of a listed channel as 8.2.1 shows it."""
    return path.startswith(".channels.") and path.endswith(".owner_account") and "created_at" not in home


def is_exception(name: str, home: Any, here: Any) -> bool:
    if name == "id":
        return isinstance(home.get("id"), int) and "label" not in home and "resolution" not in home
    if name == "url":
        return is_picture(here)
    return name in NEWER or (name in EXCEPTIONS and not home.get(name))


def read_all(peertube: Any, local: Any) -> dict[str, Any]:
    """Ask for everything that there is of the local `uuids`, channels, accounts and playlists."""
    from peertube_sync.client.peertube import COUNT, Scope, items, walk

    def lists(question: Callable[..., Any], *given: Any, **named: Any) -> list[Any]:
        return list(items(walk(lambda start: question(*given, start=start, **named))))

    videos = {one.uuid: one for one in lists(peertube.videos)}
    channels = {one.name: one for one in lists(peertube.channels) if one.host == local}
    playlists = {one.uuid: one for one in lists(peertube.playlists) if local in one.url}
    accounts = sorted({one.account.name for one in videos.values()})
    uuids = list(videos)
    hundreds = [uuids[start : start + COUNT] for start in range(0, len(uuids), COUNT)]
    return {
        "videos": videos,
        "details": {uuid: peertube.video(uuid) for uuid in videos},
        "captions": {uuid: peertube.captions(uuid).items for uuid in videos},
        "chapters": {uuid: peertube.chapters(uuid) for uuid in videos},
        "channels": channels,
        "channel": {name: peertube.channel(name) for name in channels},
        "videos of channels": {
            name: [one.uuid for one in lists(peertube.videos, Scope("channel", name))] for name in channels
        },
        "accounts": {name: peertube.account(name) for name in accounts},
        "videos of accounts": {
            name: [one.uuid for one in lists(peertube.videos, Scope("account", name))] for name in accounts
        },
        "channels of accounts": {
            name: sorted(one.name for one in lists(peertube.channels, Scope("account", name))) for name in accounts
        },
        "playlists": playlists,
        "playlist": {uuid: peertube.playlist(uuid) for uuid in playlists},
        "playlists of accounts": {
            name: sorted(one.uuid for one in lists(peertube.playlists, Scope("account", name))) for name in accounts
        },
        "constants": {kind: peertube.constants(kind) for kind in ("categories", "licences", "languages", "privacies")},
        "elements": {uuid: lists(peertube.elements, uuid) for uuid in playlists},
        "found": sorted(one.uuid for some in hundreds for one in peertube.found(some).items),
    }


def read_descriptions(peertube: Any, uuids: Iterable[str]) -> dict[str, bytes]:
    return {uuid: peertube.transport.get(f"/api/v1/videos/{uuid}/description").body for uuid in uuids}


def test_our_client_reads_here_what_it_reads_at_home(here: Any, home: Sandbox) -> None:
    at_home, found = read_all(reader(home.url), home.host), read_all(here, home.host)
    local = set(at_home["videos"])
    for elements in at_home["elements"].values():
        for element in elements:
            if element.video and element.video.uuid not in local:
                element.video, element.type = None, 3
    assert {name: len(rows) for name, rows in found.items()} == {name: len(rows) for name, rows in at_home.items()}
    assert list(differences(plain(at_home), plain(found))) == []
    if Version(home.catalogue.version).has("a route for descriptions"):
        assert read_descriptions(reader(home.url), local) == read_descriptions(here, local)


@pytest.mark.parametrize("home", [TINY], indirect=True)
def test_our_client_reads_here_all_documents_of_a_peertube(here: Any, home: Sandbox) -> None:
    at_home = reader(home.url)
    for name in ("config", "about", "stats"):  # what a site says of itself: the same keys and types
        assert list(lacking(shape(getattr(at_home, name)()), shape(getattr(here, name)()))) == []
    assert here.about()["instance"]["name"] == here.config()["instance"]["name"]
    assert here.stats()["totalLocalVideos"] == here.videos().total
    assert [one.host for one in here.indexed_hosts().items] == [home.host]


def test_our_client_recognises_this_site_as_peertube(transactional_db: None, live_server: Any, settings: Any) -> None:
    from peertube_sync.client.detect import detect
    from peertube_sync.models import Video
    from tests.support.catalogue import mirror_lists

    mirror_lists()
    here = reader(live_server.url)
    assert detect(here.transport) == "6.3.0"
    assert here.config()["serverVersion"] == "6.3.0"
    assert here.about()["instance"]["administrator"] == settings.PEERTUBE_SYNC["CONTACT"]
    assert {one.uuid for one in here.videos().items} == {*Video.objects.listed().values_list("uuid", flat=True)}


def test_a_mirror_of_this_mirror_is_refused(db: None) -> None:
    from peertube_sync.client.peertube import PeerTube
    from tests.support.catalogue import mirror_lists

    mirror_lists()
    here = PeerTube(InProcess(), "6.3.0")  # type: ignore[arg-type]
    listed = here.videos().items
    assert listed
    assert not any(here.is_home_of(one) for one in listed)


def reader(address: str) -> PeerTube:
    """Our own client for the server at `address`, at full speed."""
    host = urlsplit(address).netloc
    return PeerTube(Transport(address, host, at_once(), "tests/1", allow_private=True), "6.3.0")
