"""Categories, licences and languages that instances made up, or renamed, are told apart wherever videos are listed."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from peertube_sync.ingest.answers import write_answers
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Instance, Video
from peertube_sync.site.selection import Selection, query_of
from peertube_sync.sync.scope import settle_now
from peertube_sync.testing import Catalogue
from peertube_sync.testing.records import Account, Channel
from tests.support.mirror import Mirror
from tests.support.page import Page
from tests.support.snapshot import Kept, made_once

KINDS = {"category": "categories", "licence": "licences", "language": "languages"}
MADE_UP = {"category": 101, "licence": 50, "language": "al_bhed"}

Ask = Callable[..., Any]


def catalogue_of(constants: dict[str, dict[str, str]], videos: dict[str, dict[str, Any]]) -> Catalogue:
    """Return a catalogue with these constants besides PeerTube's own; one without a label is taken away."""
    catalogue = Catalogue()
    times = {"created": 1, "updated": 1}
    owner = catalogue.put_account(Account(catalogue.next_id(), "anna", display_name="Anna", user_id=1, **times))
    catalogue.put_channel(Channel(catalogue.next_id(), "bakery", display_name="Bakery", owner=owner, **times))
    for table, labels in constants.items():
        known = catalogue.constants[f"videos/{table}"] | labels
        catalogue.constants[f"videos/{table}"] = {key: label for key, label in known.items() if label}
    for name, facts in videos.items():
        catalogue.add_video("bakery", name=name, nsfw=False, **facts)
    return catalogue


def first() -> Catalogue:
    """Return one that made up a category, a licence and a language, and took Films away."""
    labels = {
        "categories": {"101": "Maths", "2": ""},
        "licences": {"50": "Museum"},
        "languages": {"al_bhed": "Al Bhed"},
    }
    plain = {"category": 1, "licence": 1, "language": "fr"}
    return catalogue_of(labels, {"sums": MADE_UP, "tune": plain, "old film": {**plain, "category": 2}})


def second() -> Catalogue:
    """Return one that made up others with the same ids, and renamed some of PeerTube's own."""
    labels = {
        "categories": {"101": "Cycling", "1": "Cooking"},
        "licences": {"50": "Archive", "1": "Anything goes"},
        "languages": {"al_bhed": "Sign of hands", "fr": "Français"},
    }
    plain = {"category": 1, "licence": 1, "language": "fr"}
    return catalogue_of(labels, {"hills": MADE_UP, "soup": plain, "film": {**plain, "category": 2}})


@pytest.fixture
def hosts(make_mirror: Callable[..., Mirror], kept: Kept) -> tuple[str, str]:
    """The hosts of two instances that are mirrored."""
    mirrors = [make_mirror(first()), make_mirror(second())]
    hosts = mirrors[0].sandbox.host, mirrors[1].sandbox.host
    made_once(kept, "two that made up constants", hosts, lambda: mirror_lists(mirrors))
    index_due()
    return hosts


def mirror_lists(mirrors: list[Mirror]) -> None:
    for mirror in mirrors:
        mirror.add()
        assert mirror.sync(details=False).errors == []


@pytest.fixture
def ask(client: Client) -> Ask:
    """Ask for JSON."""

    def get(path: str, *, status: int = 200, **query: Any) -> Any:
        answer = client.get(f"/api/{path}?{urlencode(query, doseq=True)}")
        assert answer.status_code == status, answer.content
        return answer.json()

    return get


@pytest.fixture
def look(client: Client) -> Callable[..., Page]:
    """Look at a page."""

    def get(path: str, *, status: int = 200, **query: Any) -> Page:
        answer = client.get(f"{path}?{urlencode(query, doseq=True)}")
        assert answer.status_code == status, answer.content
        return Page(answer.content.decode())

    return get


def names(answer: Any) -> list[str]:
    return sorted(one["name"] for one in answer["data" if "data" in answer else "results"])


def told(values: list[dict[str, Any]]) -> dict[Any, tuple[str, int]]:
    found = {one["id"]: (one["label"], one["count"]) for one in values}
    assert len(found) == len(values)
    return found


