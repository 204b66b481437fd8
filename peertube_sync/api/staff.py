"""What people with Django's permissions may do: add sources and sync them, hide, feature and restore videos.

They log in as the host project's REST_FRAMEWORK says (`DEFAULT_AUTHENTICATION_CLASSES`), by its session if it says
nothing; with a session, what writes has to bring Django's CSRF token.
"""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db.transaction import atomic, non_atomic_requests, on_commit
from django.utils.decorators import method_decorator
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from peertube_sync.api.base import KEPT_BY_NOBODY, CatalogueView, OpenView
from peertube_sync.api.logins import user_of
from peertube_sync.api.problems import invalid_parameter
from peertube_sync.api.serializers.staff import (
    AddedSourceSerializer,
    AddSourceSerializer,
    CurationSerializer,
    DecisionSerializer,
    SourceSerializer,
    SyncSerializer,
)
from peertube_sync.catalogue.filters import CurationFilters, SourceFilters
from peertube_sync.catalogue.lookups import by_id, by_uuid, find_or_404
from peertube_sync.client.errors import PeerTubeError
from peertube_sync.conf import get_settings
from peertube_sync.history import log
from peertube_sync.ingest.search_documents import index_now
from peertube_sync.models import PUBLIC, Action, Curation, Source, SourceState, Via, Video, decided
from peertube_sync.sync.operations.add import add_source, plan_source
from peertube_sync.sync.schedule import make_due

VIEW, ADD, CHANGE = (f"%(app_label)s.{action}_%(model_name)s" for action in ("view", "add", "change"))


class Permitted(DjangoModelPermissions):
    """Users who have Django's permissions on the rows of the view."""

    perms_map = {"GET": [VIEW], "HEAD": [VIEW], "OPTIONS": [VIEW], "POST": [ADD], "PATCH": [CHANGE]}


class MayChange(Permitted):
    """Users who have Django's permission to change the rows of the view, where a POST changes one."""

    perms_map = {**Permitted.perms_map, "POST": [CHANGE]}


class Conflict(APIException):
    """The action can't be done to the row in its present state."""

    status_code = 409


class StaffView(OpenView):
    """A view for people with permissions; kept in no cache."""

    looks_at_users = True
    authentication_classes = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    permission_classes = (Permitted,)
    kept = KEPT_BY_NOBODY
    fails: tuple[int, ...] = (401, 403)

    def perform_authentication(self, request: Request) -> None:
        """Authenticate the user, and check the permissions. Raises AuthenticationFailed."""
        user_of(request)

    def read(self, request: Request) -> dict[str, Any]:
        """Return the body as it is described. Raises ValidationError."""
        sent = self.takes[str(request.method)](data=request.data, partial=request.method == "PATCH")
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)


class SourceRows(StaffView, CatalogueView):
    """What all views of sources have in common."""

    queryset = Source.objects.select_related("instance")
    serializer_class = SourceSerializer

    def one(self) -> Source:
        """Return the source that the address names. Raises Http404."""
        source: Source = find_or_404(self.get_queryset(), by_id, self.kwargs["id"])
        return source


@method_decorator(non_atomic_requests, name="dispatch")  # a server is asked, which takes its time
class Sources(SourceRows, ListAPIView[Any]):
    """What is mirrored here, the first added first."""

    filterset_class = SourceFilters
    ordering_fields, ordering = ("added_at",), "added_at"
    takes = {"POST": AddSourceSerializer}
    gives = {"POST": {201: AddedSourceSerializer, 200: AddedSourceSerializer}}

    def post(self, request: Request, **_prefix: Any) -> Response:
        """Add a source: its server is asked about it at once, and mirrored from the next sync on.

        What was added before stays as it is, and is answered by 200.
        """
        sent = self.read(request)
        try:
            planned = plan_source(sent["what"], get_settings(), sent["rules"])
        except PeerTubeError as error:
            raise invalid_parameter("what", str(error)) from error
        except Invalid as error:
            raise invalid_parameter("rules", " ".join(error.messages)) from error
        source, new = add_source(planned, sent["rules"])
        if new:
            log(Action.ADDED, [source], user=request.user, via=Via.API)
        source = self.get_queryset().get(pk=source.pk)
        source.cost = planned
        return Response(AddedSourceSerializer(source).data, status=201 if new else 200)


class OneSource(SourceRows):
    """One source."""

    def is_list(self) -> bool:
        """Tell a list from a single row."""
        return False

    def get(self, request: Request, **_names: Any) -> Response:
        return Response(self.get_serializer(self.one()).data)


class SyncSource(SourceRows):
    """A source, made due."""

    permission_classes = (MayChange,)
    sparse = False
    takes = {"POST": SyncSerializer}
    gives = {"POST": {202: SourceSerializer}}
    fails = (*StaffView.fails, 409)

    def is_list(self) -> bool:
        """Tell a list from a single row."""
        return False

    def post(self, request: Request, **_names: Any) -> Response:
        """Make a sync due now; the workers do it. A source that is paused is answered by 409."""
        sent, source = self.read(request), self.one()
        if source.state == SourceState.PAUSED:
            message = f"{source} is paused: resume it first."
            raise Conflict(message)
        make_due([source], full=sent["full"])
        log(Action.FULL_SWEEP if sent["full"] else Action.SYNC, [source], user=request.user, via=Via.API)
        return Response(SourceSerializer(self.one()).data, status=202)


class Curations(StaffView, CatalogueView, ListAPIView[Any]):
    """What this site decided about videos, also about such as nobody sees any more, the last changed first.

    Of what isn't public at its source the API knows nothing, whoever asks.
    """

    queryset = Curation.objects.filter(video__privacy_id=PUBLIC)
    serializer_class = CurationSerializer
    filterset_class = CurationFilters
    ordering_fields, ordering = ("changed_at",), "-changed_at"


class VideoCuration(StaffView, GenericAPIView[Any]):
    """The decision about one video, of whatever is mirrored here."""

    queryset = Curation.objects.none()
    serializer_class = CurationSerializer
    takes = {"PATCH": DecisionSerializer}

    def is_list(self) -> bool:
        """Tell a list from a single row."""
        return False

    def get(self, request: Request, **_names: Any) -> Response:
        """Return what is decided about a video; nothing is as good as all that is false and empty."""
        return Response(CurationSerializer(_curation(self._video())).data)

    def patch(self, request: Request, **_names: Any) -> Response:
        """Hide a video, show it again, feature it, give it a title or text of this site's own."""
        video, decision = self._video(), self.read(request)
        with atomic():
            if decision:
                Curation.objects.decide([video], **decision)
                on_commit(partial(index_now, video.pk), robust=True)
            for action in decided(decision):
                log(action, [video], user=request.user, via=Via.API)
        return Response(CurationSerializer(_curation(self._video())).data)

    def _video(self) -> Video:
        rows = (
            Video.objects.public()
            .filter(double=False)
            .select_related("curation", "instance")
            .only(
                "uuid",
                "name",
                "removed_reason",
                "instance__host",
                *(f"curation__{field.name}" for field in Curation._meta.fields),
            )
        )
        video: Video = find_or_404(rows, by_uuid, self.kwargs["uuid"])
        return video


def _curation(video: Video) -> Curation:
    """Return the decision about `video`, an empty one without."""
    return getattr(video, "curation", None) or Curation(video=video)
