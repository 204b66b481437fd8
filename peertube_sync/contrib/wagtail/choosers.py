"""Where editors choose a video or a playlist: the newest, what words find, or the one whose address is pasted."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import (
    ChooseResultsView,
    ChooseView,
    ChosenMultipleView,
    ChosenView,
)
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser

from peertube_sync.catalogue import queries
from peertube_sync.models import Playlist, Video
from peertube_sync.site.choosing import called, find_playlists, find_videos
from peertube_sync.site.source_presenters import ActorPresenter


class FindForm(BaseFilterForm):
    """The words to search for, or an address; `find` returns the rows."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"placeholder": _("Words of the title, or an address")}),
    )
    find: ClassVar[Callable[..., list[Any]]]

    def filter(self, _objects: Any) -> list[object]:
        """Return what is found, or the newest."""
        self.search_query = self.cleaned_data["q"].strip()
        self.is_searching = bool(self.search_query)
        return type(self).find(self.search_query)


class FindVideos(FindForm):
    find = staticmethod(find_videos)


class FindPlaylists(FindForm):
    find = staticmethod(find_playlists)


class Titles:
    """Rows are called as pages call them."""

    def get_display_title(self, instance: Any) -> str:
        return called(instance)


class Widget(Titles, BaseChooser):
    """The chosen row in a form, read with what its title takes."""

    def get_instance(self, value: Any) -> object:
        """Return the row, whether it may be shown or not: what was chosen once isn't lost."""
        if value is None or isinstance(value, self.model_class):
            return value
        rows = self.model_class.objects.all()
        return (rows.select_related("curation") if self.model_class is Video else rows).filter(pk=value).first()


class Choosing:
    """The columns of the lists in which editors choose a video or playlist."""

    @property
    def columns(self) -> list[Column]:
        """The title, of which channel or account it is, and of when."""
        title = self.title_column  # type: ignore[attr-defined]
        title.accessor = called
        return [
            title,
            Column("owner", label=_("Channel"), accessor=_name_of_owner),
            Column("at", label=_("Published"), accessor=_day_of),
        ]


class VideosToChoose(Choosing, ChooseView):
    filter_form_class = FindVideos


class VideosFound(Choosing, ChooseResultsView):
    filter_form_class = FindVideos


class PlaylistsToChoose(Choosing, ChooseView):
    filter_form_class = FindPlaylists


class PlaylistsFound(Choosing, ChooseResultsView):
    filter_form_class = FindPlaylists


class Chosen(Titles, ChosenView):
    """What was chosen: nothing that isn't shown to everybody."""

    def get_object(self, pk: str) -> object:
        """Return the row. Raises DoesNotExist."""
        return _public(self.model_class).get(pk=pk)


class ChosenSeveral(Titles, ChosenMultipleView):
    def get_objects(self, pks: list[str]) -> list[object]:
        """Return the rows in the order in which they were chosen."""
        rows = _public(self.model_class).in_bulk([int(pk) for pk in pks if pk.isdecimal()])
        return [rows[int(pk)] for pk in pks if pk.isdecimal() and int(pk) in rows]


def _public(model: type[Any]) -> QuerySet[Any]:
    rows: QuerySet[Any] = queries.videos() if model is Video else queries.playlists()
    return rows


def _name_of_owner(row: Video | Playlist) -> str:
    actor = row.channel if isinstance(row, Video) else row.video_channel or row.owner_account
    return f"{ActorPresenter(actor).name} ({actor.handle})"


def _day_of(row: Video | Playlist) -> object:
    return (row.published_at if isinstance(row, Video) else row.created_at).date()


class VideoChooserViewSet(ChooserViewSet):
    model = Video
    icon = "media"
    per_page = 10
    choose_one_text = _("Choose a video")
    choose_another_text = _("Choose another video")
    edit_item_text = _("Look at this video")
    base_widget_class = Widget
    choose_view_class, choose_results_view_class = VideosToChoose, VideosFound
    chosen_view_class, chosen_multiple_view_class = Chosen, ChosenSeveral

    def get_object_list(self) -> QuerySet[Video]:
        """Return nothing by itself: the form finds the rows."""
        return Video.objects.none()


class PlaylistChooserViewSet(ChooserViewSet):
    model = Playlist
    icon = "list-ul"
    per_page = 10
    choose_one_text = _("Choose a playlist")
    choose_another_text = _("Choose another playlist")
    edit_item_text = _("Look at this playlist")
    base_widget_class = Widget
    choose_view_class, choose_results_view_class = PlaylistsToChoose, PlaylistsFound
    chosen_view_class, chosen_multiple_view_class = Chosen, ChosenSeveral

    def get_object_list(self) -> QuerySet[Playlist]:
        """Return nothing by itself: the form finds the rows."""
        return Playlist.objects.none()


videos = VideoChooserViewSet("peertube_sync_video_chooser", url_prefix="peertube/videos/choose")
playlists = PlaylistChooserViewSet("peertube_sync_playlist_chooser", url_prefix="peertube/playlists/choose")
