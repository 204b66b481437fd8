"""`path("", include("peertube_sync.doorbell.urls"))`: nothing at all unless DOORBELL is on."""

from django.core.exceptions import ImproperlyConfigured
from django.urls import path, re_path

from peertube_sync.conf import get_settings
from peertube_sync.doorbell import views

app_name = "peertube_sync_doorbell"

ROUTES = [
    path("ap/actor", views.actor, name="actor"),
    path("ap/inbox", views.inbox, name="inbox"),
    re_path(r"^ap/actor/(followers|following|outbox)$", views.collection, name="collection"),
    path(".well-known/webfinger", views.webfinger, name="webfinger"),
]


def _is_on() -> bool:
    """Tell whether DOORBELL is on; not where the settings can't be read, which a system check tells of."""
    try:
        return get_settings().doorbell
    except ImproperlyConfigured:
        return False


urlpatterns = ROUTES if _is_on() else []
