"""The API described, and explained in pages that fetch nothing from foreign hosts."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from drf_spectacular.validation import validate_schema

from peertube_sync import __version__
from peertube_sync.models import Video
from tests.support.catalogue import HOST
from tests.support.paths import ROOT

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    answer = Client().get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json()
    return described


def test_the_command_of_drf_spectacular_finds_nothing_to_warn_of() -> None:
    out = StringIO()
    call_command("spectacular", fail_on_warn=True, validate=True, stdout=out)
    assert "/api/videos/" in out.getvalue()


def test_the_served_document_is_valid_and_versioned(schema: dict[str, Any]) -> None:
    validate_schema(schema)
    assert schema["info"]["version"] == __version__
    assert schema["info"]["description"]


WRITES = {"/api/sources/": "post", "/api/sources/{id}/sync/": "post", "/api/videos/{uuid}/curation/": "patch"}


def test_only_our_own_operations_are_described_and_most_can_only_read(schema: dict[str, Any]) -> None:
    assert all(path.startswith("/api/") for path in schema["paths"])
    written = {path: method for path, methods in schema["paths"].items() for method in methods if method != "get"}
    assert written == WRITES
    for path, method in written.items():
        operation = schema["paths"][path][method]
        assert {"401", "403", "415"} <= operation["responses"].keys()
        assert operation["requestBody"]["content"]["application/json"]["examples"]


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, one) for path, methods in schema["paths"].items() for one in methods.values()]


def test_every_operation_has_its_place_words_and_errors(schema: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in schema["tags"]}
    for path, operation in operations(schema):
        assert set(operation["tags"]) <= tags, path
        assert operation["description"], path
        assert {"400", "429"} <= operation["responses"].keys()
        assert any(status.startswith("2") for status in operation["responses"])
        assert ("404" in operation["responses"]) == ("{" in path)
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (path, parameter["name"])


def test_lists_name_their_filters_pages_and_orderings(schema: dict[str, Any]) -> None:
    parameters = {one["name"]: one["schema"] for one in schema["paths"]["/api/videos/"]["get"]["parameters"]}
    assert parameters["page_size"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert parameters["ordering"]["default"] in parameters["ordering"]["enum"]
    assert (parameters["category"]["type"], parameters["category"]["items"]["type"]) == ("array", "string")
    category, language = (re.compile(parameters[name]["items"]["pattern"]) for name in ("category", "language"))
    assert [one for one in ("1", "18", "101", "101@video.example", "x@video.example") if category.match(one)] == [
        "1",
        "18",
        "101@video.example",
    ]
    assert [one for one in ("fr", "al_bhed", "al_bhed@video.example") if language.match(one)] == [
        "fr",
        "al_bhed@video.example",
    ]
    assert {"cursor", "tag", "nsfw", "published_after"} <= parameters.keys()


def shape(schema: dict[str, Any], name: str) -> set[str]:
    return set(schema["components"]["schemas"][name]["properties"])


def test_answers_have_the_fields_that_are_described(schema: dict[str, Any], ask: Ask, full: Video) -> None:
    answers = {
        "VideoDetails": ask(f"videos/{full.uuid}/"),
        "Video": ask("videos/")["results"][0],
        "ChannelDetails": ask(f"channels/cooking@{HOST}/"),
        "AccountDetails": ask(f"accounts/alice@{HOST}/"),
        "InstanceDetails": ask(f"instances/{HOST}/"),
        "Playlist": ask("playlists/")["results"][0],
        "Caption": ask(f"videos/{full.uuid}/captions/")["results"][0],
        "Chapter": ask(f"videos/{full.uuid}/chapters/")["results"][0],
        "Problem": ask("videos/17/", status=404),
        "BadRequest": ask("videos/", page_size=0, status=400),
    }
    for name, answer in answers.items():
        assert set(answer) == shape(schema, name), name


def test_clients_with_strict_types_need_not_ask_whether_a_key_is_there(schema: dict[str, Any]) -> None:
    """Whatever `fields` leaves out, whoever doesn't ask for that gets every key."""
    for name in ("Video", "VideoDetails", "Channel", "ChannelDetails", "Account", "Playlist", "Instance", "Caption"):
        assert {*schema["components"]["schemas"][name]["required"]} == shape(schema, name), name
    for path, methods in schema["paths"].items():
        named = {parameter["name"] for parameter in methods.get("get", {}).get("parameters", [])}
        assert "fields" not in named, path
    assert "`?fields=uuid,name`" in schema["paths"]["/api/videos/"]["get"]["description"]


