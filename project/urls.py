"""The site's addresses: the API, the admin, and the catalogue's own pages in front."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("peertube_sync.api.urls")),
    path("", include("peertube_sync.site.urls")),
]
