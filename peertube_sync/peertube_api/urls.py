"""PeerTube's addresses; include them at the root of the site, where its clients look."""

import re
from functools import partial
from typing import Any

from django.urls import URLPattern, path, re_path

from peertube_sync.peertube_api import (
    comments,
    feed_formats,
    feeds,
    files,
    instances,
    login_required,
    oembed,
    pages,
    published_files,
    search,
    server_info,
    views,
    webfinger,
)
from peertube_sync.peertube_api.endpoints import READ, Handler, endpoint, unknown

app_name = "peertube_sync_compat"

ANY_METHOD = (*READ, "POST")
WRITING = (*ANY_METHOD, "PUT", "PATCH", "DELETE")
DOCUMENTS: dict[str, Handler] = {
    "config": server_info.config,
    "config/about": server_info.about,
    "server/stats": server_info.stats,
    "videos/categories": server_info.categories,
    "videos/licences": server_info.licences,
    "videos/languages": server_info.languages,
    "videos/privacies": server_info.privacies,
    "video-playlists/privacies": server_info.playlist_privacies,
    "instances": instances.list_instances,
    "instances/hosts": instances.list_hosts,
    "instances/stats": instances.instance_stats,
    "server/following": instances.following,
    "server/followers": instances.followers,
    "ping": server_info.ping,
    "videos/<name>/comment-threads": comments.comment_threads,
    "videos/<name>/comment-threads/<thread>": comments.comment_threads,
}
READS: dict[str, Handler] = {
    "videos/<name>/captions": views.captions,
    "videos/<name>/chapters": views.chapters,
    "videos/<name>/storyboards": views.storyboards,
    "video-channels": views.channels,
    "video-channels/<handle>": views.channel,
    "video-channels/<handle>/videos": views.channel_videos,
    "video-channels/<handle>/video-playlists": views.channel_playlists,
    "accounts": views.accounts,
    "accounts/<handle>": views.account,
    "accounts/<handle>/videos": views.account_videos,
    "accounts/<handle>/video-channels": views.account_channels,
    "accounts/<handle>/video-playlists": views.account_playlists,
    "video-playlists": views.playlists,
    "video-playlists/<name>": views.playlist,
    "video-playlists/<name>/videos": views.elements,
}
"""The views, by their address below `/api/v1/`."""
CHARACTERS = {"path": ".+?", "two": "[^/]+/[^/]+", "int": "[0-9]+", None: "[^/]+"}
"""The characters that an address may have for `<path:name>`, `<two:name>`, `<int:name>` and `<name>`."""


PAGES: dict[str, Handler] = {
    "w/p/<name>": pages.lead_to_playlist,
    "w/<name>": pages.lead_to_video,
    "videos/watch/playlist/<name>": pages.lead_to_playlist,
    "videos/watch/<name>": pages.lead_to_video,
    "videos/embed/<name>": pages.lead_to_player,
    "video-playlists/embed/<name>": pages.lead_to_playlist_player,
    "video-playlists/<name>": pages.lead_to_playlist,
    "c/<handle>": pages.lead_to_channel,
    "video-channels/<handle>": pages.lead_to_channel,
    "a/<handle>": pages.lead_to_account,
    "@<handle>": pages.lead_to_actor,
}
"""PeerTube's pages. What follows, a tab of the page or a comment, is left out."""
FILES: dict[str, Handler] = {
    "thumbnails/videos/<uuid>/<name>": files.video_thumbnail,
    "thumbnails/playlists/<uuid>/<name>": files.playlist_thumbnail,
    "previews/videos/<uuid>/<name>": files.video_preview,
    "avatars/accounts/<handle>/<two:rest>": files.account_avatar,
    "avatars/channels/<handle>/<two:rest>": files.channel_avatar,
    "avatars/instances/<host>/<two:rest>": files.instance_avatar,
    "banners/channels/<handle>/<two:rest>": files.channel_banner,
    "banners/instances/<host>/<two:rest>": files.instance_banner,
    "video-captions/<uuid>/<two:rest>": files.caption,
}
"""The targets of paths in answers, by their address below `/lazy-static/`; `rest` is a width or language, and a
name."""
PUBLISHED = (
    *("lazy-static", "download"),
    *(f"static/{folder}" for folder in ("avatars", "previews", "redundancy", "storyboards", "streaming-playlists")),
    *(f"static/{folder}" for folder in ("thumbnails", "torrents", "video-captions", "web-videos", "webseed")),
)
"""Where a PeerTube has its files. A site may have its own static files below `/static/`."""


