"""Discovery: who is heard of, who is believed, who decides."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.hosts import public_name
from peertube_sync.conf import get_settings
from peertube_sync.models import Candidate, Instance, InstanceState, Source, Video
from peertube_sync.sync.operations.discover import discover
from peertube_sync.sync.operations.optout import opt_out
from peertube_sync.sync.watch import DueInstances
from peertube_sync.testing import Catalogue, Fault, Sandbox
from tests.support.servers import NO_CELERY

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("peertube_discover", *arguments, stdout=out)
    return out.getvalue()


def waiting() -> list[str]:
    return [one["host"] for one in json.loads(run("--list", "--json"))]


@pytest.fixture
def index(settings: Any) -> Iterator[Sandbox]:
    """An index of instances, the only one asked; what runs side by side elsewhere takes turns here."""
    with Sandbox(Catalogue.generate(videos=1, seed=1), limit=None) as sandbox:
        given = {"DISCOVERY_INDEX": sandbox.url, "HOSTS_AT_ONCE": 1, "RATE_LIMIT_SHARE": 1.0}
        settings.PEERTUBE_SYNC = settings.PEERTUBE_SYNC | given
        yield sandbox


@pytest.fixture
def other() -> Iterator[Sandbox]:
    with Sandbox(Catalogue.generate(videos=4, seed=2), limit=None) as sandbox:
        yield sandbox


def test_hosts_of_an_index_wait_and_nobody_asks_them(index: Sandbox, other: Sandbox) -> None:
    index.catalogue.indexed = [other.host, "Video.Example", *(f"video{number}.example" for number in range(150))]
    found = json.loads(run("--json"))
    assert (len(found["proposed"]), found["added"], found["errors"]) == (152, [], [])
    assert {other.host, "video.example", "video149.example"} <= {*waiting()}
    assert (other.log, Instance.objects.count()) == ([], 0)


def test_an_approved_host_is_mirrored(index: Sandbox, other: Sandbox) -> None:
    index.catalogue.indexed = [other.host]
    run()
    assert other.host in run("--approve", other.host)
    DueInstances(Instance.objects.all(), get_settings(), 60.0).run_slices()
    assert (Video.objects.count(), waiting()) == (4, [])
    assert run().strip() == "nobody new"


def test_a_host_that_opted_out_is_neither_proposed_nor_approved(index: Sandbox) -> None:
    opt_out("video.example")
    index.catalogue.indexed = ["video.example", "other.example"]
    run()
    assert waiting() == ["other.example"]
    opt_out("other.example")
    run("--approve", "other.example")
    assert not Instance.objects.exists()


def test_a_rejected_host_is_never_proposed_again(index: Sandbox) -> None:
    index.catalogue.indexed = ["video.example"]
    run()
    run("--reject", "video.example")
    assert "nobody new" in run()
    assert waiting() == []


def test_an_index_that_was_read_is_asked_for_what_it_has_listed_since(index: Sandbox) -> None:
    index.catalogue.indexed = ["video.example"]
    run()
    Candidate.objects.all().delete()
    index.catalogue.indexed += ["later.example"]
    index.catalogue.indexed_at = {"video.example": "2021-01-01T00:00:00Z"}
    assert json.loads(run("--json"))["proposed"] == ["later.example"]


def test_an_index_that_failed_is_asked_for_all_again(index: Sandbox) -> None:
    index.catalogue.indexed = [f"video{number}.example" for number in range(150)]
    index.catalogue.indexed_at = dict.fromkeys(index.catalogue.indexed, "2021-01-01T00:00:00Z")
    index.faults.add(Fault("status", "/instances/hosts.*start=100", times=None, status=500))
    assert discover(get_settings()).errors
    index.faults.clear()
    run()
    assert len(waiting()) == 150


def test_an_approved_host_is_asked_what_it_is_before_anything_else(index: Sandbox, other: Sandbox) -> None:
    other.faults.add(Fault("html", times=None))
    index.catalogue.indexed = [other.host]
    run()
    run("--approve", other.host)
    DueInstances(Instance.objects.all(), get_settings(), 60.0).run_slices()
    assert Instance.objects.get().state != InstanceState.OK
    assert not [one for one in other.log if "/videos" in one.path]


def test_followed_and_following_instances_are_heard_of(index: Sandbox, other: Sandbox) -> None:
    index.catalogue.indexed = [other.host]
    other.catalogue.follows = ["followed.example", other.host]
    other.catalogue.followed_by = [f"follower{number}.example" for number in range(101)]
    run()
    run("--approve", other.host)
    DueInstances(Instance.objects.all(), get_settings(), 60.0).run_slices()
    assert len(json.loads(run("--json"))["proposed"]) == 102
    assert {"followed.example", "follower100.example"} <= {*waiting()}
    assert {one.heard_from for one in Candidate.objects.all()} == {other.host}


def test_what_is_found_is_added_at_once_where_that_is_set(index: Sandbox, other: Sandbox, settings: Any) -> None:
    settings.PEERTUBE_SYNC = settings.PEERTUBE_SYNC | {"DISCOVERY_ADDS": True}
    index.catalogue.indexed = [other.host]
    found = json.loads(run("--json"))
    assert (found["added"], found["proposed"]) == ([other.host], [])
    assert Source.objects.get().instance in Instance.objects.due()
    assert not Candidate.objects.exists()


HOSTILE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "[::1]",
    "localhost",
    "database",
    "redis.internal",
    "printer.local",
    "video.example:6379",
    "video.example/api",
    "user@video.example",
    "video.example\r\nHost: other.example",
    "video..example",
    "a" * 64 + ".example",
    "a." * 130 + "example",
    "",
    "..",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_names_no_public_server_is_refused(text: str) -> None:
    with pytest.raises(InvalidTarget):
        public_name(text)


@pytest.mark.parametrize("text", ["video.example", "VIDEO.example.", "vidéo.example", "sub-1.peer.tube"])
def test_public_names_are_taken(text: str) -> None:
    assert public_name(text).count(".") >= 1


def test_hostile_hosts_never_become_candidates(index: Sandbox, settings: Any) -> None:
    index.catalogue.indexed = [*HOSTILE, None, 7, "video.example"]  # type: ignore[list-item]
    run()
    assert not {"", None} & {*waiting()}
    assert all(len(host) < 300 and not set(host) & set("/@\r\n") for host in waiting())
    assert "video.example" in waiting()


def test_an_origin_that_fails_costs_no_other(index: Sandbox, other: Sandbox) -> None:
    index.catalogue.indexed = [other.host]
    run()
    run("--approve", other.host)
    DueInstances(Instance.objects.all(), get_settings(), 60.0).run_slices()
    index.faults.add(Fault("html", times=None))
    other.catalogue.follows = ["followed.example"]
    with pytest.raises(CommandError, match=index.host):
        run()
    assert waiting() == ["followed.example"]


def test_who_is_no_candidate_can_not_be_approved(index: Sandbox) -> None:
    with pytest.raises(CommandError, match=r"no candidate: video\.example"):
        run("--approve", "video.example")


def test_workers_look_only_where_that_is_set(index: Sandbox, settings: Any) -> None:
    tasks = pytest.importorskip("peertube_sync.tasks", reason=NO_CELERY, exc_type=ImportError)
    tasks.discover_instances()
    assert index.log == []
    settings.PEERTUBE_SYNC = settings.PEERTUBE_SYNC | {"DISCOVERY": True}
    tasks.discover_instances()
    assert len(index.log) == 1


@pytest.mark.django_db(transaction=True)
def test_origins_are_asked_side_by_side(index: Sandbox, other: Sandbox, settings: Any) -> None:
    settings.PEERTUBE_SYNC = settings.PEERTUBE_SYNC | {"HOSTS_AT_ONCE": 4}
    Instance.objects.create(host=other.host, scheme="http", state="ok").sources.create()
    index.catalogue.indexed = ["indexed.example"]
    other.catalogue.follows = ["followed.example"]
    assert sorted(discover(get_settings()).proposed) == ["followed.example", "indexed.example"]
