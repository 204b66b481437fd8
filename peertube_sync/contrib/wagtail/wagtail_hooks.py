"""What Wagtail finds here by itself: the choosers, the page of sources, its place in the menu."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from peertube_sync.contrib.wagtail import choosers
from peertube_sync.contrib.wagtail.sources import VIEW, SourcesView

SOURCES = "peertube_sync_sources"


class SourcesItem(MenuItem):
    """Shown to those who may see the sources."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(VIEW)


@hooks.register("register_admin_viewset")
def register_choosers() -> list[object]:
    """Register the dialogs in which editors choose a video or a playlist."""
    return [choosers.videos, choosers.playlists]


@hooks.register("register_admin_urls")
def register_sources() -> list[URLPattern]:
    """Register the page that shows how the sources fare."""
    return [path("peertube/", SourcesView.as_view(), name=SOURCES)]


@hooks.register("register_admin_menu_item")
def register_item() -> MenuItem:
    """Put the page of sources into the menu."""
    return SourcesItem(_("PeerTube"), reverse(SOURCES), name="peertube", icon_name="media", order=900)
