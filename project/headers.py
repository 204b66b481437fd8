"""The headers of this site: those of the app, the same for its admin, and nothing at all allowed elsewhere."""

from peertube_sync.headers import ADMIN, NOTHING, SecurityHeaders


class Headers(SecurityHeaders):
    """The middleware of this site."""

    policies = {**SecurityHeaders.policies, "admin": ADMIN}
    elsewhere = NOTHING
