"""What needs an account, which nobody has here: refused as PeerTube does, so that no client asks for a password."""

from urllib.parse import urlsplit

from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.problems import Refusal, no_account

ADDRESSES = (
    *("users", "users/me", "users/me/<path:rest>", "users/<int:id>", "config/custom"),
    *("video-channels/<handle>/followers", "accounts/<handle>/followers", "accounts/<handle>/ratings"),
    *("videos/<name>/source", "videos/<name>/token", "videos/<name>/rate", "videos/<name>/passwords"),
    *("videos/<name>/stats/<path:rest>", "videos/<name>/comments/<int:id>", "videos/<name>/captions/<rest>"),
    *("abuses", "jobs/<name>", "plugins", "server/blocklist/<path:rest>"),
)
"""What only people who are logged in may ask."""
TO_WRITE = {
    **dict.fromkeys(("video-channels", "video-playlists", "video-playlists/<name>/videos"), ("POST",)),
    **dict.fromkeys(("video-channels/<handle>", "video-playlists/<name>"), ("PUT", "DELETE")),
    "videos/<name>": ("POST", "PUT", "DELETE"),  # posted are `videos/upload`, `videos/live` and the like
    "videos/<name>/comment-threads": ("POST",),
}
"""What everybody may read, and only people who are logged in may write: the methods, by the address."""


def needs_login(_query: Query, **_parts: str) -> None:
    raise no_account()


def token(_query: Query) -> None:
    """Refuse to log anybody in: whoever asks has no client of ours."""
    raise Refusal(400, "Invalid client: client is invalid", code="invalid_client")


def oauth_client(query: Query) -> None:
    """Refuse what a client needs before it asks people for a password."""
    message = f"Getting client tokens for host {urlsplit(query.root).netloc} is forbidden"
    raise Refusal(403, message)
