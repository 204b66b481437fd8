"""The rate budget in Redis: one script per operation, by the clock of Redis.

Per host a hash that expires, and beside them all the time at which this Redis was first used. A Redis that is
younger than a window may have forgotten what was asked just now: nobody asks before that window is over.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from peertube_sync.client.errors import BudgetLost
from peertube_sync.client.rate_budget import Turn, is_behind_visitor, seconds_to_wait
from peertube_sync.client.rate_limit import WINDOW, RateLimit

PREFIX = "peertube_sync:budget:"
BORN = "peertube_sync:budget-born"
KEEP = 86400
"""Seconds that a host's rate limit is kept after it opens."""
TIMEOUT = 2.0
"""Seconds after which a Redis that doesn't answer is lost."""

TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
redis.call('SET', KEYS[2], string.format('%.6f', now), 'NX')
local host = redis.call('HMGET', KEYS[1], 'token', 'held_until', 'opens_at', 'pace')
local held_until = host[1] ~= ARGV[1] and tonumber(host[2] or 0) or 0
local opens_at = tonumber(host[3] or redis.call('GET', KEYS[2]) + ARGV[3])
local taken = opens_at - ARGV[5] <= now and held_until <= now
if taken then
  redis.call('HSET', KEYS[1], 'token', ARGV[1], 'held_until', string.format('%.6f', now + ARGV[2]))
  redis.call('EXPIRE', KEYS[1], ARGV[4])
end
local shown = function(time) return string.format('%.6f', time) end
return {taken and 1 or 0, shown(now), shown(opens_at), shown(held_until), host[4] or '', host[1] or ''}
"""

PUT = """
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'token', 'held_until')
redis.call('HSET', KEYS[1], 'opens_at', ARGV[2], 'pace', ARGV[3])
return redis.call('EXPIRE', KEYS[1], math.ceil(math.max(0, ARGV[2] - redis.call('TIME')[1])) + ARGV[4])
"""


class RedisStore:
    """See BudgetStore. Sites that share a Redis share the budget too, as they share an IP address."""

    def __init__(self, url: str) -> None:
        """Use the Redis at `url`; it is asked only when it is needed."""
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 1),
        )
        self._take: Any = self._redis.register_script(TAKE)
        self._put: Any = self._redis.register_script(PUT)

    def take(self, host: str, token: str, hold: float, ahead: float = 0.0) -> Turn:
        """See BudgetStore; the same token may take twice, so that a question whose answer was lost can be repeated."""
        try:
            found = self._take([PREFIX + host, BORN], [token, hold, WINDOW, KEEP, ahead])
        except RedisError as error:
            raise BudgetLost(host, f"Redis: {error}") from error
        taken, (now, opens_at, held_until) = found[0], map(float, found[1:4])
        if not taken:
            wait = seconds_to_wait(now, opens_at, held_until, ahead)
            return Turn(wait, behind_visitor=is_behind_visitor(found[5], now, held_until))
        return Turn(0.0, now, RateLimit.loads(found[4]) if found[4] else None, max(0.0, opens_at - now))

    def put(self, host: str, token: str, rate_limit: RateLimit) -> None:
        """See BudgetStore.

        When Redis is lost, so is the rate limit: the token, or the age of a new Redis, keeps others waiting.
        """
        with suppress(RedisError):
            self._put([PREFIX + host], [token, f"{rate_limit.opens_at:.6f}", rate_limit.dumps(), KEEP])

    def rate_limits(self, hosts: Sequence[str]) -> dict[str, RateLimit]:
        """Return what is known of `hosts`; raises BudgetLost."""
        asked = self._redis.pipeline(transaction=False)
        for host in hosts:
            asked.hget(PREFIX + host, "pace")
        try:
            found = zip(hosts, asked.execute(), strict=True)
        except RedisError as error:
            raise BudgetLost(hosts[0], f"Redis: {error}") from error
        return {host: RateLimit.loads(pace) for host, pace in found if pace}

    def close(self) -> None:
        self._redis.close()
