"""Lists and single rows that needn't be made while nothing has changed; all that ask are counted and checked."""

from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from peertube_sync.api.base import KEPT_BY_NOBODY, CatalogueView, Narrowing
from peertube_sync.api.renderers import JSONRenderer
from peertube_sync.faces import kept


class KeptAnswers(ListModelMixin, CatalogueView):
    """A view whose answers are the same until the revision of the catalogue is another one."""

    keeps: ClassVar[bool] = True
    """Whether that is so of all that it shows."""
    place: kept.KeptPlace | None = None

    def find_kept(self, request: Request) -> HttpResponseBase | None:
        """Return the answer, or that it is known; None where it is to be made, of the state that `place` has then."""
        is_json = request.accepted_renderer.format == JSONRenderer.format
        if not (self.keeps and is_json) or self.kept is KEPT_BY_NOBODY:
            return None
        self.place = kept.place(request._request, request.accepted_media_type, self.reading, dated=True)
        return self.place.find(request._request) if self.place else None

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Return the list, made or kept."""
        nothing: Any = type(self).queryset  # what narrows isn't read yet
        self.filters = Narrowing().checked(request, nothing, self)
        return self.find_kept(request) or super().list(request, *args, **kwargs)

    def unless_known(self, request: Request, answer: Response) -> HttpResponseBase:
        """Keep the answer besides, for those who ask next."""
        if self.place is None:
            return super().unless_known(request, answer)
        return self.place.keep(answer).unless_same(request._request, answer)
