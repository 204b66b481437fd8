"""The site's addresses; include them at the root or under a prefix of your choice."""

from django.urls import path

from peertube_sync.site import feeds, oembed, sitemaps, views
from peertube_sync.site.addresses import NAMESPACE

app_name = NAMESPACE

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("videos/", views.BrowseView.as_view(), name="videos"),
    path("videos/<uuid>/", views.VideoView.as_view(), name="video"),
    path("channels/", views.ChannelsView.as_view(), name="channels"),
    path("channels/<handle>/", views.ChannelView.as_view(), name="channel"),
    path("accounts/", views.AccountsView.as_view(), name="accounts"),
    path("accounts/<handle>/", views.AccountView.as_view(), name="account"),
    path("playlists/", views.PlaylistsView.as_view(), name="playlists"),
    path("playlists/<uuid>/", views.PlaylistView.as_view(), name="playlist"),
    path("instances/", views.InstancesView.as_view(), name="instances"),
    path("instances/<host>/", views.InstanceView.as_view(), name="instance"),
    path("feeds/rss/", feeds.RssFeed(), name="rss"),
    path("feeds/atom/", feeds.AtomFeed(), name="atom"),
    path("feeds/json/", feeds.json_feed, name="json-feed"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<int:part>.xml", sitemaps.part, name="sitemap-part"),
    path("oembed/", oembed.oembed, name="oembed"),
]
