"""The site's addresses; include them at the root or under a prefix of your choice."""

from django.urls import URLPattern, path

from peertube_sync.faces.pages import NAMESPACE
from peertube_sync.site import feeds, look_files, oembed, playlists, sitemaps, subjects, transcript, views
from peertube_sync.site.errors import error_text
from peertube_sync.site.guard import View, guarded

app_name = NAMESPACE


def _page(route: str, view: View, name: str) -> URLPattern:
    return path(route, guarded(view), name=name)


def _tabs(route: str, kind: subjects.SubjectKind) -> list[URLPattern]:
    """Return the addresses of a kind: its first tab has `route`, each other one a name below it."""
    first, *others = kind.tabs
    below = [(tab, f"{route}{tab}/", f"{kind.name}-{tab}") for tab in others]
    return [
        _page(address, subjects.PAGES[tab].as_view(kind=kind), name)
        for tab, address, name in [(first, route, kind.name), *below]
    ]


def _file(route: str, view: View, name: str) -> URLPattern:
    return path(route, guarded(view, error_text), name=name)


urlpatterns = [
    _page("", views.HomeView.as_view(), "home"),
    _page("videos/", views.BrowseView.as_view(), "videos"),
    _page("videos/<uuid>/", views.VideoView.as_view(), "video"),
    _page("videos/<uuid>/transcript/", transcript.TranscriptView.as_view(), "transcript"),
    _page("channels/", views.ChannelsView.as_view(), "channels"),
    *_tabs("channels/<handle>/", subjects.CHANNEL),
    _page("accounts/", views.AccountsView.as_view(), "accounts"),
    *_tabs("accounts/<handle>/", subjects.ACCOUNT),
    _page("playlists/", views.PlaylistsView.as_view(), "playlists"),
    _page("playlists/<uuid>/", playlists.PlaylistView.as_view(), "playlist"),
    _page("instances/", views.InstancesView.as_view(), "instances"),
    *_tabs("instances/<host>/", subjects.INSTANCE),
    _file("feeds/rss/", feeds.RssFeed(), "rss"),
    _file("feeds/atom/", feeds.AtomFeed(), "atom"),
    _file("feeds/json/", feeds.json_feed, "json-feed"),
    _file("sitemap.xml", sitemaps.index, "sitemap"),
    _file("sitemap-<int:part>.xml", sitemaps.part, "sitemap-part"),
    _file("oembed/", oembed.oembed, "oembed"),
    _file("look/logo-<version>.webp", look_files.logo, "logo"),
    _file("look/<light>-<dark>.css", look_files.colours, "colours"),
]
