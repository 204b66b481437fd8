"""Pictures of the sandbox: real files, of the sizes and weights that PeerTube's have, and faults of them."""

from __future__ import annotations

import http.client
import zlib
from typing import Any

import pytest

from peertube_sync.testing import Catalogue, Fault, Sandbox
from peertube_sync.testing.hostile_pictures import hostile_pictures
from peertube_sync.testing.images import picture
from tests.support.paths import RECORDINGS
from tests.testing.asking import ask

SOF, EXIF = b"\xff\xc0\x00\x11\x08", b"\xff\xe1"


def size_of(reply: Any) -> tuple[int, int]:
    """Read the size out of the head of a file."""
    body = reply.body
    if reply.headers["content-type"] == "image/png":
        assert body.startswith(b"\x89PNG\r\n\x1a\n")
        return int.from_bytes(body[16:20]), int.from_bytes(body[20:24])
    assert body.startswith(b"\xff\xd8" + EXIF)
    assert body.endswith(b"\xff\xd9")
    at = body.index(SOF) + len(SOF)
    return int.from_bytes(body[at + 2 : at + 4]), int.from_bytes(body[at : at + 2])


def path_of(address: str) -> str:
    return address[address.index("/lazy-static/") :]


def test_pictures_have_the_size_that_the_answer_tells(catalogue: Catalogue) -> None:
    with Sandbox(catalogue, limit=None, version="8.2.1") as sandbox:
        items = ask(sandbox, "/api/v1/videos", count=100).data["data"]
        item = next(one for one in items if one["channel"]["avatars"])
        banners = [b for c in ask(sandbox, "/api/v1/video-channels").data["data"] for b in c["banners"]][:2]
        details = ask(sandbox, f"/api/v1/videos/{item['uuid']}").data
        told = [*item["thumbnails"], *details["channel"]["avatars"], *banners]
        assert len(told) == 11
        for image in told:
            assert size_of(ask(sandbox, path_of(image["fileUrl"]))) == (image["width"], image["height"])


def test_older_releases_have_a_thumbnail_and_a_preview(sandbox: Sandbox) -> None:
    row = sandbox.catalogue.local_videos()[0]
    small, large = (ask(sandbox, row[key]) for key in ("thumbnailPath", "previewPath"))
    assert (size_of(small), size_of(large)) == ((280, 157), (850, 480))
    assert 10_000 < len(small.body) < 25_000
    assert 35_000 < len(large.body) < 80_000


def test_a_recorded_world_has_pictures_of_the_recorded_sizes() -> None:
    catalogue = Catalogue.load(RECORDINGS / "world-8.2-tiny.json.gz")
    with Sandbox(catalogue, limit=None) as sandbox:
        (image, *_others) = ask(sandbox, "/api/v1/videos", count=1).data["data"][0]["thumbnails"]
        assert size_of(ask(sandbox, path_of(image["fileUrl"]))) == (image["width"], image["height"])


def test_a_picture_is_the_same_each_time_and_another_under_another_name() -> None:
    assert picture("a.jpg", (280, 157)) == picture("a.jpg", (280, 157)) != picture("b.jpg", (280, 157))


def test_the_log_tells_how_many_bytes_were_sent(sandbox: Sandbox) -> None:
    path = sandbox.catalogue.local_videos()[0]["thumbnailPath"]
    reply = ask(sandbox, path)
    ask(sandbox, path, method="HEAD")
    sandbox.faults.add(Fault("truncated"))
    with pytest.raises(http.client.IncompleteRead):
        ask(sandbox, path)
    whole = len(reply.body)
    assert [entry.sent for entry in sandbox.log] == [whole, 0, whole // 2]


def test_an_endless_body_ends_when_who_asks_hangs_up(sandbox: Sandbox) -> None:
    path = sandbox.catalogue.local_videos()[0]["thumbnailPath"]
    fault = sandbox.faults.add(Fault("endless", match="/lazy-static/"))
    connection = http.client.HTTPConnection(sandbox.host, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.getheader("Content-Length") is None
    assert len(response.read(5_000_000)) == 5_000_000
    connection.close()
    assert fault.sent > 4_000_000
    assert ask(sandbox, path).status == 200


@pytest.mark.parametrize("name", list(hostile_pictures()))
def test_hostile_pictures_are_sent_as_they_are(sandbox: Sandbox, name: str) -> None:
    kind, body = hostile_pictures()[name]
    sandbox.faults.add(Fault("body", "/lazy-static/", content_type=kind, body=body))
    reply = ask(sandbox, sandbox.catalogue.local_videos()[0]["thumbnailPath"])
    assert (reply.status, reply.headers["content-type"], reply.body) == (200, kind, body)


def test_the_swelling_picture_swells() -> None:
    _kind, body = hostile_pictures()["PNG that swells to 2.5 GB"]
    begin = body.index(b"IDAT") + 4
    reader = zlib.decompressobj()
    assert len(reader.decompress(body[begin:], 10_000_000)) == 10_000_000
    assert len(body) < 3_000_000
