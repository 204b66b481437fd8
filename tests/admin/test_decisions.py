"""What people decide about sources: rules, losses, and the end of a source."""

from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Source, SourceState, Video, VideoSearch
from peertube_sync.models.rules import RULES
from tests.support import builders
from tests.support.admin_pages import StaffClient, act, page

pytestmark = pytest.mark.django_db


def suspicious(missing: int = 3) -> Source:
    source = builders.source(state=SourceState.SUSPICIOUS, last_error="3 videos are missing")
    for _ in range(missing):
        builders.video(source.instance, missing_since=now())
    return source


def test_losses_are_accepted_for_the_next_sync(staff: StaffClient) -> None:
    source = suspicious()
    messages = act(staff("change_source"), "accept_losses", source)
    source.refresh_from_db()
    source.instance.refresh_from_db()
    assert messages == ["3 missing videos are asked for with the next sync, and removed if they are really gone."]
    assert (source.state, source.instance.losses_accepted) == (SourceState.ACTIVE, True)
    assert source.instance.next_due_at <= now()
    assert Video.objects.filter(missing_since=None).count() == 0


def test_losses_are_rejected(staff: StaffClient) -> None:
    source = suspicious(missing=1)
    assert act(staff("change_source"), "reject_losses", source) == ["1 missing video stays."]
    source.refresh_from_db()
    assert source.state == SourceState.ACTIVE
    assert Video.objects.exclude(missing_since=None).count() == 0


def test_where_nothing_is_suspicious_there_is_nothing_to_decide(admin_client: Client) -> None:
    messages = act(admin_client, "accept_losses", builders.source())
    assert messages == ["None of these is suspicious: there is nothing to decide."]


def test_who_may_not_change_sources_decides_nothing(staff: StaffClient) -> None:
    source = suspicious()
    act(staff("view_source"), "accept_losses", source)
    source.refresh_from_db()
    assert source.state == SourceState.SUSPICIOUS


def test_rules_are_edited_and_make_a_sweep_due(admin_client: Client) -> None:
    source = builders.source(sweep_due_at=None)
    response = admin_client.post(page(source), {"state": "active", "languages": "fr"})
    source.refresh_from_db()
    assert response.status_code == 302
    assert (source.rules, source.sweep_due_at is not None) == ({"languages": ["fr"]}, True)


def test_a_wrong_rule_is_told_beside_the_field(admin_client: Client) -> None:
    source = builders.source()
    response = admin_client.post(page(source), {"state": "active", "categories": "music"})
    assert "These are numbers" in response.content.decode()
    source.refresh_from_db()
    assert source.rules == {}


EVERY_RULE = {
    "languages": ["fr", "de"],
    "exclude_languages": ["en"],
    "categories": [1, 15],
    "exclude_categories": [2],
    "tags": ["a, b", 'say "c"', "d"],
    "exclude_tags": ["e"],
    "nsfw": False,
    "min_duration": 60,
    "since": "2024-01-31T12:00:00+02:00",
}


def test_the_form_of_a_source_keeps_every_rule_as_it_is(admin_client: Client) -> None:
    assert EVERY_RULE.keys() == RULES.keys()
    source = builders.source(rules=EVERY_RULE)
    form = admin_client.get(page(source)).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    response = admin_client.post(page(source), {**shown, "nsfw": "false", "state": "paused"})
    assert response.status_code == 302, response.context["errors"]
    source.refresh_from_db()
    assert (source.rules, source.state) == (EVERY_RULE, SourceState.PAUSED)


def test_an_id_that_the_instance_doesnt_know_is_told(admin_client: Client) -> None:
    home = builders.instance(constants={"languages": {"fr": "French", "de": "German"}})
    source = builders.source(instance=home)
    response = admin_client.post(page(source), {"state": "active", "languages": "french"})
    assert "which this instance doesn&#x27;t know" in response.content.decode()
    source.refresh_from_db()
    assert source.rules == {}


def test_who_may_only_look_sees_the_rules(staff: StaffClient) -> None:
    source = builders.source(rules={"languages": ["fr"]})
    assert "languages" in staff("view_source").get(page(source)).content.decode()


def test_a_source_is_removed_and_its_videos_are_shown_no_longer(staff: StaffClient) -> None:
    source = builders.source()
    video = builders.video(source.instance)
    client = staff("view_source", "delete_source")
    assert client.post(page(source, "delete"), {"post": "yes"}).status_code == 302
    assert not Source.objects.exists()
    video.refresh_from_db()
    assert video.removed_reason == "out_of_scope"
    source.instance.refresh_from_db()
    assert source.instance.next_due_at is None


def test_a_removed_sources_videos_are_searched_no_longer_once_that_is_committed(
    admin_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    source = builders.source()
    video = builders.video(source.instance)
    index_due()
    assert VideoSearch.objects.filter(pk=video.pk).exists()
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(page(source, "delete"), {"post": "yes"})
    assert not VideoSearch.objects.filter(pk=video.pk).exists()


def test_several_sources_are_removed(admin_client: Client) -> None:
    first, second = builders.source(), builders.source()
    act(admin_client, "delete_selected", first, second, post="yes")
    assert not Source.objects.exists()
