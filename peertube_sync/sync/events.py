"""What the log is told of the work on an instance: a line where a slice ends, and one for what a person may ask about.

The names of the events and their columns are in docs/operations.md; they stay when sentences change.
"""

import logging
from collections.abc import Mapping
from typing import Any

from peertube_sync.client.errors import BudgetClosed, PeerTubeError, with_name
from peertube_sync.client.log import log_event
from peertube_sync.models import Instance
from peertube_sync.sync.work import COST_COLUMNS, ODD_COLUMNS, Counts, add_up

logger = logging.getLogger("peertube_sync.sync")
VIDEO_COUNTS = ("created", "updated", "restored", "removed", "fetched")


def note(level: int, event: str, sentence: str, **facts: Any) -> None:
    log_event(logger, level, event, sentence, **facts)


def slice_began(instance: Instance) -> None:
    """Tell that somebody is at work on `instance` from now on."""
    note(logging.DEBUG, "slice_began", "%(host)s: a slice begins", host=instance.host)


def slice_ended(
    host: str, done: list[tuple[str, Counts]], spent: Counts, *, seconds: float, ended: str, columns: Mapping[str, Any]
) -> None:
    """Tell what a slice came to.

    `done` are the counts of its runs, `spent` what asking cost in all, `columns` what it wrote of the instance.
    """
    counts = add_up(done, spent)
    facts = {f"videos_{name}": counts[name] for name in VIDEO_COUNTS} | {
        name: counts[name] for name in ODD_COLUMNS + COST_COLUMNS
    }
    facts["waited_seconds"] = round(facts["waited_seconds"], 1)
    note(
        logging.INFO if done else logging.DEBUG,
        "slice_ended",
        "%(host)s: %(videos_created)s videos created, %(videos_updated)s updated, %(videos_removed)s removed, "
        "%(videos_restored)s restored, %(skipped)s skipped, details of %(videos_fetched)s read; "
        "%(requests)s requests in %(seconds)s s, "
        "%(waited_seconds)s s of them waited; %(ended)s; next at %(next_due_at)s",
        host=host,
        seconds=round(seconds, 1),
        ended=ended,
        next_due_at=columns.get("next_due_at"),
        **facts,
    )


def contact(instance: Instance, error: PeerTubeError | None, columns: Mapping[str, Any]) -> None:
    """Tell that a contact failed, with the next try, or that one is good again; `instance` is as it was before."""
    if error is None:
        if instance.failing_since is not None:
            sentence = "%(host)s: answers again; it had failed since %(failing_since)s"
            past = {"failing_since": instance.failing_since, "failures": instance.failures}
            note(logging.INFO, "instance_recovered", sentence, host=instance.host, **past)
        return
    reason = with_name(instance.host, str(error))
    facts = {"host": instance.host, "state": error.state, "reason": reason, "next_try_at": columns["next_due_at"]}
    if isinstance(error, BudgetClosed):
        note(logging.INFO, "instance_waits", "%(reason)s; next try at %(next_try_at)s", **facts)
        return
    note(
        logging.WARNING,
        "instance_failed",
        "%(reason)s (%(state)s); failure %(failures)s in a row, since %(failing_since)s; next try at %(next_try_at)s",
        failures=columns["failures"],
        failing_since=columns.get("failing_since") or instance.failing_since,
        **facts,
    )
