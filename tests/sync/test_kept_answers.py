"""Answers that are kept: the same until something changes that they show, and gone at once with what is hidden."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django import urls
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import (
    AnswerDue,
    AnswerPart,
    Caption,
    Curation,
    Revision,
    SearchKey,
    SearchWord,
    Tag,
    Transcript,
    Video,
)
from peertube_sync.models.revision_triggers import SEEN, TABLES, UNSEEN
from peertube_sync.models.search import FTS
from peertube_sync.sync.operations.optout import opt_out
from peertube_sync.testing import Catalogue
from tests.support.catalogue import revision
from tests.support.mirror import Mirror
from tests.support.sandboxes import SEED, VIDEOS
from tests.sync.answer_paths import WORD, all_of, lists_of, rows_of

Act = Callable[[Mirror, Video], object]
OTHERWISE: dict[str, Any] = {
    "BooleanField": True,
    "CharField": "other",
    "DateTimeField": datetime(2001, 1, 1, tzinfo=UTC),
    "JSONField": {"other": 1},
    "PositiveIntegerField": 7,
    "TextField": "other",
}
"""Another value, by the kind of a column."""


@pytest.fixture(autouse=True)
def _keeping(settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "KEEP_ANSWERS": 300}


@pytest.fixture
def mirror(make_kept: Callable[..., Mirror]) -> Mirror:
    """A mirror whose first video is in a playlist, has captions, chapters and tags, and is found by WORD."""
    return make_kept("found by a word", lambda: Catalogue.generate(videos=VIDEOS, seed=SEED), mirror_with_a_word)


def mirror_with_a_word(mirror: Mirror) -> None:
    uuid = mirror.listed()[0]["uuid"]
    mirror.catalogue.add_playlist([uuid], mirror.listed()[0]["channel"]["name"])
    mirror.catalogue.edit_video(uuid, name=f"A {WORD} of note")
    mirror.catalogue.set_tags(uuid, ["fur"])
    mirror.catalogue.set_captions(uuid, ["en"])
    mirror.catalogue.set_chapters(uuid, [(0, "Begin"), (9, "End")])
    mirror.add()
    assert mirror.sync(full=True).errors == []


@pytest.fixture
def video(mirror: Mirror) -> Video:
    """The video that is found by WORD."""
    index_due()
    return Video.objects.get(name__contains=WORD)


def answers(client: Client, paths: list[str], **options: Any) -> dict[str, Any]:
    return {path: client.get(path, **options) for path in paths}


def told(answer: HttpResponse) -> tuple[int, bytes, dict[str, str]]:
    """Return all of an answer, but for what counts requests."""
    headers = {name: value for name, value in answer.items() if not name.startswith("X-RateLimit")}
    return answer.status_code, answer.content, headers


def queries(client: Client, path: str, **options: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        client.get(path, **options)
    return [one["sql"] for one in captured if "SELECT" in one["sql"]]


def test_what_is_kept_is_what_was_answered_and_costs_one_query(client: Client, video: Video) -> None:
    first = answers(client, all_of(video))
    assert {one.status_code for one in first.values()} == {200}
    for path, answer in first.items():
        (only,) = queries(client, path)
        assert Revision._meta.db_table in only
        again, head = client.get(path), client.head(path)
        assert told(again)[:2] == told(answer)[:2], path
        for one in (again, head):
            assert {**told(one)[2], "Last-Modified": ""} == {**told(answer)[2], "Last-Modified": ""} | (
                {} if "Last-Modified" in answer else {"Last-Modified": ""}
            )


@pytest.mark.parametrize("seconds", [0, 300])
def test_who_has_an_answer_is_told_so_without_its_being_made(
    client: Client, video: Video, settings: Any, seconds: int
) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "KEEP_ANSWERS": seconds}
    for path, answer in answers(client, all_of(video)).items():
        known = {"headers": {"if-none-match": answer["ETag"]}}
        assert len(queries(client, path, **known)) == 1
        again = client.get(path, **known)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
        assert again.get("Cache-Control") == answer.get("Cache-Control")
        assert client.get(path, headers={"if-none-match": '"other"'}).content == answer.content
        assert (len(queries(client, path)) == 1) == bool(seconds)


def test_a_catalogue_that_is_the_same_again_is_known_by_its_content(client: Client, video: Video) -> None:
    before = answers(client, all_of(video))
    Curation.objects.decide([video], title="Other")
    Curation.objects.all().delete()
    for path, answer in before.items():
        assert client.get(path, headers={"if-none-match": answer["ETag"]}).status_code == 304, path


def delete_at_the_source(mirror: Mirror, video: Video) -> None:
    mirror.catalogue.delete_video(str(video.uuid))
    mirror.sync(full=True)


def make_private_at_the_source(mirror: Mirror, video: Video) -> None:
    mirror.catalogue.hide(str(video.uuid))
    mirror.everything_due()
    mirror.sync(full=True)


HIDDEN: dict[str, Act] = {
    "curation": lambda _mirror, video: Curation.objects.decide([video], hidden=True),
    "removal": delete_at_the_source,
    "privacy": make_private_at_the_source,
    "opt-out": lambda mirror, _video: opt_out(mirror.sandbox.host),
    "opt-out of the channel": lambda mirror, video: opt_out(mirror.sandbox.host, video.channel.name),
    "a row that becomes private": lambda _mirror, video: Video.objects.filter(pk=video.pk).update(privacy_id=3),
}


@pytest.mark.parametrize("what", HIDDEN)
def test_what_is_hidden_is_gone_from_the_very_next_answer(
    client: Client, mirror: Mirror, video: Video, what: str
) -> None:
    lists, rows, uuid = lists_of(video), rows_of(video), str(video.uuid)
    for path, answer in {**answers(client, [*lists, *rows]), **answers(client, [*lists, *rows])}.items():
        assert answer.status_code == 200
        assert path in rows or uuid in answer.content.decode(), path
    HIDDEN[what](mirror, video)
    for path in lists:
        answer = client.get(path)
        assert answer.status_code in {200, 404}
        assert uuid not in answer.content.decode(), path
    gone = {404, 410} if what in {"removal", "privacy"} else {404}  # PeerTube's shape has 404 alone
    assert {one.status_code for one in answers(client, rows).values()} == gone
    assert {one.status_code for one in answers(client, rows).values()} == gone


def test_totals_are_of_the_same_moment(client: Client, video: Video) -> None:
    ours, theirs = "/api/videos/?count=true", "/api/v1/videos?count=1&nsfw=both"
    before = client.get(ours).json()["count"], client.get(theirs).json()["total"]
    Curation.objects.decide([video], hidden=True)
    after = client.get(ours).json()["count"], client.get(theirs).json()["total"]
    assert after == (before[0] - 1, before[1] - 1)


def rename_the_channel(mirror: Mirror, video: Video) -> None:
    mirror.catalogue.rename_channel(video.channel.name, "Marsupials")
    mirror.sync(full=True)


def another_view(mirror: Mirror, video: Video) -> None:
    mirror.catalogue.view(str(video.uuid), 5)
    mirror.sync(full=True)


def other_captions(mirror: Mirror, video: Video) -> None:
    mirror.catalogue.set_captions(str(video.uuid), ["fr"])
    mirror.everything_due()
    mirror.sync()


def other_tags(mirror: Mirror, video: Video) -> None:
    mirror.catalogue.set_tags(str(video.uuid), ["burrow", "fur"])
    mirror.everything_due()
    mirror.sync()


CHANGED: dict[str, tuple[Act, str]] = {
    "the name of a channel": (rename_the_channel, "/api/videos/?page_size=100"),
    "the name of a channel in PeerTube's shape": (rename_the_channel, "/api/v1/videos?count=100&nsfw=both"),
    "a counter": (another_view, "/api/v1/videos?count=100&nsfw=both"),
    "a caption": (other_captions, "/api/videos/{uuid}/captions/"),
    "a caption in PeerTube's shape": (other_captions, "/api/v1/videos/{uuid}/captions"),
    "a tag": (other_tags, "/api/videos/{uuid}/"),
    "a tag in lists": (other_tags, "/api/videos/?tag=burrow"),
    "a name that an address has no more": (
        lambda _mirror, _video: Tag.objects.filter(name="fur").update(name="hair"),
        "/api/videos/?tag=fur&fields=uuid",
    ),
}


@pytest.mark.parametrize(("change", "path"), CHANGED.values(), ids=CHANGED)
def test_what_has_changed_is_in_the_very_next_answer(
    client: Client, mirror: Mirror, video: Video, change: Act, path: str
) -> None:
    path = path.format(uuid=video.uuid)
    before = client.get(path)
    assert client.get(path).content == before.content
    change(mirror, video)
    after = client.get(path, headers={"if-none-match": before["ETag"]})
    assert (after.status_code, after.content != before.content) == (200, True)
    cache.clear()
    assert client.get(path).content == after.content


def test_a_document_that_is_written_anew_is_searched_by_the_very_next_question(client: Client, video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(description="A bandicoot")
    asked = ["/api/videos/?q=bandicoot", "/api/v1/search/videos?search=bandicoot&nsfw=both"]
    assert not any(str(video.uuid) in one.content.decode() for one in answers(client, asked).values())
    assert index_due()
    assert all(str(video.uuid) in one.content.decode() for one in answers(client, asked).values())


def test_settings_that_shape_answers_are_asked_too(client: Client, video: Video, settings: Any) -> None:
    Video.objects.filter(pk=video.pk).update(nsfw=True)
    asked = [path for path in lists_of(video) if "elements" not in path]
    assert all(str(video.uuid) in one.content.decode() for one in answers(client, asked).values())
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "hide"}
    assert not any(str(video.uuid) in one.content.decode() for one in answers(client, asked).values())


class Elsewhere:
    urlpatterns = [
        urls.path("api/", urls.include("peertube_sync.api.urls")),
        urls.path("tv/", urls.include("peertube_sync.site.urls")),
        urls.path("", urls.include("peertube_sync.peertube_api.urls")),
    ]


def test_where_the_site_is_included_is_asked_too(client: Client, video: Video, settings: Any) -> None:
    path = f"/api/videos/{video.uuid}/"
    before = client.get(path)
    assert "/tv/" not in before.json()["page_url"]
    settings.ROOT_URLCONF = Elsewhere
    known = {"If-None-Match": before["ETag"], "If-Modified-Since": before.get("Last-Modified", "")}
    for headers in ({}, known):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200
        assert "/tv/" in answer.json()["page_url"]


def test_each_address_and_form_has_its_own(client: Client, video: Video, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    path = "/api/videos/?page_size=1"
    here = client.get(path)
    elsewhere = client.get(path, headers={"host": "elsewhere.example"})
    assert b"elsewhere.example" in elsewhere.content
    assert client.get(path).content == here.content
    indented = client.get(path, headers={"accept": "application/json; indent=4"})
    assert indented.content.count(b"\n") > 4
    assert client.get(path, headers={"accept": "text/html"})["Content-Type"].startswith("text/html")
    assert client.get(path).content == here.content


def test_bounds_and_limits_come_first(client: Client, video: Video, settings: Any) -> None:
    for path, status in {"/api/videos/?colour=red": 400, "/api/v1/videos?start=x": 400}.items():
        assert [client.get(path).status_code for _ in range(2)] == [status] * 2
    limits = {"API_REQUESTS_PER_MINUTE": 2, "COMPAT_RATE_LIMIT": 2}
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, **limits}
    cache.clear()
    for path in ("/api/videos/", "/api/v1/videos"):
        assert [client.get(path).status_code for _ in range(3)] == [200, 200, 429]


@pytest.fixture
def allowed(video: Video) -> Client:
    """A visitor who may see what isn't public."""
    user = User.objects.create(username="keeper")
    user.user_permissions.add(Permission.objects.get(codename="view_private_video"))
    visitor = Client()
    visitor.force_login(user)
    return visitor


