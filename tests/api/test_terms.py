"""Categories, languages, licences and tags with their numbers."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from peertube_sync.api import terms
from tests.support.catalogue import local, mirror_details, richest, world

Ask = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.mark.parametrize(
    ("path", "name"), [("categories", "category"), ("languages", "language"), ("licences", "licence")]
)
def test_terms_come_with_the_number_of_their_videos(ask: Ask, path: str, name: str) -> None:
    shown = {one["id"]: one for one in ask(f"{path}/")["results"]}
    listed = [one[name] for one in local("list") if one[name]["id"] is not None]
    assert {key: one["count"] for key, one in shown.items()} == Counter(one["id"] for one in listed)
    assert {key: one["label"] for key, one in shown.items()} == {one["id"]: one["label"] for one in listed}


def test_filters_of_videos_narrow_them(ask: Ask) -> None:
    french = [one["category"]["id"] for one in local("list") if one["language"]["id"] == "fr"]
    assert {one["id"]: one["count"] for one in ask("categories/", language="fr")["results"]} == Counter(french)
    assert "categoy" in ask("tags/", categoy=1, status=400)["detail"]


def test_of_a_large_catalogue_the_newest_are_counted(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask("categories/")["complete"] is True
    monkeypatch.setattr(terms, "COUNTED", 3)
    counted = ask("categories/")
    assert counted["complete"] is False
    assert sum(one["count"] for one in counted["results"]) <= 3


def test_tags_are_terms_too(ask: Ask, django_assert_num_queries: Any) -> None:
    assert ask("tags/")["results"] == []
    mirror_details(richest())
    with django_assert_num_queries(2):
        shown = ask("tags/")["results"]
    assert sorted(one["id"] for one in shown) == sorted(world()["details"][richest()]["tags"])
