"""Plain words on what a server says of something that no row here holds."""

from collections.abc import Iterator, Sequence
from typing import Any

from peertube_sync.client.errors import Refused
from peertube_sync.client.hosts import host_of
from peertube_sync.client.peertube import PeerTube
from peertube_sync.client.targets import Target
from peertube_sync.client.types import RemoteAccount, RemoteChannel, VideoDetails
from peertube_sync.ingest.details import all_facts
from peertube_sync.models import PUBLIC, PlaylistElement, Reason, Source, SourceKind
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
    if reason := _privacy_in_words(thing):
        yield Finding("not_public", f"Its server answers for it, but it is not public: {reason}.")
        return
    selecting = [source for source in sources if _selects_answer(source, thing)]
    if sources and not selecting:
        names = ", ".join(str(source) for source in sources)
        add = f"Add it with: manage.py peertube_add {thing.url}"
        yield Finding("not_selected", f"It is public, but no source here selects it; there are: {names}. {add}")
    video = thing if isinstance(thing, VideoDetails) else None
    if video and video.state and video.state.id != PUBLISHED:  # an idle live, a transcoding that isn't over
        text = f"Its state is {video.state.label!r}: lists may not show it before it is published."
        yield Finding("not_listed", text)
    for source in selecting:
        excluded = list(of_rules(source, all_facts(source.instance, video))) if video else []
        yield from of_source(source)
        yield from excluded or of_schedule(source)


def _privacy_in_words(thing: Any) -> str:
    if isinstance(thing, VideoDetails):
        reason = reason_of_details(thing)
        return str(reason.label) if reason else ""
    privacy = getattr(thing, "privacy", None)
    return "" if getattr(privacy, "id", PUBLIC) == PUBLIC else str(getattr(privacy, "label", "")).lower()


def _selects_answer(source: Source, thing: Any) -> bool:
    kind, video = SourceKind(source.kind), isinstance(thing, VideoDetails)
    if kind == SourceKind.INSTANCE:
        return True
    if kind == SourceKind.CHANNEL:
        actor = thing if isinstance(thing, RemoteChannel) else _first_attribute(thing, "channel", "video_channel")
        return bool(actor and actor.name == source.name)
    if kind == SourceKind.ACCOUNT:
        actor = thing if isinstance(thing, RemoteAccount) else _first_attribute(thing, "account", "owner_account")
        return bool(actor and actor.name == source.name)
    if kind == SourceKind.PLAYLIST and video:
        elements = PlaylistElement.objects.filter(playlist__instance=source.instance, playlist__uuid=source.name)
        return elements.filter(video_uuid=thing.uuid).exists()
    own = SourceKind.VIDEO if video else SourceKind.PLAYLIST
    return kind == own and str(getattr(thing, "uuid", "")) == source.name


def _first_attribute(thing: Any, *names: str) -> Any:
    """Return the first of the attributes that `thing` has and that says something."""
    return next((found for name in names if (found := getattr(thing, name, None))), None)
