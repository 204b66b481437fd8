"""Lists that contradict themselves, or can't be read in part: nothing is lost, and one honest walk makes all equal."""

from collections.abc import Callable
from typing import Any

import pytest

from peertube_sync.client.peertube import COUNT
from peertube_sync.models import RunKind, RunState, SourceState, Video
from peertube_sync.sync.audit.instance import audit
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror

JSON = dict[str, Any]
LIST = r"^/api/v1/videos\?"
NAMELESS = {"uuid": None, "shortUUID": None, "account": None}
NAMED = {"account": None}


@pytest.fixture
def listed(make_synced: Callable[..., Mirror]) -> Mirror:
    """A mirror of 450 videos, lists only."""
    return make_synced(450, seed=5, details=False)


def by_age(mirror: Mirror) -> list[str]:
    return [item["uuid"] for item in sorted(mirror.listed(), key=lambda item: (item["createdAt"], item["id"]))]


def lie(mirror: Mirror, rewrite: Callable[[JSON], None]) -> None:
    mirror.sandbox.faults.add(Fault("rewrite", LIST, times=None, rewrite=rewrite))


def spoil(uuids: list[str], how: JSON = NAMELESS) -> Callable[[JSON], None]:
    """Return what makes the items of these uuids unreadable."""
    chosen = set(uuids)

    def rewrite(page: JSON) -> None:
        page["data"] = [item | how if item["uuid"] in chosen else item for item in page["data"]]

    return rewrite


def repeat_a_row(page: JSON) -> None:
    page["data"] = [*page["data"][:1], *page["data"][:-1]]


def repeat_many_rows(page: JSON) -> None:
    page["data"] = [*page["data"][:1] * 60, *page["data"]][: len(page["data"])]


def show_the_same_page(mirror: Mirror) -> Callable[[JSON], None]:
    first: JSON = {}

    def rewrite(page: JSON) -> None:
        first.setdefault("data", page["data"])
        page["data"] = first["data"]

    return rewrite


def turn_around(page: JSON) -> None:
    page["data"].reverse()


def swap_totals(*totals: int) -> Callable[[JSON], None]:
    asked = iter(totals * 100)

    def rewrite(page: JSON) -> None:
        page["total"] = next(asked)

    return rewrite


def walked(mirror: Mirror, *, full: bool = True) -> tuple[int, Any]:
    """Sync; returns how many pages of videos that took, and what came of it."""
    before = len(mirror.sandbox.log)
    totals = mirror.sync(full=full, details=False)
    asked = [path for path in mirror.asked(before) if path == "/api/v1/videos"]
    return len(asked), totals


def lost() -> int:
    return Video.objects.exclude(removed_at=None, missing_since=None, delisted_at=None).count()


def held() -> set[str]:
    return {str(uuid) for uuid in Video.objects.listed().values_list("uuid", flat=True)}


def require_recovery(mirror: Mirror) -> None:
    """One honest walk makes the copy equal, and nothing was ever a tombstone."""
    mirror.sandbox.faults.clear()
    pages, totals = walked(mirror)
    assert (totals.errors, totals.removed, lost()) == ([], 0, 0)
    assert pages <= len(mirror.listed()) // (COUNT - 1) + 1
    assert held() == set(by_age(mirror))
    assert mirror.source.state == SourceState.ACTIVE
    assert mirror.source.runs.filter(state=RunState.RUNNING).count() == 0


LIES: dict[str, Callable[[Mirror], Callable[[JSON], None]]] = {
    "repeats a row": lambda _mirror: repeat_a_row,
    "repeats many rows": lambda _mirror: repeat_many_rows,
    "shows the same page": show_the_same_page,
    "turns pages around": lambda _mirror: turn_around,
    "total is small": lambda _mirror: swap_totals(450, 10),
    "total is large": lambda _mirror: swap_totals(5000, 450),
    "total is always large": lambda _mirror: swap_totals(5000),
    "total goes": lambda _mirror: lambda page: page.pop("total"),
    "total is zero": lambda _mirror: swap_totals(0),
}


@pytest.mark.parametrize("kind", LIES)
def test_a_list_that_contradicts_itself_costs_little_and_nothing(listed: Mirror, kind: str) -> None:
    lie(listed, LIES[kind](listed))
    for _ in range(2):
        pages, _totals = walked(listed)
        assert pages <= 2 * 5
        assert lost() == 0
    require_recovery(listed)


def test_a_walk_that_went_wrong_is_told_and_not_gone_on_with(listed: Mirror) -> None:
    lie(listed, repeat_many_rows)
    _pages, totals = walked(listed)
    assert "in another order each time" in totals.errors[0]
    run = listed.runs(RunKind.SWEEP)[-1]
    assert (run.state, "another order" in run.error) == (RunState.FAILED, True)
    listed.sandbox.faults.clear()
    listed.slice(details=False)
    assert listed.runs(RunKind.SWEEP)[-1].unchanged == 450


