"""Which deliveries are believed: keys of actors, and deliveries that wait for one.

Keys are only those of actors of an instance that we follow, at their own address; a slice of that instance asks for
them, never a web request. Each is asked for once an hour at the most, and for actors without a row here there is a
lower limit.
"""

import base64
import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import transaction
from django.utils import timezone

from peertube_sync.client.activities import Address
from peertube_sync.client.errors import BudgetClosed, PeerTubeError, RateLimited
from peertube_sync.client.http_signatures import is_proven
from peertube_sync.models import Account, Channel, Delivery, Follow, Instance, RemoteKey, RingKind
from peertube_sync.sync import events
from peertube_sync.sync.doorbell.callers import note_proven
from peertube_sync.sync.doorbell.follows import OWN_ACTOR, follow_of, take_answer
from peertube_sync.sync.doorbell.rings import answered, ring, waiting
from peertube_sync.sync.work import Work

AGAIN = timedelta(hours=1)
"""How long a key isn't asked for again, whether that went well or not."""
FRESH = timedelta(seconds=3)
"""How old a delivery is, by its date, that isn't taken for a replay yet."""
QUESTIONS, UNLIKELY_QUESTIONS = 60, 30
"""Keys of an instance that are asked for in an hour, at the most; the second, for actors without a row here, and for
those whose known key doesn't fit: these come last.
"""
AT_ONCE = 20
"""Keys that are asked for before what rang meanwhile is answered."""
STRANGERS = 10
"""Actors of an instance without a row here whose keys wait to be asked for, at the most: they can be invented."""
PENDING, PENDING_OF_ONE = 500, 100
"""Deliveries of an instance that wait for a key, at the most, and those of one actor."""
DELIVERIES_KEPT = timedelta(days=1)
"""How long a delivery waits for its key, and how long it is known that an actor has none."""
KEY_KEPT = timedelta(days=30)
"""How long a key is relied on; then it is read anew, if its actor delivers anything."""
About = dict[str, Any]
"""What a delivery comes to once it is proven: `{"ring": kind, "name": …}` or `{"answer": "Accept"}`; the key "from"
has the address that it came from, which is missing in those that wait since an older version.
"""


def signature_digest(proof: bytes) -> str:
    """Return by what a delivery is known if it comes again."""
    return hashlib.sha256(proof).hexdigest()


def followed_instance(address: Address) -> Instance | None:
    """Return the instance of an actor, if we follow it or anything there."""
    if not Follow.objects.filter(host=address.host).exists():
        return None
    return Instance.objects.filter(host=address.host, scheme=address.scheme).first()


def is_known(instance: Instance, address: Address) -> bool:
    """Tell whether this actor has a row here; the instance's own actor counts as known."""
    if address.kind == "account" and address.name == OWN_ACTOR:
        return True
    model = Account if address.kind == "account" else Channel
    rows: Any = model.objects.filter(instance=instance, name=address.name)
    return bool(rows.exists()) or Follow.objects.filter(host=address.host, name=address.name).exists()


@dataclass(frozen=True)
class Knock:
    """A delivery whose digest and date are good, and whose signature isn't proven yet.

    `actor` is who signed it, at `address`; `text` what was signed, `proof` the signature.
    """

    instance: Instance
    actor: str
    address: Address
    text: str
    proof: bytes
    about: About
    sent: datetime
    valid_until: datetime

    @property
    def is_fresh(self) -> bool:
        """Whether it is so new that one which is like it in every byte may be of a second change, in the same second.

        PeerTube delivers a title and chapters that are saved together as twice the same delivery.
        """
        return abs(timezone.now() - self.sent) < FRESH


class Verdict(Enum):
    """The decision about a knock. `FULL`: so many wait for keys already that this one can't."""

    HEARD = "heard"
    HEARD_FIRST = "heard, and nothing else waits: somebody is to be woken"
    REPLAY = "heard before"
    WAITS = "waits for the key"
    WAITS_FIRST = "waits for the key, and nothing else waits: somebody is to be woken"
    REFUSED = "not proven by the key"
    FULL = "too many wait"


def judge(knock: Knock) -> Verdict:
    """Believe a knock, keep it until its key is there, or refuse it.

    A key that proves nothing may be an old one. It is asked for again, seldom, and the knock is refused all the same:
    if the new key proves it, it counts then.
    """
    if not knock.is_fresh and Delivery.objects.filter(pk=signature_digest(knock.proof)).exists():
        return Verdict.REPLAY
    key = RemoteKey.objects.filter(actor=knock.actor).first()
    if key and key.pem and is_proven(key.pem, knock.text, knock.proof):
        until = {"valid_until": knock.valid_until}
        with transaction.atomic():
            _row, new = Delivery.objects.get_or_create(digest=signature_digest(knock.proof), defaults=until)
            if not new and not knock.is_fresh:
                return Verdict.REPLAY
            quiet = _take(knock.instance, knock.address, knock.about)
        return Verdict.HEARD_FIRST if quiet else Verdict.HEARD
    if key and (key.pem or key.failed_at) and not _may_ask(key):
        return Verdict.REFUSED
    kept = _keep(knock, key)
    return Verdict.REFUSED if key and key.pem and kept is not Verdict.FULL else kept


