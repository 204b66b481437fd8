"""The system check of WAGTAILEMBEDS_FINDERS: our finder has to stand before Wagtail's own."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004  the name of Django's check message

FINDER = "peertube_sync.contrib.wagtail.embeds"
WANTED = [{"class": FINDER}, {"class": "wagtail.embeds.finders.oembed"}]
"""What stands for Wagtail's own default, with ours before it."""


def check_finder(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W010: addresses of mirrored videos that editors paste aren't recognised."""
    finders = getattr(settings, "WAGTAILEMBEDS_FINDERS", ())
    if any(str(one.get("class", "")).startswith(FINDER) for one in finders):
        return []
    return [
        Warning(
            "peertube_sync.contrib.wagtail is installed, but WAGTAILEMBEDS_FINDERS doesn't name its finder: addresses "
            "of PeerTube videos that editors paste are refused.",
            hint=f"Put {WANTED[0]} before the others, or set WAGTAILEMBEDS_FINDERS = {WANTED}.",
            id="peertube_sync.W010",
        )
    ]
