"""The page of a playlist: its videos that may be shown, in its order, and why there are fewer than it counts."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from peertube_sync.catalogue import queries, visibility
from peertube_sync.catalogue.keyset import KeysetPage
from peertube_sync.catalogue.lookups import by_uuid, find_or_404
from peertube_sync.catalogue.playlist_gaps import ElementCounts, Gap, count_elements
from peertube_sync.models import Playlist, PlaylistElement, Video
from peertube_sync.site.head import Head, head_of
from peertube_sync.site.presenters import VideoPresenter, present_videos
from peertube_sync.site.search_form import SearchForm
from peertube_sync.site.selection import Selection
from peertube_sync.site.source_presenters import PlaylistPresenter
from peertube_sync.site.subjects import query_of_feed, read_within, selection_within
from peertube_sync.site.views import ListPage
from peertube_sync.site.watch import present_element

GAPS = {
    Gap.DELETED: ngettext_lazy("%(number)s was deleted", "%(number)s were deleted", "number"),
    Gap.PRIVATE: ngettext_lazy("%(number)s isn't public", "%(number)s aren't public", "number"),
    Gap.UNAVAILABLE: ngettext_lazy(
        "%(number)s is kept back by its instance", "%(number)s are kept back by their instance", "number"
    ),
    Gap.NOT_HERE: ngettext_lazy(
        "%(number)s isn't shown on this site", "%(number)s aren't shown on this site", "number"
    ),
}


class PlaylistView(ListPage):
    """A playlist in its order; its videos can be sorted otherwise, and searched."""

    template_name = "peertube_sync/playlist.html"
    order = "position"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().get(request, *args, **kwargs)
        if request.GET.get("q"):
            patch_vary_headers(answer, ["Accept-Language"])
        return answer

    @cached_property
    def subject(self) -> Playlist:
        """Return the playlist. Raises Http404, Gone."""
        playlist: Playlist = find_or_404(queries.playlist_details(), by_uuid, self.kwargs["uuid"])
        return playlist

    def in_brief(self) -> Head:
        return head_of(self.request, PlaylistPresenter(self.subject), hidden=self.hidden)

    @cached_property
    def selection(self) -> Selection:
        """Return what of its videos is asked for."""
        return selection_within(self.request, playlist=self.subject.short_uuid)

    @property
    def in_its_order(self) -> bool:
        return not (self.selection.words or self.selection.query.get("ordering"))

    def rows(self) -> QuerySet[Any]:
        """Return the elements that show a video."""
        shown = visibility.available().order_by().values("pk")
        return queries.elements().filter(playlist=self.subject, video__in=shown)

    def read(self) -> KeysetPage:
        """Return the elements of this page, or the videos if these are sorted otherwise. Raises BadRequest."""
        if self.in_its_order:
            return read_within(self.selection, self.rows(), self.order)
        videos = PlaylistElement.objects.filter(playlist=self.subject).values("video")
        return read_within(self.selection, queries.videos().filter(pk__in=videos))

    def page_context(self, found: KeysetPage) -> dict[str, object]:
        """Add the videos with their places, and how many there are."""
        if self.in_its_order:
            items = [present_element(row, self.subject) for row in found.rows if row.video]
        else:
            items = self._in_places(present_videos(found.rows, self.selection.searched))
        counts = count_elements(self.subject)
        return super().page_context(KeysetPage([], found.next, found.previous)) | {
            "items": items,
            "in_its_order": self.in_its_order,
            "form": SearchForm(self.selection),
            "number": _number_in_words(self.subject, counts),
            "gaps": _gaps(self.subject, counts),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "playlist": PlaylistPresenter(self.subject),
            "feed_query": query_of_feed(self.selection),
        }

    def _in_places(self, videos: list[VideoPresenter]) -> list[VideoPresenter]:
        """Return videos as they play in the playlist, from the first place of each."""
        rows: dict[int | None, Video] = {video.row.pk: video.row for video in videos}
        elements = PlaylistElement.objects.filter(playlist=self.subject, video__in=rows).order_by("-position", "-pk")
        places = {}
        for element in elements:
            element.video = rows[element.video_id]
            places[element.video_id] = present_element(element, self.subject)
        return [video.in_place(places[video.row.pk]) if video.row.pk in places else video for video in videos]


def _counted(playlist: Playlist, counts: ElementCounts) -> int:
    """Return how many videos a playlist has at its source."""
    return max(counts.known, playlist.videos_length or 0)


def _number_in_words(playlist: Playlist, counts: ElementCounts) -> str:
    """Return in words how many of its videos are shown."""
    if not counts.whole:
        return ngettext("At least %s video", "At least %s videos", counts.shown) % counts.shown
    if (counted := _counted(playlist, counts)) > counts.shown:
        return _("%(shown)s of %(counted)s videos") % {"shown": counts.shown, "counted": counted}
    return ngettext("%s video", "%s videos", counts.shown) % counts.shown


def _gaps(playlist: Playlist, counts: ElementCounts) -> list[str]:
    """Return in words why it shows fewer videos than its source counts."""
    said = [str(text % {"number": counts.gaps[gap]}) for gap, text in GAPS.items() if gap in counts.gaps]
    if playlist.elements_fetched_at is None:
        return [*said, _("the list of its videos hasn't been read yet")]
    if counts.whole and (others := _counted(playlist, counts) - counts.known):
        told = ngettext("%(number)s is counted, but not listed", "%(number)s are counted, but not listed", others)
        said.append(told % {"number": others})
    return said
