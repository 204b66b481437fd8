"""What needs an account, which nobody has here: refused as PeerTube does, so that no client asks for a password."""

from urllib.parse import urlsplit

from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.problems import Refusal

ADDRESSES = (
    *("users", "users/me", "users/me/<path:rest>", "users/<int:id>", "config/custom"),
    *("video-channels/<handle>/followers", "accounts/<handle>/followers", "accounts/<handle>/ratings"),
    *("videos/<name>/source", "videos/<name>/token"),
)
"""What only people who are logged in may read."""


def needs_login(_query: Query, **_parts: str) -> None:
    """Refuse: whatever token came, it is none of ours."""
    raise Refusal(401, "Token is invalid", code="unauthorized_request")


def oauth_client(query: Query) -> None:
    """Refuse what a client needs before it asks people for a password."""
    message = f"Getting client tokens for host {urlsplit(query.root).netloc} is forbidden"
    raise Refusal(403, message)
