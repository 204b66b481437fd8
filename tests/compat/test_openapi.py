"""Answers against PeerTube's own description of its API: `PEERTUBE_OPENAPI=openapi.yaml pytest tests/compat`.

The file comes with PeerTube's sources, is under another licence, and isn't part of this project.
"""

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from peertube_sync.models import Playlist
from tests.compat.recorded import questions
from tests.support.catalogue import richest

GIVEN = os.environ.get("PEERTUBE_OPENAPI", "")
pytestmark = [
    pytest.mark.one_database,
    pytest.mark.skipif(not GIVEN, reason="PEERTUBE_OPENAPI names no OpenAPI file of PeerTube"),
]

#: Questions by the path that describes them; `{video}`, `{playlist}` are filled in.
ASKED = {
    "/api/v1/accounts": "accounts",
    "/api/v1/accounts/{name}": "accounts/alice",
    "/api/v1/accounts/{name}/videos": "accounts/alice/videos",
    "/api/v1/accounts/{name}/video-channels": "accounts/alice/video-channels",
    "/api/v1/accounts/{name}/video-playlists": "accounts/alice/video-playlists",
    "/api/v1/config": "config",
    "/api/v1/config/about": "config/about",
    "/api/v1/server/stats": "server/stats",
    "/api/v1/search/videos": "search/videos?count=500&nsfw=both",
    "/api/v1/search/video-channels": "search/video-channels",
    "/api/v1/search/video-playlists": "search/video-playlists",
    "/api/v1/videos": "videos?count=100&nsfw=both",
    "/api/v1/videos/categories": "videos/categories",
    "/api/v1/videos/licences": "videos/licences",
    "/api/v1/videos/languages": "videos/languages",
    "/api/v1/videos/privacies": "videos/privacies",
    "/api/v1/videos/{id}": "videos/{video}",
    "/api/v1/videos/{id}/description": "videos/{video}/description",
    "/api/v1/videos/{id}/captions": "videos/{video}/captions",
    "/api/v1/videos/{id}/chapters": "videos/{video}/chapters",
    "/api/v1/video-channels": "video-channels",
    "/api/v1/video-channels/{channelHandle}": "video-channels/cooking",
    "/api/v1/video-channels/{channelHandle}/videos": "video-channels/cooking/videos",
    "/api/v1/video-channels/{channelHandle}/video-playlists": "video-channels/cooking/video-playlists",
    "/api/v1/video-playlists": "video-playlists",
    "/api/v1/video-playlists/privacies": "video-playlists/privacies",
    "/api/v1/video-playlists/{playlistId}": "video-playlists/{playlist}",
    "/api/v1/video-playlists/{playlistId}/videos": "video-playlists/{playlist}/videos",
}


#: Errors of the file, of which recorded answers of a PeerTube 6.3.0 make all: where, and what is wrong there.
WRONG_IN_THE_FILE = {
    "pattern name": "its expressions are written with the slashes of a programming language",
    "pattern magnetUri": "its expressions are written with the slashes of a programming language",
    "type id": "a category, licence or language that nobody told is null, with a label",
    "type description": "a playlist's may be null",
    "type thumbnailPath": "a playlist without videos has none",
    "type chapters": "they are a list",
    "type $": "constants are an object",
    "anyOf $": "a description comes within an object",
    "maxLength description": "only lists cut it",
    "type averageAbuseResponseTimeMs": "null where there was nothing to respond to",
    "type averageRegistrationRequestResponseTimeMs": "null where there was nothing to respond to",
}
WRONG_OF_8_2 = {"type nsfwSummary": "8.2 answers null where nobody has written one"}


def plain(node: Any) -> Any:
    """Turn OpenAPI 3.0's `nullable` into what JSON Schema knows."""
    if isinstance(node, list):
        return [plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    rest = {name: plain(value) for name, value in node.items() if name != "nullable"}
    return {"anyOf": [rest, {"type": "null"}]} if node.get("nullable") is True else rest


@cache
def document() -> Any:
    return plain(yaml.safe_load(Path(GIVEN).read_text(encoding="utf-8")))


@cache
def validator(path: str) -> Any:
    """Return what judges answers of a path; `components` is where references lead."""
    content = document()["paths"][path]["get"]["responses"]["200"]["content"]
    schema = content["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document()["components"]})


def errors(path: str, answer: Any) -> dict[str, str]:
    """Return what is wrong with an answer: the kind and the last name of the place, and an example."""
    found = {}
    for outer in validator(path).iter_errors(answer):
        error = best_match([outer])
        name = next((str(one) for one in reversed(error.absolute_path) if isinstance(one, str)), "$")
        found[f"{error.validator} {name}"] = f"{path} {error.json_path}: {error.message[:150]}"
    return found


def test_answers_are_as_peertube_describes_them(mirror: None, get: Callable[..., Any]) -> None:
    playlist = Playlist.objects.get(display_name="Best of cooking").uuid
    found = {}
    for path, address in ASKED.items():
        found |= errors(path, get(address.format(video=richest(), playlist=playlist)))
    assert {kind: error for kind, error in found.items() if kind not in WRONG_IN_THE_FILE | WRONG_OF_8_2} == {}


def test_what_is_called_wrong_in_the_file_is_what_a_peertube_answers() -> None:
    found = {}
    for question in questions().values():
        target = urlsplit(question["target"]).path
        paths = [path for path in ASKED if re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), target)]
        if paths and question["status"] == 200:
            found |= errors(paths[0], question["body"])
    assert set(WRONG_IN_THE_FILE) - set(found) == set()
