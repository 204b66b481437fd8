"""What is kept of pictures: so many bytes, whole files, nothing of what went; and storages that fail."""

import random
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings as site
from django.core.files.storage import InMemoryStorage, storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from peertube_sync.checks import check_pictures
from peertube_sync.ingest.derived import derive_due
from peertube_sync.ingest.pictures.keeping import file_name, settle, settle_stale
from peertube_sync.models import Picture, PictureState, Video
from tests.pictures.looking import address_of, files, get, in_all_sizes
from tests.pictures.test_hostile import fetch
from tests.support.mirror import Mirror


def run(*options: str) -> str:
    out = StringIO()
    call_command("peertube_pictures", *options, stdout=out)
    return out.getvalue()


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in files(folder))


class FullDisk(InMemoryStorage):
    """A storage that takes two files and no more."""

    def _save(self, name: str, content: Any) -> str:
        if len(self.listdir("")[0]) >= 1 and name.endswith("480.webp"):
            raise OSError(28, "No space left on device")
        return str(super()._save(name, content))


class Stuck(InMemoryStorage):
    """A storage that deletes nothing."""

    def delete(self, name: str) -> None:
        raise OSError(30, "Read-only file system")


class Slow(InMemoryStorage):
    """A storage that takes so long to delete files that meanwhile a video is hidden by somebody: `HIDDEN`."""

    HIDDEN: ClassVar[list[int]] = []

    def delete(self, name: str) -> None:
        Video.objects.filter(pk__in=self.HIDDEN).update(privacy_id=3)
        super().delete(name)


@pytest.fixture
def elsewhere() -> Callable[[str], Any]:
    """Let pictures be kept in another storage."""

    def keep_in(backend: str) -> Any:
        return override_settings(STORAGES={**site.STORAGES, "peertube_pictures": {"BACKEND": backend}})

    return keep_in


def test_the_least_recently_seen_go_first_and_the_bytes_stay_within_their_bounds(
    pictured: Mirror, folder: Path, configured: Callable[..., Any]
) -> None:
    most = 1_000_000
    old = Picture.objects.filter(bytes__gt=0)[0]
    Picture.objects.filter(bytes__gt=0).update(bytes=200_000)  # as if they were larger: 15 of them
    Picture.objects.filter(pk=old.pk).update(seen_at=timezone.now() - timedelta(days=9))
    with configured(PICTURES_BYTES=most):
        told = run("--prune")
    assert "thrown away for room" in told
    kept = Picture.objects.filter(state=PictureState.HERE)
    assert 0.75 * most < sum(picture.bytes for picture in kept) <= most
    assert old not in kept
    assert len(files(folder)) == sum(len(picture.sizes) for picture in kept)


@pytest.mark.one_database
def test_churn_keeps_within_a_twentieth_of_the_room(bare: Mirror, folder: Path, configured: Callable[..., Any]) -> None:
    """Whatever visitors look at, in whatever order: a room for half of the pictures is never more than full."""
    assert fetch()["missing"] == 0
    most = 1_000_000
    factor = 2 * most // sum(Picture.objects.values_list("bytes", flat=True)) + 1
    sample, chosen = random.Random(5), list(Video.objects.available())
    from peertube_sync.ingest.pictures import making
    from peertube_sync.sync import pictures as fetching

    make = making.make

    def larger(*args: Any) -> dict[str, bytes]:
        return {size: body + bytes(len(body) * (factor - 1)) for size, body in make(*args).items()}

    Picture.objects.update(stale=True, version="")
    with configured(PICTURES_BYTES=most), pytest.MonkeyPatch.context() as patched:
        patched.setattr(making, "make", larger)
        run("--prune")
        for _turn in range(60):
            video = sample.choice(chosen)
            fetching.want("video", video.pk, video.instance_id, "")
            fetch()
            assert size_of(folder) <= most * 1.05
    assert size_of(folder) >= most * 0.5


