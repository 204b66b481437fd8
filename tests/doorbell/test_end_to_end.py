"""A sandbox and this site, real HTTP both ways: what changes there rings here, and is asked for."""

import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from peertube_sync.testing import Catalogue
from peertube_sync.testing.activitypub.deliveries import Delivery
from tests.proofs.convergence.changes import Changer

if TYPE_CHECKING:
    from tests.support.mirror import Mirror

VIDEOS = 30
CHANGES = 60
SILENT = {"view", "like", "delete_channel", "delete_account"}
"""The first two move counters, of which nobody is told; the others take the keys of those who told with them."""
KINDS = {"videos": "video", "video-playlists": "playlist", "video-channels": "channel", "accounts": "account"}
UNHEARD = re.compile(r"element \d+\.(type|video): ")
"""A hidden video is no longer shown by playlists, and PeerTube tells nobody that they changed."""


@pytest.fixture
def followed(transactional_db: None, make_mirror: Callable[..., "Mirror"]) -> Iterator["Mirror"]:
    """A mirror of an instance that is followed."""
    from tests.support.served import served_with_doorbell

    with served_with_doorbell():
        mirror = make_mirror(Catalogue.generate(videos=VIDEOS, seed=5))
        mirror.add()
        assert mirror.sync().errors == []
        mirror.hear_answers()
        mirror.sandbox.federation.deliveries.log.clear()
        yield mirror


def told(delivery: Delivery) -> tuple[str, str]:
    """Return what a delivery is about: the kind of thing, and its uuid or name."""
    about = json.loads(delivery.body)["object"]
    while isinstance(about, dict):
        about = about["object"] if about["type"] == "Announce" else about["id"]
    parts = about.split("/")
    return KINDS[parts[3]], parts[-1]


def rings(*, waiting: bool | None = None) -> set[tuple[str, str]]:
    from peertube_sync.models import Ring, RingKind

    rows = Ring.objects.exclude(kind=RingKind.KEY)
    found = rows if waiting is None else rows.filter(waiting=waiting)
    return {(str(kind), name) for kind, name in found.values_list("kind", "name")}


def drain(mirror: "Mirror") -> None:
    """Answer what rang, and what waited for keys."""
    mirror.sandbox.federation.deliveries.wait()
    for _again in range(10):
        mirror.slice()
        if not rings(waiting=True):
            return


def test_an_instance_is_followed_and_what_changes_there_is_asked_for(followed: "Mirror") -> None:
    from tests.proofs.convergence.truth import untrue

    assert [(one.followed, one.state) for one in followed.sandbox.federation.follows] == [
        ("/accounts/peertube", "accepted")
    ]
    changer = Changer(followed.catalogue, Random(1), silent={*SILENT, "start_live", "stop_live"})
    for _each in range(CHANGES):
        changer.change()
    drain(followed)
    log = followed.sandbox.federation.deliveries.log
    assert {one.status for one in log} == {202}
    assert rings() == {told(one) for one in log}
    assert rings(waiting=True) == set()
    wrong = untrue(followed.catalogue, followed.instance)
    assert [line for line in wrong if not UNHEARD.match(line)] == []


def test_forged_deliveries_make_nothing_due(followed: "Mirror") -> None:
    followed.sandbox.federation.deliveries.forged = 1.0
    changer = Changer(followed.catalogue, Random(2), silent=SILENT)
    for _each in range(20):
        changer.change()
    drain(followed)
    log = followed.sandbox.federation.deliveries.log
    genuine = {told(one) for one in log if not one.forged}
    assert rings() == genuine
    assert {one.status for one in log if one.forged == "foreign"} == {401}
    assert len([one for one in log if one.forged]) >= 20


def test_off_and_on_again_leaves_nothing_behind(followed: "Mirror") -> None:
    federation = followed.sandbox.federation
    call_command("peertube_doorbell", off=True)
    assert federation.follows == []
    followed.catalogue.edit_video(followed.listed()[0]["uuid"], name="Unheard")
    federation.deliveries.wait()
    assert rings() == set()
    call_command("peertube_doorbell", on=True)
    followed.slice()
    federation.deliveries.wait()
    assert [one.state for one in federation.follows] == ["accepted"]
    call_command("peertube_doorbell", off=True, for_good=True)
    assert federation.follows == []
    federation.refresh_followers()
    assert federation.follows == []


def test_a_channel_rings_for_who_mirrors_it_alone(transactional_db: None, make_mirror: Callable[..., "Mirror"]) -> None:
    from tests.support.served import served_with_doorbell

    catalogue = Catalogue.generate(videos=VIDEOS, seed=5)
    videos = [row for row in catalogue.videos.values() if row.listed and row.is_local]
    mine = videos[0].channel
    other = next(row for row in videos if row.channel.owner is not mine.owner)
    with served_with_doorbell():
        mirror = make_mirror(catalogue)
        mirror.add(f"{mirror.sandbox.url}/video-channels/{mine.name}")
        assert mirror.sync().errors == []
        federation = mirror.sandbox.federation
        federation.deliveries.wait()
        assert [one.followed for one in federation.follows] == [f"/video-channels/{mine.name}"]
        catalogue.rename_channel(other.channel.name, "Of no interest")
        catalogue.rename_channel(mine.name, "Renamed")
        catalogue.add_video(mine.name, name="Uploaded")
        drain(mirror)
        assert {kind for kind, _name in rings()} == {"channel", "video"}
        shown = mirror.row(next(name for kind, name in rings() if kind == "video"))
        assert (shown.name, shown.channel.display_name) == ("Uploaded", "Renamed")
