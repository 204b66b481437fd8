"""`path("", include("peertube_sync.doorbell.urls"))`: nothing at all unless DOORBELL is on."""

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
urlpatterns = ROUTES if get_settings().doorbell else []