def _may_ask(key: RemoteKey) -> bool:
    return key.asked_at is None or key.asked_at < timezone.now() - AGAIN


def _take(instance: Instance, address: Address, about: About) -> bool:
    """Do what a proven delivery comes to; returns whether somebody is to be woken."""
    if "ring" in about:
        return ring(instance, RingKind(about["ring"]), about["name"])
    if follow := follow_of(address):
        take_answer(follow, accepted=about["answer"] == "Accept")
    return False


def _keep(knock: Knock, key: RemoteKey | None) -> Verdict:
    """Keep a knock until its key was asked for, and have it asked for.

    Forged ones cost an instance only so many questions. The key of an actor that we follow is always asked for.
    """
    is_followed = follow_of(knock.address) is not None
    is_wanted = key is None or _may_ask(key)
    if is_wanted and not is_followed and not _may_want(knock, key):
        return Verdict.FULL
    proof = base64.b64encode(knock.proof).decode()
    with transaction.atomic():
        key, _new = RemoteKey.objects.get_or_create(actor=knock.actor, defaults={"instance": knock.instance})
        quiet = is_wanted and ring(knock.instance, RingKind.KEY, knock.actor)
        waits = Delivery.objects.filter(key__instance=knock.instance).count()
        if key.deliveries.count() >= PENDING_OF_ONE or (waits >= PENDING and not is_followed):
            return Verdict.FULL
        pending = {"valid_until": knock.valid_until, "signed": knock.text, "proof": proof, "about": knock.about}
        Delivery.objects.get_or_create(digest=signature_digest(knock.proof), defaults={"key": key, **pending})
    return Verdict.WAITS_FIRST if quiet else Verdict.WAITS


def _may_want(knock: Knock, key: RemoteKey | None) -> bool:
    """Tell whether the key of a knock is asked for already, or the instance may be asked for one more."""
    wanted = waiting(knock.instance, [RingKind.KEY])
    if wanted.filter(name=knock.actor).exists():
        return True
    keys = RemoteKey.objects.filter(instance=knock.instance)
    questions = wanted.count() + keys.filter(asked_at__gt=timezone.now() - AGAIN).count()
    known = is_known(knock.instance, knock.address)
    if questions >= (QUESTIONS if known and not (key and key.pem) else UNLIKELY_QUESTIONS):
        return False
    return known or keys.filter(pem="", asked_at=None).count() < STRANGERS


def forget_unproven(work: Work) -> None:
    """Forget deliveries whose time is over, and keys that nobody has, or that are so old that they are read anew."""
    now = timezone.now()
    mine = RemoteKey.objects.filter(instance=work.instance)
    with work.lease.transaction():
        Delivery.objects.filter(key=None, valid_until__lt=now).delete()
        Delivery.objects.filter(key__in=mine, valid_until__lt=now - DELIVERIES_KEPT).delete()
        mine.filter(pem="", failed_at__lt=now - DELIVERIES_KEPT).delete()
        mine.filter(asked_at__lt=now - KEY_KEPT, deliveries=None).delete()


def fetch_keys(work: Work) -> None:
    """Ask for some of the keys that are wanted, and take what they prove."""
    for row in list(waiting(work.instance, [RingKind.KEY])[:AT_ONCE]):
        key = RemoteKey.objects.filter(actor=row.name).first()
        address = Address.parse(row.name)
        if key and address and _may_ask(key):
            _fetch_key(work, key, address)
        with work.lease.transaction():
            answered(row)
        work.check_time()


def _fetch_key(work: Work, key: RemoteKey, address: Address) -> None:
    """Ask for one key; that it was asked for is written before, so that no crash makes it asked for twice."""
    row = RemoteKey.objects.filter(pk=key.pk)
    columns: dict[str, Any] = {"asked_at": timezone.now()}
    with work.lease.transaction():
        row.update(**columns)
    try:
        key.pem = work.client.public_key(key.actor)
        columns = {"pem": key.pem, "fetched_at": timezone.now(), "failed_at": None, "reason": ""}
    except BudgetClosed:  # nothing was sent
        with work.lease.transaction():
            row.update(asked_at=key.asked_at)
        raise
    except RateLimited:
        raise
    except PeerTubeError as error:  # of this one address, which a stranger may have chosen: no fault of the instance
        columns = {"failed_at": timezone.now(), "reason": str(error)}
        facts = {"host": work.instance.host, "actor": key.actor, "reason": str(error)}
        events.note(logging.WARNING, "key_failed", "%(host)s: no key of %(actor)s: %(reason)s", **facts)
    with work.lease.transaction():
        row.update(**columns)
        if "pem" in columns:
            _take_pending(work.instance, key, address)
        else:
            key.deliveries.all().delete()


def _take_pending(instance: Instance, key: RemoteKey, address: Address) -> None:
    for delivery in key.deliveries.order_by("pk"):
        if is_proven(key.pem, delivery.signed, base64.b64decode(delivery.proof)):
            _take(instance, address, delivery.about)
            if came_from := delivery.about.get("from"):
                note_proven(came_from)
            Delivery.objects.filter(pk=delivery.pk).update(key=None, signed="", proof="", about={})
        else:
            delivery.delete()
