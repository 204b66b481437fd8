"""Verifying: what is missing here, and what is a ghost here, is told, and nothing else."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from peertube_sync.models import Reason, Video
from peertube_sync.sync.audit.instance import audit
from peertube_sync.testing import Catalogue
from tests.support.mirror import Mirror, any_row
from tests.sync.auditing import counts, told, verify

pytestmark = pytest.mark.one_database


def test_a_row_that_was_lost_is_missing(mirror: Mirror) -> None:
    row = any_row()
    uuid = str(row.uuid)
    row.delete()
    result = verify(mirror)
    assert told(result) == [("missing", "video", uuid, "")]
    assert counts(result) == (1, 0, 0)


def test_a_wrong_tombstone_is_missing(mirror: Mirror) -> None:
    row = any_row(removed_at=timezone.now(), removed_reason=Reason.DELETED)
    result = verify(mirror)
    assert told(result) == [("missing", "video", str(row.uuid), "")]
    assert "held as a tombstone: deleted" in str(result.differences[0])


def test_a_video_published_since_is_missing(mirror: Mirror) -> None:
    uuid = mirror.catalogue.add_video(name="New")
    assert told(verify(mirror)) == [("missing", "video", uuid, "")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda catalogue, uuid: catalogue.delete_video(uuid), "deleted at the source"),
        (lambda catalogue, uuid: catalogue.hide(uuid), "not public any more"),
        (lambda catalogue, uuid: catalogue.hide(uuid, "unlisted"), "unlisted by its owner"),
        (lambda catalogue, uuid: catalogue.hide(uuid, "password"), "behind a password"),
        (lambda catalogue, uuid: catalogue.block(uuid), "not public any more"),
    ],
)
def test_a_row_that_its_source_hides_is_a_ghost(
    mirror: Mirror, change: Callable[[Catalogue, str], None], reason: str
) -> None:
    uuid = str(Video.objects.listed().filter(playlist_elements=None)[0].uuid)
    change(mirror.catalogue, uuid)
    result = verify(mirror)
    assert told(result) == [("ghost", "video", uuid, "")]
    assert str(result.differences[0]) == f"ghost: video {uuid} ({reason})"
    assert counts(result) == (0, 1, 0)


def test_a_made_up_row_is_a_ghost(mirror: Mirror) -> None:
    row = any_row()
    row.pk, row.uuid = None, "11111111-2222-4333-8444-555555555555"
    row.save(force_insert=True)
    assert told(verify(mirror)) == [("ghost", "video", "11111111-2222-4333-8444-555555555555", "")]


def test_a_delisted_row_is_fine_while_it_is_public(mirror: Mirror) -> None:
    uuid = mirror.catalogue.add_video(name="Live", is_live=True)
    mirror.catalogue.start_live(uuid)
    mirror.sync()
    mirror.catalogue.stop_live(uuid)
    assert ("differs", "video", uuid, "delisted_at") in told(verify(mirror))
    mirror.sync(full=True)
    assert mirror.row(uuid).delisted_at
    assert verify(mirror).total == 0
    mirror.catalogue.hide(uuid)
    assert told(verify(mirror)) == [("ghost", "video", uuid, "")]


def test_a_list_that_shrinks_while_it_is_walked_hides_nobody(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror(Catalogue.generate(videos=230, seed=8))
    mirror.add()
    mirror.sync(details=False)
    first = [item["uuid"] for item in sorted(mirror.listed(), key=lambda item: item["createdAt"])[:120]]

    def delete_first(_kind: str, done: int, _total: int | None) -> None:
        for uuid in first if done <= 100 else ():
            mirror.catalogue.delete_video(uuid)
        first.clear()

    result = audit(mirror.instance, mirror.settings(), sample=0, progress=delete_first)
    assert (result.error, counts(result)) == ("", (0, 20, 0))
