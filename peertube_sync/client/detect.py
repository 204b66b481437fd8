"""Find out whether there is a PeerTube behind a host, which version, and whether it goes by that name.

Three ways, in this order: nodeinfo; the header `x-powered-by`; `og:platform` in the page at `/`.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from peertube_sync.client.errors import (
    AnswerError,
    BotCheck,
    CallsItself,
    MalformedAnswer,
    NotPeerTube,
    Refused,
    ServerError,
)
from peertube_sync.client.hosts import host_of
from peertube_sync.client.parse import parse
from peertube_sync.client.sanitise import one_line, version_text
from peertube_sync.client.transport import Transport
from peertube_sync.client.types import Json, Remote

CONFIG = "/api/v1/config"
SCHEMA_2_0 = "/ns/schema/2.0"
PLATFORM = re.compile(rb'<meta[^>]+property="og:platform"[^>]+content="PeerTube"', re.IGNORECASE)


class NodeInfoSoftware(Remote, kw_only=True):
    name: str
    version: str = ""


class NodeInfo(Remote, kw_only=True):
    """`/nodeinfo/2.0.json`, what we read of it."""

    software: NodeInfoSoftware


class NodeInfoLink(Remote, kw_only=True):
    rel: str
    href: str


class NodeInfoLinks(Remote, kw_only=True):
    """The answer to `/.well-known/nodeinfo`: which schema is where."""

    links: list[NodeInfoLink]


def detect(transport: Transport) -> str:
    """Return the version of the PeerTube that `transport` asks ("6.3.0", "" where it hides it).

    Raises NotPeerTube, naming the software that was found instead; CallsItself, when the server calls itself by
    another host; and whatever asking raises.
    """
    found = _by_nodeinfo(transport)
    if found is None and not _by_header(transport) and not _by_page(transport):
        raise NotPeerTube(
            f"{transport.host} answers, but nothing says that it is a PeerTube (no nodeinfo, no header, "
            "no og:platform); open it in a browser: is it the right host?"
        )
    if found:
        return found
    try:
        config: Json = parse(transport.get(CONFIG).json(CONFIG), dict[str, Any], f"{transport.host}{CONFIG}")
    except (AnswerError, MalformedAnswer):
        return ""
    return version_text(config.get("serverVersion"))


def probe(transport: Transport) -> None:
    """Ask one cheap question, to learn whether the server is well again; raises what it comes to.

    Where no PeerTube answers it, say what does instead.
    """
    try:
        parse(transport.get(CONFIG).json(CONFIG), dict, f"{transport.host}{CONFIG}")
    except BotCheck:
        raise
    except (Refused, MalformedAnswer):
        detect(transport)


def _by_nodeinfo(transport: Transport) -> str | None:
    try:
        links = parse(transport.get("/.well-known/nodeinfo").json("nodeinfo"), NodeInfoLinks, "nodeinfo").links
        href = next(link.href for link in links if link.rel.endswith(SCHEMA_2_0))
        # Identity is bound to the host that the server itself uses: its urls would not match otherwise.
        if (own := host_of(href)) and own != transport.host:
            raise CallsItself(f"the server at {transport.host} calls itself {own}: add {own} instead", href)
        software = parse(transport.get(urlsplit(href).path).json("nodeinfo"), NodeInfo, "nodeinfo").software
    except (Refused, ServerError, MalformedAnswer, StopIteration, ValueError):  # the last: no address at all
        return None
    if software.name.lower() != "peertube":
        found = f"{one_line(software.name[:100])} {version_text(software.version)}".strip()
        raise NotPeerTube(f"{transport.host} runs {found}, not PeerTube")
    return version_text(software.version)


def _by_header(transport: Transport) -> bool:
    """Judge by the header; what guards the API and won't let us in, or a server that fails, can't be judged."""
    try:
        return transport.get(CONFIG).headers.get("x-powered-by", "").lower() == "peertube"
    except Refused as error:
        if error.status in {401, 403} and not error.own:
            raise
        return False


def _by_page(transport: Transport) -> bool:
    try:
        return PLATFORM.search(transport.get("/").body) is not None
    except AnswerError:
        return False