def expected(a: str, b: str) -> dict[str, dict[Any, tuple[str, int]]]:
    return {
        "category": {
            1: ("Music", 1),
            2: ("Films", 2),
            f"101@{a}": ("Maths", 1),
            f"101@{b}": ("Cycling", 1),
            f"1@{b}": ("Cooking", 1),
        },
        "licence": {
            1: ("Attribution", 2),
            f"50@{a}": ("Museum", 1),
            f"50@{b}": ("Archive", 1),
            f"1@{b}": ("Anything goes", 2),
        },
        "language": {
            "fr": ("French", 4),
            f"al_bhed@{a}": ("Al Bhed", 1),
            f"al_bhed@{b}": ("Sign of hands", 1),
        },
    }


@pytest.mark.parametrize("kind", KINDS)
def test_lists_and_facets_tell_them_apart(ask: Ask, hosts: tuple[str, str], kind: str) -> None:
    assert told(ask(f"{KINDS[kind]}/")["results"]) == expected(*hosts)[kind]
    assert told(ask("videos/", facets=kind)["facets"][kind]) == expected(*hosts)[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_list_tells_is_what_the_filter_takes(ask: Ask, hosts: tuple[str, str], kind: str) -> None:
    for key, (_label, count) in expected(*hosts)[kind].items():
        narrowed = ask("videos/", facets="instance", count="true", **{kind: key})
        assert (len(narrowed["results"]), narrowed["count"]) == (count, count)
        assert sum(one["count"] for one in narrowed["facets"]["instance"]) == count
        assert {f"{one[f'{kind}_id']}" for one in narrowed["results"]} == {str(key).partition("@")[0]}


@pytest.mark.parametrize("kind", KINDS)
def test_a_bare_id_that_peertube_does_not_have_is_refused_with_the_way_out(
    ask: Ask, hosts: tuple[str, str], kind: str
) -> None:
    answer = ask("videos/", status=400, **{kind: MADE_UP[kind]})
    assert list(answer["invalid_params"]) == [kind]
    assert f"{MADE_UP[kind]}@video.example" in answer["detail"]


def test_an_id_with_a_host_is_what_that_instance_means_by_it(ask: Ask, hosts: tuple[str, str]) -> None:
    a, b = hosts
    assert names(ask("videos/", category=f"1@{a}")) == ["tune"]
    assert names(ask("videos/", category=f"1@{b}")) == ["soup"]
    assert names(ask("videos/", category=[f"101@{a.upper()}", 1, f"1@{b}"])) == ["soup", "sums", "tune"]
    assert names(ask("videos/", category="101@another.example")) == []
    assert names(ask("videos/", category=f"101@{a}", instance=b)) == []
    assert "host" in ask("videos/", status=400, category="101@not a host")["detail"]
    assert "whole number" in ask("videos/", status=400, category=f"Maths@{a}")["detail"]


def test_words_are_found_in_one_of_them_alone(ask: Ask, hosts: tuple[str, str]) -> None:
    a, b = hosts
    Video.objects.update(name="Bread")
    index_due()
    at = {host: str(Video.objects.get(category_id=101, instance__host=host).uuid) for host in hosts}
    for host in hosts:
        page = ask("videos/", q="bread", category=f"101@{host}", facets="category")
        assert [one["uuid"] for one in page["results"]] == [at[host]]
        assert told(page["facets"]["category"]) == {f"101@{host}": ({a: "Maths", b: "Cycling"}[host], 1)}
    assert ask("videos/", q="bread", category=[f"101@{a}", f"101@{b}"])["count"] == 2
    assert ask("videos/", q="bread", category=[f"101@{a}", 1])["count"] == 2


def test_of_two_labels_for_one_id_the_more_frequent_is_told(ask: Ask, hosts: tuple[str, str]) -> None:
    Video.objects.filter(instance__host=hosts[0]).update(category_id=101, category_label="Sums and more")
    Video.objects.filter(name="tune").update(category_label="Maths")
    assert told(ask("categories/")["results"])[f"101@{hosts[0]}"] == ("Sums and more", 3)


def test_a_made_up_one_costs_one_query_more(ask: Ask, hosts: tuple[str, str], django_assert_num_queries: Any) -> None:
    write_answers()
    revision = 1
    for value, number in {"1": 1, f"101@{hosts[0]}": 2}.items():
        with django_assert_num_queries(revision + number):
            ask("videos/", category=value)


def options(page: Page, name: str) -> list[Any]:
    (field,) = page.all("select", name_=name)
    return [one for one in page.all("option") if one.text and one.text in field.text]


def chosen(page: Page, name: str) -> list[str]:
    return [one.attributes["value"] for one in options(page, name) if "selected" in one.attributes]


def test_the_form_has_one_of_them_chosen(look: Callable[..., Page], hosts: tuple[str, str]) -> None:
    a, b = hosts
    page = look("/videos/", category=f"101@{a}")
    assert (page.titles(), chosen(page, "category")) == (["sums"], [f"101@{a}"])
    offered = {one.attributes["value"]: one.text for one in options(page, "category")}
    assert offered[f"101@{a}"] == f"Maths · {a} (1)"
    assert offered[f"101@{b}"] == f"Cycling · {b} (1)"
    assert offered["1"] == "Music (1)"
    (chip,) = page.all("a", class_="site-chip site-chip-used")
    assert chip.text.startswith(f"Category: Maths · {a}")
    spoken = look("/videos/", language=f"al_bhed@{b}")
    assert (spoken.titles(), chosen(spoken, "language")) == (["hills"], [f"al_bhed@{b}"])


def test_the_form_offers_whose_a_bare_id_could_be(look: Callable[..., Page], hosts: tuple[str, str]) -> None:
    page = look("/videos/", status=400, category=101)
    assert "101@video.example" in page.all("div", role="alert")[0].text
    assert {f"101@{host}" for host in hosts} <= {one.attributes["value"] for one in page.all("option")}
    assert chosen(page, "category") == ["101"]


@pytest.mark.parametrize(
    ("name", "category"), [("sums", "101@{0}"), ("hills", "101@{1}"), ("soup", "1@{1}"), ("tune", "1"), ("film", "2")]
)
def test_a_page_leads_to_its_own_category(
    look: Callable[..., Page], hosts: tuple[str, str], name: str, category: str
) -> None:
    page = look(f"/videos/{Video.objects.get(name=name).short_uuid}/")
    (query,) = [parse_qs(urlsplit(link).query) for link in page.links() if "?category=" in link]
    assert query == {"category": [category.format(*hosts)]}
    assert name in look("/videos/", **query).titles()


def test_feeds_and_tags_select_them(client: Client, hosts: tuple[str, str]) -> None:
    feed = client.get("/feeds/json/", {"category": f"101@{hosts[1]}"}).json()
    assert [one["title"] for one in feed["items"]] == ["hills"]
    assert [row.name for row in Selection(query_of(licence=f"50@{hosts[0]}")).page().rows] == ["sums"]


@pytest.mark.parametrize(
    ("query", "anywhere", "at_home"),
    [
        ({"categoryOneOf": 101}, [], ["hills"]),
        ({"categoryOneOf": 1}, ["tune"], ["soup"]),
        ({"categoryOneOf": [1, 2, 101]}, ["film", "old film", "tune"], ["film", "hills", "soup"]),
        ({"licenceOneOf": 50}, [], ["hills"]),
        ({"licenceOneOf": 1}, ["old film", "tune"], ["film", "soup"]),
        ({"languageOneOf": "al_bhed"}, [], ["hills"]),
        ({"languageOneOf": ["fr", "_unknown"]}, ["film", "old film", "soup", "tune"], ["film", "soup"]),
    ],
)
def test_ids_of_peertubes_shape_are_its_own_unless_a_host_is_named(
    ask: Ask, hosts: tuple[str, str], query: dict[str, Any], anywhere: list[str], at_home: list[str]
) -> None:
    for path in ("v1/videos", "v1/search/videos"):
        assert names(ask(path, **query)) == anywhere
        assert names(ask(path, host=hosts[1], **query)) == at_home


def test_the_constants_of_peertubes_shape_are_its_own(ask: Ask, hosts: tuple[str, str]) -> None:
    assert ask("v1/videos/categories")["1"] == "Music"
    for kind, key in MADE_UP.items():
        assert str(key) not in ask(f"v1/videos/{KINDS[kind]}")
    (video,) = ask("v1/videos", host=hosts[0], categoryOneOf=101)["data"]
    assert video["category"] == {"id": 101, "label": "Maths"}


def test_rules_speak_of_the_ids_of_their_instance(hosts: tuple[str, str]) -> None:
    source = Instance.objects.get(host=hosts[0]).sources.get()
    source.rules = {"exclude_categories": [101]}
    source.full_clean()
    source.save()
    settle_now(source.instance)
    assert {row.name for row in Video.objects.listed()} == {"tune", "old film", "hills", "soup", "film"}
