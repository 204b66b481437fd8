"""Accounts and channels, from the summaries nested in lists and from full answers."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from msgspec import UNSET

from peertube_sync.client.types import Account as RemoteAccount
from peertube_sync.client.types import ActorSummary
from peertube_sync.client.types import Channel as RemoteChannel
from peertube_sync.ingest.partial import Facts, Pictures
from peertube_sync.ingest.upsert import Row, Written, upsert
from peertube_sync.models import Account, Channel, Instance

PRESENT: Row = {"removed_at": None, "removed_reason": "", "scrubbed_at": None}
PRIVATE: dict[str, Any] = {"private": UNSET}
"""What a video that isn't public tells of its actors' own being public: nothing. A new one of them is private."""


class Known:
    """The actors that lists have told of already: they come back on page after page, and are looked at once.

    True only while nobody else writes the actors of the instance: for one lease. What a page wrote counts once it is
    committed.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[type[Model], str], tuple[Row, int]] = {}

    def news(self, model: type[Model], rows: Mapping[str, Row]) -> dict[str, Row]:
        """Return those `rows` that say something new."""
        return {name: row for name, row in rows.items() if self._rows.get((model, name), (None,))[0] != row}

    def learn(self, model: type[Model], rows: Mapping[str, Row], pks: Mapping[str, int]) -> None:
        """Remember `rows`, which are written."""
        self._rows |= {(model, name): (row, pks[name]) for name, row in rows.items()}

    def forget(self, row: Model) -> None:
        """Forget a row that something else than a list has changed."""
        self._rows = {key: known for key, known in self._rows.items() if (key[0], known[1]) != (type(row), row.pk)}

    def pk(self, model: type[Model], name: str) -> int:
        """Return the primary key of a known actor."""
        return self._rows[model, name][1]


def ingest_account_summaries(
    instance: Instance, actors: Iterable[ActorSummary], known: Known, public: Collection[str] | None = None
) -> dict[str, int]:
    """Write what lists say of accounts; returns primary keys by name. Full facts are left alone.

    `public` are the names of those of which something public tells, None for all.
    """
    rows = {actor.name: summary_row(actor) | _standing(public is None or actor.name in public) for actor in actors}
    return _upsert_summaries(Account, instance, rows, known)


def ingest_channel_summaries(
    instance: Instance,
    actors: Mapping[str, ActorSummary],
    owners: Mapping[str, int],
    known: Known,
    public: Collection[str] | None = None,
) -> dict[str, int]:
    """Write what lists say of channels, by name; `owners` gives their accounts' primary keys, `public` as above."""
    rows = {
        name: channel_summary_row(actor, owners.get(name, UNSET)) | _standing(public is None or name in public)
        for name, actor in actors.items()
    }
    return _upsert_summaries(Channel, instance, rows, known)


def ingest_accounts(
    instance: Instance, accounts: Iterable[RemoteAccount], rotation: timedelta, *, public: bool = True
) -> Written[str]:
    """Write accounts in full; they are asked for by name a `rotation` later. `public`: what tells of them is."""
    told = {one.name: one for one in accounts}
    rows = {name: account_row(one) | _standing(public) for name, one in told.items()}
    written = _upsert_full(Account, instance, rows)
    _ask_later(Account, [written.pks[name] for name, one in told.items() if one.complete], rotation)
    return written


def ingest_channels(
    instance: Instance,
    channels: Iterable[RemoteChannel],
    rotation: timedelta,
    accounts: Iterable[RemoteAccount] = (),
    *,
    public: bool = True,
) -> tuple[Written[str], Written[str]]:
    """Write channels in full, before them their owners and `accounts`; returns both, accounts and channels.

    They are asked for by name a `rotation` later, but for those that weren't told in full: a channel without its
    banners (it came from the details of a video), an owner of whom there is a summary alone. `public`: what tells of
    them is.
    """
    told = {one.name: one for one in channels}
    owners = [one.owner_account for one in told.values() if isinstance(one.owner_account, ActorSummary)]
    full = [one for one in owners if isinstance(one, RemoteAccount)]
    accounts_written = ingest_accounts(instance, [*full, *accounts], rotation, public=public)
    short = [one for one in owners if one.name not in accounts_written.pks]
    summaries = {one.name: summary_row(one) | _standing(public) for one in short}
    pks = accounts_written.pks | _upsert_summaries(Account, instance, summaries, Known())
    rows = {name: channel_row(one, pks) | _standing(public) for name, one in told.items()}
    written = _upsert_full(Channel, instance, rows)
    _ask_later(Channel, [written.pks[name] for name, one in told.items() if one.complete], rotation)
    return accounts_written, written


