"""PeerTube's own OpenAPI document, restricted to what is served here.

`PEERTUBE_OPENAPI` in the environment names the file. It comes with PeerTube's sources, is under another licence, and
isn't part of this project.
"""

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

GIVEN = os.environ.get("PEERTUBE_OPENAPI", "")
needs_document = pytest.mark.skipif(not GIVEN, reason="PEERTUBE_OPENAPI names no OpenAPI file of PeerTube")

PROPERTY = re.compile(r"#/components/schemas/\w+/properties/\w+")
"""A reference to a part of another schema, which generators of clients can't name."""
SLASHES = re.compile(r"^/(.*)/[a-z]*$")
"""How the document writes expressions: as a programming language does, within slashes."""
ELSEWHERE = ("/api/v1/videos/{id}/comment-threads", "/api/v1/videos/{id}/comment-threads/{threadId}")
"""What is answered at the home."""


@cache
def document() -> Any:
    """Return the document as it is."""
    return yaml.safe_load(Path(GIVEN).read_text(encoding="utf-8"))


@cache
def restricted() -> Any:
    """Return the document with the questions that are answered here alone, none of which needs an account."""
    whole = document()
    paths = {
        path: {name: operation for name, operation in operations.items() if name in ("get", "parameters")}
        for path, operations in whole["paths"].items()
        if is_served(path, operations.get("get"))
    }
    return _inlined({**whole, "paths": paths}, whole)


def is_served(path: str, operation: Any) -> bool:
    """Tell whether a question is one that this site answers by itself."""
    from django.urls import resolve

    if operation is None or operation.get("security") or not path.startswith("/api/v1/") or path in ELSEWHERE:
        return False
    return resolve(re.sub(r"{\w+}", "x", path)).url_name != "unknown"


def _inlined(node: Any, whole: Any) -> Any:
    """Return a part of the document, with what references lead to in their place where that is no object of its own.

    Generators of clients name no part of another schema, and take names of numbers and texts for those of classes.
    """
    if isinstance(node, list):
        return [_inlined(one, whole) for one in node]
    if not isinstance(node, dict):
        return node
    if isinstance(reference := node.get("$ref"), str):
        found = _found(reference, whole)
        plain = PROPERTY.fullmatch(reference) or found.get("type", "object") not in ("object", "array")
        return _inlined(found, whole) if plain and "/schemas/" in reference else node
    inner = {name: _inlined(one, whole) for name, one in node.items()}
    if isinstance(expression := inner.get("pattern"), str):
        inner["pattern"] = SLASHES.sub(r"\1", expression)
    if isinstance(magnet := inner.get("magnetUri"), dict):
        magnet.pop("pattern", None)  # no address that a PeerTube gives is like it
    if len(inner.get("allOf", ())) == 1 and "$ref" not in inner["allOf"][0]:
        (only,) = inner.pop("allOf")
        return {**only, **inner}
    return inner


def _found(reference: str, whole: Any) -> Any:
    found = whole
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found
