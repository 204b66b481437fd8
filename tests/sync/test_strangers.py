"""A server that speaks for others, or of something else than it was asked for, is not believed; nor one without end."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from peertube_sync.models import Account, Channel, InstanceState, Playlist, SkippedItem, SourceKind, Video
from peertube_sync.testing import Catalogue, respond
from peertube_sync.testing.answers import Answer, Request, json_answer
from tests.support.mirror import Mirror

Change = Callable[[dict[str, Any]], None]
Changed = Callable[[str, Change], None]
VIDEOS = "/api/v1/videos"
DETAILS = r"/api/v1/videos/[0-9a-f-]{36}"
CHANNELS = "/api/v1/video-channels"
PLAYLISTS = "/api/v1/video-playlists"
FOREIGN = "https://elsewhere.example/accounts/somebody"


@pytest.fixture
def small(make_mirror: Callable[..., Mirror]) -> Mirror:
    mirror = make_mirror(Catalogue.generate(videos=4, seed=1))
    mirror.add()
    return mirror


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Changed:
    """Let the sandbox change what it answers at the paths that fit."""
    real = respond.answer

    def change(pattern: str, what: Change) -> None:
        def answer(route: Any, parts: tuple[str, ...], request: Request) -> Answer:
            given = real(route, parts, request)
            if given.status != 200 or not re.fullmatch(pattern, request.path):
                return given
            document = json.loads(given.body)
            what(document)
            return json_answer(document)

        monkeypatch.setattr(respond, "answer", answer)

    return change


def one(role: str = "", **facts: Any) -> Change:
    """Change one item of a page, the same in whatever order they come, or an actor in it; a single answer likewise."""

    def change(page: dict[str, Any]) -> None:
        item = min(page["data"], key=lambda item: item["id"]) if "data" in page else page
        (item[role] if role else item).update(facts)

    return change


@pytest.mark.parametrize(
    ("role", "url"),
    [
        ("", FOREIGN),
        ("account", FOREIGN),
        ("channel", FOREIGN),
        ("", "javascript:alert(1)"),
        ("", "http://["),
        ("account", "http://169.254.169.254/"),
        ("channel", "https://{host}@elsewhere.example/"),
        ("", "https://elsewhere.example/https://{host}/"),
    ],
)
def test_videos_at_home_elsewhere_are_refused_with_their_reason(
    small: Mirror, changed: Changed, role: str, url: str
) -> None:
    changed(VIDEOS, one(role, url=url.replace("{host}", small.sandbox.host)))
    small.sync(details=False)
    assert "is not at home on" in SkippedItem.objects.get(kind="video").reason
    assert Video.objects.count() == 3


def test_details_whose_channel_belongs_to_another_host_are_refused(small: Mirror, changed: Changed) -> None:
    changed(DETAILS, lambda video: video["channel"]["ownerAccount"].update(url=FOREIGN, name="somebody"))
    small.sync()
    assert SkippedItem.objects.filter(kind="details", reason__contains="not at home").count() == 4
    assert not Account.objects.filter(name="somebody").exists()


@pytest.mark.parametrize(
    ("path", "role"), [(CHANNELS, "ownerAccount"), (PLAYLISTS, "ownerAccount"), (PLAYLISTS, "videoChannel")]
)
def test_lists_that_claim_the_actors_of_others_are_refused_with_their_reason(
    small: Mirror, changed: Changed, path: str, role: str
) -> None:
    small.catalogue.add_playlist([small.listed()[0]["uuid"]])
    changed(f"{path}(/[^/]+)?", one(role, url=FOREIGN, name="somebody"))
    small.sync(details=False)
    assert all("is not at home on" in item.reason for item in SkippedItem.objects.all())
    assert SkippedItem.objects.exists()
    assert not Account.objects.filter(name="somebody").exists()
    assert not Channel.objects.filter(name="somebody").exists()


def test_an_answer_about_another_video_changes_neither(small: Mirror, changed: Changed) -> None:
    asked, other = (item["uuid"] for item in small.listed()[:2])
    changed(f"{VIDEOS}/{asked}", lambda video: video.update(uuid=other, name="Taken over"))
    small.sync()
    assert "answered with another one" in SkippedItem.objects.get(kind="details", key=asked).reason
    assert not Video.objects.filter(name="Taken over").exists()
    assert Video.objects.available().count() == 4


def test_an_answer_about_another_actor_changes_neither(small: Mirror, changed: Changed) -> None:
    small.sync()
    changed("/api/v1/accounts/[^/]+", lambda account: account.update(name="somebody", displayName="Taken over"))
    Account.objects.update(details_due_at=timezone.now())
    assert small.sync().errors == []
    assert set(SkippedItem.objects.values_list("kind", "key")) == {
        ("account", row.name) for row in Account.objects.all()
    }
    assert not Account.objects.filter(display_name="Taken over").exists()


def test_a_playlist_of_somebody_elses_is_not_read(small: Mirror, changed: Changed) -> None:
    source = small.add(f"{small.sandbox.url}/w/p/{small.catalogue.add_playlist([small.listed()[0]['uuid']])}")
    changed(f"{PLAYLISTS}/[0-9a-f-]+", lambda playlist: playlist["ownerAccount"].update(url=FOREIGN))
    small.sync(details=False)
    source.refresh_from_db()
    assert source.kind == SourceKind.PLAYLIST
    assert not Account.objects.filter(url=FOREIGN).exists()


def test_an_unreadable_element_is_told_and_its_neighbours_are_kept(small: Mirror, changed: Changed) -> None:
    uuid = small.catalogue.add_playlist([item["uuid"] for item in small.listed()[:3]])
    changed(f"{PLAYLISTS}/{uuid}/videos", one(position="first"))
    small.sync()
    assert "position" in SkippedItem.objects.get(kind="element").reason
    assert Playlist.objects.get(uuid=uuid).elements.count() == 2


def test_a_walk_through_a_catalogue_without_end_ends(
    make_mirror: Callable[..., Mirror], changed: Changed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list repeats itself for ever, and counts as many as nobody has."""
    monkeypatch.setattr("peertube_sync.client.peertube.MOST_ENTRIES", 1000)
    mirror = make_mirror(Catalogue.generate(videos=100, seed=1))
    mirror.add()
    mirror.sync(details=False)
    page = mirror.listed()

    def endless(shown: dict[str, Any]) -> None:
        shown.update(total=10**9, data=page)

    changed(VIDEOS, endless)
    before = len(mirror.sandbox.log)
    totals = mirror.sync(full=True, details=False)
    assert "on and on" in totals.errors[0]
    assert len(mirror.sandbox.log) - before <= 20
    assert mirror.instance.state == InstanceState.MALFORMED
    assert Video.objects.available().count() == 100


