"""Accounts and channels, from the summaries nested in lists and from full answers."""

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from msgspec import UNSET

from peertube_sync.client.types import Account as RemoteAccount
from peertube_sync.client.types import ActorImage, ActorSummary
from peertube_sync.client.types import Channel as RemoteChannel
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


def ingest_accounts(instance: Instance, accounts: Iterable[RemoteAccount], *, public: bool = True) -> Written[str]:
    """Write full accounts; they are due no longer. `public`: what tells of them is."""
    return _upsert_full(Account, instance, {one.name: account_row(one) | _standing(public) for one in accounts})


def ingest_channels(
    instance: Instance,
    channels: Iterable[RemoteChannel],
    accounts: Iterable[RemoteAccount] = (),
    *,
    public: bool = True,
) -> tuple[Written[str], Written[str]]:
    """Write full channels, before them their owners and `accounts`; returns both, accounts and channels.

    One whose answer lacks banners (it came from the details of a video) stays due, or is when it is new.
    `public`: what tells of them is.
    """
    channels = list(channels)
    owners = [one.owner_account for one in channels if isinstance(one.owner_account, RemoteAccount)]
    accounts_written = ingest_accounts(instance, [*owners, *accounts], public=public)
    rows = {one.name: channel_row(one, accounts_written.pks) | _standing(public) for one in channels}
    return accounts_written, _upsert_full(Channel, instance, rows)


def images(found: list[ActorImage] | msgspec.UnsetType) -> Any:
    """Return images as JSON, UNSET as it is."""
    return UNSET if found is UNSET else [_snake(image) for image in found]


def _snake(image: ActorImage) -> Row:
    return {name: value for name, value in msgspec.structs.asdict(image).items() if value is not None}


def summary_row(actor: ActorSummary) -> dict[str, Any]:
    """Return the columns that a list fills."""
    return {
        "remote_id": actor.id,
        "display_name": actor.display_name,
        "url": actor.url,
        "avatars": images(actor.images),
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
        "extra": actor.extra,
        "details_due_at": None,
    }


def channel_row(one: RemoteChannel, accounts: Mapping[str, object]) -> dict[str, Any]:
    """Return the columns of a channel that a full answer fills; `accounts` gives its owner's key by name."""
    owner = one.owner_account
    return {
        **account_row(one),
        "support": one.support,
        "banners": images(one.banner_images),
        "owner_account_id": accounts[owner.name] if isinstance(owner, RemoteAccount) else UNSET,
        "details_due_at": UNSET if one.banner_images is UNSET else None,
    }


def _upsert_summaries(
    model: type[Account | Channel], instance: Instance, rows: Mapping[str, Row], known: Known
) -> dict[str, int]:
    news = known.news(model, rows)
    pks = _held_back(model, news, upsert(model, news, key="name", owner={"instance_id": instance.pk})).pks
    transaction.on_commit(partial(known.learn, model, news, pks))
    return {name: pks[name] if name in pks else known.pk(model, name) for name in rows}


def _upsert_full(model: type[Account | Channel], instance: Instance, rows: Mapping[str, Row]) -> Written[str]:
    """Write full answers; unchanged rows are left alone, so an unchanged list writes nothing."""
    now = timezone.now()

    def fetched(_before: Row | None, _changed: frozenset[str]) -> Row:
        return {"details_fetched_at": now}

    owner = {"instance_id": instance.pk}
    written = upsert(model, rows, key="name", owner=owner, also=fetched, extra_columns=("details_fetched_at",))
    return _held_back(model, rows, written)


def _standing(public: bool) -> dict[str, Any]:  # noqa: FBT001 - a fact
    return {"private": False} if public else PRIVATE


def _held_back(model: type[Account | Channel], rows: Mapping[str, Row], written: Written[str]) -> Written[str]:
    """Keep new actors of which nothing public has told from being shown."""
    if new := [pk for name, pk in written.created.items() if rows[name]["private"] is UNSET]:
        model._default_manager.filter(pk__in=new).update(private=True)
    return written
