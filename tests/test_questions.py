"""What anybody may ask: hostile questions of every kind to every face, and what they cost the database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Tag, Video
from peertube_sync.site.sitemaps import PART
from tests.support.catalogue import HOST, make_videos, mirror_one
from tests.support.hostile_questions import JSON, Question, questions
from tests.support.snapshot import Kept, made_once

STATEMENTS, LONGEST, VALUES, JOINS = 16, 25_000, 500, 20
"""Of an answer: statements; of each of these: characters, values, joins."""

Ask = Callable[[Question], Any]


@pytest.fixture
def mirror(db: None, kept: Kept) -> None:
    made_once(kept, "the site's", HOST, mirror_one)
    index_due()


@pytest.fixture
def ask(mirror: None) -> Ask:
    client = Client(raise_request_exception=False)
    part = str(Video.objects.listed()[0].pk // PART)

    def answer(question: Question) -> Any:
        address = question.address.replace("{part}", part)
        sent = {"data": question.body, "content_type": JSON} if question.body else {}
        return client.generic(question.method, address, **sent, headers=question.headers)

    return answer


@pytest.fixture
def table(mirror: None) -> list[Question]:
    return questions([*Tag.objects.values_list("name", flat=True)], "video")


def test_no_hostile_question_breaks_anything_and_refusals_name_what_is_too_much(
    ask: Ask, table: list[Question]
) -> None:
    wrong = []
    for question in table:
        answer = ask(question)
        told = answer.content.decode(errors="replace")
        if answer.status_code not in question.statuses or question.names not in told:
            wrong.append(f"{question}: {answer.status_code} {told[:200]}")
    assert wrong == []
    assert len(table) > 80


def test_what_may_be_asked_takes_few_statements_of_bounded_length(ask: Ask, table: list[Question]) -> None:
    seen: list[tuple[str, int]] = []

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, len(params or ())))
        return run(sql, params, many, context)

    wrong = []
    for question in table:
        seen.clear()
        with connection.execute_wrapper(execute):
            status = ask(question).status_code
        if status == 400 and question.names and seen:
            wrong.append(f"{question}: refused after {len(seen)} statements")
        most = (max((len(sql) for sql, _ in seen), default=0), max((values for _, values in seen), default=0))
        joins = max((sql.count(" JOIN ") for sql, _ in seen), default=0)
        if len(seen) > STATEMENTS or most[0] > LONGEST or most[1] > VALUES or joins > JOINS:
            wrong.append(f"{question}: {len(seen)} statements, of {most} and {joins} joins")
    assert wrong == []


def test_all_of_some_tags_is_one_condition(client: Client, mirror: None) -> None:
    one, two = make_videos(2)
    names = [f"Ä tag {n}" for n in range(20)]
    tags = [Tag.objects.create(name=name) for name in names]
    one.tags.set(tags)
    two.tags.set(tags[:-1])
    for path, name in (("/api/videos/", "tag_all"), ("/api/v1/videos", "tagsAllOf"), ("/feeds/json/", "tag_all")):
        answer = client.get(path, {name: names}).json()
        found = answer.get("results") or answer.get("data") or answer["items"]
        assert [row.get("uuid") or row["id"].removeprefix("urn:uuid:") for row in found] == [str(one.uuid)], path
        assert not [*client.get(path, {name: [*names, "no such tag"]}).json().values()][-1]


def test_tags_of_peertube_count_in_any_of_their_spellings(client: Client, mirror: None) -> None:
    (one,) = make_videos(1)
    one.tags.set([Tag.objects.create(name=name) for name in ("Bread", "BREAD", "salt")])
    for wanted, total in ((["bread"], 1), (["bread", "SALT"], 1), (["bread", "Bread"], 1), (["bread", "sugar"], 0)):
        assert client.get("/api/v1/videos", {"tagsAllOf": wanted}).json()["total"] == total
    assert client.get("/api/v1/videos", {"tagsOneOf": ["sugar", "SALT"]}).json()["total"] == 1


@pytest.mark.parametrize("by", ["blockedHosts", "blockedAccounts"])
def test_thousands_that_somebody_muted_are_one_value(client: Client, mirror: None, by: str) -> None:
    video = Video.objects.listed().filter(nsfw=False).select_related("account", "instance")[0]
    muted = {"blockedHosts": HOST, "blockedAccounts": f"{video.account.name.upper()}@{HOST}"}[by]
    spare = {"blockedHosts": "host-{}.example", "blockedAccounts": "name_{}@host.example"}[by]
    others = [spare.format(n) for n in range(9_999)]

    def found(*values: str) -> set[str]:
        answer = client.post("/api/v1/search/videos", {by: [*values], "count": 500}, JSON).json()
        return {row["uuid"] for row in answer["data"]}

    assert str(video.uuid) in found(*others)
    assert str(video.uuid) not in found(*others, muted)
    assert (by == "blockedHosts") == (not found(*others, muted))
