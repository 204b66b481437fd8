"""The catalogue in PeerTube's own wire format, so that its clients read it and its servers search in it.

Include `peertube_sync.peertube_api.urls` at the root of the site. Read-only, open to everybody. What is said is
PeerTube 6.3's, with the newer forms of 8.2 beside the older ones. `serializers` alone knows the
outgoing camelCase.
"""
