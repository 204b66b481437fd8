"""What an instance says of itself: software, config, about, stats, constants."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from peertube_sync.client.errors import Refused, UnexpectedShape
from peertube_sync.client.peertube import CONSTANTS, instance_of
from peertube_sync.client.sanitise import version_text
from peertube_sync.client.types import Json
from peertube_sync.models import Instance, RunKind
from peertube_sync.models.base import NAME
from peertube_sync.sync.rhythm import WIDE, jittered
from peertube_sync.sync.work import Work

INTERVAL = timedelta(days=1)


def refresh(work: Work) -> None:
    """Make sure that the instance is (still) a PeerTube, and mirror what it says of itself."""
    with work.recording(RunKind.REFRESH) as run:
        work.confirm_peertube()
        config, instance, now = work.client.config(), work.instance, timezone.now()
        own = instance_of(config)
        columns = {
            "version": work.client.version or version_text(config.get("serverVersion")),
            "name": own.get("name", "")[:NAME],
            "short_description": own.get("shortDescription", ""),
            "config": config,
            "about": _or(work.client.about, instance.about),
            "stats": _or(work.client.stats, instance.stats),
            "constants": _or(lambda: {kind: work.client.constants(kind) for kind in CONSTANTS}, instance.constants),
            "refreshed_at": now,
            "refresh_due_at": now + jittered(INTERVAL, WIDE),
        }
        same = all(getattr(work.instance, name) == value for name, value in columns.items() if name in MIRRORED)
        with work.lease.transaction():
            Instance.objects.filter(pk=work.instance.pk).update(**columns)
        run.unchanged, run.updated = int(same), int(not same)
    for name, value in columns.items():
        setattr(work.instance, name, value)


MIRRORED = frozenset({"version", "name", "short_description", "config", "about", "constants"})


def _or(ask: Callable[[], Json], known: Json) -> Json:
    """Ask for what an instance may well refuse to tell, or tell in an odd way; then what is `known` stays."""
    try:
        return ask()
    except (Refused, UnexpectedShape):
        return known
