"""The pages of django CMS catch all that comes after them, so ours come before."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from project.urls import admin

urlpatterns = [
    path("watch/", include("peertube_sync.site.urls")),
    path("api/", include("peertube_sync.api.urls")),
    path("pictures/", include("peertube_sync.pictures.urls")),
    path("admin/", admin.site.urls),
    *i18n_patterns(path("", include("cms.urls"))),
]
