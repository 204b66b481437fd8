"""Pictures at this site's addresses: fetched with the slices, given to visitors while their rows may be seen."""

from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, TestCase
from PIL import Image

from peertube_sync.ingest.derived import derive_due
from peertube_sync.ingest.pictures.keeping import file_name
from peertube_sync.models import Curation, Picture, PictureState, Video
from peertube_sync.sync.operations.optout import opt_out
from tests.pictures.looking import address_of, files, get, in_all_sizes
from tests.support.mirror import Mirror


def test_slices_fetch_the_pictures_of_all_rows(pictured: Mirror) -> None:
    lacking = Picture.objects.exclude(state=PictureState.HERE).values_list("of", "state")
    assert set(lacking) == {("instance-avatar", PictureState.NONE), ("instance-banner", PictureState.NONE)}
    assert Picture.objects.filter(of="video").count() == Video.objects.available().count()
    assert {"video", "channel-avatar", "account-avatar", "playlist"} <= set(
        Picture.objects.values_list("of", flat=True)
    )
    for video in Video.objects.available():
        for one in in_all_sizes(address_of(video)):
            answer = get(one)
            assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
            assert Image.open(BytesIO(answer.content)).format == "WEBP"
    assert pictured.instance.pictures_due_at is None


def test_a_picture_is_asked_for_once(pictured: Mirror) -> None:
    paths = [path for path in pictured.asked() if path.startswith("/lazy-static/")]
    assert len(paths) == len(set(paths)) == Picture.objects.filter(state=PictureState.HERE).count()
    before = len(pictured.sandbox.log)
    pictured.sync()
    assert not [path for path in pictured.asked(before) if path.startswith("/lazy-static/")]


def test_what_is_hidden_private_or_removed_is_404_in_every_width_from_the_next_request_on(pictured: Mirror) -> None:
    hidden, private, removed = Video.objects.available().order_by("pk")[:3]
    addresses_of = {row.pk: in_all_sizes(address_of(row)) for row in (hidden, private, removed)}
    assert {get(one).status_code for row in addresses_of.values() for one in row} == {200}
    Curation.objects.create(video=hidden, hidden=True)
    Video.objects.filter(pk=private.pk).update(privacy_id=3)
    Video.objects.filter(pk=removed.pk).update(removed_at="2026-01-01T00:00Z")
    for row, pictures in addresses_of.items():
        assert [get(one).status_code for one in pictures] == [404] * len(pictures), row


def test_who_asks_again_is_told_that_nothing_has_changed(pictured: Mirror) -> None:
    address = address_of(Video.objects.available()[0]).at(480)
    first = get(address)
    again = get(address, if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == again["Cache-Control"] == "public, max-age=86400"


def test_browsers_take_a_picture_for_nothing_else(pictured: Mirror) -> None:
    answer = get(address_of(Video.objects.available()[0]).at(320))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].endswith("; sandbox")
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_files_go_with_their_rows(pictured: Mirror, folder: Path) -> None:
    first, second = Video.objects.available()[:2]
    gone, before = [first.pk, second.pk], len(files(folder))
    first.delete()
    Video.objects.filter(pk=second.pk).update(privacy_id=3)
    derive_due()
    assert not Picture.objects.filter(of="video", row_id__in=gone).exists()
    assert len(files(folder)) < before
    assert len(files(folder)) == sum(len(picture.sizes) for picture in Picture.objects.all())


def test_a_row_that_changes_otherwise_keeps_its_picture(pictured: Mirror) -> None:
    video = Video.objects.available()[0]
    address, before = address_of(video).at(320), len(pictured.sandbox.log)
    Video.objects.filter(pk=video.pk).update(thumbnails=[*video.thumbnails[::-1]], name="another", views=7)
    assert get(address).status_code == 200
    derive_due()
    assert get(address).status_code == 200
    assert len(pictured.sandbox.log) == before


def test_an_opt_out_leaves_no_file(pictured: Mirror, folder: Path) -> None:
    assert files(folder)
    with TestCase.captureOnCommitCallbacks(execute=True):
        opt_out(pictured.sandbox.host)
    assert files(folder) == []
    assert not Picture.objects.exists()


def test_a_new_picture_at_the_source_has_a_new_address_to_which_the_old_one_leads(pictured: Mirror) -> None:
    video = Video.objects.available()[0]
    old = address_of(video).at(320)
    other = Video.objects.available()[1]
    Video.objects.filter(pk=video.pk).update(
        thumbnails=other.thumbnails, preview_path=other.preview_path, thumbnail_path=other.thumbnail_path
    )
    video.refresh_from_db()
    moved = get(old)
    assert (moved.status_code, moved["Location"]) == (302, address_of(video).at(320))
    derive_due()
    call_command("peertube_pictures", "--fetch", stdout=StringIO())
    assert get(moved["Location"]).content == get(address_of(other).at(320)).content


def test_addresses_that_name_nothing_are_404(pictured: Mirror) -> None:
    good = address_of(Video.objects.available()[0]).path
    for bad in (f"{good}321", f"{good}x", good.replace("video", "poster") + "320"):
        assert get(bad).status_code == 404, bad
    for key in ("-1", "99999999999999999999", "x", "\u0661", "18446744073709551617"):
        assert get(f"/pictures/video/{key}/0123456789abcdef/320").status_code == 404, key
    assert Client().post(f"{good}320").status_code == 405


def test_a_web_server_may_send_the_files(pictured: Mirror, folder: Path, configured: Callable[..., Any]) -> None:
    address = address_of(Video.objects.available()[0]).at(320)
    whole = get(address).content
    with configured(PICTURES_SENDFILE="X-Sendfile"):
        assert Path(get(address)["X-Sendfile"]).read_bytes() == whole
    with configured(PICTURES_SENDFILE="/picture-files/"):
        name = get(address)["X-Accel-Redirect"].removeprefix("/picture-files/")
    assert (folder / name).read_bytes() == whole


@pytest.mark.parametrize("sendfile", ["X-Sendfile", "/picture-files/"])
def test_a_web_server_isn_t_sent_to_files_that_went(
    pictured: Mirror, folder: Path, configured: Callable[..., Any], sendfile: str
) -> None:
    videos = Video.objects.available()[:2]
    gone, cut = (folder / file_name(Picture.objects.get(of="video", row_id=video.pk).file, "320") for video in videos)
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-1])
    with configured(PICTURES_SENDFILE=sendfile):
        assert [get(address_of(video).at(320)).status_code for video in videos] == [202, 202]


def test_an_account_that_opts_out_takes_its_pictures_along(pictured: Mirror, folder: Path) -> None:
    account = Video.objects.available()[0].account
    gone = list(Video.objects.filter(account=account).values_list("pk", flat=True))
    with TestCase.captureOnCommitCallbacks(execute=True):
        opt_out(pictured.sandbox.host, account.name)
    assert not Picture.objects.filter(of="video", row_id__in=gone).exists()
    assert not Picture.objects.filter(of="account-avatar", row_id=account.pk).exists()
    assert len(files(folder)) == sum(len(picture.sizes) for picture in Picture.objects.all())


def test_what_the_policy_leaves_out_has_no_picture(pictured: Mirror, configured: Callable[..., Any]) -> None:
    video = Video.objects.available()[0]
    Video.objects.filter(pk=video.pk).update(nsfw=True)
    address = address_of(video)
    assert [get(one).status_code for one in in_all_sizes(address)] == [200] * 4
    with configured(NSFW_POLICY="hide"):
        assert [get(one).status_code for one in in_all_sizes(address)] == [404] * 4
