"""The catalogue's resources: a list and a single row of each, and the lists that belong to a row."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from peertube_sync.api.base import CatalogueView
from peertube_sync.api.fast_path import QuickAnswers
from peertube_sync.api.featured import FeaturedPagination
from peertube_sync.api.kept import KeptAnswers
from peertube_sync.api.name_pagination import NamePagination
from peertube_sync.api.ordering import FEATURED, RELEVANCE
from peertube_sync.api.pagination import RelatedPagination, ShortListPagination
from peertube_sync.api.private import BothSides
from peertube_sync.api.serializers.actors import (
    AccountDetailsSerializer,
    AccountSerializer,
    ChannelDetailsSerializer,
    ChannelSerializer,
)
from peertube_sync.api.serializers.instances import InstanceDetailsSerializer, InstanceSerializer
from peertube_sync.api.serializers.plan import plan_of
from peertube_sync.api.serializers.playlists import (
    PlaylistDetailsSerializer,
    PlaylistElementSerializer,
    PlaylistSerializer,
)
from peertube_sync.api.serializers.videos import (
    CaptionSerializer,
    ChapterSerializer,
    VideoDetailsSerializer,
    VideoSerializer,
)
from peertube_sync.catalogue import queries
from peertube_sync.catalogue.answer_plan import Column
from peertube_sync.catalogue.filters import (
    AccountFilters,
    ChannelFilters,
    PlaylistFilters,
    PrivateVideoFilters,
    RelatedFilters,
    VideoFilters,
)
from peertube_sync.catalogue.lookups import by_handle, by_host, by_uuid, find_or_404, find_row
from peertube_sync.catalogue.prepared_queries import ChosenColumns
from peertube_sync.catalogue.visibility import Side
from peertube_sync.models import Account, Caption, Channel, Chapter, Instance, Playlist, PlaylistElement, Video

ACTOR_ORDERINGS = ("name", "display_name")
PLAYLIST_ORDERINGS = ("updated_at", "created_at", "display_name")


class CatalogueViewSet(QuickAnswers, ReadOnlyModelViewSet[Any]):
    """A list, and `single` rows looked up `by` what names them."""

    details_class: ClassVar[type[BaseSerializer[Any]]]
    single: ClassVar[Any]
    by: ClassVar[Any]

    def is_list(self) -> bool:
        """Tell a list from a single row."""
        return bool(self.detail is False)

    def get_serializer_class(self) -> type[BaseSerializer[object]]:
        """Return the serializer of lists or of details."""
        return super().get_serializer_class() if self.is_list() else self.details_class

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Answer with the row that the address names."""
        if answer := self.find_kept(request):
            return answer
        (answer,) = self.get_serializer([self.get_object()], many=True).data
        return Response(answer)

    def get_object(self) -> object:
        """Return the row that the address names, with what its answer needs. Raises Http404."""
        if self.missing:
            raise self.missing
        rows = self.chosen(self.columns)
        return find_row(rows, type(self).by, self.kwargs[self.lookup_url_kwarg or self.lookup_field])

    def chosen(self, columns: tuple[Column, ...]) -> ChosenColumns:
        """Return the rows of which the address names one."""
        return ChosenColumns(type(self).single, columns)


class InstanceViewSet(CatalogueViewSet):
    """The PeerTube servers mirrored here."""

    keeps = False
    has_parts = False
    queryset = Instance.objects.none()
    serializer_class, details_class = InstanceSerializer, InstanceDetailsSerializer
    single = queries.instances
    by, lookup_field, lookup_value_regex = by_host, "host", "[^/]+"
    ordering_fields = ("host", "added_at")
    ordering = "host"

    def get_queryset(self) -> QuerySet[Instance]:
        """Return what a list is made of."""
        return queries.instances()


class AccountViewSet(CatalogueViewSet):
    """The people and organisations that publish on them."""

    queryset = Account.objects.none()
    serializer_class, details_class = AccountSerializer, AccountDetailsSerializer
    filterset_class = AccountFilters
    single = queries.accounts
    listed = (queries.accounts, ())
    by, lookup_field, lookup_url_kwarg, lookup_value_regex = by_handle, "name", "handle", "[^/]+"
    ordering_fields = ACTOR_ORDERINGS
    ordering = "name"

    def get_queryset(self) -> QuerySet[Account]:
        """Return what a list is made of."""
        return queries.accounts()