@pytest.mark.parametrize("first", ["who may", "nobody"])
def test_what_is_not_public_is_neither_kept_nor_given_to_others(
    client: Client, allowed: Client, video: Video, first: str
) -> None:
    host = video.instance.host
    Video.objects.filter(pk=video.pk).update(privacy_id=3)
    rows = [path for path in rows_of(video) if "/v1/" not in path]
    asked = [*rows, f"/api/videos/?privacy=3&instance={host}", "/api/videos/?privacy=private"]
    for visitor, status in [(allowed, 200), (client, 404)][:: 1 if first == "who may" else -1] * 2:
        for path in asked:
            answer = visitor.get(path)
            assert answer.status_code in {status, 403 if status == 404 else 400}, path
            assert (WORD in answer.content.decode()) <= (visitor is allowed)
    assert allowed.get(rows[0])["Cache-Control"] == "private, no-store"
    assert len(queries(allowed, rows[0])) > 1


def test_who_logs_in_gets_an_answer_of_their_own(client: Client, allowed: Client, video: Video) -> None:
    path = "/api/videos/?page_size=100"
    first = client.get(path)
    assert len(queries(client, path)) == 1
    for visitor, options in ((allowed, {}), (client, {"headers": {"authorization": "Token x"}})):
        made = queries(visitor, path, **options)
        assert not any(Revision._meta.db_table in one for one in made)
        assert visitor.get(path, **options).content == first.content


