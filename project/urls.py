"""The site's addresses: the API, PeerTube's own, the admin, and the catalogue's own pages in front."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse

from peertube_sync.conf import get_settings

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#417690"/>'
    '<path d="M5 3v10l8-5z" fill="#fff"/></svg>'
)

handler400 = "project.errors.makes_no_sense"
handler403 = "project.errors.not_allowed"
handler404 = "project.errors.not_found"
handler500 = "project.errors.went_wrong"


def favicon(_request: HttpRequest) -> HttpResponse:
    """Answer what browsers ask every site for."""
    return HttpResponse(ICON, content_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


def robots(request: HttpRequest) -> HttpResponse:
    """Let robots read all pages, as these say which of them are to be found; name the sitemap if it is to be used."""
    lines = ["User-agent: *", "Disallow:"]
    if get_settings().search_engines == "site":
        lines.append(f"Sitemap: {request.build_absolute_uri(reverse('peertube_sync_site:sitemap'))}")
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain", headers={"Cache-Control": "max-age=3600"})


urlpatterns = [
    path("favicon.ico", favicon),
    path("robots.txt", robots),
    path("admin/", admin.site.urls),
    path("api/", include("peertube_sync.api.urls")),
    path("pictures/", include("peertube_sync.pictures.urls")),
    path("", include("peertube_sync.peertube_api.urls")),  # off without this line
    path("", include("peertube_sync.doorbell.urls")),  # nothing unless DOORBELL is on
    path("", include("peertube_sync.site.urls")),
]
