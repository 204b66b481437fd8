"""The example site's addresses with the doorbell's, whatever DOORBELL said when they were first looked at."""

from django.urls import include, path

from peertube_sync.doorbell.urls import ROUTES
from project.urls import urlpatterns as of_the_site

urlpatterns = [path("", include((ROUTES, "peertube_sync_doorbell"))), *of_the_site]
