"""Accounts and channels: a description moves in no list, so they are asked for by name in their own time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from peertube_sync.models import Account, Channel
from tests.support.mirror import Mirror

WEEK = timedelta(days=7)
VERSIONS = ["6.3.0", "8.2.1"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_changed_description_arrives_in_its_time(make_mirror: Callable[..., Mirror], version: str) -> None:
    mirror = make_mirror(version=version)
    mirror.add()
    mirror.sync()
    channel = Channel.objects.select_related("owner_account").earliest("pk")
    account = channel.owner_account
    published = mirror.catalogue.channel(channel.name)
    published.description, published.owner.description = "A channel anew", "An account anew"
    with time_machine.travel(timezone.now() + 1.6 * WEEK):
        mirror.sync()
    account.refresh_from_db()
    channel.refresh_from_db()
    assert (account.description, channel.description) == ("An account anew", "A channel anew")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_account_and_channel_is_told_in_full_and_has_its_time(
    make_mirror: Callable[..., Mirror], version: str
) -> None:
    mirror = make_mirror(version=version)
    mirror.add()
    began = timezone.now()
    mirror.sync(details=False)
    for model in (Account, Channel):
        for row in model.objects.all():
            assert row.created_at
            assert row.details_fetched_at
            assert began + 0.4 * WEEK < row.details_due_at < timezone.now() + 1.6 * WEEK


def test_what_a_list_tells_every_day_is_not_asked_for_by_name(make_mirror: Callable[..., Mirror]) -> None:
    mirror = make_mirror(version="6.3.0")
    mirror.add()
    with time_machine.travel(timezone.now()) as clock:
        mirror.sync()
        asked = len(mirror.sandbox.log)
        for _day in range(14):
            clock.shift(timedelta(days=1))
            mirror.sync(full=True)
    by_name = [
        path for path in mirror.asked(asked) if path.startswith(("/api/v1/accounts/", "/api/v1/video-channels/"))
    ]
    assert by_name == []


def test_facts_that_an_answer_leaves_out_stay(mirror: Mirror) -> None:
    account = Account.objects.earliest("pk")
    account.extra = {**account.extra, "fact_of_a_fuller_answer": 7}
    account.avatars = [{**one, "height": 48} for one in account.avatars]
    account.details_due_at = timezone.now()
    account.save()
    mirror.sync(full=True)
    held = Account.objects.get(pk=account.pk)
    assert held.extra["fact_of_a_fuller_answer"] == 7
    assert held.avatars == account.avatars
