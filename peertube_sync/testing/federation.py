"""Who follows whom, and an index of instances: hosts that a sandbox tells of.

Observed on 6.3.0: an entry has both ends, each with its host. The index is a service of its own in the real
world (`instances.joinpeertube.org`); a sandbox plays it too.
"""

from __future__ import annotations

from typing import Any

from peertube_sync.testing.answers import Answer, Request, json_answer
from peertube_sync.testing.identifiers import iso
from peertube_sync.testing.instance import document
from peertube_sync.testing.selection import read_page

ACTOR = "/accounts/peertube"


def following(request: Request) -> Answer:
    """List whom the instance follows: `catalogue.follows`, or as recorded."""
    return _follows(request, "server/following", [(request.host, host) for host in request.catalogue.follows])


def followers(request: Request) -> Answer:
    """List who follows the instance: `catalogue.followed_by`, or as recorded."""
    return _follows(request, "server/followers", [(host, request.host) for host in request.catalogue.followed_by])


def indexed_hosts(request: Request) -> Answer:
    """List `catalogue.indexed`, as an index of instances does; with `since` those that were added later."""
    since, added = request.query.get("since", [""])[0], request.catalogue.indexed_at
    hosts = [host for host in request.catalogue.indexed if not since or added.get(host, since) >= since]
    start, count = read_page(request.query)
    return json_answer({"total": len(hosts), "data": [{"host": host} for host in hosts[start : start + count]]})


def _follows(request: Request, name: str, pairs: list[tuple[str, str]]) -> Answer:
    start, count = read_page(request.query)
    if name in request.catalogue.documents:
        return json_answer(document(request.catalogue, name, request.host, request.version))
    numbered = list(enumerate(pairs, start=1))[start : start + count]
    return json_answer({"total": len(pairs), "data": [_follow(number, *pair) for number, pair in numbered]})


def _follow(number: int, follower: str, followed: str) -> dict[str, Any]:
    at = iso(number)
    ends = {"follower": _actor(follower), "following": _actor(followed)}
    return {"id": number, **ends, "score": 20, "state": "accepted", "createdAt": at, "updatedAt": at}


def _actor(host: str) -> dict[str, Any]:
    return {"url": f"http://{host}{ACTOR}", "name": "peertube", "host": host, "avatars": [], "banners": []}
