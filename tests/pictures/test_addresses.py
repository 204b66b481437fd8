"""Addresses of pictures: made of the row and of what the source publishes, before any picture is here."""

from typing import Any

import pytest
from django.test import override_settings

from peertube_sync.pictures import addresses

OLD = ([], "/lazy-static/previews/a.jpg", "/lazy-static/thumbnails/a.jpg")
"""What a video publishes up to PeerTube 8.0."""


def _image(width: int, name: str, ratio: str = "16:9") -> dict[str, Any]:
    return {"width": width, "aspect_ratio": ratio, "file_url": f"https://video.example/lazy-static/{name}"}


def _found(of: str, *published: Any) -> addresses.PictureAddress:
    found = addresses.find(of, 12, *published)
    assert found is not None
    return found


@pytest.mark.one_database
def test_a_picture_is_offered_in_no_width_that_its_source_does_not_have() -> None:
    old, narrow, wide = _found("video", *OLD), _found("video", [], None, "/t.jpg"), _found("video", [_image(1920, "a")])

    assert [entry.rpartition("/")[2] for entry in old.srcset.split(", ")] == ["320 320w", "480 480w", "1280 850w"]
    assert [entry.rpartition("/")[2] for entry in narrow.srcset.split(", ")] == ["320 280w"]
    assert wide.srcset.endswith("/1280 1280w")
    assert (old.size(480), old.size(2000), narrow.size(480)) == ((480, 270), (850, 478), (280, 158))


@pytest.mark.one_database
def test_the_smallest_picture_that_suffices_is_taken_in_whatever_order_they_are_listed() -> None:
    images = [_image(280, "a"), _image(1400, "square", "1:1"), _image(1280, "b"), _image(1920, "c")]

    first, turned = _found("video", images, None, None), _found("video", images[::-1], "/preview.jpg", None)

    assert first == turned
    assert first == _found("video", [_image(1280, "b")])


@pytest.mark.one_database
def test_another_picture_or_another_row_has_another_address() -> None:
    row = _found("video", *OLD)

    assert row.at(480) != _found("video", [], "/lazy-static/previews/b.jpg", None).at(480)
    assert row.at(480) != _found("playlist", [], OLD[1]).at(480)
    assert row.at(320).rpartition("/")[0] == row.blurred.rpartition("/")[0]


@pytest.mark.one_database
def test_without_a_picture_or_without_a_place_for_it_there_is_no_address() -> None:
    assert addresses.find("video", 12, None, None, None) is None
    assert addresses.find("channel-avatar", 12, []) is None
    with override_settings(ROOT_URLCONF="peertube_sync.site.urls"):
        assert addresses.find("video", 12, *OLD) is None


@pytest.mark.one_database
@override_settings(FORCE_SCRIPT_NAME="/mirror")
def test_addresses_are_below_the_path_that_the_site_stands_at() -> None:
    assert _found("video", *OLD).at(480).startswith("/mirror/pictures/video/12/")
