"""The routes of the sandbox: a path to the function that answers it, with PeerTube's operation name.

An operation name appears in the `docs` of a refusal where PeerTube has one. Unknown paths below
`/api/v1` get PeerTube's 400 without a body; paths outside of it its 406 for a JSON reader, or a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, NamedTuple

from peertube_sync.testing import federation, listing, oauth, pages, single
from peertube_sync.testing.activitypub import routes as activitypub
from peertube_sync.testing.answers import API, UNLIMITED, Answer, Request, json_answer, problem_answer
from peertube_sync.testing.instance import document
from peertube_sync.testing.limits import ACTIVITYPUB, CLIENT, LOGIN, WELL_KNOWN
from peertube_sync.testing.problems import ProblemError
from peertube_sync.testing.versions import KEYS


class Route(NamedTuple):
    """One route. `kept` is how many seconds PeerTube keeps and replays its whole answer.

    It is `locked` where no row may change while it answers; one that asks others first locks for itself.
    """

    pattern: re.Pattern[str]
    handler: Callable[..., Answer]
    operation: str | None = None
    bucket: str = API
    kept: int = 0
    method: str = "GET"
    locked: bool = True


def _document(name: str, **facts: Any) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        data = document(request.catalogue, name, request.host, request.version)
        return json_answer(data, **facts)

    return answer


def _table(path: str) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        table = request.catalogue.constants[path]
        return json_answer(request.version.shape(path, table) if path in KEYS else table)

    return answer


def _route(
    pattern: str,
    handler: Callable[..., Answer],
    operation: str | None = None,
    bucket: str = API,
    kept: int = 0,
    *,
    method: str = "GET",
    locked: bool = True,
) -> Route:
    """Return the route of a path; as with PeerTube, a slash at its end changes nothing."""
    return Route(re.compile(f"{pattern}/?"), handler, operation, bucket, kept, method, locked)


NODEINFO_TYPE = 'application/json; charset=utf-8; profile="http://nodeinfo.diaspora.software/ns/schema/2.0#"'
API_ROOT = "/api/v1"
ANY = "([^/]+)"
TEN_MINUTES, FOUR_HOURS = 600, 14_400

ROUTES = (
    _route("/.well-known/nodeinfo", _document("well-known"), None, WELL_KNOWN, TEN_MINUTES),
    _route(
        r"/nodeinfo/2\.0\.json",
        _document("nodeinfo", content_type=NODEINFO_TYPE),
        None,
        API,
        TEN_MINUTES,
    ),
    _route(f"{API_ROOT}/ping", pages.pong, None, UNLIMITED),
    _route(f"{API_ROOT}/config", _document("config")),
    _route(f"{API_ROOT}/config/about", _document("config/about")),
    _route(f"{API_ROOT}/server/stats", _document("server/stats"), None, API, FOUR_HOURS),
    _route(f"{API_ROOT}/server/following", federation.following),
    _route(f"{API_ROOT}/server/followers", federation.followers),
    _route(f"{API_ROOT}/instances/hosts", federation.indexed_hosts),
    _route(f"{API_ROOT}/videos/categories", _table("videos/categories")),
    _route(f"{API_ROOT}/videos/licences", _table("videos/licences")),
    _route(f"{API_ROOT}/videos/languages", _table("videos/languages")),
    _route(f"{API_ROOT}/videos/privacies", _table("videos/privacies")),
    _route(f"{API_ROOT}/video-playlists/privacies", _table("video-playlists/privacies")),
    _route(f"{API_ROOT}/videos", listing.videos, "getVideos"),
    _route(f"{API_ROOT}/videos/{ANY}", single.video, "getVideo"),
    _route(f"{API_ROOT}/videos/{ANY}/description", single.description, "getVideoDesc"),
    _route(f"{API_ROOT}/videos/{ANY}/captions", single.captions),
    _route(f"{API_ROOT}/videos/{ANY}/chapters", single.chapters),
    _route(f"{API_ROOT}/video-channels", listing.channels),
    _route(f"{API_ROOT}/video-channels/{ANY}", single.channel),
    _route(f"{API_ROOT}/video-channels/{ANY}/videos", listing.channel_videos),
    _route(f"{API_ROOT}/video-channels/{ANY}/video-playlists", listing.channel_playlists),
    _route(f"{API_ROOT}/accounts", listing.accounts),
    _route(f"{API_ROOT}/accounts/{ANY}", single.account),
    _route(f"{API_ROOT}/accounts/{ANY}/videos", listing.account_videos),
    _route(f"{API_ROOT}/accounts/{ANY}/video-channels", listing.account_channels),
    _route(f"{API_ROOT}/accounts/{ANY}/video-playlists", listing.account_playlists),
    _route(f"{API_ROOT}/video-playlists", listing.playlists),
    _route(f"{API_ROOT}/video-playlists/{ANY}", single.playlist),
    _route(f"{API_ROOT}/video-playlists/{ANY}/videos", listing.playlist_elements),
    _route(f"{API_ROOT}/search/videos", listing.search_videos, "searchVideos"),
    _route(f"{API_ROOT}/search/video-channels", listing.search_channels),
    _route(f"{API_ROOT}/search/video-playlists", listing.search_playlists),
    _route(f"{API_ROOT}/oauth-clients/local", oauth.client),
    _route(f"{API_ROOT}/users/token", oauth.token, None, LOGIN, method="POST"),
    _route(f"{API_ROOT}/users/revoke-token", oauth.revoke, method="POST"),
    _route(f"{API_ROOT}/users/me", oauth.me),
    _route(f"{API_ROOT}/users/me/videos", listing.own_videos),
    _route(f"{API_ROOT}/.*", pages.unknown_api_path, None, UNLIMITED),
    _route("/lazy-static/video-captions/([^/]+)", pages.caption_file, None, UNLIMITED),
    _route("/lazy-static/(?:thumbnails|previews|avatars|banners)/([^/]+)", pages.image, None, ""),
    _route(r"/robots\.txt", pages.robots),
    _route("/.well-known/webfinger", activitypub.webfinger, None, WELL_KNOWN),
    _route("/(accounts|video-channels)/([^/]+)", activitypub.actor, None, ACTIVITYPUB),
    _route(
        "/(accounts|video-channels)/([^/]+)/(followers|following|outbox)",
        activitypub.actor_collection,
        None,
        ACTIVITYPUB,
    ),
    _route(
        "/(accounts|video-channels)/([^/]+)/inbox", activitypub.inbox, None, ACTIVITYPUB, method="POST", locked=False
    ),
    _route("/inbox", activitypub.inbox, None, ACTIVITYPUB, method="POST", locked=False),
    _route("/", pages.front, None, CLIENT),
    _route(f"/(?:w|videos/watch)/{ANY}", pages.watch, None, CLIENT),
    _route(f"/videos/embed/{ANY}", pages.embed, None, CLIENT),
    _route(f"/video-playlists/embed/{ANY}", pages.embed_playlist, None, CLIENT),
    _route("/.*", pages.not_acceptable, None, CLIENT),
)


def takes_posts(path: str) -> bool:
    """Tell whether something can be posted to a path."""
    return find_route(path, "POST")[0].method == "POST"


def find_route(path: str, method: str = "GET") -> tuple[Route, tuple[str, ...]]:
    """Return the first route that a path fits, and the variable parts of the path."""
    for route in ROUTES:
        found = route.pattern.fullmatch(path)
        if found and (route.method == "POST") is (method == "POST"):
            return route, found.groups()
    return ROUTES[-1], ()


def answer(route: Route, parts: tuple[str, ...], request: Request) -> Answer:
    """Answer a request; refusals are answers too."""
    try:
        with request.catalogue.lock if route.locked else nullcontext():
            return route.handler(_with_reader(request), *parts)
    except ProblemError as problem:
        return problem_answer(problem, request, route.operation)


def _with_reader(request: Request) -> Request:
    """Find out which user asks: PeerTube refuses unknown tokens anywhere below its API."""
    if request.headers.get("authorization") and request.path.startswith(API_ROOT):
        return replace(request, reader=oauth.known_user(request).account)
    return request
