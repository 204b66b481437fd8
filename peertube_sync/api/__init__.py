"""The catalogue over HTTP: read-only, open to everybody, in this project's own shape (PeerTube's names in snake_case).

Include `peertube_sync.api.urls` under a prefix of your choice. The views bring all they need themselves, so they work
the same whatever the host project's REST_FRAMEWORK says. `rest_framework` and `django_filters` have to be in
INSTALLED_APPS; the documentation page also needs `drf_spectacular` and `drf_spectacular_sidecar`.
"""