class ChannelViewSet(CatalogueViewSet):
    """The channels they publish in."""

    queryset = Channel.objects.none()
    serializer_class, details_class = ChannelSerializer, ChannelDetailsSerializer
    filterset_class = ChannelFilters
    single = queries.channels
    listed = (queries.channels, ())
    by, lookup_field, lookup_url_kwarg, lookup_value_regex = by_handle, "name", "handle", "[^/]+"
    pagination_class = NamePagination
    ordering_fields = (*ACTOR_ORDERINGS, RELEVANCE)
    ordering = "name"

    def get_queryset(self) -> QuerySet[Channel]:
        """Return what a list is made of."""
        return queries.channels()


class PlaylistViewSet(CatalogueViewSet):
    """Public playlists."""

    queryset = Playlist.objects.none()
    serializer_class, details_class = PlaylistSerializer, PlaylistDetailsSerializer
    filterset_class = PlaylistFilters
    single = queries.playlists
    listed = (queries.playlists, ())
    by, lookup_field, lookup_value_regex = by_uuid, "uuid", "[^/]+"
    pagination_class = NamePagination
    ordering_fields = (*PLAYLIST_ORDERINGS, RELEVANCE)
    ordering = "-updated_at"

    def get_queryset(self) -> QuerySet[Playlist]:
        """Return what a list is made of."""
        return queries.playlists()


class VideoLists(CatalogueView):
    """What all lists of videos have in common."""

    queryset = Video.objects.none()
    serializer_class = VideoSerializer
    filterset_class: Any = VideoFilters
    pagination_class: Any = FeaturedPagination
    ordering_fields: ClassVar[tuple[str, ...]] = (
        "published_at",
        "views",
        "likes",
        "duration",
        "name",
        RELEVANCE,
        FEATURED,
    )
    ordering = "-published_at"
    fact: ClassVar[str] = ""
    """What the handle in the address names, "channel" or "account", so that the search looks only among its videos."""

    def get_serializer_context(self) -> dict[str, object]:
        """Add what was asked for, so that it can be highlighted."""
        filters: Any = getattr(self, "filters", None)  # there are none while the API is being described
        return {**super().get_serializer_context(), "query": (filters and filters.query) or ()}


class ListOf(KeptAnswers, ListAPIView[Any]):
    """A list that belongs to one row, its parent, which the address names by handle or uuid."""

    def of(self, parents: QuerySet[Any]) -> Any:
        """Return the parent. Raises Http404."""
        if "handle" in self.kwargs:
            return find_or_404(parents, by_handle, self.kwargs["handle"])
        return find_or_404(parents, by_uuid, self.kwargs["uuid"])

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        """Return what the parent has; nothing while the API is being described."""
        return super().get_queryset() if getattr(self, "swagger_fake_view", False) else self.rows()


class AccountVideos(VideoLists, ListOf):
    """The videos of an account, the newest first."""

    fact = "account"

    def rows(self) -> QuerySet[Model]:
        """Return the videos of the account."""
        return queries.videos().filter(account=self.of(Account.objects.available().only("pk")))


class AccountChannels(ListOf):
    """The channels that an account owns."""

    queryset = Channel.objects.none()
    serializer_class = ChannelSerializer
    ordering_fields, ordering = ACTOR_ORDERINGS, ChannelViewSet.ordering

    def rows(self) -> QuerySet[Model]:
        """Return the channels of the account."""
        return queries.channels().filter(owner_account=self.of(Account.objects.available().only("pk")))


class AccountPlaylists(ListOf):
    """The playlists that an account owns, the last changed first."""

    queryset = Playlist.objects.none()
    serializer_class = PlaylistSerializer
    ordering_fields, ordering = PLAYLIST_ORDERINGS, PlaylistViewSet.ordering

    def rows(self) -> QuerySet[Model]:
        """Return the playlists of the account."""
        return queries.playlists().filter(owner_account=self.of(Account.objects.available().only("pk")))


