"""Who may see what isn't public, on pages: users of the host project's sessions with the permission."""

from django.http import HttpRequest

from peertube_sync.catalogue import visibility


def visitor_may_see_private(request: HttpRequest) -> bool:
    """Tell whether who looks may. Without a session's cookie nobody is logged in, and no session is looked at."""
    return visibility.has_session(request) and visibility.may_see_private(getattr(request, "user", None))
