"""Why is it missing? Every step that rejects something, or hasn't reached it, is told in words."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from peertube_sync.client.short_uuid import shorten
from peertube_sync.models import (
    Channel,
    Curation,
    Instance,
    InstanceState,
    Playlist,
    Reason,
    SkippedItem,
    Source,
    SourceState,
    Video,
)
from peertube_sync.sync.explain import explain
from peertube_sync.testing import Catalogue, Fault
from tests.sync.mirror import Mirror

pytestmark = pytest.mark.one_database

SOME = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def mirror(long_mirror: Mirror) -> Mirror:
    return long_mirror


@pytest.fixture
def unsynced(make_mirror: Callable[..., Mirror]) -> Mirror:
    """A sandbox of which nothing is mirrored yet."""
    return make_mirror(Catalogue.generate(videos=30, seed=4))


@pytest.fixture
def small(make_synced: Callable[..., Mirror]) -> Mirror:
    """Its mirror, all synced."""
    return make_synced(30, seed=4)


def found(mirror: Mirror, path: str, *, offline: bool = False) -> dict[str, str]:
    """Explain a path of the sandbox; returns the sentences by code."""
    explained = explain(f"{mirror.sandbox.url}{path}", mirror.settings(), offline=offline)
    return {one.code: one.text for one in explained.findings}


def found_video(mirror: Mirror, uuid: object, **options: Any) -> dict[str, str]:
    return found(mirror, f"/w/{uuid}", **options)


def any_row(**columns: Any) -> Video:
    """Return a listed row, its columns changed by hand."""
    row: Video = Video.objects.listed().order_by("pk")[0]
    Video.objects.filter(pk=row.pk).update(**columns)
    return row


class TestRows:
    def test_a_video_that_is_here(self, small: Mirror) -> None:
        before, row = len(small.sandbox.log), any_row()
        for path in (f"/w/{row.uuid}", f"/w/{row.short_uuid}", f"/videos/watch/{row.uuid}"):
            assert found(small, path) == {"here": f"It is here; the API knows it as {row.uuid}."}
        assert small.asked(before) == []

    def test_a_video_that_curation_hides(self, small: Mirror) -> None:
        row = any_row()
        Curation.objects.create(video=row, hidden=True)
        assert found_video(small, row.uuid).keys() == {"here", "hidden"}

    def test_a_video_that_was_missing_from_the_last_sweep(self, small: Mirror) -> None:
        row = any_row(missing_since=timezone.now())
        assert "is asked before anything is removed" in found_video(small, row.uuid)["missing"]

    def test_a_video_whose_removal_a_person_decides(self, small: Mirror) -> None:
        row = any_row(missing_since=timezone.now())
        Source.objects.update(state=SourceState.SUSPICIOUS, last_error="25 videos are missing")
        text = found_video(small, row.uuid)["source_suspicious"]
        assert "25 videos are missing" in text
        assert f"peertube_removals {small.sandbox.host}" in text

    def test_a_delisted_video(self, small: Mirror) -> None:
        row = any_row(delisted_at=timezone.now())
        assert "lists it no longer" in found_video(small, row.uuid)["delisted"]

    def test_a_video_that_waits_for_details_and_captions(self, unsynced: Mirror) -> None:
        unsynced.add()
        unsynced.sync(details=False)
        findings = found_video(unsynced, any_row().uuid)
        assert "is due since" in findings["waiting_details"]
        assert "after its details" in findings["waiting_captions"]

    def test_a_video_whose_details_are_due_again(self, small: Mirror) -> None:
        row = any_row(details_due_at=timezone.now() - timedelta(hours=1))
        assert "fetching them again is due since" in found_video(small, row.uuid)["waiting_details"]

    def test_a_video_whose_details_could_not_be_read(self, small: Mirror) -> None:
        row = any_row()
        SkippedItem.objects.create(instance=small.instance, kind="details", key=str(row.uuid), reason="Expected `int`")
        text = found_video(small, row.uuid)["skipped"]
        assert "details" in text
        assert "Expected `int`" in text

    @pytest.mark.parametrize("reason", [Reason.DELETED, Reason.PRIVATE, Reason.PASSWORD, Reason.BLOCKED])
    def test_a_tombstone(self, small: Mirror, reason: Reason) -> None:
        row = any_row(removed_at=timezone.now(), removed_reason=reason)
        findings = found_video(small, row.uuid)
        assert findings.keys() == {"tombstone"}
        assert str(reason.label) in findings["tombstone"]

    def test_a_tombstone_that_a_rule_made(self, small: Mirror) -> None:
        row = Video.objects.order_by("duration")[0]
        Source.objects.update(rules={"min_duration": row.duration + 1})
        small.sync()
        assert "'min_duration'" in found_video(small, row.uuid)["excluded"]

    def test_a_tombstone_that_no_source_selects(self, small: Mirror) -> None:
        row = any_row(removed_at=timezone.now(), removed_reason=Reason.OUT_OF_SCOPE)
        Source.objects.all().delete()
        findings = found_video(small, row.uuid)
        assert f"peertube_add {row.url}" in findings["not_selected"]
        assert "nothing of it is mirrored" in findings["no_source"]

    def test_the_address_of_a_copy_leads_to_its_home(self, small: Mirror) -> None:
        row = any_row()
        explained = explain(f"https://elsewhere.example/w/{row.uuid}", small.settings())
        assert [one.code for one in explained.findings] == ["not_local", "here"]
        assert small.sandbox.host in explained.findings[0].text


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

    def test_an_instance_that_is_here(self, small: Mirror) -> None:
        findings = found(small, "")
        assert findings["here"].startswith("30 of its videos are here, 30 of them with details")
        assert "is due at" in findings["waiting_head"]
        assert "is due at" in findings["waiting_sweep"]

    def test_an_instance_in_trouble_says_why(self, small: Mirror) -> None:
        row = any_row()
        Instance.objects.update(state=InstanceState.TIMEOUT, state_reason="after 30 s")
        for path in ("", f"/w/{row.uuid}"):
            assert "does not answer in time: after 30 s" in found(small, path)["instance_state"]

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
    def test_a_source_that_is_not_worked_on(self, small: Mirror, state: SourceState, words: str) -> None:
        row = any_row()
        Source.objects.update(state=state)
        for path in ("", f"/w/{row.uuid}", f"/c/{row.channel.name}"):
            assert words in found(small, path)[f"source_{state}"]

    def test_a_source_with_an_error(self, small: Mirror) -> None:
        Source.objects.update(last_error="answered 404")
        assert "answered 404" in found(small, "")["source_error"]


class TestAsking:
    def test_a_video_published_since_waits_for_the_next_look(self, small: Mirror) -> None:
        uuid, before = small.catalogue.add_video(name="New"), len(small.sandbox.log)
        findings = found_video(small, uuid)
        assert findings.keys() == {"waiting_head", "waiting_sweep"}
        assert small.asked(before) == [f"/api/v1/videos/{uuid}"]

    def test_offline_it_asks_nothing(self, small: Mirror) -> None:
        uuid, before = small.catalogue.add_video(name="New"), len(small.sandbox.log)
        assert found_video(small, uuid, offline=True).keys() == {"not_asked", "waiting_head", "waiting_sweep"}
        assert small.asked(before) == []

    def test_a_video_that_does_not_exist(self, small: Mirror) -> None:
        assert "knows no such video" in found_video(small, shorten(uuid4()))["not_found"]

    @pytest.mark.parametrize(
        ("privacy", "words"),
        [
            ("private", "private, internal or blocked"),
            ("internal", "private, internal or blocked"),
            ("password", "its password"),
            ("unlisted", "unlisted by its owner"),
        ],
    )
    def test_a_video_that_is_not_public(self, small: Mirror, privacy: Any, words: str) -> None:
        uuid = small.catalogue.add_video(name="Hidden")
        small.catalogue.hide(uuid, privacy)
        assert words in found_video(small, uuid)["not_public"]

    def test_a_blocked_video(self, small: Mirror) -> None:
        uuid = small.catalogue.add_video(name="Blocked")
        small.catalogue.block(uuid)
        assert "blocked" in found_video(small, uuid)["not_public"]

    def test_a_copy_of_a_video_whose_home_is_elsewhere(self, small: Mirror) -> None:
        with small.catalogue.lock:
            row = next(one for one in small.catalogue.videos.values() if not one.is_local and one.listed)
        uuid = small.catalogue.renderer(small.sandbox.host).video_item(row)["uuid"]
        text = found_video(small, uuid)["not_local"]
        assert row.channel.origin.rpartition("/")[2] in text

    def test_a_video_that_a_rule_excludes(self, unsynced: Mirror) -> None:
        source = unsynced.add()
        Source.objects.filter(pk=source.pk).update(rules={"min_duration": 600, "exclude_tags": ["bees"]})
        unsynced.sync()
        short = unsynced.catalogue.add_video(duration=10)
        tagged = unsynced.catalogue.add_video(duration=900, tags=["bees"])
        text = found_video(unsynced, short)["excluded"]
        assert "'min_duration'" in text
        assert "600" in text
        assert unsynced.sandbox.host in text
        assert "'exclude_tags'" in found_video(unsynced, tagged)["excluded"]

    def test_a_video_that_no_source_selects(self, unsynced: Mirror) -> None:
        items = unsynced.listed()
        name = items[0]["channel"]["name"]
        unsynced.add(f"{name}@{unsynced.sandbox.host}")
        unsynced.sync()
        other = next(item for item in items if item["channel"]["name"] != name)
        text = found_video(unsynced, other["uuid"])["not_selected"]
        assert name in text
        assert f"peertube_add {other['url']}" in text

    @pytest.mark.parametrize("kind", ["channel", "account", "video", "playlist"])
    def test_a_video_that_a_narrow_source_selects_waits(self, unsynced: Mirror, kind: str) -> None:
        item = unsynced.listed()[0]
        paths = {
            "channel": f"/c/{item['channel']['name']}",
            "account": f"/a/{item['account']['name']}",
            "video": f"/w/{item['uuid']}",
            "playlist": f"/w/p/{unsynced.catalogue.add_playlist([item['uuid']])}",
        }
        unsynced.add(f"{unsynced.sandbox.url}{paths[kind]}")
        unsynced.sync()
        Video.objects.filter(uuid=item["uuid"]).delete()
        findings = found_video(unsynced, item["uuid"])
        assert "waiting_sweep" in findings
        assert "not_selected" not in findings

    def test_an_idle_live_is_in_no_list(self, small: Mirror) -> None:
        uuid = small.catalogue.add_video(name="Live", is_live=True)
        small.catalogue.stop_live(uuid)
        assert "lists may not show it" in found_video(small, uuid)["not_listed"]

    def test_a_skipped_video_says_what_was_wrong(self, small: Mirror) -> None:
        uuid, before = str(uuid4()), len(small.sandbox.log)
        SkippedItem.objects.create(instance=small.instance, kind="video", key=uuid, reason="Expected `str`, got `null`")
        assert "Expected `str`, got `null`" in found_video(small, uuid)["skipped"]
        assert small.asked(before) == []

    def test_a_server_that_does_not_answer_is_a_finding(self, small: Mirror) -> None:
        small.sandbox.faults.add(Fault("status", "", times=None, status=500))
        findings = found_video(small, uuid4())
        assert "answered 500" in findings["not_answered"]

    def test_an_anti_bot_page_proves_nothing(self, small: Mirror) -> None:
        small.sandbox.faults.add(Fault("html", "", times=None, status=403))
        assert found_video(small, uuid4()).keys() == {"not_answered"}

    def test_a_host_that_is_not_mirrored_is_asked_too(self, unsynced: Mirror) -> None:
        assert found_video(unsynced, uuid4()).keys() == {"unknown_source", "not_found"}
        assert found_video(unsynced, unsynced.listed()[0]["uuid"]).keys() == {"unknown_source"}


class TestOtherThings:
    def test_a_channel_an_account_and_a_handle_that_are_here(self, small: Mirror) -> None:
        row, host = any_row(), small.sandbox.host
        for path in (f"/c/{row.channel.name}/videos", f"/@{row.channel.name}", f"/a/{row.account.name}"):
            text = found(small, path)["here"]
            assert f"@{host}" in text
            assert "are mirrored" in text

    def test_a_channel_that_does_not_exist(self, small: Mirror) -> None:
        assert "knows no such channel" in found(small, "/c/nobody")["not_found"]
        assert "neither a channel nor an account" in found(small, "/@nobody")["not_found"]

    def test_a_channel_that_was_removed(self, small: Mirror) -> None:
        row = any_row().channel
        Channel.objects.filter(pk=row.pk).update(removed_at=timezone.now(), removed_reason=Reason.DELETED)
        assert "deleted at the source" in found(small, f"/c/{row.name}")["tombstone"]

    def test_a_channel_that_no_source_selects(self, unsynced: Mirror) -> None:
        names = sorted({item["channel"]["name"] for item in unsynced.listed()})
        unsynced.add(f"{names[0]}@{unsynced.sandbox.host}")
        unsynced.sync()
        assert "no source here selects it" in found(unsynced, f"/c/{names[1]}")["not_selected"]
        unsynced.add()
        assert "waiting_first_sweep" in found(unsynced, f"/c/{names[1]}")

    def test_an_account_that_waits(self, unsynced: Mirror) -> None:
        unsynced.add()
        name = unsynced.listed()[0]["account"]["name"]
        assert "waiting_first_sweep" in found(unsynced, f"/a/{name}")

    def test_a_playlist(self, small: Mirror) -> None:
        row = Playlist.objects.all()[0]
        assert "elements" in found(small, f"/w/p/{row.uuid}")["here"]
        Playlist.objects.filter(pk=row.pk).update(elements_fetched_at=None)
        assert "not fetched yet" in found(small, f"/w/p/{row.uuid}")["waiting_elements"]
        new = small.catalogue.add_playlist([small.listed()[0]["uuid"]])
        assert "waiting_sweep" in found(small, f"/w/p/{new}")
        assert "knows no such playlist" in found(small, f"/w/p/{uuid4()}")["not_found"]

    def test_an_unlisted_playlist(self, small: Mirror) -> None:
        uuid = small.catalogue.add_playlist([small.listed()[0]["uuid"]], privacy=2)
        assert "unlisted" in found(small, f"/w/p/{uuid}")["not_public"]


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        call_command("peertube_explain", *arguments, stdout=out)
        return out.getvalue()

    def test_one_finding_a_line(self, small: Mirror) -> None:
        row = any_row()
        Curation.objects.create(video=row, hidden=True)
        lines = self.run(f"{small.sandbox.url}/w/{row.uuid}").splitlines()
        assert lines[0] == f"It is here; the API knows it as {row.uuid}."
        assert len(lines) == 2

    def test_json(self, small: Mirror) -> None:
        told = json.loads(self.run(f"{small.sandbox.url}/w/{any_row().uuid}", "--json", "--offline"))
        assert (told["kind"], told["host"], told["name"]) == ("video", small.sandbox.host, str(any_row().uuid))
        assert told["findings"][0]["code"] == "here"

    def test_a_failing_server_is_no_failure_of_the_command(self, small: Mirror) -> None:
        small.sandbox.faults.add(Fault("status", "", times=None, status=500))
        assert "could not be asked" in self.run(f"{small.sandbox.url}/w/{uuid4()}")

    def test_what_is_not_understood_fails(self, db: None) -> None:
        with pytest.raises(CommandError, match="is not a host"):
            self.run("what is this")
