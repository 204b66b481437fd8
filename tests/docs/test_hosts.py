"""The README, word for word, in projects of three kinds, each in a fresh virtual environment: nothing is replaced."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.docs.hosts import HOSTS, begin, pythons, said
from tests.docs.project import Project
from tests.support.servers import free_port

pytestmark = pytest.mark.fresh

KINDS = [(kind, 0) for kind in HOSTS] + [("django", -1), ("wagtail", -1)]
LOOK = (
    "import json; from django.conf import settings as s; "
    "print(json.dumps([s.INSTALLED_APPS, [str(d) for d in s.TEMPLATES[0]['DIRS']]]))"
)


@pytest.fixture
def host(
    request: pytest.FixtureRequest, wheel_file: Path, tmp_path: Path, words: dict[str, str]
) -> Iterator[tuple[str, Project]]:
    kind, which = request.param
    found = pythons()
    if which and len(found) == 1:
        pytest.skip("there is one Python")
    project = begin(kind, found[which], wheel_file, tmp_path, words | {"localhost:8000": f"127.0.0.1:{free_port()}"})
    yield kind, project
    project.stop()


def settings_of(project: Project) -> tuple[list[str], list[str]]:
    apps, directories = json.loads(project.shell(f'python manage.py shell -c "{LOOK}"').stdout.splitlines()[-1])
    return apps, directories


@pytest.mark.parametrize("host", KINDS, indirect=True, ids=[f"{kind}{which}" for kind, which in KINDS])
def test_the_readme_leads_to_videos_and_leaves_all_in_place(host: tuple[str, Project]) -> None:
    kind, project = host
    before = settings_of(project)
    for block in said(kind):
        project.carry_out(block)
    after = settings_of(project)
    for old, new in zip(before, after, strict=True):
        assert new[: len(old)] == old
        assert len(set(new)) == len(new)
    checked = project.shell("python manage.py check")
    assert checked.returncode == 0, checked.stdout
    assert "peertube_sync" not in checked.stdout  # warnings of others are theirs
    site = f"http://{project.words['localhost:8000']}"
    video = requests.get(f"{site}/api/videos/", timeout=30).json()["results"][0]
    for page in ("/town/", "/watch/"):
        assert f'/watch/videos/{video["short_uuid"]}/"' in requests.get(site + page, timeout=30).text
    assert requests.get(video["page_url"], timeout=30).status_code == 200
    expected = {"django": 404, "wagtail": 200, "cms": 200}
    assert requests.get(f"{site}/", timeout=30).status_code == expected[kind]
