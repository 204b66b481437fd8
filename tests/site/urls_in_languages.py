"""Addresses of a project whose pages stand below the code of their language, as on many Wagtail sites."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = i18n_patterns(path("watch/", include("peertube_sync.site.urls")))
