"""Plain words on what keeps something from being here, or up to date: the instance, its sources, the schedule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from peertube_sync.models import Instance, InstanceState, RunKind, RunState, Source, SourceState
from peertube_sync.models.rules import excluded_by
from peertube_sync.sync.walks.pages import SCOPES


@dataclass(frozen=True)
class Finding:
    """One thing that was found out: a `code` for programs, a sentence for people."""

    code: str
    text: str


def time_in_words(at: datetime) -> str:
    """Return a time to the minute, in the site's time zone."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def due(at: datetime | None) -> str:
    """Say when something will be done."""
    if at is None:
        return "is not scheduled"
    return f"is due since {time_in_words(at)}" if at <= timezone.now() else f"is due at {time_in_words(at)}"


def unknown_source(host: str, text: str) -> Finding:
    """Say that nothing of a host is mirrored, and how to change that."""
    return Finding("unknown_source", f"Nothing here mirrors {host}. Add it with: manage.py peertube_add {text}")


def of_instance(instance: Instance) -> Iterator[Finding]:
    """Yield what is wrong with the contact to an instance."""
    host, state = instance.host, InstanceState(instance.state)
    if not instance.sources.exists():
        text = f"{host} is known here, but nothing of it is mirrored: manage.py peertube_add {host} changes that."
        yield Finding("no_source", text)
    elif state == InstanceState.NEW:
        yield Finding("not_asked_yet", f"{host} was not asked for anything yet; that {due(instance.next_due_at)}.")
    elif state != InstanceState.OK:
        since = f", since {time_in_words(instance.failing_since)}" if instance.failing_since else ""
        reason = instance.state_reason.removeprefix(f"{host} ")
        why = "" if reason == str(state.label) else f": {reason}"
        text = f"{host} {state.label}{since}{why}. The next contact {due(instance.next_due_at)}."
        yield Finding("instance_state", text)


STATES = {
    SourceState.PAUSED: "is paused: nothing of it is brought up to date until it is resumed in the admin.",
    SourceState.SUSPENDED: "is suspended: it lies inside a broader source, which does its work.",
}


def of_source(source: Source) -> Iterator[Finding]:
    """Yield what keeps a source from being worked on, or its last error."""
    state = SourceState(source.state)
    if state in STATES:
        yield Finding(f"source_{state}", f"The source {source} {STATES[state]}")
    elif state == SourceState.SUSPICIOUS:
        decide = f"Decide with: manage.py peertube_removals {source.instance.host} --accept (or --reject)."
        yield Finding("source_suspicious", f"The source {source} is suspicious: {source.last_error}. {decide}")
    elif state == SourceState.UNREADABLE:
        yield Finding("source_unreadable", f"The source {source} can't be read: {source.last_error}.")
    elif source.last_error:
        yield Finding("source_error", f"The last look at the source {source} failed: {source.last_error}.")


def of_rules(source: Source, facts: dict[str, Any]) -> Iterator[Finding]:
    """Yield the rule of `source` that excludes what has these facts."""
    if rule := excluded_by(source.rules, facts):
        yield Finding("excluded", f"The rule {rule!r} of the source {source}, {source.rules[rule]!r}, excludes it.")


def of_schedule(source: Source) -> Iterator[Finding]:
    """Yield when a source that is worked on is looked at next."""
    if source.state in STATES:
        return
    if source.sweep_at is None:
        run = source.runs.filter(kind=RunKind.SWEEP, state=RunState.RUNNING).first()
        if run and run.cursor:
            total = "an unknown number" if source.remote_total is None else source.remote_total
            when = f"is under way: {run.cursor['start']} of {total} videos are read"
        else:
            when = due(source.sweep_due_at)
        yield Finding("waiting_first_sweep", f"The first sweep of the source {source} {when}.")
        return
    if source.kind in SCOPES:
        text = f"The next head poll of the source {source} {due(source.head_due_at)}: it brings what is newest."
        yield Finding("waiting_head", text)
    text = f"The next sweep of the source {source} {due(source.sweep_due_at)}: it brings all that it selects."
    yield Finding("waiting_sweep", text)
