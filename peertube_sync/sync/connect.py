"""A client for an instance: one rate budget for the whole site, our name in every request.

Our name is the User-Agent that `user_agent` makes, `django-peertube-sync/VERSION (+SITE_URL; +CONTACT)`; robots.txt of
an instance addresses us as `PRODUCT`.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from peertube_sync import __version__
from peertube_sync.budget_stores.database import DatabaseStore
from peertube_sync.budget_stores.missing import MissingStore
from peertube_sync.client.peertube import PeerTube
from peertube_sync.client.rate_budget import RateBudget
from peertube_sync.client.rate_limit import RateLimit
from peertube_sync.client.robots import PRODUCT
from peertube_sync.client.robots_fetch import apply_robots
from peertube_sync.client.transport import RETRIES, Transport
from peertube_sync.conf import Settings
from peertube_sync.models import Instance

if TYPE_CHECKING:
    from peertube_sync.budget_stores.redis import RedisStore

PATIENCE = 12.0
"""Seconds that a slice sleeps for its turn: a little more than PeerTube's window of 10 s."""
PATIENCE_ON_DEMAND = 0.6
"""The part of its time for which a visitor's request waits for its turn, so that some is left for the answer."""
LARGEST_ON_DEMAND = 2**20
"""Bytes of an answer that a visitor waits for; a slice takes larger ones."""
GRACE = 2.0
"""Seconds beyond the timeout of requests after which one of a process that was killed counts as over."""


@lru_cache(maxsize=8)
def store(redis_url: str) -> "RedisStore | DatabaseStore | MissingStore":
    """Return what keeps the site's rate budget."""
    if not redis_url:
        return DatabaseStore()
    if not find_spec("redis"):
        return MissingStore()
    from peertube_sync.budget_stores.redis import RedisStore  # noqa: PLC0415 - a tenth of what a command imports

    return RedisStore(redis_url)


def rate_limits(settings: Settings, hosts: Sequence[str]) -> dict[str, RateLimit]:
    """Return what is known of the limits of `hosts`; raises BudgetLost."""
    return store(settings.redis_url).rate_limits(hosts) if hosts else {}


@lru_cache(maxsize=8)
def budget(redis_url: str, share: float, hold: float) -> RateBudget:
    """Return the site's budget for `share` of what hosts allow, as this process sees it."""
    return RateBudget(store(redis_url), share, hold)


def user_agent(settings: Settings) -> str:
    """Return who we are, for an administrator who finds us in the logs."""
    about = "; ".join(f"+{address}" for address in (settings.site_url, settings.contact) if address)
    return f"{PRODUCT}/{__version__}" + (f" ({about})" if about else "")


def connect(scheme: str, host: str, settings: Settings, version: str = "", *, retries: int = RETRIES) -> PeerTube:
    """Return a client for `host`; raises ForbiddenHost for plain http without permission."""
    transport = Transport(
        base=f"{scheme}://{host}",
        host=host,
        budget=budget(settings.redis_url, settings.rate_limit_share, settings.request_timeout + GRACE),
        user_agent=user_agent(settings),
        timeout=settings.request_timeout,
        patience=PATIENCE,
        allow_private=settings.allow_private_hosts,
        retries=retries,
    )
    return PeerTube(transport, version)


def connect_on_demand(instance: Instance, settings: Settings, seconds: float) -> PeerTube:
    """Return a client for what a visitor waits for: it asks at most once, and all ends after `seconds`.

    Raises ForbiddenHost, and Disallowed where robots.txt leaves nothing.
    """
    bounded = replace(settings, request_timeout=min(settings.request_timeout, seconds))
    client = connect(instance.scheme, instance.host, bounded, instance.version, retries=0)
    transport = client.transport
    transport.on_demand, transport.largest = True, LARGEST_ON_DEMAND
    transport.until, transport.patience = time.monotonic() + seconds, PATIENCE_ON_DEMAND * seconds
    apply_robots(transport, instance.robots)
    return client
