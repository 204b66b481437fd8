"""Why is it missing? Every step that rejects something, or hasn't reached it, is told in words."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from peertube_sync.models import Curation, Instance, InstanceState, Reason, SkippedItem, Source, SourceState, Video
from peertube_sync.sync.explain.explanation import explain
from peertube_sync.testing import Catalogue
from tests.support.mirror import Mirror, any_row
from tests.support.sandboxes import VIDEOS
from tests.sync.explaining import SOME, found, found_video

pytestmark = pytest.mark.one_database


class TestRows:
    def test_a_video_that_is_here(self, mirror: Mirror) -> None:
        before, row = len(mirror.sandbox.log), any_row()
        for path in (f"/w/{row.uuid}", f"/w/{row.short_uuid}", f"/videos/watch/{row.uuid}"):
            assert found(mirror, path) == {"here": f"It is here; the API knows it as {row.uuid}."}
        assert mirror.asked(before) == []

    def test_a_video_that_curation_hides(self, mirror: Mirror) -> None:
        row = any_row()
        Curation.objects.create(video=row, hidden=True)
        assert found_video(mirror, row.uuid).keys() == {"here", "hidden"}

    def test_a_video_that_was_missing_from_the_last_sweep(self, mirror: Mirror) -> None:
        row = any_row(missing_since=timezone.now())
        assert "is asked before anything is removed" in found_video(mirror, row.uuid)["missing"]

    def test_a_video_whose_removal_a_person_decides(self, mirror: Mirror) -> None:
        row = any_row(missing_since=timezone.now())
        Source.objects.update(state=SourceState.SUSPICIOUS, last_error="25 videos are missing")
        text = found_video(mirror, row.uuid)["source_suspicious"]
        assert "25 videos are missing" in text
        assert f"peertube_removals {mirror.sandbox.host}" in text

    def test_a_delisted_video(self, mirror: Mirror) -> None:
        row = any_row(delisted_at=timezone.now())
        assert "lists it no longer" in found_video(mirror, row.uuid)["delisted"]

    def test_a_video_that_waits_for_details_and_captions(self, unsynced: Mirror) -> None:
        unsynced.add()
        unsynced.sync(details=False)
        findings = found_video(unsynced, any_row().uuid)
        assert "is due since" in findings["waiting_details"]
        assert "after its details" in findings["waiting_captions"]

    def test_a_video_whose_details_are_due_again(self, mirror: Mirror) -> None:
        row = any_row(details_due_at=timezone.now() - timedelta(hours=1))
        assert "fetching them again is due since" in found_video(mirror, row.uuid)["waiting_details"]

    def test_a_video_whose_details_could_not_be_read(self, mirror: Mirror) -> None:
        row = any_row()
        SkippedItem.objects.create(instance=mirror.instance, kind="details", key=str(row.uuid), reason="Expected `int`")
        text = found_video(mirror, row.uuid)["skipped"]
        assert "details" in text
        assert "Expected `int`" in text

    @pytest.mark.parametrize("reason", [Reason.DELETED, Reason.PRIVATE, Reason.PASSWORD, Reason.BLOCKED])
    def test_a_tombstone(self, mirror: Mirror, reason: Reason) -> None:
        row = any_row(removed_at=timezone.now(), removed_reason=reason)
        findings = found_video(mirror, row.uuid)
        assert findings.keys() == {"tombstone"}
        assert str(reason.label) in findings["tombstone"]

    def test_a_tombstone_that_a_rule_made(self, mirror: Mirror) -> None:
        row = Video.objects.order_by("duration")[0]
        Source.objects.update(rules={"min_duration": row.duration + 1})
        mirror.sync()
        assert "'min_duration'" in found_video(mirror, row.uuid)["excluded"]

    def test_a_tombstone_that_no_source_selects(self, mirror: Mirror) -> None:
        row = any_row(removed_at=timezone.now(), removed_reason=Reason.OUT_OF_SCOPE)
        Source.objects.all().delete()
        findings = found_video(mirror, row.uuid)
        assert f"peertube_add {row.url}" in findings["not_selected"]
        assert "nothing of it is mirrored" in findings["no_source"]

    def test_the_address_of_a_copy_leads_to_its_home(self, mirror: Mirror) -> None:
        row = any_row()
        explained = explain(f"https://elsewhere.example/w/{row.uuid}", mirror.settings())
        assert [one.code for one in explained.findings] == ["not_local", "here"]
        assert mirror.sandbox.host in explained.findings[0].text


class TestInstancesAndSources:
    @pytest.mark.parametrize("path", ["", "/c/cooking", "/a/alice", "/@alice", f"/w/{SOME}", f"/w/p/{SOME}"])
    def test_an_unknown_host(self, unsynced: Mirror, path: str) -> None:
        findings = found(unsynced, path, offline=True)
        assert f"peertube_add {unsynced.sandbox.url}{path}" in findings["unknown_source"]
        assert unsynced.sandbox.log == []

    def test_an_instance_that_was_not_asked_yet(self, unsynced: Mirror) -> None:
        unsynced.add()
        findings = found(unsynced, "")
        assert "not asked for anything yet" in findings["not_asked_yet"]
        assert "is due since" in findings["waiting_first_sweep"]

    def test_an_instance_that_is_here(self, mirror: Mirror) -> None:
        findings = found(mirror, "")
        assert findings["here"].startswith(f"{VIDEOS} of its videos are here, {VIDEOS} of them with details")
        assert "is due at" in findings["waiting_head"]
        assert "is due at" in findings["waiting_sweep"]

    def test_an_instance_in_trouble_says_why(self, mirror: Mirror) -> None:
        row = any_row()
        Instance.objects.update(state=InstanceState.TIMEOUT, state_reason="after 30 s")
        for path in ("", f"/w/{row.uuid}"):
            assert "does not answer in time: after 30 s" in found(mirror, path)["instance_state"]

    def test_a_reason_that_the_state_has_told_is_not_told_again(self, mirror: Mirror) -> None:
        host = mirror.sandbox.host
        Instance.objects.update(state=InstanceState.CONNECTION_REFUSED, state_reason=f"{host} refuses connections")
        assert found(mirror, "")["instance_state"].startswith(f"{host} refuses connections. The next contact")

    def test_a_first_sweep_under_way(self, make_mirror: Callable[..., Mirror]) -> None:
        mirror = make_mirror(Catalogue.generate(videos=250, seed=4))
        mirror.add()
        mirror.slice(details=False, slice_seconds=1e-9)
        mirror.slice(details=False, slice_seconds=1e-9)
        assert "of 250 videos are read" in found(mirror, "")["waiting_first_sweep"]

    @pytest.mark.parametrize(
        ("state", "words"),
        [(SourceState.PAUSED, "resumed in the admin"), (SourceState.SUSPENDED, "inside a broader source")],
    )
    def test_a_source_that_is_not_worked_on(self, mirror: Mirror, state: SourceState, words: str) -> None:
        row = any_row()
        Source.objects.update(state=state)
        for path in ("", f"/w/{row.uuid}", f"/c/{row.channel.name}"):
            assert words in found(mirror, path)[f"source_{state}"]

    def test_a_source_with_an_error(self, mirror: Mirror) -> None:
        Source.objects.update(last_error="answered 404")
        assert "answered 404" in found(mirror, "")["source_error"]
