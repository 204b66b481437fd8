"""Accounts and channels, from the summaries nested in lists and from full answers."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from msgspec import UNSET

from peertube_sync.client.types import ActorSummary, RemoteAccount, RemoteChannel
from peertube_sync.ingest.partial import Facts, Pictures
from peertube_sync.ingest.upsert import Written, upsert
from peertube_sync.models import Account, Channel, Instance
from peertube_sync.models.base import Row

PRESENT: Row = {"removed_at": None, "removed_reason": "", "scrubbed_at": None}


class ParsedActor(NamedTuple):
    """The values of an actor in an answer.

    `public`: the answer may be seen by everybody. `owner` is the primary key of a channel's account.
    """

    actor: Any
    public: bool
    owner: object = UNSET


class KnownActors:
    """The last answer about each actor: actors come back on page after page, and are compared once.

    It is right only while nobody else writes the actors of the instance: for one lease, and as long as all answers
    about them go through it. Values that a page wrote count once it is committed.
    """

    def __init__(self) -> None:
        self._parsed: dict[tuple[type[Model], str], tuple[ParsedActor, int]] = {}

    def changed(self, model: type[Model], parsed_by_name: Mapping[str, ParsedActor]) -> dict[str, ParsedActor]:
        """Return those of whom something was read that was not known yet, by name."""
        return {
            name: parsed
            for name, parsed in parsed_by_name.items()
            if self._parsed.get((model, name), (None,))[0] != parsed
        }

    def learn(self, model: type[Model], parsed_by_name: Mapping[str, ParsedActor], pks: Mapping[str, int]) -> None:
        """Remember what was read of these actors, since their rows have it now, and their keys."""
        self._parsed |= {(model, name): (parsed, pks[name]) for name, parsed in parsed_by_name.items()}

    def forget(self, row: Model) -> None:
        """Forget a row that something else than an answer has changed."""
        self._parsed = {key: known for key, known in self._parsed.items() if (key[0], known[1]) != (type(row), row.pk)}

    def pk(self, model: type[Model], name: str) -> int:
        """Return the primary key of a known actor."""
        return self._parsed[model, name][1]


def ingest_account_summaries(
    instance: Instance, actors: Iterable[ActorSummary], known: KnownActors, public: Collection[str] | None = None
) -> dict[str, int]:
    """Write what lists say of accounts; returns primary keys by name. Full facts are left alone.

    `public` are the names of those of which something public tells, None for all.
    """
    parsed_by_name = {actor.name: ParsedActor(actor, public is None or actor.name in public) for actor in actors}
    return _upsert_summaries(Account, instance, parsed_by_name, known, lambda parsed: summary_row(parsed.actor))


def ingest_channel_summaries(
    instance: Instance,
    actors: Mapping[str, ActorSummary],
    owners: Mapping[str, int],
    known: KnownActors,
    public: Collection[str] | None = None,
) -> dict[str, int]:
    """Write what lists say of channels, by name; `owners` gives their accounts' primary keys, `public` as above."""
    parsed_by_name = {
        name: ParsedActor(actor, public is None or name in public, owners.get(name, UNSET))
        for name, actor in actors.items()
    }
    return _upsert_summaries(
        Channel, instance, parsed_by_name, known, lambda parsed: channel_summary_row(parsed.actor, parsed.owner)
    )


def ingest_accounts(
    instance: Instance,
    accounts: Iterable[RemoteAccount],
    rotation: timedelta,
    *,
    known: KnownActors | None = None,
    public: bool = True,
) -> Written[str]:
    """Write accounts in full; they are asked for by name a `rotation` later.

    Those that are `known` aren't looked at again. `public`: what tells of them is.
    """
    parsed_by_name = {account.name: ParsedActor(account, public) for account in accounts}
    return _upsert_full(
        Account,
        instance,
        parsed_by_name,
        rotation,
        known or KnownActors(),
        row_of=lambda parsed: account_row(parsed.actor),
    )


def ingest_channels(
    instance: Instance,
    channels: Iterable[RemoteChannel],
    rotation: timedelta,
    accounts: Iterable[RemoteAccount] = (),
    *,
    known: KnownActors | None = None,
    public: bool = True,
) -> tuple[Written[str], Written[str]]:
    """Write channels in full, before them their owners and `accounts`; returns both, accounts and channels.

    They are asked for by name a `rotation` later, except for those that weren't in full: a channel without its banners
    (it came from the details of a video), an owner of whom there is only a summary. Those that are `known` aren't
    looked at again. `public`: what tells of them is.
    """
    known = known or KnownActors()
    channels_by_name = {channel.name: channel for channel in channels}
    owners = [
        actor.owner_account for actor in channels_by_name.values() if isinstance(actor.owner_account, ActorSummary)
    ]
    full = [owner for owner in owners if isinstance(owner, RemoteAccount)]
    accounts_written = ingest_accounts(instance, [*full, *accounts], rotation, known=known, public=public)
    pks: dict[str, object] = {**accounts_written.pks}
    short = {owner.name: ParsedActor(owner, public) for owner in owners if owner.name not in pks}
    pks |= _upsert_summaries(Account, instance, short, known, lambda parsed: summary_row(parsed.actor))
    parsed_by_name = {
        name: ParsedActor(channel, public, owner_key(channel, pks)) for name, channel in channels_by_name.items()
    }
    channels_written = _upsert_full(
        Channel,
        instance,
        parsed_by_name,
        rotation,
        known,
        row_of=lambda parsed: channel_row(parsed.actor, parsed.owner),
    )
    return accounts_written, channels_written


