"""Verifying: every difference between the copy and its source is told, and nothing else."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from peertube_sync.models import (
    Account,
    Channel,
    Curation,
    Instance,
    Playlist,
    PlaylistElement,
    Reason,
    RunKind,
    RunState,
    Source,
    SourceState,
    SyncRun,
    Tag,
    Video,
)
from peertube_sync.sync.audit import ask_for_audits, audit
from peertube_sync.sync.findings import KEPT, Audit
from peertube_sync.sync.lease import Lease
from peertube_sync.testing import Catalogue, Fault
from tests.sync.mirror import Mirror

pytestmark = pytest.mark.one_database

LISTS = 4
"""Two pages of videos, one of channels, one of playlists."""
LIST = r"^/api/v1/videos\?"


def verify(mirror: Mirror, *, sample: int | None = None) -> Audit:
    return audit(mirror.instance, mirror.settings(), sample=sample)


def told(result: Audit) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.what, one.key, one.field) for one in result.differences]


def counts(result: Audit) -> tuple[int, int, int]:
    return result.missing, result.ghosts, result.differing


def any_row(number: int = 0, **columns: Any) -> Video:
    """Return a listed row, its columns changed by hand."""
    row: Video = Video.objects.listed().order_by("pk")[number]
    Video.objects.filter(pk=row.pk).update(**columns)
    return row


@pytest.fixture
def mirror(long_mirror: Mirror) -> Mirror:
    return long_mirror


@pytest.fixture
def small(make_synced: Callable[..., Mirror]) -> Mirror:
    return make_synced(30, seed=4)


class TestEquality:
    def test_a_fresh_copy_has_no_difference(self, mirror: Mirror) -> None:
        result = verify(mirror)
        assert (told(result), result.error) == ([], "")
        assert (result.checked, result.details_checked) == (105, 105)
        assert result.requests == len(mirror.sandbox.log[-result.requests :])
        assert result.requests == LISTS + 3 * 105 + Playlist.objects.count()

    def test_a_sample_asks_for_so_many_details(self, mirror: Mirror) -> None:
        before = len(mirror.sandbox.log)
        result = verify(mirror, sample=7)
        assert (result.checked, result.details_checked, result.requests) == (
            105,
            7,
            LISTS + 3 * 7 + Playlist.objects.count(),
        )
        assert len(mirror.sandbox.log) - before == result.requests

    def test_a_sample_of_none_asks_for_lists_alone(self, mirror: Mirror) -> None:
        assert verify(mirror, sample=0).requests == LISTS

    def test_nothing_mirrored_is_written(self, small: Mirror) -> None:
        any_row(name="Another name")
        with CaptureQueriesContext(connection) as queries:
            assert verify(small).total == 1
        written = {
            query["sql"].partition("SET")[0].split('"')[1]
            for query in queries
            if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
        }
        assert written == {"peertube_sync_instance", "peertube_sync_syncrun", "peertube_sync_hostbudget"}


class TestDifferences:
    @pytest.mark.parametrize(
        ("columns", "field"),
        [
            ({"name": "Another name"}, "name"),
            ({"views": 1_000_000}, "views"),
            ({"language_id": "tlh"}, "language_id"),
            ({"truncated_description": "cut"}, "truncated_description"),
            ({"delisted_at": timezone.now()}, "delisted_at"),
        ],
    )
    def test_a_listed_field_is_told_whatever_the_sample(
        self, small: Mirror, columns: dict[str, Any], field: str
    ) -> None:
        row = any_row(3, **columns)
        result = verify(small, sample=0)
        assert told(result) == [("differs", "video", str(row.uuid), field)]
        assert counts(result) == (0, 0, 1)

    @pytest.mark.parametrize(
        ("columns", "field"),
        [
            ({"description": "another text"}, "description"),
            ({"support": "another text"}, "support"),
            ({"files": []}, "files"),
            ({"wait_transcoding": None}, "wait_transcoding"),
        ],
    )
    def test_a_field_of_the_details_is_told_when_they_are_asked_for(
        self, small: Mirror, columns: dict[str, Any], field: str
    ) -> None:
        row = any_row(3, **columns)
        assert told(verify(small, sample=0)) == []
        assert told(verify(small)) == [("differs", "video", str(row.uuid), field)]

    def test_both_values_are_told(self, small: Mirror) -> None:
        row = any_row(name="Another name")
        one = verify(small).differences[0]
        assert str(one) == f"differs: video {row.uuid} name: held 'Another name', published {row.name!r}"
        assert one.as_dict()["held"] == "'Another name'"

    def test_a_field_that_list_and_details_show_is_told_once(self, small: Mirror) -> None:
        any_row(name="Another name", views=1_000_000)
        result = verify(small)
        assert sorted(field for _kind, _what, _key, field in told(result)) == ["name", "views"]
        assert result.differing == 1

    def test_tags(self, small: Mirror) -> None:
        row = any_row()
        row.tags.add(Tag.objects.create(name="ours alone"))
        result = verify(small)
        assert told(result) == [("differs", "video", str(row.uuid), "tags")]
        assert "ours alone" in str(result.differences[0])

    def test_captions(self, small: Mirror) -> None:
        row = any_row()
        small.catalogue.set_captions(str(row.uuid), ["fr", "de"])
        assert told(verify(small)) == [("differs", "video", str(row.uuid), "captions")]
        small.everything_due()
        small.sync()
        row.captions.filter(language_id="fr").update(caption_path="/another.vtt")
        assert told(verify(small)) == [("differs", "video", str(row.uuid), "captions.fr.caption_path")]

    def test_chapters(self, small: Mirror) -> None:
        row = any_row()
        small.catalogue.set_chapters(str(row.uuid), [(0, "Start"), (5, "End")])
        result = verify(small)
        assert told(result) == [("differs", "video", str(row.uuid), "chapters")]
        assert "published [(0, 'Start'), (5, 'End')]" in str(result.differences[0])

    def test_a_renamed_channel_is_one_difference_however_many_videos_it_has(self, mirror: Mirror) -> None:
        channel = any_row().channel
        Channel.objects.filter(pk=channel.pk).update(display_name="Another name")
        result = verify(mirror)
        assert told(result) == [("differs", "channel", channel.name, "display_name")]
        assert result.differing == 1

    def test_an_account_that_no_video_list_tells_of(self, small: Mirror) -> None:
        account = any_row().account
        Account.objects.filter(pk=account.pk).update(description="another text")
        assert told(verify(small)) == [("differs", "account", account.name, "description")]

    def test_a_fact_of_a_channel_that_no_video_list_tells_of(self, small: Mirror) -> None:
        channel = any_row().channel
        Channel.objects.filter(pk=channel.pk).update(support="another text")
        assert told(verify(small, sample=0)) == [("differs", "channel", channel.name, "support")]

    def test_a_playlist(self, small: Mirror) -> None:
        playlist = Playlist.objects.all()[0]
        Playlist.objects.filter(pk=playlist.pk).update(display_name="Another name")
        assert told(verify(small, sample=0)) == [("differs", "playlist", str(playlist.uuid), "display_name")]

    def test_the_elements_of_a_playlist(self, small: Mirror) -> None:
        element = PlaylistElement.objects.all()[0]
        PlaylistElement.objects.filter(pk=element.pk).update(position=1000)
        assert told(verify(small)) == [("differs", "playlist", str(element.playlist.uuid), "elements")]

    def test_channels_and_playlists_that_one_side_lacks(self, small: Mirror) -> None:
        Channel.objects.create(
            instance=small.instance, remote_id=0, name="ghost", owner_account=Account.objects.all()[0]
        )
        new = small.catalogue.add_playlist([])
        assert told(verify(small, sample=0)) == [("ghost", "channel", "ghost", ""), ("missing", "playlist", new, "")]

    def test_a_video_moved_to_a_channel_that_has_no_row_is_told_by_name(self, small: Mirror) -> None:
        row = any_row()
        other = next(one["channel"]["name"] for one in small.listed() if one["channel"]["name"] != row.channel.name)
        small.catalogue.move_video(str(row.uuid), other)
        small.catalogue.rename_channel(other, "Seen in the list")
        Video.objects.exclude(pk=row.pk).filter(channel__name=other).delete()
        Channel.objects.filter(name=other).delete()
        result = verify(small, sample=0)
        moved = next(one for one in result.differences if one.field == "channel")
        assert (moved.key, moved.held, moved.published) == (str(row.uuid), row.channel.name, other)

    def test_a_view_between_two_looks_is_a_difference(self, small: Mirror) -> None:
        uuid = str(any_row().uuid)
        small.catalogue.view(uuid)
        assert {field for _kind, _what, key, field in told(verify(small)) if key == uuid} == {"views", "updated_at"}

    def test_what_was_not_fetched_yet_is_told_so(self, small: Mirror) -> None:
        row = any_row(details_fetched_at=None, captions_fetched_at=None)
        assert told(verify(small)) == [
            ("differs", "video", str(row.uuid), "details"),
            ("differs", "video", str(row.uuid), "captions"),
        ]

    def test_curation_is_no_difference(self, small: Mirror) -> None:
        Curation.objects.create(video=any_row(), hidden=True, title="Ours")
        assert verify(small).total == 0

    def test_an_item_that_can_not_be_read_is_told(self, small: Mirror) -> None:
        small.sandbox.faults.add(Fault("malformed", LIST, times=None))
        result = verify(small, sample=0)
        assert "unreadable" in str(result.differences[0])
        assert result.missing == 1

    def test_differences_are_told_one_by_one_and_kept_up_to_a_number(self, mirror: Mirror) -> None:
        Video.objects.update(name="Another name")
        lines: list[object] = []
        result = audit(mirror.instance, mirror.settings(), sample=0, tell=lines.append)
        assert (len(lines), len(result.differences), result.differing) == (105, KEPT, 105)


class TestMissingAndGhosts:
    def test_a_row_that_was_lost_is_missing(self, small: Mirror) -> None:
        row = any_row()
        uuid = str(row.uuid)
        row.delete()
        result = verify(small)
        assert told(result) == [("missing", "video", uuid, "")]
        assert counts(result) == (1, 0, 0)

    def test_a_wrong_tombstone_is_missing(self, small: Mirror) -> None:
        row = any_row(removed_at=timezone.now(), removed_reason=Reason.DELETED)
        result = verify(small)
        assert told(result) == [("missing", "video", str(row.uuid), "")]
        assert "held as a tombstone: deleted" in str(result.differences[0])

    def test_a_video_published_since_is_missing(self, small: Mirror) -> None:
        uuid = small.catalogue.add_video(name="New")
        assert told(verify(small)) == [("missing", "video", uuid, "")]

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
        self, small: Mirror, change: Callable[[Catalogue, str], None], reason: str
    ) -> None:
        uuid = str(any_row().uuid)
        change(small.catalogue, uuid)
        result = verify(small)
        assert told(result) == [("ghost", "video", uuid, "")]
        assert str(result.differences[0]) == f"ghost: video {uuid} ({reason})"
        assert counts(result) == (0, 1, 0)

    def test_a_made_up_row_is_a_ghost(self, small: Mirror) -> None:
        row = any_row()
        row.pk, row.uuid = None, "11111111-2222-4333-8444-555555555555"
        row.save(force_insert=True)
        assert told(verify(small)) == [("ghost", "video", "11111111-2222-4333-8444-555555555555", "")]

    def test_a_delisted_row_is_fine_while_it_is_public(self, small: Mirror) -> None:
        uuid = small.catalogue.add_video(name="Live", is_live=True)
        small.catalogue.start_live(uuid)
        small.sync()
        small.catalogue.stop_live(uuid)
        assert ("differs", "video", uuid, "delisted_at") in told(verify(small))
        small.sync(full=True)
        assert small.row(uuid).delisted_at
        assert verify(small).total == 0
        small.catalogue.hide(uuid)
        assert told(verify(small)) == [("ghost", "video", uuid, "")]

    def test_a_list_that_shrinks_while_it_is_walked_hides_nobody(self, make_mirror: Callable[..., Mirror]) -> None:
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


class TestSources:
    def test_what_a_rule_excludes_is_not_missing(self, make_mirror: Callable[..., Mirror]) -> None:
        mirror = make_mirror()
        source = mirror.add()
        Source.objects.filter(pk=source.pk).update(rules={"min_duration": 600})
        mirror.sync()
        assert 0 < Video.objects.count() < 105
        assert verify(mirror).total == 0

    def test_what_a_rule_of_tags_excludes_is_not_missing(self, make_mirror: Callable[..., Mirror]) -> None:
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

    def test_what_no_source_wants_is_a_ghost(self, small: Mirror) -> None:
        limit = Video.objects.order_by("duration")[10].duration
        short = {str(row.uuid) for row in Video.objects.filter(duration__lt=limit)}
        Source.objects.update(rules={"min_duration": limit})
        assert 0 < len(short) < 30
        result = verify(small, sample=0)
        assert {key for _kind, _what, key, _field in told(result)} == short
        assert result.ghosts == len(short)

    def test_only_what_the_sources_select_is_looked_for(self, make_mirror: Callable[..., Mirror]) -> None:
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

    def test_members_of_a_playlist_and_single_videos(self, make_mirror: Callable[..., Mirror]) -> None:
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

    def test_an_unlisted_member_of_a_playlist_is_not_missing(self, make_mirror: Callable[..., Mirror]) -> None:
        mirror = make_mirror()
        uuids = [item["uuid"] for item in mirror.listed()[:2]]
        mirror.catalogue.hide(uuids[1], "unlisted")
        mirror.add(f"{mirror.sandbox.url}/w/p/{mirror.catalogue.add_playlist(uuids)}")
        mirror.sync()
        assert verify(mirror).total == 0

    def test_a_source_that_its_server_refuses_leaves_the_audit_incomplete(
        self, make_mirror: Callable[..., Mirror]
    ) -> None:
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

    def test_a_paused_source_is_not_compared(self, small: Mirror) -> None:
        Source.objects.update(state=SourceState.PAUSED)
        result = verify(small)
        assert "none of its sources is worked on" in result.error
        assert result.requests == 0


class TestRunning:
    def test_it_is_recorded(self, small: Mirror) -> None:
        any_row(name="Another name")
        began = timezone.now()
        result = verify(small, sample=5)
        run = SyncRun.objects.get(kind=RunKind.AUDIT)
        assert (run.state, run.requests, run.error) == (RunState.DONE, result.requests, "")
        assert run.result == {"checked": 30, "details_checked": 5, "missing": 0, "ghosts": 0, "differing": 1}
        assert small.instance.audited_at is not None
        assert small.instance.audited_at > began
        assert small.instance.audit_differences == 1

    def test_it_waits_for_nobody_and_keeps_others_out(self, small: Mirror) -> None:
        lease = Lease.acquire(small.instance, 60)
        assert lease is not None
        result = verify(small)
        assert "another process is at work" in result.error
        assert result.requests == 0
        lease.release()
        held: list[bool] = []
        audit(small.instance, small.settings(), sample=1, progress=lambda *_: held.append(small.slice().held))
        assert held
        assert all(held)
        assert not small.slice().held

    def test_who_lost_the_lease_stops(self, small: Mirror) -> None:
        def take_over(*_: object) -> None:
            Instance.objects.update(lease_token="11111111-2222-4333-8444-555555555555")

        result = audit(small.instance, small.settings(), progress=take_over)
        assert result.error == "another process took over"

    def test_a_server_that_fails_leaves_it_incomplete_and_the_instance_as_it_was(
        self, small: Mirror, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("peertube_sync.client.transport.BACKOFF", 0.0)
        before = small.instance
        small.sandbox.faults.add(Fault("status", r"/captions", times=None, status=500))
        result = verify(small)
        assert "answered 500" in result.error
        run = SyncRun.objects.get(kind=RunKind.AUDIT)
        assert (run.state, run.result["checked"]) == (RunState.FAILED, 30)
        after = small.instance
        assert (after.state, after.next_due_at, after.audited_at) == (before.state, before.next_due_at, None)
        assert not small.slice().held

    def test_an_anti_bot_page_proves_no_ghost(self, small: Mirror) -> None:
        any_row()
        small.catalogue.delete_video(small.listed()[0]["uuid"])
        small.sandbox.faults.add(Fault("html", r"^/api/v1/videos/[0-9a-f-]{36}$", times=None, status=403))
        result = verify(small)
        assert (result.ghosts, bool(result.error)) == (0, True)


class TestCommand:
    def run(self, *arguments: str) -> tuple[str, str]:
        out = StringIO()
        try:
            call_command("peertube_verify", *arguments, stdout=out)
        except CommandError as error:
            return out.getvalue(), str(error)
        return out.getvalue(), ""

    def test_equal(self, small: Mirror) -> None:
        out, error = self.run(small.sandbox.host, "--sample", "3")
        assert "30 videos compared, 3 of them with details: 0 missing, 0 ghosts, 0 differing" in out
        assert error == ""

    def test_differences_are_printed_and_fail_it(self, small: Mirror) -> None:
        row = any_row(name="Another name")
        out, error = self.run(small.sandbox.url, "--sample", "0")
        assert out.splitlines()[0].startswith(f"differs: video {row.uuid} name: held 'Another name'")
        assert "not equal to its source" in error

    def test_json_is_one_line(self, small: Mirror) -> None:
        row = any_row(name="Another name")
        out, error = self.run(small.sandbox.host, "--all", "--json")
        assert len(out.splitlines()) == 1
        found = json.loads(out)
        assert {"host", "checked", "details_checked", "missing", "ghosts", "differing", "requests"} <= found.keys()
        assert (found["details_checked"], found["differing"], found["error"]) == (30, 1, "")
        assert found["seconds"] > 0
        assert found["differences"][0] | {"published": ""} == {
            "kind": "differs",
            "what": "video",
            "key": str(row.uuid),
            "field": "name",
            "held": "'Another name'",
            "published": "",
            "reason": "",
        }
        assert error

    def test_an_audit_that_is_not_complete_fails_it(self, small: Mirror) -> None:
        Source.objects.update(state=SourceState.PAUSED)
        out, error = self.run(small.sandbox.host, "--json")
        assert json.loads(out)["error"] in error
        assert "not complete" in error

    @pytest.mark.parametrize("arguments", [("video.example",), ("video.example", "--sample", "many")])
    def test_what_it_can_not_do_it_says(self, db: None, arguments: tuple[str, ...]) -> None:
        out, error = self.run(*arguments)
        assert out == ""
        assert "peertube_add video.example" in error or "not a number of videos" in error

    def test_status_shows_the_last_audit_coverage_and_lag(self, small: Mirror) -> None:
        out = StringIO()
        call_command("peertube_status", "--json", stdout=out)
        assert json.loads(out.getvalue())[0]["audited_at"] is None
        any_row().delete()
        self.run(small.sandbox.host, "--sample", "0")
        out = StringIO()
        call_command("peertube_status", "--json", stdout=out)
        found = json.loads(out.getvalue())[0]
        assert (found["audit_differences"], found["coverage"]) == (1, round(29 / 30, 4))
        assert found["audited_at"] == small.instance.audited_at.isoformat()  # type: ignore[union-attr]
        assert found["lag_seconds"] < timedelta(minutes=5).total_seconds()
        out = StringIO()
        call_command("peertube_status", stdout=out)
        assert "1 differences" in out.getvalue()
        assert "96.7%" in out.getvalue()


def test_an_audit_that_was_asked_for_follows_the_next_slice_once(mirror: Mirror) -> None:
    mirror.sync()
    ask_for_audits([mirror.instance])
    mirror.sync()
    instance = Instance.objects.get()
    assert (instance.audit_due_at, instance.audit_differences) == (None, 0)
    assert instance.runs.filter(kind=RunKind.AUDIT).count() == 1
    mirror.sync()
    assert instance.runs.filter(kind=RunKind.AUDIT).count() == 1
