"""Writing JSON, and pages around it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.renderers import JSONRenderer as PythonJSONRenderer

from peertube_sync.faces.pages import with_pages
from peertube_sync.pictures.told import with_root


class JSONRenderer(PythonJSONRenderer):
    """JSON by msgspec: times in ISO 8601 with Z, uuids in their long form; indented where people read it."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        written = msgspec.json.encode(data, enc_hook=str)
        request = (renderer_context or {}).get("request")
        if request:
            written = with_pages(request, with_root(request, written))
        indent = self.get_indent(accepted_media_type or "", dict(renderer_context or {}))
        return msgspec.json.format(written, indent=indent) if indent else written


class BrowsableRenderer(BrowsableAPIRenderer):
    """Pages for people, without the inline style sheet that comes along where Pygments is installed."""

    def get_context(self, *args: Any, **kwargs: Any) -> dict[str, object]:
        return {**super().get_context(*args, **kwargs), "code_style": ""}
