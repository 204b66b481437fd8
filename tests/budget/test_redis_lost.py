"""A Redis that keeps the rate budget, and goes away or forgets."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from peertube_sync.client.errors import BudgetClosed, BudgetLost
from peertube_sync.client.rate_budget import RateBudget
from tests.support.servers import NO_CELERY, NO_REDIS, RedisServer, redis_executable, running_redis

redis = pytest.importorskip("redis", reason=NO_CELERY)

from peertube_sync.budget_stores.redis import BORN, RedisStore  # noqa: E402  only where redis is

A_MOMENT = 5.0


@pytest.fixture
def host() -> str:
    return f"{uuid4().hex}.example"


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of this test alone, which has been in use for long."""
    if not redis_executable():
        pytest.skip(NO_REDIS)
    with running_redis(tmp_path) as server:
        with redis.Redis.from_url(server.url) as client:
            client.set(BORN, 0)
        yield server


def test_without_its_redis_nobody_asks(own_redis: RedisServer, host: str) -> None:
    store = RedisStore(own_redis.url)
    budget = RateBudget(store, 1.0, 60)
    with budget.permit(host, A_MOMENT):
        own_redis.stop(crash=True)
    with pytest.raises(BudgetLost, match="Redis") as lost, budget.permit(host, A_MOMENT):
        pytest.fail("it was let in")
    assert lost.value.until > time.time()
    store.close()


def test_a_redis_that_has_forgotten_is_believed_after_a_window(own_redis: RedisServer, host: str) -> None:
    store = RedisStore(own_redis.url)
    budget = RateBudget(store, 1.0, 60)
    with budget.permit(host, A_MOMENT):
        pass
    own_redis.crash()
    for other in (host, "other.example"):
        with pytest.raises(BudgetClosed) as closed, budget.permit(other, A_MOMENT):
            pytest.fail("it was let in")
        assert not isinstance(closed.value, BudgetLost)
    assert 5 < closed.value.until - time.time() < 11
    store.close()
