"""What people with permissions may do through the API, and nobody else."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from peertube_sync.models import Curation, Reason, Source, SourceState, Video
from peertube_sync.testing import Catalogue, Sandbox
from tests.support.catalogue import HOST
from tests.support.users import send, somebody

Ask = Callable[..., Any]
STAFF = ("sources/", "sources/{source}/", "curations/", "videos/{video}/curation/")
WRITES = (("post", "sources/"), ("post", "sources/{source}/sync/"), ("patch", "videos/{video}/curation/"))


@pytest.fixture
def source(catalogue: None) -> Source:
    from peertube_sync.models import Instance

    return Source.objects.get_or_create(instance=Instance.objects.get(host=HOST))[0]


def address(path: str, source: Source) -> str:
    return path.format(source=source.pk, video=Video.objects.all()[0].uuid)


@pytest.mark.parametrize("who", [Client, somebody], ids=["nobody", "without permission"])
def test_without_permission_there_is_nothing_to_see_or_do(source: Source, who: Callable[[], Client]) -> None:
    client = who()
    for path in STAFF:
        assert client.get(f"/api/{address(path, source)}").status_code == 403, path
    for method, path in WRITES:
        answer = send(client, method, address(path, source))
        assert (answer.status_code, answer["content-type"]) == (403, "application/problem+json"), path
    assert (Curation.objects.count(), Source.objects.count()) == (0, 1)


def test_to_see_is_not_to_do(source: Source) -> None:
    client = somebody("view_source", "view_curation")
    for path in STAFF:
        assert client.get(f"/api/{address(path, source)}").status_code == 200, path
    for method, path in WRITES:
        assert send(client, method, address(path, source)).status_code == 403, path


def test_a_session_needs_djangos_token_to_write(source: Source) -> None:
    client = somebody("view_curation", "change_curation")
    client.handler.enforce_csrf_checks = True
    path = address("videos/{video}/curation/", source)
    assert send(client, "patch", path, {"hidden": True}).status_code == 403
    client.cookies["csrftoken"] = token = "a" * 32
    assert send(client, "patch", path, {"hidden": True}, headers={"x-csrftoken": token}).status_code == 200


def test_answers_for_staff_are_kept_by_nobody(source: Source) -> None:
    answer = somebody("view_source").get("/api/sources/")
    assert answer["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer["Vary"]


def test_a_video_is_hidden_and_shown_again(source: Source, ask: Ask) -> None:
    client = somebody("view_curation", "change_curation")
    video = Video.objects.all()[0]
    path = f"videos/{video.uuid}/curation/"
    assert client.get(f"/api/{path}").json()["hidden"] is False
    assert send(client, "patch", path, {"hidden": True}).json()["hidden"] is True
    ask(f"videos/{video.uuid}/", status=404)
    (decision,) = client.get("/api/curations/?hidden=true").json()["results"]
    assert (decision["uuid"], decision["name"]) == (str(video.uuid), video.name)
    send(client, "patch", path, {"hidden": False})
    assert ask(f"videos/{video.uuid}/")["name"] == video.name
    assert LogEntry.objects.filter(object_id=str(video.pk)).count() == 2


def test_a_video_is_featured_by_another_name_and_the_rest_stays(source: Source, ask: Ask) -> None:
    client = somebody("view_curation", "change_curation")
    video = Video.objects.all()[0]
    path = f"videos/{video.uuid}/curation/"
    send(client, "patch", path, {"featured": True, "text": "Our text"})
    answer = send(client, "patch", path, {"title": "Ours"}).json()
    assert (answer["featured"], answer["title"], answer["text"]) == (True, "Ours", "Our text")
    assert ask(f"videos/{video.uuid}/")["name"] == "Ours"


def test_what_became_of_a_video_changes_nothing_about_its_decision(source: Source) -> None:
    client = somebody("view_curation", "change_curation")
    video = Video.objects.all()[0]
    Video.objects.filter(pk=video.pk).update(removed_at=video.published_at, removed_reason=Reason.DELETED)
    answer = send(client, "patch", f"videos/{video.short_uuid}/curation/", {"title": "Kept"})
    assert answer.json()["removed_reason"] == "deleted"
    assert send(client, "patch", "videos/00000000-0000-4000-8000-000000000000/curation/").status_code == 404


def test_a_sync_is_made_due(source: Source) -> None:
    client = somebody("view_source", "change_source")
    Source.objects.update(head_due_at="2090-01-01T00:00Z", sweep_due_at="2090-01-01T00:00Z")
    soon = send(client, "post", f"sources/{source.pk}/sync/")
    assert soon.status_code == 202
    assert (soon.json()["head_due_at"] < "2090", soon.json()["sweep_due_at"] < "2090") == (True, False)
    assert send(client, "post", f"sources/{source.pk}/sync/", {"full": True}).json()["sweep_due_at"] < "2090"


def test_a_paused_source_is_not_synced(source: Source) -> None:
    Source.objects.update(state=SourceState.PAUSED)
    answer = send(somebody("change_source"), "post", f"sources/{source.pk}/sync/")
    assert (answer.status_code, answer.json()["title"]) == (409, "Conflict")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Catalogue.generate(videos=3, seed=1)) as running:
        yield running


@pytest.mark.django_db
def test_any_address_of_a_peertube_is_added(sandbox: Sandbox) -> None:
    client = somebody("view_source", "add_source")
    body = {"what": f"{sandbox.url}/videos/local", "rules": {"languages": ["fr"]}}
    added = send(client, "post", "sources/", body)
    assert added.status_code == 201, added.content
    assert (added.json()["host"], added.json()["rules"]) == (sandbox.host, body["rules"])
    assert added.json()["cost"]["videos"] == 3
    again = send(client, "post", "sources/", {"what": sandbox.url})
    assert (again.status_code, again.json()["id"]) == (200, added.json()["id"])
    assert client.get(f"/api/sources/?kind=instance&instance={sandbox.host}").json()["results"][0]["state"] == "active"


@pytest.mark.parametrize(
    ("body", "names", "word"),
    [
        ({}, ["what"], "required"),
        ({"wat": 1}, ["wat"], "what, rules"),
        ({"what": "not a host"}, ["what"], "not a host"),
        ({"what": "video.example", "rules": {"colour": 1}}, ["rules"], "colour"),
        ({"what": "video.example", "rules": {"tags": ["nul\0"]}}, ["rules"], "can't be"),
        ([1], ["non_field_errors"], "dictionary"),
    ],
    ids=str,
)
def test_a_body_that_makes_no_sense_is_refused_by_name(db: None, body: Any, names: list[str], word: str) -> None:
    answer = somebody("add_source").post("/api/sources/", body, content_type="application/json")
    assert answer.status_code == 400
    assert list(answer.json()["invalid_params"]) == names
    assert word in answer.json()["detail"]


def test_filters_of_staff_name_what_they_take(source: Source) -> None:
    problem = somebody("view_source").get("/api/sources/?state=tired")
    assert problem.status_code == 400
    assert "'tired' is none of active, paused" in problem.json()["detail"]
