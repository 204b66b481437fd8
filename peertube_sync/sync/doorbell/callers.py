"""Addresses of which so much proved nothing that none is read: counts in the cache, of a minute each."""

from django.core.cache import cache

UNPROVEN, MINUTE = 60, 60
"""So many deliveries of one address may be refused, or wait to be proven, in a minute; the others of it aren't read."""
PROVEN = 8 * 24 * 3600
"""Seconds for which who has proven anything isn't throttled: longer than from one weekly heartbeat to the next."""


def is_throttled(address: str) -> bool:
    """Tell whether so much of `address` proved nothing that nothing of it is read; never where anything else did."""
    return bool(cache.get(_unproven_key(address), 0) >= UNPROVEN and not cache.get(_proven_key(address)))


def note_proven(address: str) -> None:
    """Note that `address` delivered what is proven."""
    cache.set(_proven_key(address), 1, PROVEN)


def count_unproven(address: str) -> None:
    """Count a delivery of `address` that is refused, or isn't proven yet."""
    key = _unproven_key(address)
    cache.add(key, 0, MINUTE)
    try:
        cache.incr(key)
    except ValueError:  # its minute is over just now
        cache.set(key, 1, MINUTE)


def _unproven_key(address: str) -> str:
    return f"peertube_sync.doorbell.unproven:{address}"


def _proven_key(address: str) -> str:
    return f"peertube_sync.doorbell.proven:{address}"
