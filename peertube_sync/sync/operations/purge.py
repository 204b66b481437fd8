"""Scrubbing tombstones: after their time, what they tell goes; the row stays for those who point at it."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.db.models.functions import Now
from django.utils import timezone

from peertube_sync.conf import Settings
from peertube_sync.ingest.derived import derive_due
from peertube_sync.ingest.twins import replace_deleted_firsts
from peertube_sync.models import (
    Account,
    Caption,
    Channel,
    Chapter,
    Instance,
    LoggedAction,
    Playlist,
    PlaylistElement,
    Video,
)
from peertube_sync.sync import events

BATCH = 500
ACTOR: dict[str, Any] = {
    "display_name": "",
    "description": None,
    "avatars": [],
    "extra": {},
    "details_fetched_at": None,
    "details_due_at": Now(),
}
EMPTY: dict[type[Model], dict[str, Any]] = {
    Video: {
        "name": "",
        "truncated_description": None,
        "description": None,
        "support": None,
        "nsfw_summary": None,
        "thumbnail_path": None,
        "preview_path": None,
        "thumbnails": [],
        "files": None,
        "streaming_playlists": None,
        "plugin_data": None,
        "live_schedules": None,
        "extra": {},
        "details_fetched_at": None,
        "details_due_at": None,
        "captions_fetched_at": None,
        "captions_due_at": None,
    },
    Playlist: {
        "display_name": "",
        "description": None,
        "thumbnail_path": None,
        "thumbnails": [],
        "elements_fetched_at": None,
        "elements_due_at": Now(),
    },
    Channel: {**ACTOR, "support": None, "banners": []},
    Account: ACTOR,
}
"""What a scrubbed row of each model says. What is due is read anew once the row is back; videos are then anyway."""
BELONGINGS: dict[type[Model], Sequence[tuple[type[Model], str]]] = {
    Video: ((Video.tags.through, "video"), (Caption, "video"), (Chapter, "video")),
    Playlist: ((PlaylistElement, "playlist"),),
}


def purge(settings: Settings) -> int:
    """Scrub what has been a tombstone for longer than `settings.tombstone_retention`; returns how many.

    Doubles whose first row a host project has deleted are shown from now on. Old actions are forgotten.
    """
    forget_actions(settings)
    before = timezone.now() - timedelta(seconds=settings.tombstone_retention)
    scrubbed = 0
    replace_deleted_firsts()
    for model in EMPTY:
        old = model._default_manager.filter(removed_at__lt=before, scrubbed_at=None).order_by("pk")
        while (first := old.values_list("instance", flat=True).first()) is not None:
            # Each page is written in a transaction that begins with an update of its instance, so that none is while
            # this one is open: it might bring back rows that were read here as tombstones.
            with transaction.atomic():
                Instance.objects.select_for_update(no_key=True).filter(pk=first).first()
                pks = list(old.filter(instance=first).values_list("pk", flat=True)[:BATCH])
                scrub(model, pks)
            scrubbed += len(pks)
    transaction.on_commit(derive_due)
    if scrubbed:
        events.note(logging.INFO, "purged", "%(scrubbed)s tombstones were scrubbed", scrubbed=scrubbed)
    return scrubbed


def forget_actions(settings: Settings) -> None:
    """Delete what people did longer ago than `settings.action_retention`."""
    old = LoggedAction.objects.filter(at__lt=timezone.now() - timedelta(seconds=settings.action_retention))
    while pks := list(old.order_by("at").values_list("pk", flat=True)[:BATCH]):
        LoggedAction.objects.filter(pk__in=pks).delete()


@transaction.atomic
def scrub(model: type[Model], pks: Sequence[int]) -> None:
    """Take texts, pictures, files and what belongs to them from rows of a `model` that `EMPTY` knows."""
    for belonging, owner in BELONGINGS.get(model, ()):
        belonging._default_manager.filter(**{f"{owner}__in": pks}).delete()
    model._default_manager.filter(pk__in=pks).update(**EMPTY[model], scrubbed_at=timezone.now())
