"""What hosts ask of us: robots.txt, and who has opted out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from peertube_sync.client.errors import Disallowed, InvalidTarget
from peertube_sync.models import (
    Account,
    Channel,
    Instance,
    InstanceState,
    NewestSearch,
    OptOut,
    Playlist,
    Reason,
    SearchDue,
    Video,
    VideoSearch,
)
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror

AWAY = "User-agent: django-peertube-sync\nDisallow: /\n"


def robots_due(mirror: Mirror) -> None:
    Instance.objects.update(robots_due_at=None)


def since(mirror: Mirror, do: Any) -> list[str]:
    before = len(mirror.sandbox.log)
    do()
    return mirror.asked(before)


@pytest.mark.parametrize(
    "rules", [AWAY, "User-agent: *\nDisallow: /api/\n", "User-agent: *\nDisallow: /api/v1/videos\n"]
)
def test_a_robots_txt_that_refuses_us_is_kept_to_and_nothing_is_lost(mirror: Mirror, rules: str) -> None:
    shown = Video.objects.available().count()
    mirror.catalogue.robots = rules
    robots_due(mirror)
    assert since(mirror, lambda: mirror.sync(full=True)) == ["/robots.txt"]
    instance = mirror.instance
    assert (instance.state, Video.objects.available().count()) == (InstanceState.DISALLOWED, shown)
    assert "robots.txt" in instance.state_reason
    assert instance.robots_due_at == instance.next_due_at
    assert since(mirror, mirror.slice) == []
    mirror.catalogue.robots = "User-agent: *\nDisallow: /admin\n"
    robots_due(mirror)
    mirror.sync(full=True)
    assert (mirror.instance.state, mirror.differences()) == (InstanceState.OK, "")


def test_rules_for_others_and_a_missing_robots_txt_allow_everything(mirror: Mirror) -> None:
    for rules, fault in (("User-agent: other\nDisallow: /\n", None), (AWAY, Fault("status", "robots", status=404))):
        mirror.catalogue.robots = rules
        if fault:
            mirror.sandbox.faults.add(fault)
        robots_due(mirror)
        assert mirror.sync().errors == []


def test_robots_txt_is_asked_for_once_a_day(mirror: Mirror) -> None:
    robots_due(mirror)
    asked = since(mirror, lambda: (mirror.sync(), mirror.sync(full=True)))
    assert asked.count("/robots.txt") == 1


def test_while_robots_txt_fails_nothing_else_is_asked(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peertube_sync.client.transport.BACKOFF", 0.0)
    mirror.sandbox.faults.add(Fault("status", "robots", times=None, status=500))
    robots_due(mirror)
    assert set(since(mirror, mirror.slice)) == {"/robots.txt"}
    assert mirror.instance.state == InstanceState.SERVER_ERROR


def test_a_part_that_may_not_be_asked_is_left_out(mirror: Mirror) -> None:
    mirror.catalogue.robots = "User-agent: *\nDisallow: /api/v1/search\nDisallow: /api/v1/server/\n"
    gone = mirror.listed()[0]["uuid"]
    mirror.catalogue.delete_video(gone)
    robots_due(mirror)
    Instance.objects.update(refresh_due_at=None)
    asked = since(mirror, lambda: mirror.sync(full=True))
    assert not [path for path in asked if "/search" in path or "/server/" in path]
    assert (mirror.row(gone).removed_reason, mirror.instance.state) == (Reason.DELETED, InstanceState.OK)


def test_a_host_that_wants_more_time_between_requests_gets_it(mirror: Mirror) -> None:
    mirror.catalogue.robots = "User-agent: *\nCrawl-delay: 3600\n"
    robots_due(mirror)
    mirror.everything_due()
    assert len(since(mirror, mirror.slice)) <= 2
    assert mirror.instance.state == InstanceState.WAITING


def test_adding_what_robots_txt_refuses_is_refused(mirror: Mirror) -> None:
    mirror.catalogue.robots = AWAY
    with pytest.raises(Disallowed, match=r"robots\.txt"):
        mirror.add()


def opt_out(what: str, **options: Any) -> None:
    call_command("peertube_optout", what, yes=True, **options)


@pytest.mark.parametrize("spell", [str, str.upper])
@pytest.mark.parametrize("kind", ["account", "channel"])
def test_who_opts_out_is_hidden_scrubbed_and_stays_out_until_that_is_undone(
    mirror: Mirror, kind: str, spell: Callable[[str], str]
) -> None:
    """The case of a name doesn't count, as with PeerTube, which leads from either spelling to the same actor."""
    video = mirror.row(mirror.listed()[0]["uuid"])
    name = getattr(video, kind).name
    theirs = Video.objects.filter(**{f"{kind}__name": name})
    others = Video.objects.available().exclude(pk__in=theirs).count()
    opt_out(f"@{spell(name)}@{mirror.sandbox.host}")
    for _once in range(2):
        assert {(one.removed_reason, one.name) for one in theirs} == {(Reason.OPTED_OUT, "")}
        assert Video.objects.available().count() == others
        actors: Any = (Account if kind == "account" else Channel).objects
        assert actors.get(name=name).removed_reason == Reason.OPTED_OUT
        assert not Playlist.objects.available().filter(owner_account__name=name if kind == "account" else "").exists()
        mirror.everything_due()
        assert mirror.sync(full=True).errors == []
    opt_out(f"@{name}@{mirror.sandbox.host}", undo=True)
    mirror.sync()
    assert mirror.differences() == ""


def test_an_instance_that_opts_out_is_deleted_and_not_asked_again(
    mirror: Mirror, django_capture_on_commit_callbacks: Any
) -> None:
    assert VideoSearch.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        opt_out(mirror.sandbox.url)
    for model in (Instance, Video, VideoSearch, NewestSearch, SearchDue):
        assert not model.objects.exists()
    with pytest.raises(InvalidTarget, match=r"has opted out .* peertube_optout --undo"):
        since(mirror, mirror.add)
    assert mirror.asked(len(mirror.sandbox.log)) == []
    opt_out(mirror.sandbox.url, undo=True)
    assert mirror.add().pk
    assert not OptOut.objects.exists()


@pytest.mark.parametrize("spell", [str, str.upper])
def test_videos_of_who_has_opted_out_cannot_be_added(mirror: Mirror, spell: Callable[[str], str]) -> None:
    video = mirror.listed()[0]
    opt_out(f"{spell(video['channel']['name'])}@{mirror.sandbox.host}")
    opt_out(f"{video['channel']['name']}@{mirror.sandbox.host}")
    assert OptOut.objects.count() == 1
    with pytest.raises(InvalidTarget, match="has opted out"):
        mirror.add(f"{mirror.sandbox.url}/w/{video['uuid']}")
