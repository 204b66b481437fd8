"""Wagtail's pages catch all that comes after them, so ours come before."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from project.urls import admin

urlpatterns = [
    path("django-admin/", admin.site.urls),
    path("admin/", include(wagtailadmin_urls)),
    path("watch/", include("peertube_sync.site.urls")),
    path("api/", include("peertube_sync.api.urls")),
    path("pictures/", include("peertube_sync.pictures.urls")),
    path("", include(wagtail_urls)),
]
