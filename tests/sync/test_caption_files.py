"""Caption files: read where the site wants them, once, and again when they change; a bad one costs only itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import SearchDue, SkippedItem, Transcript, Video
from peertube_sync.testing import Fault

if TYPE_CHECKING:
    from tests.support.mirror import Mirror

FILES = "/video-captions/"


@pytest.fixture
def uuid(make_synced: Callable[..., "Mirror"], request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue("small").listed()[0]["uuid"]  # type: ignore[no-any-return]


@pytest.fixture
def small(make_synced: Callable[..., "Mirror"]) -> "Mirror":
    """A mirror in which one video alone has captions, and is due for them."""
    from peertube_sync.models import Caption

    made = make_synced(videos=10)
    first = made.listed()[0]["uuid"]
    Caption.objects.all().delete()
    Video.objects.update(captions_due_at=None)
    made.catalogue.set_captions(first, ["fr", "de"])
    return made


def rotate(mirror: "Mirror", uuid: str, **settings: bool) -> int:
    """Let the captions of a video come round; returns how many files were asked for."""
    Video.objects.filter(uuid=uuid).update(captions_due_at="2020-01-01T00:00:00Z")
    before = len(mirror.sandbox.log)
    mirror.sync(**{"caption_search": True, **settings})
    return sum(FILES in path for path in mirror.asked(before))


def finds(text: str) -> list[str]:
    return [str(one) for one in Video.objects.search(text).values_list("uuid", flat=True)]


def said(uuid: str) -> list[str]:
    return list(Transcript.objects.filter(video__uuid=uuid).order_by("pk").values_list("text", flat=True))


def test_nothing_is_read_unless_the_site_wants_it(small: "Mirror", uuid: str) -> None:
    assert rotate(small, uuid, caption_search=False) == 0
    assert not Transcript.objects.exists()


def test_what_is_said_is_found(small: "Mirror", uuid: str) -> None:
    assert rotate(small, uuid) == 2
    french = Transcript.objects.get(video__uuid=uuid, caption__language_id="fr")
    assert french.starts == [3 * n for n in range(8)]
    line = french.text.split("\n")[0]
    assert not SearchDue.objects.exists()
    Video.objects.filter(uuid=uuid).update(description=None, truncated_description=None)
    index_due()
    assert uuid in finds(f'"{line}"')


def test_a_file_is_read_again_only_when_it_changes(small: "Mirror", uuid: str) -> None:
    rotate(small, uuid)
    assert rotate(small, uuid) == 0
    before = said(uuid)
    small.catalogue.set_captions(uuid, ["fr", "de"])
    assert rotate(small, uuid) == 2
    assert said(uuid) != before


def test_the_lines_go_with_their_caption(small: "Mirror", uuid: str) -> None:
    rotate(small, uuid)
    small.catalogue.set_captions(uuid, ["de"])
    rotate(small, uuid)
    (german,) = Transcript.objects.all()
    assert german.caption.language_id == "de"


def test_a_file_that_is_none_is_skipped_with_its_reason(small: "Mirror", uuid: str) -> None:
    small.sandbox.faults.add(Fault("empty", f"{FILES}.*-fr"))
    rotate(small, uuid)
    (item,) = SkippedItem.objects.filter(kind="caption_file")
    assert "no WebVTT" in item.reason
    assert sorted(bool(text) for text in said(uuid)) == [False, True]
    assert rotate(small, uuid) == 0
    small.catalogue.set_captions(uuid, ["fr"])
    rotate(small, uuid)
    assert not SkippedItem.objects.exists()


@pytest.mark.parametrize("status", [404, 403, 302])
def test_a_file_that_is_not_there_is_asked_for_again(small: "Mirror", uuid: str, status: int) -> None:
    small.sandbox.faults.add(Fault("status", f"{FILES}.*-fr", status=status))
    rotate(small, uuid)
    (item,) = SkippedItem.objects.filter(kind="caption_file")
    assert str(status) in item.reason or "redirects" in item.reason
    assert len(said(uuid)) == 1
    assert rotate(small, uuid) == 1
    assert len(said(uuid)) == 2
    assert not SkippedItem.objects.exists()


def test_a_limit_ends_the_run_and_nothing_is_lost(small: "Mirror", uuid: str) -> None:
    small.sandbox.faults.add(Fault("too_many", FILES, retry_after=1))
    Video.objects.filter(uuid=uuid).update(captions_due_at="2020-01-01T00:00:00Z")
    assert small.slice(caption_search=True).error is not None
    assert not said(uuid)
    assert small.instance.next_due_at is not None


def test_turned_on_later_it_is_caught_up_with_once(small: "Mirror", uuid: str) -> None:
    assert rotate(small, uuid, caption_search=False) == 0
    before = len(small.sandbox.log)
    small.sync(caption_search=True)
    assert sum(FILES in path for path in small.asked(before)) == 2
    assert all(said(uuid))
    before = len(small.sandbox.log)
    small.sync(caption_search=True)
    assert not [path for path in small.asked(before) if "caption" in path]


def test_what_changed_while_it_was_off_is_caught_up_with(small: "Mirror", uuid: str) -> None:
    rotate(small, uuid)
    small.catalogue.set_captions(uuid, ["fr", "de"])
    assert rotate(small, uuid, caption_search=False) == 0
    before, old = len(small.sandbox.log), said(uuid)
    small.sync(caption_search=True)
    assert sum(FILES in path for path in small.asked(before)) == 2
    assert said(uuid) != old


def test_slow_files_do_not_outlast_the_lease(small: "Mirror", uuid: str) -> None:
    small.sandbox.faults.add(Fault("slow", FILES, times=None, delay=0.6))
    Video.objects.filter(uuid=uuid).update(captions_due_at="2020-01-01T00:00:00Z")
    assert small.slice(caption_search=True, lease_seconds=2.0).error is None
    assert len(said(uuid)) == 1
    (item,) = SkippedItem.objects.filter(kind="caption_file")
    assert "took too long" in item.reason
