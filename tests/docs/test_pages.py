"""Every command and every piece of code of the documentation, carried out in a fresh project."""

import json

import pytest
import requests

from tests.docs.markdown import PAGES, blocks
from tests.docs.project import Project

WITH_CELERY = "With Celery"
BEFORE = {
    "docs/install.md": "fresh",
    "docs/commands.md": "installed",
}
"""What a page begins with: nothing, or the README's settings; else a whole mirror."""

CASES = [
    pytest.param(page, BEFORE.get(page, "mirrored"), id=page)
    for page in PAGES
    if page != "README.md" and any(block.language in {"console", "python"} for block in blocks(page))
]


@pytest.mark.parametrize(("page", "project"), CASES, indirect=["project"])
def test_what_a_page_says_works(page: str, project: Project) -> None:
    for block in blocks(page):
        if block.heading != WITH_CELERY:
            project.carry_out(block)
    if any(block.file for block in blocks(page)):
        checked = project.shell("python manage.py check --fail-level WARNING")
        assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("project", ["fresh"], indirect=True)
def test_the_readme_leads_to_the_first_video(project: Project) -> None:
    for block in blocks("README.md"):
        project.carry_out(block)
    found = requests.get(f"http://{project.words['localhost:8000']}/api/videos/?page_size=100", timeout=30).json()
    assert len(found["results"]) == 40
    assert {video["channel"]["host"] for video in found["results"]} == {project.words["video.example"]}


@pytest.mark.parametrize("project", ["installed"], indirect=True)
def test_celery_mirrors_what_was_added(project: Project, redis_server: str) -> None:
    project.words |= {"redis://localhost:6379/0": redis_server}
    assert project.shell(project.here("python manage.py peertube_add https://video.example")).returncode == 0
    for block in blocks("docs/install.md"):
        if block.heading == WITH_CELERY:
            project.carry_out(block)
    worker = project.running[0]
    for line in worker.stdout or ():
        if "sync_due" in line and "succeeded" in line:
            (source,) = json.loads(project.shell("python manage.py peertube_status --json").stdout)
            if source["with_details"]:  # a second task that finds the instance taken succeeds before the first
                break
    assert (source["mirrored"], source["with_details"]) == (40, 40)


@pytest.mark.parametrize("project", ["fresh"], indirect=True)
def test_the_app_alone_works_without_the_api(project: Project) -> None:
    with (project.directory / "mysite" / "settings.py").open("a") as settings:
        settings.write('INSTALLED_APPS += ["peertube_sync"]\n')
    checked = project.shell("python manage.py migrate && python manage.py peertube_status")
    assert checked.returncode == 0, checked.stdout
    assert "No source yet" in checked.stdout
