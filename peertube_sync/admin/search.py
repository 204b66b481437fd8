"""Finding one thing by what people paste: its uuid, short uuid or address."""

from uuid import UUID

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.short_uuid import parse_uuid
from peertube_sync.client.targets import recognise


def named_uuid(term: str) -> UUID | None:
    """Return the uuid that `term` is, or whose video's or playlist's address it is; None for other words."""
    term = term.strip()
    try:
        return parse_uuid(recognise(term).name if "/" in term else term)
    except InvalidTarget:
        return None