def _ask_later(model: type[Account | Channel], pks: Collection[int], rotation: timedelta) -> None:
    """Let those rows that are due soon wait for a `rotation`: what an answer just told in full need not be asked for.

    Soon is long before that, so that a list which is read every day makes no writes every day.
    """
    soon = timezone.now() + rotation / 4
    rows = model._default_manager.filter(pk__in=pks, details_due_at__lt=soon)
    if due := list(rows.values_list("pk", flat=True)):
        model._default_manager.filter(pk__in=due).update(details_due_at=timezone.now() + rotation)


def summary_row(actor: ActorSummary) -> dict[str, Any]:
    """Return the columns that a list fills."""
    return {
        "remote_id": actor.id,
        "display_name": actor.display_name,
        "url": actor.url,
        "avatars": Pictures.told(actor.images),
        "private": False,
        **PRESENT,
    }


def channel_summary_row(channel: ActorSummary, owner: object) -> dict[str, Any]:
    """Return the columns of a channel that a list fills; `owner` is its account's key, UNSET where unknown."""
    return {**summary_row(channel), "owner_account_id": owner}


def account_row(actor: RemoteAccount | RemoteChannel) -> dict[str, Any]:
    """Return the columns that a full answer fills for accounts and channels alike."""
    return {
        **summary_row(actor),
        "description": actor.description,
        "following_count": actor.following_count,
        "followers_count": actor.followers_count,
        "created_at": actor.created_at,
        "updated_at": actor.updated_at,
        "extra": Facts(actor.extra),
    }


def channel_row(one: RemoteChannel, accounts: Mapping[str, object]) -> dict[str, Any]:
    """Return the columns of a channel that a full answer fills; `accounts` gives its owner's key by name."""
    owner = one.owner_account
    return {
        **account_row(one),
        "support": one.support,
        "banners": Pictures.told(one.banner_images),
        "owner_account_id": accounts[owner.name] if isinstance(owner, ActorSummary) else UNSET,
    }


def _upsert_summaries(
    model: type[Account | Channel], instance: Instance, rows: Mapping[str, Row], known: Known
) -> dict[str, int]:
    news = known.news(model, rows)
    written = upsert(model, news, key="name", owner={"instance_id": instance.pk}, unknown=_unknown(model, instance))
    pks = _held_back(model, news, written).pks
    transaction.on_commit(partial(known.learn, model, news, pks))
    return {name: pks[name] if name in pks else known.pk(model, name) for name in rows}


def _upsert_full(model: type[Account | Channel], instance: Instance, rows: Mapping[str, Row]) -> Written[str]:
    """Write full answers; unchanged rows are left alone, so an unchanged list writes nothing."""
    now = timezone.now()

    def fetched(_before: Row | None, _changed: frozenset[str]) -> Row:
        return {"details_fetched_at": now}

    owner = {"instance_id": instance.pk}
    written = upsert(
        model,
        rows,
        key="name",
        owner=owner,
        also=fetched,
        extra_columns=("details_fetched_at",),
        unknown=_unknown(model, instance),
    )
    return _held_back(model, rows, written)


def _unknown(model: type[Account | Channel], instance: Instance) -> Callable[[str, Row], Row]:
    """Return what stands in a new row for what its first answer doesn't tell, or can't be read of it."""
    kind = "accounts" if model is Account else "video-channels"
    return lambda name, _row: {"display_name": name, "url": f"{instance.url}/{kind}/{name}"}


def _standing(public: bool) -> dict[str, Any]:  # noqa: FBT001 - a fact
    return {"private": False} if public else PRIVATE


def _held_back(model: type[Account | Channel], rows: Mapping[str, Row], written: Written[str]) -> Written[str]:
    """Keep new actors of which nothing public has told from being shown."""
    if new := [pk for name, pk in written.created.items() if rows[name]["private"] is UNSET]:
        model._default_manager.filter(pk__in=new).update(private=True)
    return written