def test_files_of_nobody_and_damaged_ones_are_found(pictured: Mirror, folder: Path) -> None:
    (folder / "ab").mkdir(exist_ok=True)
    stray = folder / "ab" / f"ab{'0' * 30}-320.webp"
    stray.write_bytes(b"left by a process that was killed")
    cut = files(folder)[0] if files(folder)[0] != stray else files(folder)[1]
    cut.write_bytes(cut.read_bytes()[:50])
    told = run("--prune", "--verify")
    assert "1 file of nobody" in told
    assert "1 damaged picture" in told
    assert not stray.exists()
    assert not cut.exists()
    assert "0 missing" in run("--fetch")


def test_prune_deletes_nothing_that_becomes_a_picture_meanwhile(pictured: Mirror, folder: Path) -> None:
    kept = Picture.objects.filter(of="video").order_by("pk")[0]
    row, word = Picture.objects.filter(pk=kept.pk), kept.file
    later = timezone.now() + timedelta(minutes=1)
    row.update(file="", claim=word, claimed_until=later, state=PictureState.WANTED)

    def keep_behind_first_question(execute: Any, sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if word in str(rest[0]) and sql.startswith("SELECT") and not settled:
            settled.append(True)
            settle(kept, word, PictureState.HERE, file=word)
        return found

    settled: list[bool] = []
    with connection.execute_wrapper(keep_behind_first_question):
        run("--prune")
    assert settled
    assert row.get().file == word
    assert all((folder / file_name(word, size)).exists() for size in kept.sizes)


def test_who_takes_longer_than_its_claim_lasts_keeps_nothing_that_was_pruned(pictured: Mirror, folder: Path) -> None:
    kept = Picture.objects.filter(of="video").order_by("pk")[0]
    row, word = Picture.objects.filter(pk=kept.pk), kept.file
    row.update(file="", claim=word, claimed_until=timezone.now(), state=PictureState.WANTED)
    run("--prune")
    assert not list(folder.rglob(f"{word}-*"))
    assert not settle(kept, word, PictureState.HERE, file=word)


def test_a_file_that_was_cut_short_is_never_given_out(pictured: Mirror, folder: Path) -> None:
    address = address_of(Video.objects.available()[0])
    for path in files(folder):
        path.write_bytes(path.read_bytes()[:-1])
    assert get(address.at(320))["Content-Type"] == "image/svg+xml"
    fetch()
    assert [get(one).status_code for one in in_all_sizes(address)] == [200] * 4


@pytest.mark.one_database
def test_a_storage_in_memory_will_do(bare: Mirror, elsewhere: Callable[[str], Any]) -> None:
    with elsewhere("django.core.files.storage.InMemoryStorage"):
        assert fetch()["missing"] == 0
        assert get(address_of(Video.objects.available()[0]).at(480))["Content-Type"] == "image/webp"
        Video.objects.all().delete()
        assert "files of nobody" in run("--prune")
        assert not Picture.objects.filter(of="video").exists()
        storages["peertube_pictures"]


@pytest.mark.one_database
def test_a_storage_that_takes_nothing_is_said_to_be_and_the_site_goes_on(
    bare: Mirror, elsewhere: Callable[[str], Any]
) -> None:
    with elsewhere("tests.pictures.test_keeping.FullDisk"):
        counts = fetch()
        assert "No space left on device" in counts["not_asked"][0]
        assert "No space left" in Picture.objects.filter(state=PictureState.FAILED)[0].reason
        assert bare.slice().error is None
        assert get(address_of(Video.objects.available()[0]).at(480)).status_code in (202, 404)
        assert get("/").status_code == 200


@pytest.mark.one_database
@pytest.mark.parametrize("backend", ["tests.pictures.test_keeping.Stuck", "no.such.Storage"])
def test_whatever_a_storage_fails_at_breaks_no_slice(
    bare: Mirror, elsewhere: Callable[[str], Any], backend: str
) -> None:
    bare.slice()
    ago = timezone.now() - timedelta(seconds=1)
    Picture.objects.update(claim="ab" * 16, claimed_until=ago, due_at=ago, state=PictureState.WANTED)
    with elsewhere(backend):
        assert bare.slice().error is None
        assert Picture.objects.filter(state=PictureState.HERE).exists() == backend.endswith("Stuck")


@pytest.mark.one_database
def test_whatever_breaks_in_fetching_breaks_no_slice(bare: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    from peertube_sync.ingest.pictures import making

    monkeypatch.delattr(making, "make")
    assert bare.slice().error is None
    due = bare.instance.pictures_due_at
    assert due is not None
    assert due > timezone.now() + timedelta(seconds=30)


def test_a_video_that_is_hidden_while_files_are_deleted_is_looked_at_again(
    bare: Mirror, elsewhere: Callable[[str], Any]
) -> None:
    with elsewhere("tests.pictures.test_keeping.Slow"):
        fetch()
        first, second = Picture.objects.filter(of="video").order_by("pk")[:2]
        Video.objects.filter(pk=first.row_id).update(privacy_id=3)
        Picture.objects.filter(pk=second.pk).update(stale=True)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Slow, "HIDDEN", [second.row_id])
            settle_stale()
        settle_stale()
        assert not Picture.objects.filter(pk__in=[first.pk, second.pk]).exists()


@pytest.mark.parametrize("state", [PictureState.HERE, PictureState.REFUSED])
def test_a_picture_of_a_version_that_its_row_has_no_more_is_replaced_when_somebody_looks(
    pictured: Mirror, state: PictureState
) -> None:
    video = Video.objects.available()[0]
    Picture.objects.filter(of="video", row_id=video.pk).update(version="another", state=state)
    assert get(address_of(video).at(320)).status_code == 202
    derive_due()
    fetch()
    assert get(address_of(video).at(320)).status_code == 200


@pytest.mark.one_database
def test_what_lacks_is_named(configured: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def messages() -> str:
        return " ".join(f"{found.msg} {found.hint}" for found in check_pictures(None))

    assert messages() == ""
    with override_settings(ROOT_URLCONF="peertube_sync.site.urls"):
        assert 'include("peertube_sync.pictures.urls")' in messages()
    without = {name: value for name, value in site.STORAGES.items() if name != "peertube_pictures"}
    with override_settings(STORAGES=without, MEDIA_ROOT=""):
        assert "set STORAGES['peertube_pictures'], or MEDIA_ROOT" in messages()
        with pytest.raises(CommandError, match="no place for pictures"):
            run()
    with override_settings(STORAGES=without, MEDIA_ROOT="/srv/media"):
        assert messages() == ""
    monkeypatch.setattr("peertube_sync.checks.find_spec", lambda _name: None)
    assert 'pip install "django-peertube-sync[pictures]"' in messages()


def test_back_at_the_sources_all_can_be_deleted(pictured: Mirror, folder: Path, configured: Callable[..., Any]) -> None:
    address = address_of(Video.objects.available()[0]).at(320)
    with configured(PICTURES="source"):
        assert get(address).status_code == 404
        run("--prune")
        assert bare_slice_does_nothing(pictured)
    assert files(folder) == []


def bare_slice_does_nothing(mirror: Mirror) -> bool:
    before = len(mirror.sandbox.log)
    assert mirror.slice().error is None
    return not [path for path in mirror.asked(before) if path.startswith("/lazy-static/")]


def test_status_and_metrics_count_them(pictured: Mirror, admin_client: Any, settings: Any) -> None:
    here = Picture.objects.filter(state=PictureState.HERE).count()
    out = StringIO()
    call_command("peertube_status", stdout=out)
    assert f"{here} pictures here" in out.getvalue()
    metrics = admin_client.get("/api/metrics/").content.decode()
    assert f'peertube_sync_pictures{{state="here"}} {here}.0' in metrics
    overview = admin_client.get("/admin/peertube_sync/").content.decode()
    assert "Pictures" in overview
