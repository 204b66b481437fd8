"""What `peertube_explain` says, by code."""

from typing import Any

from peertube_sync.sync.explain.explanation import explain
from tests.support.mirror import Mirror

SOME = "11111111-2222-4333-8444-555555555555"
"""The uuid of nothing."""


def found(mirror: Mirror, path: str, *, offline: bool = False) -> dict[str, str]:
    """Explain a path of the sandbox; returns the sentences by code."""
    explained = explain(f"{mirror.sandbox.url}{path}", mirror.settings(), offline=offline)
    return {one.code: one.text for one in explained.findings}


def found_video(mirror: Mirror, uuid: object, **options: Any) -> dict[str, str]:
    return found(mirror, f"/w/{uuid}", **options)
