"""On PostgreSQL, common words are looked for among the newest, and filters are words of the documents."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peertube_sync.catalogue import video_search, vocabulary
from peertube_sync.ingest import search_documents as indexing
from peertube_sync.ingest.search_documents import forget_old, index_due, queue_all_documents
from peertube_sync.models import Curation, NewestSearch, Video, VideoSearch
from tests.api.indexers import indexers
from tests.support.catalogue import make_videos

Ask = Callable[..., Any]

pytestmark = pytest.mark.postgres

NUMBER = 6


@pytest.fixture(autouse=True)
def made(catalogue: None) -> None:
    make_videos(NUMBER, language={"id": "oc", "label": "Occitan"})
    Video.objects.filter(remote_id__gt=90_000).update(name="Xylophone")
    index_due()


def found(ask: Ask, **query: Any) -> tuple[int, bool]:
    answer = ask("videos/", q="xylophone", **query)
    return len(answer["results"]), answer["count_exact"]


def test_what_is_not_among_the_newest_is_found_in_all(ask: Ask) -> None:
    forget_old(2)
    assert NewestSearch.objects.count() == 2
    assert found(ask) == (NUMBER, True)


def test_copies_are_forgotten_while_a_long_queue_is_worked_off(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = []

    def forget() -> None:
        forget_old(2)
        numbers.append(NewestSearch.objects.count())

    monkeypatch.setattr(indexing, "BATCH", 1)
    monkeypatch.setattr(indexing, "forget_old", forget)
    queue_all_documents()
    index_due()
    assert len(numbers) >= NUMBER
    assert max(numbers) == 2


@pytest.mark.django_db(transaction=True)
def test_copies_stay_until_the_next_time_while_another_process_writes_some() -> None:
    before = NewestSearch.objects.count()
    Video.objects.update(name="Glockenspiel")
    with indexers() as start:
        other = start(8)  # the statement that writes copies
        assert other.stands_still()
        forget_old(2)
        assert NewestSearch.objects.count() == before
        other.ends()
    forget_old(2)
    assert NewestSearch.objects.count() == 2


def test_of_common_words_the_newest_are_ranked_and_the_others_follow(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_old(2)
    monkeypatch.setattr(video_search, "AFFORDABLE", 0)
    monkeypatch.setattr(video_search, "READ", 0)
    shown = ask("videos/", q="xylophone", facets="language")
    assert [one["uuid"] for one in shown["results"]] == [str(one) for one in newest(NUMBER)]
    assert (shown["count"], shown["count_exact"]) == (NUMBER, True)
    assert shown["facets"]["complete"] is False


def test_what_follows_the_ranked_finds_of_a_rare_word_is_not_looked_for_among_all_videos(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_search, "RANKED", 2)
    monkeypatch.setattr(video_search, "LOOKED", 10)
    forget_old(1)
    with CaptureQueriesContext(connection) as queries:
        asked = {"search": '"xylophone"', "start": 2, "count": 2}
        page = client.get("/api/v1/search/videos", asked).json()
    assert [one["uuid"] for one in page["data"]] == [str(one) for one in newest(NUMBER)[2:4]]
    (following,) = (one["sql"] for one in queries if "NOT (" in one["sql"] and " LIMIT 2" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {following}")
        assert "Sort Key" in "".join(line for (line,) in cursor.fetchall()), "an index has this order"


def test_a_word_that_many_videos_have_is_finished(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    longer = Video.objects.filter(name="Xylophone")[0]
    Video.objects.filter(pk=longer.pk).update(name="Xylophonetics")
    index_due()
    assert found(ask) == (NUMBER, True)
    monkeypatch.setattr(video_search, "AFFORDABLE", 0)
    monkeypatch.setattr(vocabulary, "COMMON", 0)
    for order in ("relevance", "-published_at"):
        answer = ask("videos/", q="xylophone", ordering=order, count="true")
        assert str(longer.uuid) not in [one["uuid"] for one in answer["results"]]
        assert len(answer["results"]) == answer["count"] == NUMBER - 1


def newest(number: int) -> list[Any]:
    rows = Video.objects.filter(name="Xylophone").order_by("-published_at", "-pk")
    return list(rows.values_list("uuid", flat=True)[:number])


def test_other_filters_are_looked_at_beyond_the_first_finds(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_search, "RANKED", 1)
    last = Video.objects.filter(name="Xylophone").order_by("published_at", "pk")[0]
    Video.objects.filter(pk=last.pk).update(duration=9_999)
    assert len(ask("videos/", q="xylophone", duration_min=9_999)["results"]) == 1


@pytest.mark.parametrize(
    "narrower",
    [
        {"language": "oc"},
        {"instance": "localhost:9000"},
        {"nsfw": "false"},
        {"is_live": "false"},
        {"published_before": "2100-01-01"},
        {"published_after": "2000-01-01"},
    ],
)
def test_a_filter_leaves_what_it_should(ask: Ask, narrower: dict[str, str]) -> None:
    assert found(ask, **narrower) == (NUMBER, True)


def test_actors_and_labels_narrow_too(ask: Ask) -> None:
    video = Video.objects.filter(name="Xylophone").select_related("channel", "account", "instance")[0]
    host = video.instance.host
    for name, value in {
        "channel": f"{video.channel.name}@{host}",
        "account": f"{video.account.name.upper()}@{host}",
        "category": video.category_id,
        "licence": video.licence_id,
    }.items():
        assert value is None or found(ask, **{name: value}) == (NUMBER, True)
    of_channel = ask(f"channels/{video.channel.name}@{host}/videos/", q="xylophone")
    assert of_channel["count"] == NUMBER


def test_another_language_is_found_once_it_is_indexed(ask: Ask) -> None:
    Video.objects.filter(name="Xylophone").update(language_id="br")
    index_due()
    assert found(ask, language="br") == (NUMBER, True)
    assert found(ask, language="oc") == (0, True)


def test_what_lists_do_not_show_has_no_document() -> None:
    hidden, delisted = Video.objects.filter(name="Xylophone")[:2]
    Curation.objects.create(video=hidden, hidden=True)
    Video.objects.filter(pk=delisted.pk).update(delisted_at="2026-01-01T00:00:00Z")
    index_due()
    for model in (VideoSearch, NewestSearch):
        assert not model.objects.filter(pk__in=[hidden.pk, delisted.pk]).exists()


def test_what_has_turned_sensitive_is_left_out_before_its_document_says_so(ask: Ask, settings: Any) -> None:
    turned = Video.objects.filter(name="Xylophone")[0]
    Video.objects.filter(pk=turned.pk).update(nsfw=True)
    for policy, number in (("show", NUMBER), ("hide", NUMBER - 1), ("show", NUMBER)):
        settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": policy}
        assert found(ask) == (number, True)
        assert found(ask, nsfw="false") == (NUMBER - 1, True)
        assert found(ask, nsfw="false", is_live="true") == (0, True)