@pytest.mark.parametrize("path", ["/api/instances/", "/api/health/", "/api/v1/instances", "/api/v1/server/stats"])
def test_what_tells_of_the_work_is_always_made(client: Client, video: Video, path: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        first = client.get(path)
    assert first.status_code == 200
    assert not any(Revision._meta.db_table in one["sql"] for one in captured)


def test_what_is_too_large_is_made_each_time(client: Client, video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    from peertube_sync.faces import kept

    monkeypatch.setattr(kept, "LARGEST", 10)
    path = "/api/videos/"
    first = client.get(path)
    assert len(queries(client, path)) > 1
    assert len(queries(client, path, headers={"if-none-match": first["ETag"]})) == 1


def test_keys_and_questions_hold_no_words_of_strangers(
    client: Client, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []
    make_key = cache.make_key
    monkeypatch.setattr(cache, "make_key", lambda key, version=None: keys.append(key) or make_key(key, version))
    answers(client, all_of(video))
    assert len(keys) > len(all_of(video))
    hashed = re.compile(
        r"peertube_sync\.(seen\.[0-9a-f]{32}(\.content)?|(total|peertube_api):[0-9a-f]{32}|compat:\d+:.*|vocabulary:default)"
    )
    assert [key for key in keys if not hashed.fullmatch(key)] == []


def test_a_walk_that_finds_nothing_changed_leaves_all_as_it_is(client: Client, mirror: Mirror, video: Video) -> None:
    mirror.sync(full=True)
    before, known = revision(), answers(client, all_of(video))
    walked = len(mirror.sandbox.log)
    mirror.sync(full=True)
    assert mirror.asked(walked)
    assert revision() == before
    for path, answer in known.items():
        assert client.get(path).content == answer.content


def test_whatever_an_answer_is_made_of_raises_the_revision(client: Client, video: Video) -> None:
    Transcript.objects.create(
        caption=Caption.objects.filter(video=video)[0], video=video, path="/x", starts=[0], text=WORD, folded=WORD
    )
    index_due()
    asked = " ".join(sql for path in all_of(video) for sql in queries(client, path))
    read = set(re.findall(r"peertube_sync_\w+", asked))
    assert len(read) > 12
    # Made of the rows of these when they change; words are counted with the documents, in the same transaction.
    made = {model._meta.db_table for model in (AnswerPart, AnswerDue, SearchKey, SearchWord)}
    assert read <= {model._meta.db_table for model in TABLES} | {Revision._meta.db_table, FTS} | made


def test_whatever_does_not_raise_it_changes_no_answer(client: Client, video: Video) -> None:
    before, seen = answers(client, all_of(video)), revision()
    for model in (*SEEN, *UNSEEN):
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        others = [one.name for one in fields if one.column not in SEEN.get(model, [*UNSEEN.get(model, ())])]
        names = others if model in SEEN else UNSEEN[model]
        for field in fields:
            if field.name in names and (value := OTHERWISE.get(field.get_internal_type())) is not None:
                model._default_manager.update(**{field.name: value})
    assert revision() == seen
    cache.clear()
    for path, answer in before.items():
        assert client.get(path).content == answer.content, path


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    cache.clear()


def test_how_long_others_may_keep_an_answer_is_a_setting(client: Client, video: Video, settings: Any) -> None:
    for path in (f"/api/videos/{video.uuid}/", "/api/tags/", "/feeds/rss/", "/feeds/json/", "/sitemap.xml"):
        for seconds in (5, 5, 0):
            settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "PUBLIC_MAX_AGE": seconds}
            answer = client.get(path)
            known = client.get(path, headers={"if-none-match": answer["ETag"]})
            told = f"public, max-age={seconds}"
            assert (known.status_code, answer["Cache-Control"], known["Cache-Control"]) == (304, told, told)
    assert "Cache-Control" not in client.get("/api/v1/videos")
    assert "Last-Modified" not in client.get("/api/v1/videos")
