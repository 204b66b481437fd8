"""Paths of files in answers: which keys have them, and where they lead."""

from typing import Any
from urllib.parse import urlsplit

from django.test import Client

FILE_PATHS = ("thumbnailPath", "previewPath", "captionPath", "path")
"""Keys of answers with the path of a file."""


def home_path(path: str) -> str:
    """Return the path at its home of the file that a path of an answer leads to here, as every client sees it."""
    answer = Client(HTTP_ORIGIN="https://player.example").get(path)
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (302, "*"), path
    return urlsplit(answer["Location"]).path


def is_path(name: str, value: Any) -> bool:
    """Tell whether this key of an answer has the path of a file; refusals name a parameter by `path`."""
    return name in FILE_PATHS and isinstance(value, str) and value.startswith("/")


def paths_at_home(value: Any) -> Any:
    """Return an answer with the paths of files as its home tells them."""
    if isinstance(value, list):
        return [paths_at_home(one) for one in value]
    if isinstance(value, dict):
        return {name: home_path(one) if is_path(name, one) else paths_at_home(one) for name, one in value.items()}
    return value


def led(client: Client, path: str) -> str:
    """Return where a path leads; "" where it is refused without an error of ours."""
    answer = client.get(path, HTTP_ORIGIN="https://player.example")
    assert answer.status_code in (302, 400, 404), path
    if answer.status_code != 302:
        return ""
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    return str(answer["Location"])
