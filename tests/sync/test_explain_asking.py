"""Why is it missing? What no row tells of, its server is asked for; and what the command prints."""

import json
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from peertube_sync.client.short_uuid import shorten
from peertube_sync.models import Channel, Curation, Playlist, Reason, SkippedItem, Source, Video
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror, any_row
from tests.sync.explaining import found, found_video

pytestmark = pytest.mark.one_database


class TestAsking:
    def test_a_video_published_since_waits_for_the_next_look(self, mirror: Mirror) -> None:
        uuid, before = mirror.catalogue.add_video(name="New"), len(mirror.sandbox.log)
        findings = found_video(mirror, uuid)
        assert findings.keys() == {"waiting_head", "waiting_sweep"}
        assert mirror.asked(before) == [f"/api/v1/videos/{uuid}"]

    def test_offline_it_asks_nothing(self, mirror: Mirror) -> None:
        uuid, before = mirror.catalogue.add_video(name="New"), len(mirror.sandbox.log)
        assert found_video(mirror, uuid, offline=True).keys() == {"not_asked", "waiting_head", "waiting_sweep"}
        assert mirror.asked(before) == []

    def test_a_video_that_does_not_exist(self, mirror: Mirror) -> None:
        assert "knows no such video" in found_video(mirror, shorten(uuid4()))["not_found"]

    @pytest.mark.parametrize(
        ("privacy", "words"),
        [
            ("private", "private, internal or blocked"),
            ("internal", "private, internal or blocked"),
            ("password", "its password"),
            ("unlisted", "unlisted by its owner"),
        ],
    )
    def test_a_video_that_is_not_public(self, mirror: Mirror, privacy: Any, words: str) -> None:
        uuid = mirror.catalogue.add_video(name="Hidden")
        mirror.catalogue.hide(uuid, privacy)
        assert words in found_video(mirror, uuid)["not_public"]

    def test_a_blocked_video(self, mirror: Mirror) -> None:
        uuid = mirror.catalogue.add_video(name="Blocked")
        mirror.catalogue.block(uuid)
        assert "blocked" in found_video(mirror, uuid)["not_public"]

    def test_a_copy_of_a_video_whose_home_is_elsewhere(self, mirror: Mirror) -> None:
        with mirror.catalogue.lock:
            row = next(one for one in mirror.catalogue.videos.values() if not one.is_local and one.listed)
        uuid = mirror.catalogue.renderer(mirror.sandbox.host).video_item(row)["uuid"]
        text = found_video(mirror, uuid)["not_local"]
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

    def test_an_idle_live_is_in_no_list(self, mirror: Mirror) -> None:
        uuid = mirror.catalogue.add_video(name="Live", is_live=True)
        mirror.catalogue.stop_live(uuid)
        assert "lists may not show it" in found_video(mirror, uuid)["not_listed"]

    def test_a_skipped_video_says_what_was_wrong(self, mirror: Mirror) -> None:
        uuid, before = str(uuid4()), len(mirror.sandbox.log)
        reason = "Expected `str`, got `null`"
        SkippedItem.objects.create(instance=mirror.instance, kind="video", key=uuid, reason=reason)
        assert reason in found_video(mirror, uuid)["skipped"]
        assert mirror.asked(before) == []

    def test_a_server_that_does_not_answer_is_a_finding(self, mirror: Mirror) -> None:
        mirror.sandbox.faults.add(Fault("status", "", times=None, status=500))
        findings = found_video(mirror, uuid4())
        assert "answered 500" in findings["not_answered"]

    def test_an_anti_bot_page_proves_nothing(self, mirror: Mirror) -> None:
        mirror.sandbox.faults.add(Fault("html", "", times=None, status=403))
        assert found_video(mirror, uuid4()).keys() == {"not_answered"}

    def test_a_host_that_is_not_mirrored_is_asked_too(self, unsynced: Mirror) -> None:
        assert found_video(unsynced, uuid4()).keys() == {"unknown_source", "not_found"}
        assert found_video(unsynced, unsynced.listed()[0]["uuid"]).keys() == {"unknown_source"}


class TestOtherThings:
    def test_a_channel_an_account_and_a_handle_that_are_here(self, mirror: Mirror) -> None:
        row, host = any_row(), mirror.sandbox.host
        for path in (f"/c/{row.channel.name}/videos", f"/@{row.channel.name}", f"/a/{row.account.name}"):
            text = found(mirror, path)["here"]
            assert f"@{host}" in text
            assert "are mirrored" in text

    def test_a_channel_that_does_not_exist(self, mirror: Mirror) -> None:
        assert "knows no such channel" in found(mirror, "/c/nobody")["not_found"]
        assert "neither a channel nor an account" in found(mirror, "/@nobody")["not_found"]

    def test_a_channel_that_was_removed(self, mirror: Mirror) -> None:
        row = any_row().channel
        Channel.objects.filter(pk=row.pk).update(removed_at=timezone.now(), removed_reason=Reason.DELETED)
        assert "deleted at the source" in found(mirror, f"/c/{row.name}")["tombstone"]

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

    def test_a_playlist(self, mirror: Mirror) -> None:
        row = Playlist.objects.all()[0]
        assert "elements" in found(mirror, f"/w/p/{row.uuid}")["here"]
        Playlist.objects.filter(pk=row.pk).update(elements_fetched_at=None)
        assert "not fetched yet" in found(mirror, f"/w/p/{row.uuid}")["waiting_elements"]
        new = mirror.catalogue.add_playlist([mirror.listed()[0]["uuid"]])
        assert "waiting_sweep" in found(mirror, f"/w/p/{new}")
        assert "knows no such playlist" in found(mirror, f"/w/p/{uuid4()}")["not_found"]

    def test_an_unlisted_playlist(self, mirror: Mirror) -> None:
        uuid = mirror.catalogue.add_playlist([mirror.listed()[0]["uuid"]], privacy=2)
        assert "unlisted" in found(mirror, f"/w/p/{uuid}")["not_public"]


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        call_command("peertube_explain", *arguments, stdout=out)
        return out.getvalue()

    def test_one_finding_a_line(self, mirror: Mirror) -> None:
        row = any_row()
        Curation.objects.create(video=row, hidden=True)
        lines = self.run(f"{mirror.sandbox.url}/w/{row.uuid}").splitlines()
        assert lines[0] == f"It is here; the API knows it as {row.uuid}."
        assert len(lines) == 2

    def test_json(self, mirror: Mirror) -> None:
        told = json.loads(self.run(f"{mirror.sandbox.url}/w/{any_row().uuid}", "--json", "--offline"))
        assert (told["kind"], told["host"], told["name"]) == ("video", mirror.sandbox.host, str(any_row().uuid))
        assert told["findings"][0]["code"] == "here"

    def test_a_failing_server_is_no_failure_of_the_command(self, mirror: Mirror) -> None:
        mirror.sandbox.faults.add(Fault("status", "", times=None, status=500))
        assert "could not be asked" in self.run(f"{mirror.sandbox.url}/w/{uuid4()}")

    def test_what_is_not_understood_fails(self, db: None) -> None:
        with pytest.raises(CommandError, match="is not a host"):
            self.run("what is this")
