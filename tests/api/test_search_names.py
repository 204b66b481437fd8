"""Channels and playlists are found by their names, in the words that people have for them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from peertube_sync.ingest.answers import write_answers
from peertube_sync.models import Channel, Instance, NameKey, Playlist
from tests.support import builders

Ask = Callable[..., Any]

NAMES = (
    "Telescopes of the north",
    "The telescope club",
    "Freunde der Donaudampfschiffe",
    "Köln von oben",
    "한국 요리",
    "望遠鏡の会",
    "Learn C++",
    "Rock 'n' roll",
    "تاريخ الإسلام",
)


@pytest.fixture
def named(db: None) -> Instance:
    """A channel and a playlist of each of the NAMES; the later ones have more followers, or changed later."""
    home = builders.instance()
    for number, name in enumerate(NAMES):
        builders.channel(home, display_name=name, followers_count=number)
        builders.playlist(home, display_name=name, updated_at=f"2026-01-{number + 1:02}T00:00Z")
    write_answers()
    return home


def found(ask: Ask, what: str, text: str, **query: Any) -> list[str]:
    return [row["display_name"] for row in ask(f"{what}/", q=text, **query)["results"]]


@pytest.mark.parametrize("what", ["channels", "playlists"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("telescope", [NAMES[1], NAMES[0]]),
        ("telescopes", [NAMES[0], NAMES[1]]),
        ("TÉLESCOPE club", [NAMES[1]]),
        ("club telescopes", [NAMES[1]]),
        ("telesc", [NAMES[1], NAMES[0]]),
        ("telescope nowhere", []),
        ("telescope -club", [NAMES[0]]),
        ('"telescope"', [NAMES[1]]),
        ('"the telescope"', [NAMES[1]]),
        ('"telescope the"', []),
        ("club or koeln", [NAMES[1], NAMES[3]]),
        ('"telescope the" or koeln', [NAMES[3]]),
        ('"the telescope" or koeln', [NAMES[1], NAMES[3]]),
        ("dampfschiff", [NAMES[2]]),
        ("köln", [NAMES[3]]),
        ("koeln", [NAMES[3]]),
        ("koln", [NAMES[3]]),
        ("요리", [NAMES[4]]),
        ("遠鏡", [NAMES[5]]),
        ("鏡遠", []),
        ("c++", [NAMES[6]]),
        ("c#", []),
        ("rock n roll", [NAMES[7]]),
        ("rock'n'roll", [NAMES[7]]),
        ("اسلام", [NAMES[8]]),
        ("!!!", []),
    ],
)
def test_names_are_found(named: Instance, ask: Ask, what: str, text: str, expected: list[str]) -> None:
    assert found(ask, what, text) == expected


def test_a_channel_is_found_by_the_name_of_its_handle_too(named: Instance, ask: Ask) -> None:
    channel = builders.channel(named, name="deep_sky_objects", display_name="Night")
    write_answers()
    assert found(ask, "channels", "deep sky") == found(ask, "channels", channel.name) == ["Night"]


@pytest.mark.parametrize("what", ["channels", "playlists"])
def test_a_name_that_changed_is_found_by_its_new_words_alone(named: Instance, ask: Ask, what: str) -> None:
    model = Channel if what == "channels" else Playlist
    model.objects.filter(display_name=NAMES[1]).update(display_name="Microscopes")
    write_answers()
    assert found(ask, what, "club") == []
    assert found(ask, what, "microscope") == ["Microscopes"]


@pytest.mark.parametrize("what", ["channels", "playlists"])
def test_what_may_not_be_shown_is_not_found(named: Instance, ask: Ask, what: str) -> None:
    rows = Channel.objects.all() if what == "channels" else Playlist.objects.all()
    hide: dict[str, Any] = {"private": True} if what == "channels" else {"privacy_id": 3}
    rows.filter(display_name=NAMES[0]).update(**hide)
    rows.filter(display_name=NAMES[1]).update(removed_at="2026-01-01T00:00Z")
    assert found(ask, what, "telescope") == []
    write_answers()
    assert found(ask, what, "telescope") == []
    assert not NameKey.objects.filter(key="telescope").exclude(kind=4 if what == "channels" else 2).exists()


def test_other_filters_and_orderings_go_with_it(named: Instance, ask: Ask) -> None:
    other = builders.channel(builders.source().instance, display_name="Another telescope")
    write_answers()
    assert found(ask, "channels", "telescope", instance=other.host) == ["Another telescope"]
    assert found(ask, "channels", "telescope", ordering="-display_name") == [NAMES[1], NAMES[0], "Another telescope"]
    assert "ordering" in ask("channels/", ordering="relevance", status=400)["invalid_params"]
    assert "ordering" in ask("channels/", q="a", ordering="-relevance", status=400)["invalid_params"]
    assert "q" in ask("channels/", q="a " * 101, status=400)["invalid_params"]
    assert "q" in ask("accounts/", q="a", status=400)["invalid_params"]


@pytest.mark.parametrize("what", ["channels", "playlists"])
def test_pages_go_on_and_back_in_the_same_order(named: Instance, ask: Ask, what: str) -> None:
    whole = found(ask, what, "the or telescope or koeln or learn")
    page = ask(f"{what}/", q="the or telescope or koeln or learn", page_size=2)
    names = []
    while True:
        names += [row["display_name"] for row in page["results"]]
        if not page["next"]:
            break
        page = ask(page["next"])
    assert names == whole
    assert len(whole) == 4
    assert [row["display_name"] for row in ask(page["previous"])["results"]] == whole[:2]
    assert "cursor" in ask(f"{what}/", q="the", cursor=_cursor_of_names(ask, what), status=400)["invalid_params"]


def _cursor_of_names(ask: Ask, what: str) -> str:
    return str(ask(f"{what}/", ordering="display_name", page_size=1)["next"]).rpartition("cursor=")[2].partition("&")[0]


def test_it_costs_so_many_queries_however_many_are_found(
    named: Instance, ask: Ask, django_assert_num_queries: Any
) -> None:
    ask("channels/", q="telescope")  # the languages of the catalogue are known for a while
    for text in ("club", "nowhere"):
        with django_assert_num_queries(4):  # the state of the catalogue, near words (there are none), names, rows
            ask("channels/", q=text)


@pytest.mark.parametrize("what", ["channels", "playlists"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("koeln", {NAMES[3]}),
        ("telescopes", {NAMES[0], NAMES[1]}),
        ("elesc", {NAMES[0], NAMES[1]}),
        ("he nort", {NAMES[0]}),
        ("@the@", set()),
    ],
)
def test_peertubes_own_api_finds_them_too(
    named: Instance, client: Client, what: str, text: str, expected: set[str]
) -> None:
    answer = client.get(f"/api/v1/search/video-{what}", {"search": text}).json()
    assert {row["displayName"] for row in answer["data"]} == expected
    assert answer["total"] == len(expected)
