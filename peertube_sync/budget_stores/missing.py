"""The rate budget of a site whose settings name a Redis, without the package that speaks to it."""

from collections.abc import Sequence
from typing import NoReturn

from peertube_sync.client.errors import BudgetLost
from peertube_sync.client.rate_limit import RateLimit

REASON = 'redis isn\'t installed; run: pip install "django-peertube-sync[celery]"'


class MissingStore:
    """See BudgetStore. Nobody may ask: other processes of the site may share a budget that can't be seen from here."""

    def take(self, host: str, _token: str, _hold: float, _ahead: float = 0.0) -> NoReturn:
        """Raise BudgetLost."""
        raise BudgetLost(host, REASON)

    def put(self, host: str, token: str, rate_limit: RateLimit) -> None:
        """Keep nothing: nobody has taken anything."""

    def rate_limits(self, hosts: Sequence[str]) -> NoReturn:
        """Raise BudgetLost."""
        raise BudgetLost(hosts[0], REASON)
