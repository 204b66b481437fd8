"""Paths that were documented once still work, and name the new one."""

import sys
from importlib import import_module

import pytest
from django.urls import include


def test_the_old_path_of_peertubes_urls_leads_to_the_new_one_and_says_so():
    sys.modules.pop("peertube_sync.compat.urls", None)
    with pytest.warns(DeprecationWarning, match=r"Include peertube_sync\.peertube_api\.urls"):
        module, app_name, _ = include("peertube_sync.compat.urls")

    new = import_module("peertube_sync.peertube_api.urls")
    assert module.urlpatterns is new.urlpatterns
    assert app_name == new.app_name