def _route(address: str, handler: Handler, operation: str = "", **options: Any) -> URLPattern:
    """Return the route of `address`, which is its name too; as with PeerTube, a slash at its end changes nothing."""
    view = endpoint(handler, operation, account=login_required.TO_WRITE.get(address, ()), **options)
    return re_path(f"^api/v1/{_pattern(address)}/?$", view, name=_name_of_route(address))


def _name_of_route(address: str) -> str:
    return re.sub(r"<\w+:", "<", address)  # Django refuses names with a colon


def _pattern(address: str, part: str = CHARACTERS[None]) -> str:
    characters = {**CHARACTERS, None: part}
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda named: f"(?P<{named[2]}>{characters[named[1]]})", address)


CHAPTERS = f"{feed_formats.CHAPTERS}; charset=utf-8"
FEEDS: dict[str, Handler] = {
    **{f"videos.{ending}": partial(feeds.video_feed, ending=ending) for ending in feed_formats.FORMATS},
    **{f"video-comments.{ending}": partial(feeds.comment_feed, ending=ending) for ending in feed_formats.FORMATS},
    "podcast/videos.xml": feeds.podcast_feed,
}
"""Feeds by their addresses below `/feeds/`."""

LISTS = ("video-channels", "accounts", "video-playlists")
"""Those of READS that are asked for most, and have no other address in them."""

urlpatterns = [
    # Django tries one after the other: what is asked for most comes first.
    _route("videos", views.videos, "getVideos", keeps=True),
    *(_route(address, READS[address], keeps=True) for address in LISTS),
    path("services/oembed", endpoint(oembed.oembed, keeps=True), name="services-oembed"),
    *(path(f"feeds/{address}", endpoint(feed, keeps=True), name=f"feeds/{address}") for address, feed in FEEDS.items()),
    path(
        "feeds/podcast/chapters/<name>.json",
        endpoint(feeds.podcast_chapters, keeps=True, kind=CHAPTERS),
        name="feed-chapters",
    ),
    path(".well-known/nodeinfo", endpoint(server_info.well_known), name="well-known-nodeinfo"),
    path(".well-known/webfinger", endpoint(webfinger.webfinger), name="well-known-webfinger"),
    path(".well-known/host-meta", endpoint(webfinger.host_meta), name="well-known-host-meta"),
    path("nodeinfo/2.0.json", endpoint(server_info.nodeinfo, kind=server_info.NODEINFO_TYPE), name="nodeinfo"),
    *(_route(address, handler) for address, handler in DOCUMENTS.items()),
    _route("videos/<name>", views.video, "getVideo", keeps=True, waits=True),
    _route("videos/<name>/description", views.description, "getVideoDesc", keeps=True),
    *(_route(address, handler, keeps=True) for address, handler in READS.items() if address not in LISTS),
    _route("search/videos", search.answer_video_search, "searchVideos", methods=ANY_METHOD, keeps=True),
    _route("search/video-channels", search.answer_channel_search, methods=ANY_METHOD, keeps=True),
    _route("search/video-playlists", search.answer_playlist_search, methods=ANY_METHOD, keeps=True),
    *(
        re_path(f"^{_pattern(address, '[^/;]+')}(?:[;/].*)?$", endpoint(handler), name=address)
        for address, handler in PAGES.items()
    ),
    *(
        path(f"videos/{one}", endpoint(partial(pages.lead_to_list, name=one)), name=f"videos/{one}")
        for one in pages.LISTS
    ),
    # With a slash at its end, this is the site's own page.
    # The site's tabs of accounts have such addresses, too.
    re_path(
        r"^accounts/(?P<handle>[^/;]+)(?:/(?!(?:channels|playlists|about)/$)[^/]+/?)?$",
        endpoint(pages.lead_to_account),
        name="accounts/<handle> page",
    ),
    *(
        re_path(f"^lazy-static/{_pattern(address)}$", endpoint(handler), name=f"lazy-static/{_name_of_route(address)}")
        for address, handler in FILES.items()
    ),
    *(
        re_path(
            f"^{folder}/(?P<rest>.+)$", endpoint(partial(published_files.lead, f"/{folder}/")), name=f"{folder}/<rest>"
        )
        for folder in PUBLISHED
    ),
    _route("oauth-clients/local", login_required.oauth_client, "getOAuthClient"),
    _route("users/token", login_required.token, "getOAuthToken", methods=("POST",)),
    *(_route(address, login_required.needs_login, methods=WRITING) for address in login_required.ADDRESSES),
    path("api/v1/<path:rest>", endpoint(unknown, methods=ANY_METHOD), name="unknown"),
]
