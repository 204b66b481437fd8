"""The schedule of Celery beat, to be merged into the host project's own.

It imports nothing, so a settings module may import it.
"""

DUE_SECONDS = 30.0
"""How often beat looks for due work. A task that found no worker until the next look is dropped."""

LOOK_SECONDS = 600.0
"""How often somebody looks whether there is anything that a person has to look at."""

DAY_SECONDS = 86400.0

BEAT_SCHEDULE = {
    "peertube-sync-due": {
        "task": "peertube_sync.tasks.sync_due",
        "schedule": DUE_SECONDS,
        "options": {"expires": DUE_SECONDS},
    },
    "peertube-sync-alarms": {
        "task": "peertube_sync.tasks.raise_alarms",
        "schedule": LOOK_SECONDS,
        "options": {"expires": LOOK_SECONDS},
    },
    "peertube-sync-discover": {
        "task": "peertube_sync.tasks.discover_instances",
        "schedule": DAY_SECONDS,
        "options": {"expires": DAY_SECONDS},
    },
    "peertube-sync-purge": {
        "task": "peertube_sync.tasks.purge_tombstones",
        "schedule": DAY_SECONDS,
        "options": {"expires": DAY_SECONDS},
    },
}
"""`CELERY_BEAT_SCHEDULE = {**BEAT_SCHEDULE, …}` in the settings of the host project."""