def examples(schema: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """Return examples of answers by their path: the component they are of, and the example."""
    found = {}
    for path, methods in schema["paths"].items():
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        component = content["schema"]["$ref"].rsplit("/", 1)[-1]
        for example in content.get("examples", {}).values():
            found[path] = (component, example["value"])
    return found


def test_examples_have_the_fields_that_are_described(schema: dict[str, Any]) -> None:
    shown = examples(schema)
    assert {"/api/videos/", "/api/videos/{uuid}/", "/api/channels/", "/api/instances/"} <= shown.keys()
    for path, (component, value) in shown.items():
        assert set(value) == shape(schema, component), path
        for item in value.get("results", []):
            results = schema["components"]["schemas"][component]["properties"]["results"]
            assert set(item) == shape(schema, results["items"]["$ref"].rsplit("/", 1)[-1]), path


def test_the_documentation_page_takes_scripts_and_styles_from_this_site() -> None:
    answer = Client().get("/api/docs/")
    page = answer.content.decode()
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert links
    assert "<style" not in page
    script = links.pop()
    for link in links:
        assert link.startswith("/static/"), link
        assert finders.find(link.removeprefix("/static/")), link
    started = Client().get(script)
    assert started["content-type"].startswith("application/javascript")
    (address,) = re.findall(r'url: "([^"]+schema/[^"]*)"', started.content.decode())
    assert Client().get(urljoin("/api/docs/", address)).status_code == 200


@pytest.mark.parametrize("path", ["", "videos/", "channels/", f"instances/{HOST}/"])
def test_every_resource_can_be_browsed(client: Client, full: Video, path: str) -> None:
    answer = client.get(f"/api/{path}", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert answer["content-type"].startswith("text/html")
    assert "http://cdn" not in answer.content.decode()


def test_a_refusal_can_be_browsed_too(client: Client, full: Video) -> None:
    answer = client.get("/api/videos/?category=music", headers={"accept": "text/html"})
    assert answer.status_code == 400
    assert "whole number" in answer.content.decode()


def test_the_root_lists_what_there_is(ask: Ask, full: Video) -> None:
    root = ask("")
    assert {"videos", "channels", "accounts", "playlists", "instances"} < root.keys()
    for word in ("videos", "channels", "accounts", "playlists", "instances"):
        assert ask(root[word])["results"]


def test_settings_of_the_host_project_change_nothing(tmp_path: Any, migrated_file: Path) -> None:
    """Ask a project of a very different mind, in a process of its own: these settings are read at import."""
    (tmp_path / "stubborn.py").write_text(
        "from project.settings import *\n"
        "REST_FRAMEWORK = {\n"
        "    'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.IsAdminUser'],\n"
        "    'DEFAULT_AUTHENTICATION_CLASSES': ['rest_framework.authentication.BasicAuthentication'],\n"
        "    'DEFAULT_RENDERER_CLASSES': ['rest_framework.renderers.AdminRenderer'],\n"
        "    'DEFAULT_PAGINATION_CLASS': 'rest_framework.pagination.LimitOffsetPagination',\n"
        "    'DEFAULT_VERSIONING_CLASS': 'rest_framework.versioning.NamespaceVersioning',\n"
        "    'ALLOWED_VERSIONS': ['v1'],\n"
        "    'DEFAULT_FILTER_BACKENDS': ['rest_framework.filters.SearchFilter'],\n"
        "    'EXCEPTION_HANDLER': 'nowhere.at_all',\n"
        "    'PAGE_SIZE': 1,\n"
        "}\n"
        "SPECTACULAR_SETTINGS = {'TITLE': 'Other', 'SWAGGER_UI_DIST': 'https://cdn.example'}\n"
        "ROOT_URLCONF = 'stubborn_urls'\n"
        "TIME_ZONE = 'Asia/Tokyo'\n"
        "ALLOWED_HOSTS = ['testserver']\n"
    )
    (tmp_path / "stubborn_urls.py").write_text(
        "from django.urls import include, path\n"
        "from rest_framework.views import APIView\n"
        "inner = ([path('peertube/', include('peertube_sync.api.urls'))], 'site')\n"
        "urlpatterns = [path('theirs/', APIView.as_view()), path('<lang>/', include(inner))]\n"
    )
    script = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "get = lambda path, **headers: Client().get('/ja/peertube/' + path, headers=headers)\n"
        "page = get('videos/', authorization='Basic bm86bm8=').json()\n"
        "assert page == {'next': None, 'previous': None, 'results': []}\n"
        "assert get('').json()['videos'] == 'http://testserver/ja/peertube/videos/'\n"
        "from peertube_sync.models import Instance; Instance.objects.create(host='video.example').sources.create()\n"
        "assert get('instances/').json()['results'][0]['added_at'].endswith('Z')\n"
        "assert get('channels/a@b.example/videos/').json()['detail'].startswith('There is no channel')\n"
        "assert 'categoy' in get('videos/?categoy=1').json()['invalid_params']\n"
        "assert get('channels/a@b.example/').status_code == 404\n"
        "schema = get('schema/', accept='application/vnd.oai.openapi+json').json()\n"
        "assert schema['info']['title'] == 'PeerTube catalogue'\n"
        "assert all(path.startswith('/{lang}/peertube/') for path in schema['paths'])\n"
        "operations = [one for path in schema['paths'].values() for one in path.values()]\n"
        "assert {tag for one in operations for tag in one['tags']} >= {'videos', 'channels'}\n"
        "assert 'cdn.example' not in get('docs/').content.decode()\n"
    )
    shutil.copy(migrated_file, tmp_path / "site.sqlite3")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "stubborn",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'site.sqlite3'}",
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
    }
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
