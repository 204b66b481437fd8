"""PeerTube's pages: redirects to the site's own where it is installed, else to the home; players are the home's.

Who wants the object of ActivityPub is led to the home's, since nothing here speaks that protocol.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_vary_headers

from peertube_sync.models.base import Row
from peertube_sync.models.reading import (
    HOME,
    PLAYLIST_PLAYER,
    embed_address,
    home_url,
    playlist_address,
    scheme_and_host,
    watch_address,
)
from peertube_sync.peertube_api import paths, redirects, views
from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.problems import Refusal

Find = Callable[[str, tuple[str, ...]], Row]
SITE = "peertube_sync_site"
"""The name space of the site's pages: another face, which a project may have or not."""
NAMED, PLAYER = ("uuid", *HOME), ("embed_path", "uuid")
ACTOR = ("name", *HOME)
LISTS = {
    **dict.fromkeys(("all", "browse", "local", "overview", "recently-added"), ""),
    **dict.fromkeys(("hot", "most-viewed", "trending"), "ordering=-views"),
    "most-liked": "ordering=-likes",
}
"""PeerTube's pages of all videos, by what follows `/videos/`: which order the site shows them in."""


def lead_to_list(query: Query, name: str) -> HttpResponse:
    """Lead to the site's page of all videos. Raises Http404 where there is none."""
    if not (page := _site("videos")):
        raise Http404
    return redirects.here(replace(query, asked=LISTS[name]), page)


def lead_to_video(query: Query, name: str) -> HttpResponse:
    """Lead to where people watch a video."""
    row = _find_row_of_page(views.find_video, name, NAMED)
    at_home = scheme_and_host(row)
    page, activity = watch_address(*at_home, row["uuid"]), f"{home_url(*at_home)}/videos/watch/{row['uuid']}"
    return _led(query, _site("video", row["uuid"]), page, activity)


def lead_to_playlist(query: Query, name: str) -> HttpResponse:
    """Lead to the page of a playlist."""
    row = _find_row_of_page(views.find_playlist, name, NAMED)
    at_home = scheme_and_host(row)
    page, activity = playlist_address(*at_home, row["uuid"]), f"{home_url(*at_home)}/video-playlists/{row['uuid']}"
    return _led(query, _site("playlist", row["uuid"]), page, activity)


def lead_to_channel(query: Query, handle: str) -> HttpResponse:
    """Lead to the page of a channel."""
    return _lead_to_actor(query, "channel", _find_row_of_page(views.find_channel, handle, ACTOR), "c", "video-channels")


def lead_to_account(query: Query, handle: str) -> HttpResponse:
    """Lead to the page of an account."""
    return _lead_to_actor(query, "account", _find_row_of_page(views.find_account, handle, ACTOR), "a", "accounts")


def lead_to_actor(query: Query, handle: str) -> HttpResponse:
    """Lead to the page of the account with this handle, else of the channel, as PeerTube does."""
    try:
        return lead_to_account(query, handle)
    except Http404:
        return lead_to_channel(query, handle)


def lead_to_player(query: Query, name: str) -> HttpResponse:
    """Lead to the player of a video at its home, in a frame or not."""
    row = _find_row_of_page(views.find_video, name, (*HOME, *PLAYER))
    return redirects.framed(
        redirects.home_page(query, embed_address(*scheme_and_host(row), row["embed_path"], row["uuid"]))
    )


def lead_to_playlist_player(query: Query, name: str) -> HttpResponse:
    """Lead to the player of a playlist at its home."""
    row = _find_row_of_page(views.find_playlist, name, (*HOME, *PLAYER))
    address = embed_address(*scheme_and_host(row), row["embed_path"], row["uuid"], PLAYLIST_PLAYER)
    return redirects.framed(redirects.home_page(query, address))


def _lead_to_actor(query: Query, page: str, row: Row, short: str, long: str) -> HttpResponse:
    name, at_home = quote(row["name"], safe=""), home_url(*scheme_and_host(row))
    site = _site(page, f"{row['name']}@{row['instance__host']}")
    return _led(query, site, f"{at_home}/{short}/{name}", f"{at_home}/{long}/{name}")


def _find_row_of_page(find: Find, name: str, columns: tuple[str, ...]) -> Row:
    """Return the row that an address names. Raises Http404 for any that names none: people read that."""
    try:
        return find(name, columns)
    except Refusal as error:
        raise Http404(error.detail) from error


def _led(query: Query, site: str, page: str, activity: str) -> HttpResponse:
    """Lead to the page of the `site`, without one to the `page` at home; to `activity` there who wants that."""
    if query.wants_activity:
        response = redirects.home(query, activity)
    else:
        response = redirects.here(query, site) if site else redirects.home_page(query, page)
    patch_vary_headers(response, ["Accept"])
    return response


def _site(page: str, *named: Any) -> str:
    """Return the path of a page of the site; "" where the site isn't installed, or no path can hold the name."""
    try:
        return paths.below(reverse(f"{SITE}:{page}", args=named))
    except NoReverseMatch:
        return ""