def test_a_catalogue_in_another_order_each_time_is_left(long_mirror: Mirror, changed: Changed) -> None:
    created = iter(range(10**6))

    def younger(shown: dict[str, Any]) -> None:
        for item in shown["data"]:
            item.update(
                uuid=f"00000000-0000-4000-8000-{next(created):012}",
                createdAt=f"2030-01-01T00:00:00.{next(created):06}Z",
            )

    changed(VIDEOS, younger)
    totals = long_mirror.sync(full=True, details=False)
    assert "another order" in totals.errors[0]


@pytest.mark.parametrize(
    "odd",
    [{"instance": []}, {"instance": {"name": 5}}, {"serverVersion": ["6"]}, {"instance": {"name": "a\u202e" * 600}}],
)
def test_an_instance_that_tells_odd_things_of_itself_is_still_mirrored(
    small: Mirror, changed: Changed, odd: dict[str, Any]
) -> None:
    changed("/api/v1/config", lambda config: config.update(odd))
    assert small.sync(details=False).errors == []
    assert Video.objects.count() == 4
    assert "\u202e" not in small.instance.name


def test_a_version_of_any_length_is_cut(make_mirror: Callable[..., Mirror], changed: Changed) -> None:
    mirror = make_mirror(Catalogue.generate(videos=1, seed=1))
    changed("/nodeinfo/2.0.json", lambda info: info["software"].update(version="6.3.0\0" + "9" * 10_000))
    mirror.add()
    assert mirror.sync(details=False).errors == []
    assert len(mirror.instance.version) == 100


def test_odd_constants_leave_what_was_known(small: Mirror, changed: Changed) -> None:
    small.sync(details=False)
    known = small.instance.constants
    changed(r"/api/v1/videos/licences", lambda labels: labels.update({"1": {"a": 1}}))
    small.instance.__class__.objects.update(refresh_due_at=timezone.now())
    assert small.sync(details=False).errors == []
    assert small.instance.constants == known


def test_a_text_of_a_million_characters_is_kept_and_found(small: Mirror) -> None:
    words = " ".join(f"w{number}" for number in range(120_000))
    small.catalogue.edit_video(small.listed()[0]["uuid"], description=words)
    assert small.sync().errors == []
    assert Video.objects.search("w11").count() == 1
