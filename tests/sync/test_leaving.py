"""Removals that are interrupted: what goes is hidden all the same, and whoever comes next goes on."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from peertube_sync.models import (
    Account,
    Channel,
    Instance,
    Leaving,
    LeavingVideo,
    Playlist,
    Reason,
    RunKind,
    RunState,
    Source,
    SyncRun,
    Video,
)
from peertube_sync.sync import bulk_removal
from peertube_sync.sync.lease import Lease
from peertube_sync.sync.operations.optout import opt_out, undo_opt_out
from peertube_sync.sync.operations.retention import clean_up_daily
from peertube_sync.sync.scope import remove_source
from tests.support.mirror import Mirror

MODELS = (Video, Channel, Account, Playlist)


class Killed(BaseException):
    """What a killed process doesn't come back from."""


@pytest.fixture
def mirror(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    """A mirror whose rows are removed two at a time."""
    monkeypatch.setattr(bulk_removal, "BATCH", 2)
    return mirror


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Do something in a process that is killed after the first batch; its lease ends by itself."""

    def kill(do: Callable[[], Any]) -> None:
        with monkeypatch.context() as patched:
            remove_marked = bulk_removal.remove_marked

            def killed_soon(instance: Instance, lease: Lease, enough: bulk_removal.Enough) -> int:
                remove_marked(instance, lease, lambda _removed: True)
                raise Killed

            patched.setattr(bulk_removal, "remove_marked", killed_soon)
            with pytest.raises(Killed):
                do()
        Instance.objects.update(lease_token=None, lease_until=None)

    return kill


def shown() -> list[int]:
    return [model.objects.available().count() for model in MODELS]


def living() -> int:
    return Video.objects.filter(removed_at=None).count()


RESUMED: dict[str, Callable[[Mirror], Any]] = {
    "the command": lambda mirror: opt_out(mirror.sandbox.host),
    "a slice": lambda mirror: mirror.slice(),
    "the purge": lambda mirror: clean_up_daily(mirror.settings()),
    "a sync": lambda _mirror: call_command("peertube_sync", stdout=StringIO(), stderr=StringIO()),
}


@pytest.mark.parametrize("resumed", RESUMED.values(), ids=RESUMED)
def test_an_opt_out_that_is_killed_hides_all_and_is_finished_by(
    mirror: Mirror, killed: Callable[..., None], resumed: Callable[[Mirror], Any]
) -> None:
    before, asked = living(), len(mirror.sandbox.log)
    killed(lambda: opt_out(mirror.sandbox.host))
    assert shown() == [0, 0, 0, 0]
    assert 0 < living() < before
    resumed(mirror)
    assert not any(model.objects.exists() for model in (*MODELS, Instance, Leaving, LeavingVideo))
    assert mirror.asked(asked) == []


def test_a_source_that_is_removed_is_hidden_at_once_and_its_removal_finished(
    mirror: Mirror, killed: Callable[..., None]
) -> None:
    killed(lambda: remove_source(mirror.source))
    assert shown() == [0, 0, 0, 0]
    assert living()
    clean_up_daily(mirror.settings())
    assert living() == 0
    assert not Leaving.objects.exists()
    assert set(Video.objects.values_list("removed_reason", flat=True)) == {Reason.OUT_OF_SCOPE}
    assert not SyncRun.objects.filter(kind=RunKind.SCOPE, state=RunState.RUNNING).exists()
    assert mirror.instance.next_due_at is None


def test_of_a_source_that_others_outlive_the_rest_is_hidden_at_once(
    mirror: Mirror, killed: Callable[..., None]
) -> None:
    name = mirror.listed()[0]["channel"]["name"]
    mirror.add(f"{name}@{mirror.sandbox.host}")
    before = living()
    killed(lambda: remove_source(Source.objects.get(kind="instance")))
    theirs = Video.objects.filter(channel__name=name).count()
    assert set(Video.objects.available().values_list("channel__name", flat=True)) == {name}
    assert theirs < living() < before
    mirror.slice()
    assert living() == theirs
    assert not LeavingVideo.objects.exists()
    assert set(Video.objects.available().values_list("channel__name", flat=True)) == {name}


def test_an_actor_that_opts_out_is_hidden_at_once(mirror: Mirror, killed: Callable[..., None]) -> None:
    name = mirror.listed()[0]["channel"]["name"]
    theirs = Video.objects.filter(channel__name=name)
    others = Video.objects.available().exclude(pk__in=theirs).count()
    killed(lambda: opt_out(mirror.sandbox.host, name))
    assert Video.objects.available().count() == others
    mirror.slice()
    assert {(one.removed_reason, one.name) for one in theirs} == {(Reason.OPTED_OUT, "")}
    assert not Leaving.objects.exists()


def test_what_is_added_again_during_its_removal_is_back_with_the_next_sync(
    mirror: Mirror, killed: Callable[..., None]
) -> None:
    before = shown()
    killed(lambda: remove_source(mirror.source))
    mirror.add()
    mirror.sync(full=True)
    assert shown() == before
    assert mirror.differences() == ""


def test_an_opt_out_that_is_taken_back_during_the_removal_spares_what_is_left(
    mirror: Mirror, killed: Callable[..., None]
) -> None:
    killed(lambda: opt_out(mirror.sandbox.host))
    left = living()
    undo_opt_out(mirror.sandbox.host)
    clean_up_daily(mirror.settings())
    assert Video.objects.filter(removed_reason=Reason.OUT_OF_SCOPE).count() == left
    mirror.add()
    mirror.sync(full=True)
    assert mirror.differences() == ""


@pytest.mark.parametrize("command", ["peertube_optout", "peertube_remove"])
class TestAsking:
    """Commands that remove ask a person first."""

    def test_where_nobody_can_be_asked_the_way_out_is_told(self, mirror: Mirror, command: str) -> None:
        with pytest.raises(CommandError, match=r"with 10 videos.* --yes"):
            call_command(command, mirror.sandbox.host)
        assert shown()[0] == 10

    @pytest.mark.parametrize(("answer", "left"), [("y", 0), ("yes", 0), ("n", 10), ("", 10)])
    def test_a_person_decides(
        self, mirror: Mirror, command: str, answer: str, left: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terminal = StringIO(f"{answer}\n")
        terminal.isatty = lambda: True  # type: ignore[method-assign]
        monkeypatch.setattr("sys.stdin", terminal)
        if left:
            with pytest.raises(CommandError, match="Nothing was done"):
                call_command(command, mirror.sandbox.host)
        else:
            call_command(command, mirror.sandbox.host, stdout=StringIO())
        assert shown()[0] == left
