"""Discovery: hosts that an index of instances, and the instances mirrored here, name.

Their answers are strangers' text. It becomes a candidate if it is the public name of a server that is neither
mirrored here nor a candidate already, and hasn't opted out. Nobody is asked anything before a person, or
DISCOVERY_ADDS, has approved. Then its first slice makes sure that it is a PeerTube, before anything is read from it.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from threading import Event
from typing import TypeVar
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from peertube_sync.client.errors import InvalidTarget, PeerTubeError
from peertube_sync.client.hosts import normalise_host, public_name
from peertube_sync.client.parse import Page
from peertube_sync.client.peertube import COUNT, PeerTube, walk
from peertube_sync.conf import Settings
from peertube_sync.models import (
    Candidate,
    FormerHost,
    Instance,
    InstanceIndex,
    InstanceState,
    OptOut,
    Source,
    SourceKind,
    SourceState,
)
from peertube_sync.sync import events
from peertube_sync.sync.connect import connect
from peertube_sync.sync.operations.add import likely_scheme
from peertube_sync.sync.pool import side_by_side
from peertube_sync.sync.scope import settle_suspensions

PAGES = 100
"""Pages of one list that are read, however many there are: an origin may make up as many hosts as it likes."""
OVERLAP = timedelta(days=1)
"""The overlap with the last request to an index: its clock isn't ours, and it may list a host some time after it met
it."""

T = TypeVar("T")


@dataclass
class Discovery:
    """The result of a round: hosts that now wait for approval, hosts that were added, origins that failed."""

    proposed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Origin:
    """Who is asked, and for what; of an index it is kept when it was asked."""

    scheme: str
    host: str
    version: str
    hosts_of: Callable[[PeerTube], Iterator[str]]
    is_index: bool = False


def discover(settings: Settings) -> Discovery:
    """Ask the index and all instances that answer, side by side, for the hosts that they know.

    Propose or add new ones.
    """
    found, began = Discovery(), timezone.now()
    origins = iter(_origins(settings))
    known = {*_hosts(Instance), *_hosts(FormerHost), *_hosts(Candidate), *_opted_out()}

    def listen(origin: Origin, stop: Event) -> tuple[list[str], str]:
        return _hosts_told_by(origin, settings, stop)

    def note(origin: Origin, heard: tuple[list[str], str]) -> None:
        texts, error = heard
        new = {host for text in texts if (host := _public_host(text, settings))} - known
        known.update(new)
        propose(new, origin.host)
        found.proposed += sorted(new)
        found.errors += [error] if error else []
        if origin.is_index and not error:
            InstanceIndex.objects.update_or_create(host=origin.host, defaults={"read_at": began})

    side_by_side(settings.hosts_at_once, lambda _busy, free: list(islice(origins, free)), listen, note)
    if settings.discovery_adds:
        found.added, found.proposed = found.proposed, []
        approve(Candidate.objects.filter(host__in=found.added), settings)
    for error in found.errors:
        events.note(logging.WARNING, "discovery_failed", "discovery: %(reason)s", reason=error)
    events.note(
        logging.INFO,
        "discovery_ended",
        "discovery: %(proposed)s instances proposed, %(added)s added, %(failed)s origins failed",
        proposed=len(found.proposed),
        added=len(found.added),
        failed=len(found.errors),
    )
    return found


def propose(hosts: Collection[str], heard_from: str) -> None:
    """Make candidates of normalised `hosts`; what is a candidate already stays as it is."""
    rows = [Candidate(host=host, heard_from=heard_from) for host in sorted(hosts)]
    Candidate.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def approve(candidates: "QuerySet[Candidate]", settings: Settings) -> list[Source]:
    """Mirror `candidates` from now on, rejected ones too; returns their sources, which are due.

    One that has opted out since it was proposed stays as it is.
    """
    sources = []
    for candidate in list(candidates.exclude(host__in=_opted_out())):
        with transaction.atomic():
            scheme = likely_scheme(candidate.host, settings)
            instance = Instance.objects.at_host(candidate.host, scheme=scheme)
            source, _ = Source.objects.get_or_create(instance=instance, kind=SourceKind.INSTANCE, name="")
            settle_suspensions(instance)
            candidate.delete()
        sources.append(source)
    return sources


def reject(candidates: "QuerySet[Candidate]") -> int:
    """Never propose `candidates` again; returns how many."""
    return candidates.update(rejected_at=timezone.now())


def _origins(settings: Settings) -> Iterable[Origin]:
    """Yield the index, if there is one, and the instances that are mirrored and answer."""
    if settings.discovery_index:
        index = urlsplit(settings.discovery_index)
        host = normalise_host(index.netloc, index.scheme)
        read_at = InstanceIndex.objects.filter(host=host).values_list("read_at", flat=True).first()
        indexed = partial(_indexed, since=read_at and read_at - OVERLAP)
        yield Origin(index.scheme, host, "", indexed, is_index=True)
    answering = Instance.objects.filter(state=InstanceState.OK, sources__state=SourceState.ACTIVE).distinct()
    for scheme, host, version in answering.values_list("scheme", "host", "version"):
        yield Origin(scheme, host, version, _peers)


def _indexed(client: PeerTube, since: datetime | None) -> Iterator[str]:
    """Yield the hosts of an index, those alone that it has listed `since` its last reading, if there was one."""
    for item in _items(partial(client.indexed_hosts, since=since)):
        yield item.host


def _peers(client: PeerTube) -> Iterator[str]:
    for item in chain(_items(client.following), _items(client.followers)):
        yield from (item.following.host, item.follower.host)


def _items(ask: Callable[..., Page[T]]) -> Iterator[T]:
    for page in islice(walk(lambda start: ask(start=start)), PAGES):
        yield from page.items[:COUNT]


def _hosts_told_by(origin: Origin, settings: Settings, stop: Event) -> tuple[list[str], str]:
    """Return the hosts that `origin` named, and the error that ended it, or ""."""
    heard: list[str] = []
    try:
        client = connect(origin.scheme, origin.host, settings, origin.version)
    except PeerTubeError as error:
        return heard, f"{origin.host}: {error}"
    try:
        for host in origin.hosts_of(client):
            heard.append(host)
            if stop.is_set():
                break
    except PeerTubeError as error:
        return heard, f"{origin.host}: {error}"
    finally:
        client.transport.close()
    return heard, ""


def _public_host(text: str, settings: Settings) -> str:
    """Return the host that `text` names, "" where it can't be a public server; private ones may be allowed."""
    try:
        return normalise_host(text) if settings.allow_private_hosts else public_name(text)
    except InvalidTarget:
        return ""


def _opted_out() -> Iterable[str]:
    return OptOut.objects.filter(name="").values_list("host", flat=True)


def _hosts(model: type[Instance | FormerHost | Candidate]) -> Iterable[str]:
    return model._default_manager.values_list("host", flat=True)