class ChannelVideos(VideoLists, ListOf):
    """The videos of a channel, the newest first."""

    fact = "channel"

    def rows(self) -> QuerySet[Model]:
        """Return the videos of the channel."""
        return queries.videos().filter(channel=self.of(Channel.objects.available().only("pk")))


class ChannelPlaylists(ListOf):
    """The playlists that a channel shows, the last changed first."""

    queryset = Playlist.objects.none()
    serializer_class = PlaylistSerializer
    ordering_fields, ordering = PLAYLIST_ORDERINGS, PlaylistViewSet.ordering

    def rows(self) -> QuerySet[Model]:
        """Return the playlists of the channel."""
        return queries.playlists().filter(video_channel=self.of(Channel.objects.available().only("pk")))


class PlaylistElements(ListOf):
    """All elements of a playlist in their order, with the videos that may be shown here."""

    queryset = PlaylistElement.objects.none()
    serializer_class = PlaylistElementSerializer
    ordering = "position"

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return the elements of a page with their videos, which come in a query of their own."""
        return queries.with_videos(super().paginate_queryset(queryset) or (), plan_of(VideoSerializer).columns)

    def rows(self) -> QuerySet[Model]:
        """Return the elements of the playlist."""
        return PlaylistElement.objects.filter(playlist=self.of(Playlist.objects.available().only("pk")))


class PlaylistVideos(VideoLists, ListOf):
    """The videos of a playlist that may be shown here, each once, the newest first; `elements` has their order."""

    def rows(self) -> QuerySet[Model]:
        """Return the videos of the playlist."""
        playlist = self.of(Playlist.objects.available().only("pk"))
        return queries.videos().filter(pk__in=playlist.elements.values("video"))


class VideoViewSet(BothSides, VideoLists, CatalogueViewSet):
    """Videos, the newest first."""

    details_class, by = VideoDetailsSerializer, by_uuid
    filterset_class = PrivateVideoFilters  # which have all parameters
    lookup_field, lookup_value_regex = "uuid", "[^/]+"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.side is Side.PUBLIC:
            self.filterset_class = VideoFilters

    @property
    def listed(self) -> tuple[Callable[[Side], QuerySet[Video]], tuple[Side]]:
        """What selects all videos of the side."""
        return queries.videos, (self.side,)

    def get_queryset(self) -> QuerySet[Video]:
        """Return what a list is made of."""
        return queries.videos(self.side)

    def get_object(self) -> object:
        """Return the row that the address names, with what its answer needs. Raises Http404."""

        def rows(side: Side) -> ChosenColumns:
            if self.missing and side is Side.PUBLIC:
                raise self.missing
            self.turn_to(side)
            return ChosenColumns(queries.whole_videos, self.columns, (side,))

        return self.either(rows)

    def chosen(self, columns: tuple[Column, ...]) -> ChosenColumns:
        return ChosenColumns(queries.whole_videos, columns, (Side.PUBLIC,))


class RelatedVideos(BothSides, VideoLists, ListOf):
    """Videos that are like one: by rare words of its title and tags, by channel, category and language."""

    keeps = False  # documents are written a moment after their videos
    like: int
    pagination_class = RelatedPagination
    ordering_fields = ()
    filterset_class = RelatedFilters

    def rows(self) -> QuerySet[Model]:
        """Return the videos of which some may be like the one."""
        self.like = self.either(queries.parents).pk
        return queries.videos()


class VideoCaptions(BothSides, ListOf):
    """The caption files of a video."""

    queryset = Caption.objects.none()
    serializer_class = CaptionSerializer
    pagination_class = ShortListPagination
    ordering = "language_id"

    def rows(self) -> QuerySet[Model]:
        """Return the captions of the video."""
        captions: QuerySet[Model] = self.either(queries.parents).captions.all()
        return captions


class VideoChapters(BothSides, ListOf):
    """The chapters of a video, in their order."""

    queryset = Chapter.objects.none()
    serializer_class = ChapterSerializer
    pagination_class = ShortListPagination
    ordering = "timecode"

    def rows(self) -> QuerySet[Model]:
        """Return the chapters of the video."""
        chapters: QuerySet[Model] = self.either(queries.parents).chapters.all()
        return chapters
