"""The API's addresses; include them under a prefix of your choice."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from peertube_sync.api import staff, terms, views
from peertube_sync.api.health import Health
from peertube_sync.api.metrics import Metrics
from peertube_sync.api.root import Root
from peertube_sync.api.schema import DocsView, SchemaView
from peertube_sync.api.suggest import Suggest

app_name = "peertube_sync_api"

ROOT = {
    "videos": "videos-list",
    "channels": "channels-list",
    "accounts": "accounts-list",
    "playlists": "playlists-list",
    "categories": "categories",
    "languages": "languages",
    "licences": "licences",
    "tags": "tags",
    "suggest": "suggest",
    "instances": "instances-list",
    "sources": "sources",
    "curations": "curations",
    "schema": "schema",
    "docs": "docs",
}
"""What the root lists: names of addresses, by the word shown."""

router = SimpleRouter()
router.register("videos", views.VideoViewSet, "videos")
router.register("channels", views.ChannelViewSet, "channels")
router.register("accounts", views.AccountViewSet, "accounts")
router.register("playlists", views.PlaylistViewSet, "playlists")
router.register("instances", views.InstanceViewSet, "instances")

urlpatterns = [
    *router.urls,  # Django tries one after the other: what is asked for most comes first
    path("", Root.as_view(names=ROOT), name="root"),
    path("health/", Health.as_view(), name="health"),
    path("metrics/", Metrics.as_view(), name="metrics"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    path("categories/", terms.Categories.as_view(), name="categories"),
    path("languages/", terms.Languages.as_view(), name="languages"),
    path("licences/", terms.Licences.as_view(), name="licences"),
    path("tags/", terms.Tags.as_view(), name="tags"),
    path("suggest/", Suggest.as_view(), name="suggest"),
    path("accounts/<handle>/videos/", views.AccountVideos.as_view(), name="account-videos"),
    path("accounts/<handle>/channels/", views.AccountChannels.as_view(), name="account-channels"),
    path("accounts/<handle>/playlists/", views.AccountPlaylists.as_view(), name="account-playlists"),
    path("channels/<handle>/videos/", views.ChannelVideos.as_view(), name="channel-videos"),
    path("channels/<handle>/playlists/", views.ChannelPlaylists.as_view(), name="channel-playlists"),
    path("playlists/<uuid>/elements/", views.PlaylistElements.as_view(), name="playlist-elements"),
    path("playlists/<uuid>/videos/", views.PlaylistVideos.as_view(), name="playlist-videos"),
    path("videos/<uuid>/captions/", views.VideoCaptions.as_view(), name="video-captions"),
    path("videos/<uuid>/chapters/", views.VideoChapters.as_view(), name="video-chapters"),
    path("videos/<uuid>/related/", views.RelatedVideos.as_view(), name="video-related"),
    path("videos/<uuid>/curation/", staff.VideoCuration.as_view(), name="video-curation"),
    path("curations/", staff.Curations.as_view(), name="curations"),
    path("sources/", staff.Sources.as_view(), name="sources"),
    path("sources/<id>/", staff.OneSource.as_view(), name="source"),
    path("sources/<id>/sync/", staff.SyncSource.as_view(), name="source-sync"),
]
