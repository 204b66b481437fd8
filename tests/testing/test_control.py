"""Changing a sandbox from outside of its process, while it serves."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from peertube_sync.testing import Catalogue, Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Catalogue.generate(videos=3), limit=0) as running:
        yield running


def post(sandbox: Sandbox, change: str, /, **arguments: Any) -> tuple[int, dict[str, Any]]:
    answer = requests.post(f"{sandbox.url}/sandbox/{change}", json=arguments, timeout=10)
    return answer.status_code, answer.json()


def names(sandbox: Sandbox) -> list[str]:
    shown = requests.get(f"{sandbox.url}/api/v1/videos", {"isLocal": "true"}, timeout=10).json()
    return [video["name"] for video in shown["data"]]


def test_a_change_is_made_by_its_name_and_told_in_return(sandbox: Sandbox) -> None:
    status, told = post(sandbox, "add_video", name="Fresh bread", tags=["baking"])
    assert status == 200
    assert "Fresh bread" in names(sandbox)
    assert post(sandbox, "delete_video", uuid=told["result"]) == (200, {"result": None})
    assert "Fresh bread" not in names(sandbox)


def test_faults_come_and_go(sandbox: Sandbox) -> None:
    assert post(sandbox, "add_fault", kind="status", match="/videos", status=503, times=None)[0] == 200
    assert requests.get(f"{sandbox.url}/api/v1/videos", timeout=10).status_code == 503
    post(sandbox, "clear_faults")
    assert requests.get(f"{sandbox.url}/api/v1/videos", timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("name", "arguments", "status", "words"),
    [
        ("explode", {}, 404, "there are: "),
        ("renderer", {}, 404, "add_video"),
        ("delete_video", {"uuid": "00000000-0000-4000-8000-000000000000"}, 404, "has no"),
        ("delete_video", {"uuid": "no uuid"}, 400, ""),
        ("delete_video", {}, 400, "uuid"),
        ("add_video", {"name": "x", "colour": "red"}, 400, "colour"),
        ("add_fault", {"kind": "unheard of", "colour": 1}, 400, "colour"),
    ],
)
def test_what_can_not_be_done_is_told(
    sandbox: Sandbox, name: str, arguments: dict[str, Any], status: int, words: str
) -> None:
    found, told = post(sandbox, name, **arguments)
    assert found == status
    assert words in told["error"]


def test_no_form_of_another_site_can_change_it(sandbox: Sandbox) -> None:
    answer = requests.post(f"{sandbox.url}/sandbox/add_video", data="{}", timeout=10)
    assert answer.status_code == 400
    assert len(names(sandbox)) == 3


@pytest.mark.parametrize("limit", [0, None])
def test_a_limit_of_nothing_is_no_limit(limit: int | None) -> None:
    with Sandbox(Catalogue.generate(videos=1), limit=limit) as sandbox:
        assert {requests.get(f"{sandbox.url}/api/v1/videos", timeout=10).status_code for _again in range(3)} == {200}
        sandbox.limit = 1
        sandbox.limit = limit
        assert requests.get(f"{sandbox.url}/api/v1/videos", timeout=10).status_code == 200