def test_a_full_walk_begins_anew_whatever_one_stands_open(listed: Mirror) -> None:
    listed.instance.sources.update(sweep_due_at=listed.instance.added_at)
    listed.slice(details=False, slice_seconds=1e-9)
    (half,) = listed.source.runs.filter(kind=RunKind.SWEEP, state=RunState.RUNNING)
    walked(listed)
    half.refresh_from_db()
    assert (half.state, half.error) == (RunState.FAILED, "left unfinished: another one was asked for")
    assert listed.runs(RunKind.SWEEP)[-1].unchanged == 450


STRETCHES = {
    "the first page": slice(0, 100),
    "the middle": slice(90, 410),
    "the end": slice(300, 450),
    "the whole": slice(0, 450),
    "all but the ends": slice(1, 449),
    "one after another": slice(0, 450, 2),
}


@pytest.mark.parametrize("how", [NAMELESS, NAMED], ids=["nameless", "named"])
@pytest.mark.parametrize("stretch", STRETCHES)
def test_a_stretch_that_cannot_be_read_loses_nothing(listed: Mirror, stretch: str, how: JSON) -> None:
    chosen = by_age(listed)[STRETCHES[stretch]]
    lie(listed, spoil(chosen, how))
    pages, totals = walked(listed)
    assert pages <= 2 * 5
    assert (totals.removed, lost()) == (0, 0)
    assert f"{len(chosen)} of the 450 items that its list showed could not be read" in totals.errors[0]
    assert (listed.source.state, listed.source.unread) == (SourceState.UNREADABLE, len(chosen))
    require_recovery(listed)


@pytest.mark.parametrize("how", [NAMELESS, NAMED], ids=["nameless", "named"])
def test_320_unreadable_items_in_a_row_cost_none_of_700_good_ones(
    make_synced: Callable[..., Mirror], how: JSON
) -> None:
    mirror = make_synced(1020, seed=7, details=False)
    lie(mirror, spoil(by_age(mirror)[150:470], how))
    pages, totals = walked(mirror)
    assert pages <= 2 * 11
    assert (totals.removed, lost(), mirror.source.unread) == (0, 0, 320)
    require_recovery(mirror)


@pytest.mark.parametrize("how", [NAMELESS, NAMED], ids=["nameless", "named"])
def test_what_goes_while_others_cannot_be_read_is_still_noticed(listed: Mirror, how: JSON) -> None:
    uuids = by_age(listed)
    lie(listed, spoil([*uuids[40:44], *uuids[98:101], uuids[-1]], how))
    gone = [uuids[10], uuids[200], uuids[420]]
    for uuid in gone:
        listed.catalogue.delete_video(uuid)
    _pages, totals = walked(listed)
    assert (totals.errors, totals.removed) == ([], 3)
    assert held() == {*uuids} - {*gone}
    assert listed.source.state == SourceState.ACTIVE


def test_items_without_a_time_of_creation_lose_nothing(listed: Mirror) -> None:
    uuids = by_age(listed)
    lie(listed, spoil(uuids[90:310], {"createdAt": None}))
    listed.catalogue.delete_video(uuids[200])
    pages, totals = walked(listed)
    assert pages <= 2 * 5
    assert (totals.errors, totals.removed) == ([], 1)
    assert held() == {*uuids} - {uuids[200]}


def test_what_is_named_hides_none_of_its_neighbours(listed: Mirror) -> None:
    uuids = by_age(listed)
    lie(listed, spoil(uuids[40:60:2], NAMED))
    listed.catalogue.delete_video(uuids[49])
    assert walked(listed)[1].removed == 1


def test_what_is_nameless_may_be_any_of_its_neighbours(listed: Mirror) -> None:
    uuids = by_age(listed)
    lie(listed, spoil(uuids[48:49]))
    listed.catalogue.delete_video(uuids[49])
    _pages, totals = walked(listed)
    assert (totals.removed, lost()) == (0, 0)
    listed.sandbox.faults.clear()
    assert walked(listed)[1].removed == 1


def test_of_one_moment_none_is_missing_while_one_has_no_name(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror()
    moment = "2020-01-01T00:00:00.000Z"
    same = [mirror.catalogue.add_video(created=moment, published=moment) for _ in range(250)]
    mirror.add()
    mirror.sync(details=False)
    order = [uuid for uuid in by_age(mirror) if uuid in same]
    for chosen in (order[90:110], order[:5], order[-5:], [order[99]], [order[100]]):
        lie(mirror, spoil(chosen))
        _pages, totals = walked(mirror)
        assert (totals.removed, lost()) == (0, 0)
        mirror.sandbox.faults.clear()
    require_recovery(mirror)


def test_an_audit_takes_an_unreadable_stretch_for_no_ghosts(listed: Mirror) -> None:
    lie(listed, spoil(by_age(listed)[90:310], NAMED))
    found = audit(listed.instance, listed.settings(), sample=0)
    assert (found.error, found.missing, found.ghosts, found.differing) == ("", 0, 0, 220)
