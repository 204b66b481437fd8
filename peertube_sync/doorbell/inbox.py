"""What comes through the door, looked at in the order of what it costs: most of it is answered before any cryptography.

Nothing that a delivery says is stored or believed. It says what is to be looked at, and that only of its own host.
"""

from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from peertube_sync.client.activities import Activity, Address
from peertube_sync.client.http_signatures import BadSignature, Signature, digest_of, parse_moment, signed_text
from peertube_sync.conf import Settings
from peertube_sync.faces.visitors import visitor
from peertube_sync.sync.doorbell.actor import Us
from peertube_sync.sync.doorbell.callers import count_unproven, is_throttled, note_proven
from peertube_sync.sync.doorbell.follows import follow_of
from peertube_sync.sync.doorbell.hearing import About, Knock, Verdict, followed_instance, judge

LARGEST_DELIVERY = 256 * 1024
"""Bytes of a delivery; PeerTube's have up to 15,000."""
MEDIA_TYPES = frozenset({"application/activity+json", "application/ld+json"})
WOKEN = 10
"""Seconds after which what rings while other rings wait wakes a worker again."""
SKEW = timedelta(minutes=30)
"""How far the clock of an instance may be from ours, which is what PeerTube itself allows."""


class NotTaken(Exception):  # noqa: N818 - named after what is the case
    """A delivery that isn't taken: the HTTP status, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


REFUSALS_BY_VERDICT = {
    Verdict.REFUSED: (401, "the signature doesn't prove who sent this"),
    Verdict.FULL: (429, "too many deliveries wait for keys"),
}
FIRST = frozenset({Verdict.HEARD_FIRST, Verdict.WAITS_FIRST})
WAITING = frozenset({Verdict.WAITS, Verdict.WAITS_FIRST})


def receive(request: HttpRequest, settings: Settings) -> None:
    """Take a POST to the inbox, and wake whoever is to look. Raises NotTaken."""
    address = visitor(request)
    if is_throttled(address):
        raise NotTaken(429, "too many deliveries proved nothing")
    try:
        _receive(request, Us.of(settings), address)
    except NotTaken:
        count_unproven(address)
        raise


def _receive(request: HttpRequest, us: Us, address: str) -> None:
    body = _read_body(request)
    try:
        activity = Activity.parse(body)
        about = _about(activity, us)
        knock = _knock(request, body, activity, {**about, "from": address}, us) if about else None
    except ValueError as error:
        raise NotTaken(400, str(error)) from None
    except BadSignature as error:
        raise NotTaken(401, str(error)) from None
    if knock is None:
        return
    verdict = judge(knock)
    if verdict in {Verdict.HEARD, Verdict.HEARD_FIRST}:
        note_proven(address)
    if verdict in WAITING:
        count_unproven(address)
    if _is_to_wake(verdict, knock.instance.host):
        wake(knock.instance.host)
    if verdict in REFUSALS_BY_VERDICT:
        raise NotTaken(*REFUSALS_BY_VERDICT[verdict])


def _is_to_wake(verdict: Verdict, host: str) -> bool:
    """Tell whether a worker is to be woken: by the first of what waits, and by others after a while.

    The slice that the first one had woken may have failed, and left it waiting.
    """
    if verdict not in {Verdict.HEARD, *FIRST, *WAITING}:
        return False
    return cache.add(f"peertube_sync.doorbell.woken:{host}", 1, WOKEN) or verdict in FIRST


def _read_body(request: HttpRequest) -> bytes:
    """Return the body, if it isn't too long and of a type that is taken."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    too_long = not length.isdecimal() or len(length) > 10 or int(length) > LARGEST_DELIVERY
    if not too_long and request.content_type not in MEDIA_TYPES:
        raise NotTaken(415, "only application/activity+json is taken")
    body = b"" if too_long else request.read(LARGEST_DELIVERY + 1)
    if too_long or len(body) > LARGEST_DELIVERY:
        raise NotTaken(413, f"at most {LARGEST_DELIVERY} bytes are taken")
    return body


def _about(activity: Activity, us: Us) -> About | None:
    """Return what a delivery is about, None where it makes nothing due."""
    if activity.is_answer:
        mine = activity.object.startswith(f"{us.actor}/follows/") and activity.asked_by in {"", us.actor}
        return {"answer": activity.type} if mine else None
    rung = activity.rings_for
    return {"ring": rung.kind, "name": rung.name, "at": f"{rung.scheme}://{rung.host}"} if rung else None


def _knock(request: HttpRequest, body: bytes, activity: Activity, about: About, us: Us) -> Knock:
    """Return what is to be proven. Raises NotTaken where nobody there is followed, and BadSignature."""
    signature = Signature.parse(request.headers.get("Signature", ""))
    actor = signature.key_id.removesuffix("#main-key")
    signer = Address.parse(actor)
    if signer is None or signer.kind not in {"account", "channel"} or signature.key_id != f"{actor}#main-key":
        raise BadSignature("the key isn't one of an account or channel of PeerTube")
    instance = followed_instance(signer)
    if instance is None:
        raise NotTaken(403, "nobody there is followed")
    digest, date = request.headers.get("Digest", ""), request.headers.get("Date", "")
    if digest != digest_of(body):
        raise BadSignature("the digest isn't that of the body")
    sent = parse_moment(date)
    if abs(timezone.now() - sent) > SKEW:
        raise BadSignature("the date is too far from now")
    if activity.actor != actor:
        raise BadSignature("whoever acts hasn't signed")
    if about.pop("at", instance.url) != instance.url:
        raise BadSignature("what it is about is on another host")
    if "answer" in about and follow_of(signer) is None:
        raise BadSignature("it answers nothing that was asked")
    text = signed_text(us.inbox_path, us.host, date, digest)
    return Knock(instance, actor, signer, text, signature.proof, about, sent, sent + SKEW)


def wake(host: str) -> None:
    """Have a worker look, where there are any: the first ring of a host sends one task, which finds all others too.

    Nothing is lost with it: rings are rows, and whoever looks for what is due finds them.
    """
    if find_spec("celery"):
        import_module("peertube_sync.tasks").wake_worker(host)
