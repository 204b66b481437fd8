"""The site's addresses: the API, PeerTube's own, the admin, and the API's documentation in front."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/api/docs/"), name="home"),
    path("admin/", admin.site.urls),
    path("api/", include("peertube_sync.api.urls")),
    path("", include("peertube_sync.compat.urls")),  # off without this line
]
