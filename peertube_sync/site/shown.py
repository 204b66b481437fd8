"""What blocks on pages of any kind show: a video, or a grid of them. Template tags and plugins are made of these."""

from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.utils.translation import gettext as _

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.lookups import by_handle
from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.targets import video_of
from peertube_sync.models import Playlist, Video
from peertube_sync.site.presenters import VideoPresenter, present_videos
from peertube_sync.site.selection import BadSelection, Selection, query_of


def show_video(which: Video | UUID | str) -> dict[str, object]:
    """Return what `parts/player.html` and `parts/video.html` take; a `video` of None for one that may not be shown.

    `which` is a row, a uuid in either form, or any address of it, which may say from when it plays.
    """
    try:
        uuid, start = (which.uuid, 0) if isinstance(which, Video) else video_of(str(which))
    except InvalidTarget:
        return {"video": None}
    row = queries.video_summaries().filter(uuid=uuid).order_by("pk").first()
    if row is None:
        return {"video": None}
    video = VideoPresenter(row)
    return {"video": video, "start": start, "play": video.play_from_poster(start)}


@dataclass(frozen=True)
class Grid:
    """Up to `count` videos of a channel (its handle), of a playlist, and that `words` find; all that are given hold.

    Without `ordering`, one of `selection.ORDERINGS`, they are in the order of the playlist, else the newest first.
    """

    channel: str = ""
    playlist: Playlist | None = None
    words: str = ""
    ordering: str = ""
    count: int = 12

    def items(self) -> list[VideoPresenter]:
        """Return the videos as `parts/grid.html` takes them; none where something makes no sense any more."""
        try:
            in_its_order = self.playlist is not None and not (self.ordering or self.words or self.channel)
            rows = self._of_playlist() if in_its_order else self._selection.page().rows
        except BadSelection:
            return []
        return present_videos(rows)

    def problems(self) -> dict[str, str]:
        """Return what makes no sense, by the name of the attribute: a handle that is none, say."""
        problems_by_name = {}
        try:
            self._selection.page()
        except BadSelection as error:
            names = {"q": "words", "page_size": "count"}
            problems_by_name = {names.get(name, name): why for name, why in error.problems.items()}
        if self.channel and not problems_by_name and not queries.channels().filter(by_handle(self.channel)).exists():
            problems_by_name["channel"] = _("There is no such channel here.")
        return problems_by_name

    @property
    def _selection(self) -> Selection:
        playlist = str(self.playlist.uuid) if self.playlist else ""
        parameters = {"channel": self.channel, "playlist": playlist, "q": self.words, "ordering": self.ordering}
        return Selection(query_of(page_size=self.count, **{name: value for name, value in parameters.items() if value}))

    def _of_playlist(self) -> list[Video]:
        """Return the videos of the playlist in its order, each once."""
        places = queries.elements().filter(playlist=self.playlist, video__isnull=False).order_by("position", "pk")
        videos = {place.video.pk: place.video for place in places if place.video is not None}
        return list(islice(videos.values(), self.count))
