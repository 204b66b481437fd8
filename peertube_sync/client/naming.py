"""From PeerTube's camelCase to snake_case, for what is kept as published."""

import re
from functools import lru_cache
from typing import Any

NESTING = (dict, list)
"""What of JSON holds values; said once, as a union would be made anew for each value that is looked at."""


@lru_cache(maxsize=1024)
def snake(name: str) -> str:
    """Return camelCase `name` in snake_case (`segmentsSha256Url` → `segments_sha256_url`)."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def snake_keys(value: Any) -> Any:
    """Return `value` with the keys of all its objects in snake_case; plugins' own data is left as it is."""
    if isinstance(value, list):
        return [snake_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        snake(key): snake_keys(item) if isinstance(item, NESTING) and key != "pluginData" else item
        for key, item in value.items()
    }
