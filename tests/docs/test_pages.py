"""Every command and every piece of code of the documentation, carried out in a fresh project."""

import json
import shlex

import pytest
import requests

from tests.docs.project import Project
from tests.support.markdown import CONTRIBUTING, PAGES, blocks

pytestmark = pytest.mark.pages

WITH_CELERY = "With Celery"
BEFORE = {
    "docs/install.md": "fresh",
    "docs/commands.md": "installed",
}
"""What a page begins with: nothing, or the README's settings; else a whole mirror."""

ELSEWHERE = {"README.md", CONTRIBUTING, "docs/django-cms.md"}
"""Pages with tests of their own: that of django CMS is for projects that have it (`test_hosts.py`)."""

CASES = [
    pytest.param(page, BEFORE.get(page, "mirrored"), id=page)
    for page in PAGES
    if page not in ELSEWHERE and any(block.language in {"console", "python"} for block in blocks(page))
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
def test_the_readme_leads_from_a_wheel_to_the_first_video(project: Project) -> None:
    for block in blocks("README.md"):
        project.carry_out(block)
    site = f"http://{project.words['localhost:8000']}"
    found = requests.get(f"{site}/api/videos/?page_size=100", timeout=30).json()["results"]
    assert len(found) == 40
    assert {video["channel"]["host"] for video in found} == {project.words["video.example"]}
    for page in ("/town/", "/watch/"):
        assert f'href="/watch/videos/{found[0]["short_uuid"]}/"' in requests.get(site + page, timeout=30).text
    used = project.shell("python -c 'import peertube_sync; print(peertube_sync.__file__)'").stdout
    assert used.startswith(str(project.packages))


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


@pytest.mark.parametrize("project", ["alone"], indirect=True)
def test_the_app_alone_works_without_the_api(project: Project) -> None:
    checked = project.shell("python manage.py peertube_status")
    assert checked.returncode == 0, checked.stdout
    assert "No source yet" in checked.stdout


LOOK = """
from django.test import Client
for path in ("/watch/", "/watch/videos/?channel=cooking@video.example", "/watch/feeds/atom/", "/watch/sitemap.xml"):
    print(Client().get(path, headers={"Host": "localhost"}).status_code)
"""


@pytest.mark.parametrize("project", ["alone"], indirect=True)
def test_the_site_needs_no_other_app(project: Project) -> None:
    with (project.directory / "mysite" / "urls.py").open("a") as urls:
        urls.write("from django.urls import include\n")
        urls.write('urlpatterns += [path("watch/", include("peertube_sync.site.urls"))]\n')
    looked = project.shell(f"python manage.py shell -c {shlex.quote(LOOK)}")
    assert looked.stdout.split()[-4:] == ["200"] * 4, looked.stdout
