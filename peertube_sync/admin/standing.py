"""How sources and instances stand, as badges: what fails, or can't be read, looks so wherever it appears."""

from django.utils.translation import gettext

from peertube_sync.admin.display import BAD, BUSY, GOOD, QUIET, badge, joined_links
from peertube_sync.models import Instance, InstanceState, Source, SourceState

SOURCE_TONES = {
    SourceState.ACTIVE: GOOD,
    SourceState.PAUSED: QUIET,
    SourceState.SUSPENDED: QUIET,
    SourceState.SUSPICIOUS: BAD,
    SourceState.UNREADABLE: BAD,
}
INSTANCE_TONES = {
    InstanceState.NEW: QUIET,
    InstanceState.OK: GOOD,
    InstanceState.WAITING: BUSY,
    InstanceState.RATE_LIMITED: BUSY,
}
"""Of those that aren't bad."""


def instance_badge(instance: Instance) -> str:
    """Show what the last contact came to."""
    tone = INSTANCE_TONES.get(InstanceState(instance.state), BAD)
    return badge(instance.get_state_display(), tone, instance.state_reason)


def source_badge(source: Source) -> str:
    """Show the state of a source; in the place of "active", that its instance fails, or that nothing was seen yet."""
    state, contact = SourceState(source.state), InstanceState(source.instance.state)
    own = badge(source.get_state_display(), SOURCE_TONES[state], source.last_error)
    if contact not in (InstanceState.OK, InstanceState.NEW):
        failing = instance_badge(source.instance)
        return failing if state == SourceState.ACTIVE else joined_links([own, failing])
    if state != SourceState.ACTIVE:
        return own
    if source.last_error:
        return badge(source.get_state_display(), BUSY, source.last_error)
    return own if source.sweep_at else badge(gettext("first sync"), BUSY)
