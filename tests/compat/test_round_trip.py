"""Our own client reads here what it reads at the catalogue's home; what differs is named, with its reason.

`WORLD=…/world.json.gz` in the environment names a larger recorded world than the one in the repository.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from django.test import Client
from msgspec import UNSET

from peertube_sync.testing import Catalogue, Sandbox
from tests.compat.conftest import reader
from tests.compat.test_recorded import lacking
from tests.testing.test_contract import shape
from tests.worlds import LARGER, TINY

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
    "video of an element": "a video that is unlisted, or at home elsewhere, is no row here",
}


@pytest.fixture
def home() -> Iterator[Sandbox]:
    with Sandbox(Catalogue.load(LARGER or TINY), limit=None) as sandbox:
        yield sandbox


@pytest.fixture
def here(db: None, home: Sandbox) -> Any:
    """Our client on this site, without a network in between."""
    from peertube_sync.client.peertube import PeerTube
    from tests.sync.mirror import Mirror

    mirror = Mirror(home)
    mirror.add()
    mirror.sync()
    return PeerTube(InProcess(), "6.3.0")  # type: ignore[arg-type]


class InProcess:
    """Answers as a transport does, from this process."""

    host = "testserver"

    def get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        from peertube_sync.client.transport import Answer

        response = Client().get(path, params)
        assert response.status_code == 200, response.content
        return Answer(response.content, response.headers)


def plain(node: Any) -> Any:
    """Turn parsed answers into dicts without what an answer didn't say."""
    if isinstance(node, msgspec.Struct):
        fields = msgspec.structs.asdict(node)
        return {name: plain(value) for name, value in fields.items() if value is not UNSET}
    if isinstance(node, dict):
        return {name: plain(value) for name, value in node.items()}
    if isinstance(node, list):
        rows = [plain(value) for value in node]
        return sorted(rows, key=lambda row: row["width"]) if rows and is_picture(rows[0]) else rows
    return node


def is_picture(node: Any) -> bool:
    return isinstance(node, dict) and "width" in node and "path" in node


def differences(home: Any, here: Any, path: str = "") -> Iterator[str]:
    """Yield the places where both differ, but for the exceptions."""
    if isinstance(home, dict) and isinstance(here, dict):
        for name in home.keys() | here.keys():
            if not is_exception(name, home, here):
                yield from differences(home.get(name, UNSET), here.get(name, UNSET), f"{path}.{name}")
    elif isinstance(home, list) and isinstance(here, list) and len(home) == len(here):
        for number, (one, other) in enumerate(zip(home, here, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
    elif home != here:
        yield f"{path}: {home!r} at home, {here!r} here"


def is_exception(name: str, home: Any, here: Any) -> bool:
    if name == "id":
        return isinstance(home.get("id"), int) and "label" not in home and "resolution" not in home
    if name == "url":
        return is_picture(here)
    return name in EXCEPTIONS and not home.get(name)


def read_all(peertube: Any, local: Any) -> dict[str, Any]:
    """Ask for everything that there is of the local `uuids`, channels, accounts and playlists."""
    from peertube_sync.client.peertube import Scope, items, walk

    def lists(question: Callable[..., Any], *given: Any, **named: Any) -> list[Any]:
        return list(items(walk(lambda start: question(*given, start=start, **named))))

    videos = {one.uuid: one for one in lists(peertube.videos)}
    channels = {one.name: one for one in lists(peertube.channels) if one.host == local}
    playlists = {one.uuid: one for one in lists(peertube.playlists) if local in one.url}
    accounts = sorted({one.account.name for one in videos.values()})
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
        "found": sorted(one.uuid for one in peertube.found(list(videos)).items),
        "descriptions": {uuid: peertube.transport.get(f"/api/v1/videos/{uuid}/description").body for uuid in videos},
    }


def test_our_client_reads_here_what_it_reads_at_home(here: Any, home: Sandbox) -> None:
    at_home, found = read_all(reader(home.url), home.host), read_all(here, home.host)
    local = set(at_home["videos"])
    for elements in at_home["elements"].values():
        for element in elements:
            if element.video and element.video.uuid not in local:
                element.video, element.type = None, 3
    assert {name: len(rows) for name, rows in found.items()} == {name: len(rows) for name, rows in at_home.items()}
    assert list(differences(plain(at_home), plain(found))) == []


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
    from tests.api.catalogue import mirror_lists

    mirror_lists()
    here = reader(live_server.url)
    assert detect(here.transport) == "6.3.0"
    assert here.config()["serverVersion"] == "6.3.0"
    assert here.about()["instance"]["administrator"] == settings.PEERTUBE_SYNC["CONTACT"]
    assert {one.uuid for one in here.videos().items} == {*Video.objects.listed().values_list("uuid", flat=True)}


def test_a_mirror_of_this_mirror_is_refused(db: None) -> None:
    from peertube_sync.client.peertube import PeerTube
    from tests.api.catalogue import mirror_lists

    mirror_lists()
    here = PeerTube(InProcess(), "6.3.0")  # type: ignore[arg-type]
    listed = here.videos().items
    assert listed
    assert not any(here.is_home_of(one) for one in listed)
