"""Plain words on what a server says of something that no row here holds."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from peertube_sync.client.errors import Refused
from peertube_sync.client.hosts import host_of
from peertube_sync.client.peertube import PeerTube
from peertube_sync.client.targets import Target
from peertube_sync.client.types import Account, Channel, VideoDetails
from peertube_sync.ingest.details import all_facts
from peertube_sync.models import PUBLIC, Instance, PlaylistElement, Reason, Source, SourceKind
from peertube_sync.sync.explain.reasons import Finding, of_rules, of_schedule, of_source
from peertube_sync.sync.walks.missing import reason_of_details, reason_of_refusal

PUBLISHED = 1


def of_refusal(target: Target, error: Refused) -> Finding:
    """Say what PeerTube's own refusal means."""
    reason = reason_of_refusal(error)
    if reason == Reason.DELETED:
        text = f"{target.host} knows no such {target.kind}: it was deleted, or never was."
        return Finding("not_found", text)
    if reason == Reason.PASSWORD:
        return Finding("not_public", f"{target.host} shows it to those who have its password alone.")
    return Finding("not_public", f"{target.host} does not show it to everybody: it is private, internal or blocked.")


def of_answer(client: PeerTube, thing: Any, sources: Sequence[Source]) -> Iterator[Finding]:
    """Yield why what the server shows is not here, given the `sources` of its instance."""
    if not client.is_home_of(thing):
        where = client.stranger(thing)
        home = host_of(where) or "another host"
        yield Finding("not_local", f"{where} is at home on {home}: only a home is mirrored, never a copy.")
        return
    if reason := _not_public(thing):
        yield Finding("not_public", f"Its server answers for it, but it is not public: {reason}.")
        return
    selecting = [source for source in sources if _selects(source, thing)]
    if sources and not selecting:
        names = ", ".join(str(source) for source in sources)
        add = f"Add it with: manage.py peertube_add {thing.url}"
        yield Finding("not_selected", f"It is public, but no source here selects it; there are: {names}. {add}")
    yield from _of_state(thing)
    for source in selecting:
        yield from _of_selecting(source, thing)


def _of_selecting(source: Source, thing: Any) -> Iterator[Finding]:
    excluded = list(of_rules(source, all_facts(source.instance, thing))) if isinstance(thing, VideoDetails) else []
    yield from of_source(source)
    yield from excluded or of_schedule(source)


def _of_state(thing: Any) -> Iterator[Finding]:
    """Yield the state that keeps a public video out of the lists: an idle live, a transcoding that isn't over."""
    state = thing.state if isinstance(thing, VideoDetails) else None
    if state and state.id != PUBLISHED:
        yield Finding("not_listed", f"Its state is {state.label!r}: lists may not show it before it is published.")


def _not_public(thing: Any) -> str:
    if isinstance(thing, VideoDetails):
        reason = reason_of_details(thing)
        return str(reason.label) if reason else ""
    privacy = getattr(thing, "privacy", None)
    return "" if getattr(privacy, "id", PUBLIC) == PUBLIC else str(getattr(privacy, "label", "")).lower()


def _selects(source: Source, thing: Any) -> bool:
    kind = SourceKind(source.kind)
    if kind == SourceKind.PLAYLIST and isinstance(thing, VideoDetails):
        return _is_member(source.instance, source.name, thing.uuid)
    return source.name in _names(kind, thing)


def _is_member(instance: Instance, playlist: str, uuid: UUID) -> bool:
    elements = PlaylistElement.objects.filter(playlist__instance=instance, playlist__uuid=playlist)
    return elements.filter(video_uuid=uuid).exists()


def _names(kind: SourceKind, thing: Any) -> set[str]:
    """Return the names that a source of `kind` may have to select `thing`."""
    if kind == SourceKind.INSTANCE:
        return {""}
    if kind == SourceKind.CHANNEL:
        channel = thing if isinstance(thing, Channel) else _first_attribute(thing, "channel", "video_channel")
        return {channel.name} if channel else set()
    if kind == SourceKind.ACCOUNT:
        account = thing if isinstance(thing, Account) else _first_attribute(thing, "account", "owner_account")
        return {account.name} if account else set()
    own = SourceKind.VIDEO if isinstance(thing, VideoDetails) else SourceKind.PLAYLIST
    return {str(getattr(thing, "uuid", ""))} if kind == own else set()


def _first_attribute(thing: Any, *names: str) -> Any:
    """Return the first of the attributes that `thing` has and that says something."""
    return next((found for name in names if (found := getattr(thing, name, None))), None)