def summary_row(actor: ActorSummary) -> dict[str, object]:
    """Return the columns that a list fills."""
    return {
        "remote_id": actor.id,
        "display_name": actor.display_name,
        "url": actor.url,
        "avatars": Pictures.of_answer(actor.images),
        "private": False,
        **PRESENT,
    }


def channel_summary_row(channel: ActorSummary, owner: object) -> dict[str, object]:
    """Return the columns of a channel that a list fills; `owner` is its account's key, UNSET where unknown."""
    return {**summary_row(channel), "owner_account_id": owner}


def account_row(actor: RemoteAccount | RemoteChannel) -> dict[str, object]:
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


def channel_row(channel: RemoteChannel, owner: object) -> dict[str, object]:
    """Return the columns of a channel that a full answer fills; `owner` is its account's key, UNSET where unknown."""
    return {
        **account_row(channel),
        "support": channel.support,
        "banners": Pictures.of_answer(channel.banner_images),
        "owner_account_id": owner,
    }


def owner_key(channel: RemoteChannel, accounts: Mapping[str, object]) -> object:
    """Return the key of a channel's account out of those of `accounts` by name; UNSET where none is told."""
    owner = channel.owner_account
    return accounts[owner.name] if isinstance(owner, ActorSummary) else UNSET


def _upsert_summaries(
    model: type[Account | Channel],
    instance: Instance,
    parsed_by_name: Mapping[str, ParsedActor],
    known: KnownActors,
    row_of: Callable[[ParsedActor], Row],
) -> dict[str, int]:
    news = known.changed(model, parsed_by_name)
    rows = _rows_by_name(news, row_of)
    written = upsert(
        model, rows, key="name", owner={"instance_id": instance.pk}, unknown=_defaults_of_actor(model, instance)
    )
    _settle_new_actors(model, news, written, known)
    return {name: written.pks[name] if name in news else known.pk(model, name) for name in parsed_by_name}


def _upsert_full(
    model: type[Account | Channel],
    instance: Instance,
    parsed_by_name: Mapping[str, ParsedActor],
    rotation: timedelta,
    known: KnownActors,
    *,
    row_of: Callable[[ParsedActor], Row],
) -> Written[str]:
    """Write full answers; unchanged rows are left alone, so an unchanged list writes nothing.

    An actor that an answer has in full need not be asked for soon: it waits for a `rotation`. Soon is long before that,
    so that a list which is read every day makes no writes every day.
    """
    now = timezone.now()

    def stamps(name: str, before: Row | None, changed: frozenset[str]) -> Row:
        due = before["details_due_at"] if before else now
        later = parsed_by_name[name].actor.complete and due is not None and due < now + rotation / 4
        return {
            "details_fetched_at": now if changed else before and before["details_fetched_at"],
            "details_due_at": now + rotation if later else due,
        }

    news = known.changed(model, parsed_by_name)
    written = upsert(
        model,
        _rows_by_name(news, row_of),
        key="name",
        owner={"instance_id": instance.pk},
        also=stamps,
        extra_columns=("details_fetched_at", "details_due_at"),
        unknown=_defaults_of_actor(model, instance),
    )
    _settle_new_actors(model, news, written, known)
    written.unchanged |= {name: known.pk(model, name) for name in parsed_by_name if name not in news}
    return written


def _rows_by_name(parsed_by_name: Mapping[str, ParsedActor], row_of: Callable[[ParsedActor], Row]) -> dict[str, Row]:
    return {
        name: {**row_of(parsed), "private": False if parsed.public else UNSET}
        for name, parsed in parsed_by_name.items()
    }


def _settle_new_actors(
    model: type[Account | Channel], parsed_by_name: Mapping[str, ParsedActor], written: Written[str], known: KnownActors
) -> None:
    """Keep new actors without a public answer from being shown; remember the answers once they are committed."""
    if new := [pk for name, pk in written.created.items() if not parsed_by_name[name].public]:
        model._default_manager.filter(pk__in=new).update(private=True)
    transaction.on_commit(partial(known.learn, model, parsed_by_name, written.pks))


def _defaults_of_actor(model: type[Account | Channel], instance: Instance) -> Callable[[str, Row], Row]:
    """Return what stands in a new row for what its first answer doesn't tell, or can't be read of it."""
    kind = "accounts" if model is Account else "video-channels"
    return lambda name, _row: {"display_name": name, "url": f"{instance.url}/{kind}/{name}"}
