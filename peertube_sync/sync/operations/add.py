"""Adding a source: recognise it, make sure that it is a PeerTube's, and say what mirroring it will cost."""

import ipaddress
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from peertube_sync.client.detect import detect
from peertube_sync.client.errors import InvalidTarget, Refused
from peertube_sync.client.peertube import COUNT, PeerTube, Scope, instance_of
from peertube_sync.client.rate_limit import LIMIT, WINDOW
from peertube_sync.client.robots_fetch import apply_robots, fetch_robots
from peertube_sync.client.targets import Kind, Target, recognise
from peertube_sync.client.types import RemoteChannel, RemotePlaylist
from peertube_sync.conf import Settings
from peertube_sync.ingest.videos import UNTITLED
from peertube_sync.models import PUBLIC, Instance, Source, SourceKind
from peertube_sync.models.rules import VOCABULARIES, unknown_ids, validate_rules
from peertube_sync.sync import events
from peertube_sync.sync.connect import connect
from peertube_sync.sync.operations.optout import publishers, refuse_opted_out
from peertube_sync.sync.scope import settle_suspensions

NO_RULES: Mapping[str, Any] = {}
DETAIL_REQUESTS = 3
"""Per video: details, captions, chapters."""
BYTES_PER_VIDEO = 9_000
"""Rough size of a video with its tags, captions and indexes on SQLite (docs/operations.md)."""


@dataclass(frozen=True)
class AddPlan:
    """The thing that was recognised, and its cost: `requests` in all, of them `list_requests` for a usable list.

    `seconds` at the allowed pace of PeerTube's default limit; `size` in bytes, rough.
    """

    kind: Kind
    scheme: str
    host: str
    name: str
    title: str
    version: str
    videos: int
    list_requests: int
    requests: int
    seconds: float
    size: int

    @property
    def list_seconds(self) -> float:
        """How much of `seconds` is for the list: it comes first, and videos are shown as soon as it is here."""
        return self.seconds * self.list_requests / self.requests

    def as_dict(self) -> dict[str, object]:
        """Return the plan as plain values."""
        return asdict(self)


def plan_source(what: str, settings: Settings, rules: Mapping[str, Any] = NO_RULES) -> AddPlan:
    """Recognise `what` and ask its server about it, and about the ids in `rules`.

    Raises PeerTubeError with the reason when it can't be added, ValidationError for rules that can't be.
    """
    validate_rules(rules)
    target = recognise(what)
    refuse_opted_out(target.host, target.name)
    scheme = target.scheme or likely_scheme(target.host, settings)
    client = connect(scheme, target.host, settings, retries=0)
    try:
        apply_robots(client.transport, fetch_robots(client.transport))
        client.version = detect(client.transport)
        kind, name, title = _resolve_target(client, target)
        _check_ids(client, rules)
        return _plan_with_cost(client, kind, name, title, settings)
    finally:
        client.transport.close()


def add_source(planned: AddPlan, rules: Mapping[str, Any] = NO_RULES) -> tuple[Source, bool]:
    """Make the planned source a row with `rules`, and due; returns it and whether it is new.

    One that lies inside a broader source is suspended at once. The rules of one that is not new stay as they are.
    """
    instance = Instance.objects.at_host(planned.host, scheme=planned.scheme, version=planned.version)
    source, new = Source.objects.get_or_create(
        instance=instance, kind=SourceKind(planned.kind), name=planned.name, defaults={"rules": dict(rules)}
    )
    if new:
        settle_suspensions(instance)
        source.refresh_from_db(fields=["state"])
        Instance.objects.filter(pk=instance.pk).update(next_due_at=Now())
        events.note(logging.INFO, "source_added", "%(source)s is a source now", host=instance.host, source=source)
    return source, new


def _check_ids(client: PeerTube, rules: Mapping[str, Any]) -> None:
    """Raise ValidationError for ids that the server doesn't know; if it won't say which there are, none is refused."""
    kinds = {VOCABULARIES[name] for name in rules if name in VOCABULARIES}
    try:
        constants: dict[str, Any] = {kind: client.constants(kind) for kind in kinds}
    except Refused:
        return
    if unknown := unknown_ids(rules, constants):
        raise ValidationError(unknown)


def likely_scheme(host: str, settings: Settings) -> str:
    """Return plain http for loopback and private addresses where these are allowed, else https."""
    if not settings.allow_private_hosts:
        return "https"
    name = host.rpartition(":")[0] if host.count(":") == 1 or "]:" in host else host
    try:
        return "https" if ipaddress.ip_address(name.strip("[]")).is_global else "http"
    except ValueError:
        return "http" if name == "localhost" or name.endswith(".localhost") else "https"


def _resolve_target(client: PeerTube, target: Target) -> tuple[Kind, str, str]:
    """Return kind, name and title as the server has them; raises where it isn't public or isn't at home."""
    if target.kind == "instance":
        return "instance", "", instance_of(client.config()).get("name") or target.host
    try:
        thing = ask_about_target(client, target)
    except Refused as error:
        if not error.gone:
            raise
        raise InvalidTarget(f"{target.host} has no public {target.kind} {target.name!r}") from error
    if stranger := client.stranger(thing):
        raise InvalidTarget(f"{stranger[:500]} is not at home on {target.host}; add it by its own address")
    refuse_opted_out(target.host, *publishers(thing))
    if target.kind in {"video", "playlist"}:
        if thing.privacy_id != PUBLIC:
            raise InvalidTarget(
                f"the {target.kind} {target.name} of {target.host} is not public, so it is not mirrored"
            )
        title = thing.display_name if isinstance(thing, RemotePlaylist) else thing.name
        return target.kind, str(thing.uuid), title or UNTITLED
    return ("channel" if isinstance(thing, RemoteChannel) else "account"), thing.name, thing.display_name or thing.name


def ask_about_target(client: PeerTube, target: Target) -> Any:
    """Return what `target`, which is no instance, names, as its server answers; raises PeerTubeError."""
    asks: dict[str, Callable[[str], Any]] = {
        "actor": client.resolve_actor,
        "channel": client.channel,
        "account": client.account,
        "playlist": lambda name: client.playlist(UUID(name)),
        "video": lambda name: client.video(UUID(name)),
    }
    return asks[target.kind](target.name)


def _plan_with_cost(client: PeerTube, kind: Kind, name: str, title: str, settings: Settings) -> AddPlan:
    if kind == "video":
        videos = 1
    elif kind == "playlist":
        videos = client.elements(UUID(name), count=0).total or 0
    else:
        videos = client.videos(Scope(kind, name), count=0).total or 0  # type: ignore[arg-type]  # actors are resolved
    listing = 1 if kind == "video" else max(1, ceil(videos / (COUNT - 1)))
    requests = listing + videos * DETAIL_REQUESTS
    transport = client.transport
    return AddPlan(
        kind=kind,
        scheme=transport.base.partition("://")[0],
        host=transport.host,
        name=name,
        title=title,
        version=client.version,
        videos=videos,
        list_requests=listing,
        requests=requests,
        seconds=requests * WINDOW / (LIMIT * settings.rate_limit_share),
        size=videos * BYTES_PER_VIDEO,
    )
