"""The old path of `peertube_sync.peertube_api.urls`, for sites that include it."""

import warnings

from peertube_sync.peertube_api.urls import app_name, urlpatterns

__all__ = ["app_name", "urlpatterns"]

warnings.warn(
    "Include peertube_sync.peertube_api.urls; peertube_sync.compat.urls will go with version 1.0.",
    DeprecationWarning,
    stacklevel=2,
)
