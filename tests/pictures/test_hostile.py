"""What strangers publish as pictures: refused with a reason, or made anew without anything of the original."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from peertube_sync.models import HostBudget, Instance, Picture, PictureState, Video
from peertube_sync.sync.pictures import want
from peertube_sync.testing import Fault
from tests.pictures import hostile
from tests.pictures.looking import address_of, get, in_all_sizes, picture_name
from tests.support.mirror import Mirror

LIMIT = 100 * 2**20
"""Bytes that the making of any picture may need above what the process has."""


GOOD = {"path": "/lazy-static/avatars/good.png", "width": 120}
CONFIGS: list[Any] = [
    {"instance": "x"},
    {"instance": {"avatars": ["x"], "banners": 5}},
    {"instance": {"avatars": [{"path": ["/a"]}, {"fileUrl": {}}, {"width": 3}, {}, None], "banners": {"path": "/a"}}},
    {"instance": {"avatars": [{"path": "/a.png", "width": "9"}, GOOD]}, "signup": 1, "user": [], "autoBlacklist": "x"},
]
"""What instances may say of their own pictures."""


def publish(mirror: Mirror, video: Video, body: bytes, kind: str = "image/jpeg") -> None:
    """Let the sandbox answer with `body` where the picture of a video is."""
    name = picture_name(video)
    mirror.sandbox.faults.add(Fault("body", match=name, times=None, body=body, content_type=kind))


def fetch(*options: str) -> dict[str, Any]:
    import json

    out = StringIO()
    call_command("peertube_pictures", "--fetch", "--json", *options, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def pairs(samples: Iterable[tuple[str, Callable[[], bytes]]]) -> list[list[tuple[str, Callable[[], bytes]]]]:
    """Return the samples, as many at a time as there are videos."""
    every = list(samples)
    return [every[start : start + 8] for start in range(0, len(every), 8)]


@pytest.mark.one_database
@pytest.mark.parametrize("samples", pairs(hostile.REFUSED.items()))
def test_what_is_no_picture_is_refused_with_a_reason(
    bare: Mirror, samples: list[tuple[str, Callable[[], bytes]]]
) -> None:
    given = list(zip(Video.objects.available(), samples, strict=False))
    for video, (_what, make_body) in given:
        publish(bare, video, make_body())
    counts = fetch()
    assert (counts["refused"], counts["not_asked"]) == (len(samples), [])
    for video, (what, _body) in given:
        kept = Picture.objects.get(of="video", row_id=video.pk)
        assert (kept.state, kept.bytes) == (PictureState.REFUSED, 0), what
        assert kept.reason, what
        for one in in_all_sizes(address_of(video)):
            answer = get(one)
            assert (answer.status_code, answer["Content-Type"]) == (404, "image/svg+xml"), what
            assert hostile.SECRET not in answer.content
    before = len(bare.sandbox.log)
    fetch()
    assert len(bare.sandbox.log) == before


@pytest.mark.one_database
def test_nothing_of_the_original_is_passed_on(bare: Mirror) -> None:
    given = list(zip(Video.objects.available(), hostile.harmless(), strict=False))
    for video, (_what, body) in given:
        publish(bare, video, body)
    fetch()
    for video, (what, body) in given:
        for one in in_all_sizes(address_of(video)):
            answer = get(one)
            assert answer.status_code == 200, (what, Picture.objects.get(of="video", row_id=video.pk).reason)
            assert b"script" not in answer.content, what
            made = Image.open(BytesIO(answer.content))
            assert (made.format, getattr(made, "n_frames", 1), made.getexif()) == ("WEBP", 1, {}), what
            assert "icc_profile" not in made.info
            assert made.width <= Image.open(BytesIO(body)).width, what


@pytest.mark.one_database
def test_pictures_are_turned_as_their_metadata_say(bare: Mirror) -> None:
    video = Video.objects.available()[0]
    exif = Image.Exif()
    exif[0x0112] = 6
    publish(bare, video, hostile.drawn("JPEG", (640, 360), exif=exif))
    fetch()
    made = Image.open(BytesIO(get(address_of(video).at(320)).content))
    assert made.size == (320, 569)


@pytest.mark.one_database
def test_memory_stays_within_bounds() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.pictures.memory"], capture_output=True, text=True, check=True)
    grown = {line.partition("\t")[2]: int(line.partition("\t")[0]) for line in done.stdout.splitlines()}
    assert len(grown) > len(hostile.REFUSED)
    assert max(grown.values()) < LIMIT, grown


@pytest.mark.one_database
@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("pictures", ["site", "source"])
def test_whatever_an_instance_says_of_its_own_pictures_breaks_nothing(
    bare: Mirror, configured: Any, config: Any, pictures: str
) -> None:
    Instance.objects.update(config=config)
    pk, good = bare.instance.pk, "good" in str(config)
    with configured(PICTURES=pictures):
        assert bare.slice().error is None
        for of in ("avatar", "banner"):
            assert get(f"/pictures/instance-{of}/{pk}/0123456789abcdef/120").status_code in (302, 404)
        (listed,) = get("/api/v1/instances").json()["data"]
        assert (len(listed["avatars"]), listed["banners"]) == (good, [])
        assert get(f"/lazy-static/avatars/instances/{bare.instance.host}/120/good.png").status_code in (302, 404)


@pytest.mark.one_database
def test_what_takes_all_memory_or_a_process_is_tried_later_and_later(
    bare: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    from peertube_sync.ingest.pictures import making

    def fail(error: BaseException) -> None:
        def decoded(*_args: Any) -> Any:
            raise error

        monkeypatch.setattr(making, "_decoded", decoded)

    video = Video.objects.available()[0]
    row = Picture.objects.filter(of="video", row_id=video.pk)
    want("video", video.pk, video.instance_id, "")
    waits = []
    for _try in range(4):  # as if the process were killed in the middle of it
        fail(KeyboardInterrupt())
        began = timezone.now()
        with pytest.raises(KeyboardInterrupt):
            fetch()
        waits.append((row.get().due_at - began).total_seconds() // 60)
        row.update(due_at=began, claimed_until=began)
    assert waits == [1, 2, 4, 8]
    fail(MemoryError())
    fetch()
    assert (row.get().state, row.get().tries) == (PictureState.REFUSED, 0)
    assert "MemoryError" in row.get().reason


@pytest.mark.one_database
def test_what_never_ends_is_cut_off_and_paid_for(bare: Mirror, configured: Any) -> None:
    video = Video.objects.available()[0]
    match = picture_name(video)
    endless = bare.sandbox.faults.add(
        Fault("endless", match=match, body=hostile.drawn("JPEG"), content_type="image/jpeg")
    )
    with configured(PICTURES_BYTES_PER_SECOND=1_000_000):
        counts = fetch()
    assert counts["refused"] == 1
    assert endless.sent < 16 * 2**20
    (lane,) = HostBudget.objects.filter(host=f"pictures:{bare.sandbox.host}")
    assert lane.opens_at > time.time() + 1
