"""A rate budget for tests that are about something else."""

from itertools import count

from peertube_sync.client.rate_budget import LocalBudget


def at_once() -> LocalBudget:
    """Return a budget by whose clock every wait is over: without sleeping, and without asking again and again."""
    return LocalBudget(1.0, sleep=lambda _seconds: None, clock=count(0, 10).__next__)
