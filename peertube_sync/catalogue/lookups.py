"""What a path or a parameter names: an actor by its handle, an instance by its host, a video or playlist by its uuid.

Whatever can't name anything raises InvalidTarget, whose text says why.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict

from peertube_sync.catalogue.keyset import INT64
from peertube_sync.catalogue.prepared_queries import ChosenColumns, ChosenRows
from peertube_sync.catalogue.visibility import Side, was_taken_back
from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.hosts import normalise_host
from peertube_sync.client.short_uuid import parse_uuid
from peertube_sync.models import FormerHost


class Gone(Http404):
    """What everybody could see here was deleted or withdrawn at its source."""


NAMING = ("instance", "channel", "account", "category", "licence", "language")
"""The parameters of lists that may name a host."""


def by_handle(text: str) -> Q:
    """Return the condition for the actor called `name@host` (or `@name@host`); names ignore case, as PeerTube's do."""
    name, host = _name_and_host(text)
    return Q(instance__host=host, name__iexact=name)


def by_host(text: str) -> Q:
    """Return the condition for the instance at the host `text`."""
    return Q(host=normalise_host(text))


def by_id(text: str) -> Q:
    """Return the condition for the row with the primary key `text`."""
    if not (text.isdecimal() and len(text) < len(str(INT64))):
        message = f"{text!r} is not an id; it is a whole number"
        raise InvalidTarget(message)
    return Q(pk=int(text))


def by_uuid(text: str) -> Q:
    """Return the condition for the row with the uuid `text`, in its long or short form."""
    return Q(uuid=parse_uuid(text))


def _name_and_host(text: str) -> tuple[str, str]:
    name, _, host = text.removeprefix("@").rpartition("@")
    if not name or "@" in name or not name.isprintable():
        message = f"{text!r} is not a handle; give it like name@video.example"
        raise InvalidTarget(message)
    return name, normalise_host(host)


EXACTLY: Mapping[Callable[[str], Q], Callable[[str], dict[str, Any]]] = {
    by_uuid: lambda text: {"uuid": parse_uuid(text)},
    by_host: lambda text: {"host": normalise_host(text)},
    by_handle: lambda text: dict(zip(("name", "instance__host"), _name_and_host(text), strict=True)),
}
"""The columns and values that a text names exactly, which indexes know, by the function that reads it."""


def present(text: str) -> str:
    """Return what names a host with the present host in place of a former one; the same `text` where that is none.

    That is a host, a handle, or a constant of an instance. Addresses that were given out before a person moved an
    instance, of feeds above all, lead on this way.
    """
    return _with_present_hosts([text]).get(text, text)


def present_query(query: QueryDict) -> QueryDict | None:
    """Return the parameters of a list with present hosts in place of former ones; None where none is former."""
    asked = {name: query.getlist(name) for name in NAMING if name in query}
    changed = _with_present_hosts(text for texts in asked.values() for text in texts)
    if not changed:
        return None
    copy = query.copy()
    for name, texts in asked.items():
        copy.setlist(name, [changed.get(text, text) for text in texts])
    return copy


def _with_present_hosts(texts: Iterable[str]) -> dict[str, str]:
    """Return those of `texts` that name a former host, as they are with the present one, by what they were."""
    hosts = {}
    for text in texts:
        with suppress(InvalidTarget):
            hosts[text] = normalise_host(text.rpartition("@")[2])
    former = FormerHost.objects.filter(host__in=[*hosts.values()]) if hosts else FormerHost.objects.none()
    now = dict(former.values_list("host", "instance__host"))
    return {text: "".join((*text.rpartition("@")[:2], now[host])) for text, host in hosts.items() if host in now}


def find_row(rows: ChosenColumns | ChosenRows, by: Callable[[str], Q], text: str) -> Any:
    """Return the same as `find_or_404`, sooner where `text` has its very letters."""
    try:
        row = rows.first(**EXACTLY[by](text))
    except InvalidTarget as error:
        raise Http404(str(error)) from error
    others = rows.all().none() if by is by_uuid else rows.all()
    return row or find_or_404(others, by, text)


def find_or_404(rows: QuerySet[Any], by: Callable[[str], Q], text: str) -> Any:
    """Return the one of `rows` that `text` names, read `by` one of the functions above.

    A uuid that a second instance claims too stays with the row that was there first. Raises Http404, Gone.
    """
    try:
        named = by(text)
        row = rows.filter(named).order_by("pk").first()
        if row is None and by is not by_uuid and (now := present(text)) != text:
            named = by(now)
            row = rows.filter(named).order_by("pk").first()
    except InvalidTarget as error:
        raise Http404(str(error)) from error
    if row is None:
        message = f"There is no {rows.model._meta.verbose_name} {text!r} here"
        if was_taken_back(rows.model, named):
            raise Gone(f"{message} any more.")
        raise Http404(f"{message}.")
    return row


def find_video_of_side(rows: Callable[[Side], Any], text: str, may: Callable[[], bool]) -> tuple[Any, Side]:
    """Return the video with the uuid `text`, and its side; `may` tells whether who asks may see what isn't public.

    That is asked only where nothing public is found, so that what is public costs nobody a look at who they are,
    and who may not can't tell what isn't public from what isn't there. Raises Http404.
    """
    try:
        return _by_uuid(rows(Side.PUBLIC), text), Side.PUBLIC
    except Http404:
        if not may():
            raise
    return _by_uuid(rows(Side.PRIVATE), text), Side.PRIVATE


def _by_uuid(rows: Any, text: str) -> object:
    return (
        find_row(rows, by_uuid, text)
        if isinstance(rows, ChosenColumns | ChosenRows)
        else find_or_404(rows, by_uuid, text)
    )
