"""Who follows whom, and an index of instances: hosts that a sandbox tells of.

Observed on 6.3.0: an entry has both ends, each with its host. The index is a service of its own in the real
world (`instances.joinpeertube.org`); a sandbox plays it too.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from peertube_sync.testing.answers import Answer, Request, json_answer
from peertube_sync.testing.identifiers import iso
from peertube_sync.testing.instance import document
from peertube_sync.testing.selection import read_page

JSON = dict[str, Any]

ACTOR = "/accounts/peertube"
TOLD: JSON = {"score": 20, "state": "accepted"}


def following(request: Request) -> Answer:
    """List whom the instance follows: `catalogue.follows`, or as recorded."""
    ends = [(_instance(request.host), _instance(host), TOLD) for host in request.catalogue.follows]
    return _follows(request, "server/following", ends)


def followers(request: Request) -> Answer:
    """List who follows the instance: `catalogue.followed_by` and whoever sent a Follow, or as recorded."""
    own = _instance(request.host)
    ends = [(_instance(host), own, TOLD) for host in request.catalogue.followed_by]
    ends += [
        (_actor_in_short(one.follower.url, one.follower.name), own, {"score": one.score, "state": one.state})
        for one in request.federation.follows
        if one.followed == ACTOR
    ]
    return _follows(request, "server/followers", ends)


def indexed_hosts(request: Request) -> Answer:
    """List `catalogue.indexed`, as an index of instances does; with `since` those that were added later."""
    since, added = request.query.get("since", [""])[0], request.catalogue.indexed_at
    hosts = [host for host in request.catalogue.indexed if not since or added.get(host, since) >= since]
    start, count = read_page(request.query)
    return json_answer({"total": len(hosts), "data": [{"host": host} for host in hosts[start : start + count]]})


def _follows(request: Request, name: str, ends: list[tuple[JSON, JSON, JSON]]) -> Answer:
    start, count = read_page(request.query)
    if name in request.catalogue.documents:
        return json_answer(document(request.catalogue, name, request.host, request.version))
    numbered = list(enumerate(ends, start=1))[start : start + count]
    return json_answer({"total": len(ends), "data": [_follow(number, *pair) for number, pair in numbered]})


def _follow(number: int, follower: JSON, followed: JSON, facts: JSON) -> JSON:
    at = iso(number)
    return {"id": number, "follower": follower, "following": followed, **facts, "createdAt": at, "updatedAt": at}


def _instance(host: str) -> JSON:
    return _actor_in_short(f"http://{host}{ACTOR}", "peertube")


def _actor_in_short(url: str, name: str) -> JSON:
    return {"url": url, "name": name, "host": urlsplit(url).netloc, "avatars": [], "banners": []}
