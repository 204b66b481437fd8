"""Verifying: only what the sources want is looked for."""

from collections.abc import Callable

import pytest

from peertube_sync.models import Source, SourceState, Video
from tests.support.mirror import Mirror, any_row
from tests.support.sandboxes import VIDEOS
from tests.sync.auditing import told, verify

pytestmark = pytest.mark.one_database


def test_what_a_rule_excludes_is_not_missing(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    source = mirror.add()
    Source.objects.filter(pk=source.pk).update(rules={"min_duration": 600})
    mirror.sync()
    assert 0 < Video.objects.count() < VIDEOS
    assert verify(mirror).total == 0


def test_what_a_rule_of_tags_excludes_is_not_missing(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    source = mirror.add()
    tagged = [item["uuid"] for item in mirror.listed()[:3]]
    for uuid in tagged:
        mirror.catalogue.set_tags(uuid, ["bees"])
    Source.objects.filter(pk=source.pk).update(rules={"exclude_tags": ["bees"]})
    mirror.sync()
    mirror.catalogue.view(tagged[0])
    Video.objects.filter(uuid=tagged[1]).delete()
    assert verify(mirror).total == 0


def test_what_no_source_wants_is_a_ghost(mirror: Mirror) -> None:
    limit = Video.objects.order_by("duration")[3].duration
    short = {str(row.uuid) for row in Video.objects.filter(duration__lt=limit)}
    Source.objects.update(rules={"min_duration": limit})
    assert 0 < len(short) < VIDEOS
    result = verify(mirror, sample=0)
    assert {key for _kind, _what, key, _field in told(result)} == short
    assert result.ghosts == len(short)


def test_only_what_the_sources_select_is_looked_for(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    names = sorted({item["channel"]["name"] for item in mirror.listed()})[:2]
    for name in names:
        mirror.add(f"{name}@{mirror.sandbox.host}")
    mirror.sync()
    result = verify(mirror)
    wanted = {item["uuid"] for item in mirror.listed() if item["channel"]["name"] in names}
    assert (result.total, result.checked) == (0, len(wanted))
    lost = any_row()
    lost.delete()
    assert told(verify(mirror)) == [("missing", "video", str(lost.uuid), "")]


def test_members_of_a_playlist_and_single_videos(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    uuids = [item["uuid"] for item in mirror.listed()[:4]]
    playlist = mirror.catalogue.add_playlist(uuids[:3])
    mirror.add(f"{mirror.sandbox.url}/w/p/{playlist}")
    mirror.add(f"{mirror.sandbox.url}/w/{uuids[3]}")
    mirror.sync()
    result = verify(mirror)
    assert (result.total, result.checked, result.details_checked) == (0, 4, 4)
    Video.objects.filter(uuid=uuids[0]).update(name="Another name")
    Video.objects.filter(uuid=uuids[1]).delete()
    mirror.catalogue.delete_video(uuids[3])
    assert sorted(told(verify(mirror))) == sorted(
        [
            ("differs", "video", uuids[0], "name"),
            ("missing", "video", uuids[1], ""),
            ("ghost", "video", uuids[3], ""),
        ]
    )


def test_an_unlisted_member_of_a_playlist_is_not_missing(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    uuids = [item["uuid"] for item in mirror.listed()[:2]]
    mirror.catalogue.hide(uuids[1], "unlisted")
    mirror.add(f"{mirror.sandbox.url}/w/p/{mirror.catalogue.add_playlist(uuids)}")
    mirror.sync()
    assert verify(mirror).total == 0


def test_a_source_that_its_server_refuses_leaves_the_audit_incomplete(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    names = sorted({item["channel"]["name"] for item in mirror.listed()})[:2]
    for name in names:
        mirror.add(f"{name}@{mirror.sandbox.host}")
    mirror.sync()
    mirror.catalogue.delete_channel(names[0])
    row = Video.objects.filter(channel__name=names[1])[0]
    Video.objects.filter(pk=row.pk).update(name="Another name")
    result = verify(mirror)
    assert names[0] in result.error
    assert [one for one in told(result) if one[1] == "video"] == [("differs", "video", str(row.uuid), "name")]
    assert mirror.instance.audited_at is None


def test_a_paused_source_is_not_compared(mirror: Mirror) -> None:
    Source.objects.update(state=SourceState.PAUSED)
    result = verify(mirror)
    assert "none of its sources is worked on" in result.error
    assert result.requests == 0
