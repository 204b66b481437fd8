"""Rules, overlapping sources, and sources that go: what is wanted here, and what is no longer."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from peertube_sync.models import Reason, Source, SourceState, Video
from peertube_sync.sync.scope import remove_source, settle_suspensions
from peertube_sync.sync.slices import run_slice
from tests.support.mirror import Mirror


@pytest.fixture
def mirror(varied: Mirror) -> Mirror:
    return varied


def held() -> set[str]:
    return {str(uuid) for uuid in Video.objects.available().values_list("uuid", flat=True)}


def with_rules(mirror: Mirror, **rules: Any) -> Source:
    source = mirror.add()
    source.rules = rules
    source.full_clean()
    source.save()
    return source


def language(item: dict[str, Any]) -> Any:
    return item["language"]["id"]


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ({"languages": ["fr"]}, lambda item: language(item) == "fr"),
        ({"exclude_languages": ["fr"]}, lambda item: language(item) != "fr"),
        ({"categories": [1, 5]}, lambda item: item["category"]["id"] in {1, 5}),
        ({"exclude_categories": [1, 5]}, lambda item: item["category"]["id"] not in {1, 5}),
        ({"nsfw": False}, lambda item: not item["nsfw"]),
        ({"nsfw": True}, lambda item: item["nsfw"]),
        ({"min_duration": 600}, lambda item: item["duration"] >= 600),
        ({"since": "2021-01-01"}, lambda item: item["publishedAt"] >= "2021-01-01"),
        (
            {"languages": ["fr", "en"], "min_duration": 300},
            lambda item: language(item) in {"fr", "en"} and item["duration"] >= 300,
        ),
    ],
)
def test_a_rule_lets_in_what_it_says(
    mirror: Mirror, rules: dict[str, Any], wanted: Callable[[dict[str, Any]], bool]
) -> None:
    with_rules(mirror, **rules)
    totals = mirror.sync(details=False)
    assert held() == {item["uuid"] for item in mirror.listed() if wanted(item)}
    assert totals.errors == []
    assert mirror.runs("sweep")[-1].excluded == len(mirror.listed()) - sum(map(wanted, mirror.listed()))


def test_what_no_rule_wanted_any_more_is_out_of_scope_and_may_return(mirror: Mirror) -> None:
    source = mirror.add()
    mirror.sync(details=False)
    source.rules = {"min_duration": 600}
    source.save()
    mirror.sync(full=True, details=False)
    short = {item["uuid"] for item in mirror.listed() if item["duration"] < 600}
    gone = Video.objects.exclude(removed_at=None)
    assert {str(row.uuid) for row in gone} == short
    assert set(gone.values_list("removed_reason", flat=True)) == {Reason.OUT_OF_SCOPE}
    source.rules = {}
    source.save()
    mirror.sync(full=True, details=False)
    assert held() == {item["uuid"] for item in mirror.listed()}


def test_tags_are_judged_once_the_details_are_there_and_stay_judged(mirror: Mirror) -> None:
    tagged = [item["uuid"] for item in mirror.listed()[:4]]
    for uuid in tagged:
        mirror.catalogue.set_tags(uuid, ["bees"])
    with_rules(mirror, exclude_tags=["bees"])
    mirror.sync()
    assert held() == {item["uuid"] for item in mirror.listed()} - set(tagged)
    totals = mirror.sync(full=True)
    assert (totals.created, totals.updated, totals.removed) == (0, 0, 0)
    mirror.catalogue.set_tags(tagged[0], ["wasps"])
    mirror.sync(full=True)
    assert tagged[0] in held()


def test_an_edit_that_breaks_a_rule_puts_the_video_out_of_scope(mirror: Mirror) -> None:
    with_rules(mirror, min_duration=60)
    mirror.sync(details=False)
    uuid = next(item["uuid"] for item in mirror.listed() if item["duration"] >= 60)
    mirror.catalogue.edit_video(uuid, duration=10)
    mirror.sync(full=True, details=False)
    assert mirror.row(uuid).removed_reason == Reason.OUT_OF_SCOPE


def test_only_tagged_videos(mirror: Mirror) -> None:
    tagged = [item["uuid"] for item in mirror.listed()[:4]]
    for uuid in tagged:
        mirror.catalogue.set_tags(uuid, ["bees", "honey"])
    with_rules(mirror, tags=["bees", "honey"])
    mirror.sync()
    assert held() == set(tagged)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"langages": ["fr"]}, "There is no rule 'langages'"),
        ({"languages": "fr"}, "list of texts"),
        ({"categories": ["1"]}, "list of numbers"),
        ({"min_duration": -1}, "whole number of seconds"),
        ({"nsfw": "no"}, "true or false"),
        ({"since": "yesterday"}, "it is a date"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "of the years 1 to 9999 in UTC"),
        ({"since": "9999-12-31T23:59:59-14:00"}, "of the years 1 to 9999 in UTC"),
        (["fr"], "Rules are an object"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_way_out(mirror: Mirror, rules: Any, words: str) -> None:
    source = mirror.add()
    source.rules = rules
    with pytest.raises(ValidationError, match=words):
        source.full_clean()


def test_a_broader_source_suspends_the_narrower_ones_and_removing_it_wakes_them(mirror: Mirror) -> None:
    item = mirror.listed()[0]
    narrow = mirror.add(f"{item['channel']['name']}@{mirror.sandbox.host}")
    broad = mirror.add()
    narrow.refresh_from_db()
    assert narrow.state == SourceState.SUSPENDED
    mirror.sync(details=False)
    assert held() == {one["uuid"] for one in mirror.listed()}
    remove_source(broad)
    narrow.refresh_from_db()
    assert narrow.state == SourceState.ACTIVE
    mirror.sync(details=False)
    assert held() == {one["uuid"] for one in mirror.listed() if one["channel"]["name"] == item["channel"]["name"]}
    assert set(Video.objects.exclude(removed_at=None).values_list("removed_reason", flat=True)) == {Reason.OUT_OF_SCOPE}


def test_a_source_with_rules_suspends_nobody(mirror: Mirror) -> None:
    item = mirror.listed()[0]
    with_rules(mirror, languages=["xx"])
    narrow = mirror.add(f"{item['channel']['name']}@{mirror.sandbox.host}")
    settle_suspensions(mirror.instance)
    narrow.refresh_from_db()
    assert narrow.state == SourceState.ACTIVE
    mirror.sync(details=False)
    assert held() == {one["uuid"] for one in mirror.listed() if one["channel"]["name"] == item["channel"]["name"]}


def test_removing_the_last_source_buries_everything(mirror: Mirror) -> None:
    mirror.add()
    mirror.sync(details=False)
    before = len(mirror.sandbox.log)
    call_command("peertube_remove", mirror.sandbox.host, yes=True)
    mirror.sync(details=False)
    assert held() == set()
    assert mirror.asked(before) == []
    with pytest.raises(CommandError, match="is no source here"):
        call_command("peertube_remove", mirror.sandbox.host, yes=True)


def test_a_source_that_is_removed_while_it_is_worked_on_ends_the_work(mirror: Mirror) -> None:
    source = mirror.add()

    def remove_after_a_page(kind: str, *_how_far: object) -> None:
        if kind == "sweep":
            remove_source(Source.objects.get(pk=source.pk))

    result = run_slice(mirror.instance, mirror.settings(), progress=remove_after_a_page)
    assert result.held
    mirror.sync()
    assert held() == set()


def test_a_video_that_moves_out_of_the_mirrored_channel_is_out_of_scope(mirror: Mirror) -> None:
    names = sorted({one["channel"]["name"] for one in mirror.listed()})
    mirror.add(f"{names[0]}@{mirror.sandbox.host}")
    mirror.sync()
    uuid = next(one["uuid"] for one in mirror.listed() if one["channel"]["name"] == names[0])
    mirror.catalogue.move_video(uuid, names[1])
    mirror.sync(full=True)
    assert mirror.row(uuid).removed_reason == Reason.OUT_OF_SCOPE
