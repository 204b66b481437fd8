"""What isn't public, for users with the permission: in a list `privacy` asks for it, a single row is found by its uuid.

Who asks is looked at only then, as the host project has people log in. Whatever is public knows no user, and may be
kept by every cache; what isn't is kept by none.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from peertube_sync.api.base import KEPT_BY_NOBODY, CatalogueView
from peertube_sync.api.logins import logins, user_of
from peertube_sync.catalogue.filters import PRIVACY
from peertube_sync.catalogue.lookups import find_video_of_side
from peertube_sync.catalogue.visibility import Side, has_session, may_see_private


class MaySeePrivate(BasePermission):
    """Whom Django's permissions allow to see what isn't public."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return may_see_private(user_of(request))


class BothSides(CatalogueView):
    """A view of public videos, or of one that isn't: `side` tells which."""

    side = Side.PUBLIC
    looks_at_users = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if PRIVACY in self.known_parameters():
            self.fails = (401, 403)

    @property
    def asks_private(self) -> bool:
        """Tell whether a list of what isn't public is asked for; nothing is while the API is being described."""
        request: Any = self.request
        return bool(request and any(request.GET.getlist(PRIVACY))) and PRIVACY in self.known_parameters()

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Return how people log in, where that matters."""
        return logins() if self.asks_private else []

    def get_permissions(self) -> Any:
        return [MaySeePrivate()] if self.asks_private else super().get_permissions()

    def perform_authentication(self, request: Request) -> None:
        """Look at nobody before it matters."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Choose the side of a list. Raises ValidationError, NotAuthenticated, PermissionDenied."""
        super().initial(request, *args, **kwargs)
        self.turn_to(Side.PRIVATE if self.asks_private else Side.PUBLIC)

    def either(self, rows: Callable[[Side], Any]) -> Any:
        """Return the one of `rows`, of either side, that the address names. Raises Http404."""
        row, side = find_video_of_side(rows, self.kwargs["uuid"], self._may_see_private)
        self.turn_to(side)
        return row

    def takes_parts(self, context: Mapping[str, Any]) -> bool:
        """Tell whether answers may be put together of parts, which there are of public rows alone."""
        return self.side is Side.PUBLIC and super().takes_parts(context)

    def turn_to(self, side: Side) -> None:
        """Answer with what is on a side; caches are told."""
        self.side = side
        self.kept = KEPT_BY_NOBODY if side is Side.PRIVATE else type(self).kept

    def _may_see_private(self) -> bool:
        """Tell whether who asks may; who can't be known is nobody, and finds nothing."""
        self.request.authenticators = [
            login for login in logins() if has_session(self.request) or not isinstance(login, SessionAuthentication)
        ]
        try:
            return may_see_private(user_of(self.request))
        except AuthenticationFailed:
            return False
