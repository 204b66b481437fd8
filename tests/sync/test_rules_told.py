"""What people are told of rules: before a source is added, how much they hide, and how complete the rest is."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from peertube_sync.models import Instance, Reason, Source, SourceState, SyncRun, Video
from peertube_sync.sync.operations.status import SourceStatus, status
from peertube_sync.sync.slices import run_slice
from tests.support.mirror import Mirror
from tests.support.sandboxes import VARIED


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def mirror(varied: Mirror) -> Mirror:
    return varied


def restrict(source: Source, **rules: Any) -> None:
    source.rules = rules
    source.full_clean()
    source.save()


def told(mirror: Mirror) -> SourceStatus:
    (found,) = status()
    return found


def short(mirror: Mirror) -> set[str]:
    return {item["uuid"] for item in mirror.listed() if item["duration"] < 600}


class TestAdding:
    def test_a_first_sync_fetches_nothing_that_the_rules_of_the_command_hide(self, mirror: Mirror) -> None:
        run("peertube_add", mirror.sandbox.url, "--min-duration", "600", "--exclude-tag", "bees", "--nsfw", "false")
        assert mirror.source.rules == {"min_duration": 600, "exclude_tags": ["bees"], "nsfw": False}
        before = len(mirror.sandbox.log)
        mirror.sync()
        asked = " ".join(mirror.asked(before))
        unwanted = short(mirror) | {item["uuid"] for item in mirror.listed() if item["nsfw"]}
        assert not [uuid for uuid in unwanted if uuid in asked]
        assert Video.objects.count() == VARIED - len(unwanted)

    @pytest.mark.parametrize(
        ("option", "words"),
        [("--language=french", r"'french'.*fr \(French\)"), ("--category=99999", r"99999.*Nearest are: \d+ \(")],
    )
    def test_an_id_that_the_instance_does_not_know_is_refused_with_the_nearest(
        self, mirror: Mirror, option: str, words: str
    ) -> None:
        with pytest.raises(CommandError, match=words):
            run("peertube_add", mirror.sandbox.url, option)
        assert not Source.objects.exists()

    def test_adding_again_leaves_the_rules_alone_and_says_so(self, mirror: Mirror) -> None:
        run("peertube_add", mirror.sandbox.url, "--language", "fr", "--language", "en")
        assert "its rules are as they were" in run("peertube_add", mirror.sandbox.url, "--language", "de")
        assert mirror.source.rules == {"languages": ["fr", "en"]}

    def test_what_lies_inside_a_broader_source_is_said_to_be_suspended(self, mirror: Mirror) -> None:
        mirror.add()
        handle = f"{mirror.listed()[0]['channel']['name']}@{mirror.sandbox.host}"
        assert f"suspended: it lies inside {mirror.sandbox.host}" in run("peertube_add", handle)
        found = json.loads(run("peertube_add", handle, "--json"))
        assert found["state"] == SourceState.SUSPENDED

    def test_rules_that_do_nothing_inside_a_broader_source_are_told_with_the_way_out(self, mirror: Mirror) -> None:
        mirror.add()
        host = mirror.sandbox.host
        handle = f"{mirror.listed()[0]['channel']['name']}@{host}"
        text = run("peertube_add", handle, "--min-duration", "600")
        assert f"these rules do nothing while {host} is mirrored whole: remove it (manage.py peertube_remove" in text
        assert run("peertube_remove", host, "--yes") == f"{host} is mirrored no longer\n"

    def test_a_channel_that_is_not_there_is_told_in_plain_words_and_once(self, mirror: Mirror) -> None:
        with pytest.raises(CommandError) as refused:
            run("peertube_add", f"{mirror.sandbox.url}/c/nobody")
        assert "has no public channel 'nobody'" in str(refused.value)
        assert "api/v1" not in str(refused.value)
        with pytest.raises(CommandError) as refused:
            run("peertube_add", f"{mirror.sandbox.url}/not/an/address")
        assert str(refused.value).count("/not/an/address") == 1


class TestUnknownIds:
    def test_they_are_refused_once_the_instance_has_told_its_own(self, mirror: Mirror) -> None:
        source = mirror.add()
        mirror.sync(details=False)
        source = mirror.source
        for rules in ({"exclude_languages": ["french"]}, {"categories": [99999]}):
            source.rules = rules
            with pytest.raises(ValidationError, match="this instance doesn't know"):
                source.full_clean()
        source.rules = {"languages": ["fr"], "exclude_categories": [1]}
        source.full_clean()

    def test_those_that_were_set_before_are_told_as_soon_as_they_are_known(self, mirror: Mirror) -> None:
        restrict(mirror.add(), languages=["french"])
        assert told(mirror).last_error == ""
        mirror.sync(details=False)
        assert "fr (French)" in told(mirror).last_error
        assert "'french'" in run("peertube_status")


class TestHowMuch:
    def test_a_rule_tells_how_much_of_what_is_held_it_hides(self, mirror: Mirror) -> None:
        source = mirror.add()
        mirror.sync(details=False)
        restrict(source, min_duration=600)
        count = len(short(mirror))
        assert (told(mirror).hidden_by_rules, told(mirror).held) == (count, VARIED)
        mirror.sync(details=False)
        assert (told(mirror).hidden_by_rules, told(mirror).held) == (count, VARIED)
        assert f"{count} of {VARIED}" in run("peertube_status")

    def test_a_source_with_rules_is_complete_when_all_is_here_that_it_wants(self, mirror: Mirror) -> None:
        bees = mirror.listed()[0]["uuid"]
        mirror.catalogue.set_tags(bees, ["bees"])
        restrict(mirror.add(), min_duration=600, exclude_tags=["bees"])
        assert told(mirror).wanted_total is None
        unwanted = short(mirror) | {bees}
        for _again in range(2):
            mirror.sync(full=True)
            found = told(mirror)
            assert (found.remote_total, found.wanted_total, found.mirrored) == (
                VARIED,
                VARIED - len(unwanted),
                found.wanted_total,
            )
            assert found.coverage == 1.0
        mirror.catalogue.add_video(duration=10)
        mirror.catalogue.add_video(duration=1000)
        mirror.sync()
        assert (told(mirror).remote_total, told(mirror).wanted_total, told(mirror).coverage) == (
            VARIED + 2,
            VARIED + 1 - len(unwanted),
            1.0,
        )


class TestCounting:
    def test_what_a_rule_hides_is_removed_and_what_it_lets_back_is_restored_without_asking(
        self, mirror: Mirror
    ) -> None:
        source = mirror.add()
        mirror.sync()
        restrict(source, min_duration=600)
        count = len(short(mirror))
        totals = mirror.sync()
        assert totals.removed == sum(run.removed for run in mirror.runs("scope")) == count
        restrict(source)
        before = len(mirror.sandbox.log)
        totals = mirror.sync(full=True)
        assert (totals.restored, totals.created, totals.updated) == (count, 0, 0)
        assert not [path for path in mirror.asked(before) if path.startswith("/api/v1/videos/")]
        assert mirror.differences() == ""

    def test_details_that_were_due_when_it_went_are_due_when_it_returns(self, mirror: Mirror) -> None:
        source = mirror.add()
        mirror.sync(details=False)
        restrict(source, min_duration=600)
        mirror.sync(details=False)
        restrict(source)
        mirror.sync(full=True)
        assert mirror.differences() == ""

    def test_an_edit_while_it_was_hidden_is_asked_for_when_it_returns(self, mirror: Mirror) -> None:
        source = mirror.add()
        mirror.sync()
        restrict(source, min_duration=600)
        mirror.sync()
        uuid = sorted(short(mirror))[0]
        mirror.catalogue.edit_video(uuid, description="told anew")
        mirror.catalogue.view(uuid)
        restrict(source)
        mirror.sync(full=True)
        assert mirror.row(uuid).description == "told anew"

    def test_members_of_a_playlist_that_its_rules_exclude_never_become_rows(self, mirror: Mirror) -> None:
        uuids = [item["uuid"] for item in mirror.listed()[:4]]
        playlist = mirror.catalogue.add_playlist(videos=uuids)
        source = mirror.add(f"{mirror.sandbox.url}/videos/watch/playlist/{playlist}")
        restrict(source, since="2999-01-01")
        totals = mirror.sync()
        assert (totals.created, totals.removed, Video.objects.count()) == (0, 0, 0)
        assert mirror.runs("sweep")[-1].excluded == 4

    def test_a_run_of_details_says_what_it_has_cost_and_brought_while_it_is_under_way(self, mirror: Mirror) -> None:
        mirror.add()
        mirror.sync(details=False)
        seen: list[tuple[int, dict[str, int]]] = []

        def look(kind: str, done: int, _total: int | None) -> None:
            if kind == "details" and done > 20:
                running = SyncRun.objects.get(kind="details")
                seen.append((running.requests, running.result))

        run_slice(mirror.instance, mirror.settings(), progress=look)
        assert seen[0] == (20, {"fetched": 20})
        assert mirror.runs("details")[0].result == {"fetched": VARIED}


def test_new_tags_are_judged_when_they_are_known_and_not_before(mirror: Mirror) -> None:
    uuid = mirror.listed()[0]["uuid"]
    mirror.catalogue.set_tags(uuid, ["bees"])
    restrict(mirror.add(), exclude_tags=["bees"])
    mirror.sync()
    assert mirror.row(uuid).removed_reason == Reason.OUT_OF_SCOPE
    mirror.catalogue.set_tags(uuid, ["wasps"])
    Source.objects.update(sweep_due_at=timezone.now())
    Instance.objects.update(next_due_at=timezone.now())
    mirror.slice(details=False)
    mirror.slice(details=False)
    assert mirror.row(uuid).removed_at is None
    mirror.sync()
    assert mirror.row(uuid).removed_at is None


def test_a_sync_without_any_source_says_how_to_add_one(db: None) -> None:
    errors = StringIO()
    call_command("peertube_sync", stdout=StringIO(), stderr=errors)
    assert "manage.py peertube_add" in errors.getvalue()


def test_a_channel_that_has_gone_is_told_in_plain_words(mirror: Mirror) -> None:
    name = mirror.listed()[0]["channel"]["name"]
    mirror.add(f"{name}@{mirror.sandbox.host}")
    mirror.sync(details=False)
    mirror.catalogue.delete_channel(name)
    (error,) = mirror.sync(full=True, details=False).errors
    assert f"has no public channel '{name}' any more" in error
