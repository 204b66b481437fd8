"""The pages. Each shows rows that the API shows too, and costs the same few queries however many there are."""

from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.generic import TemplateView

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.filters import PRIVACY, VideoFilters
from peertube_sync.catalogue.keyset import BadCursor, KeysetPage, read_page
from peertube_sync.catalogue.lookups import find_video_of_side
from peertube_sync.catalogue.name_search import ON_A_PAGE, find_names
from peertube_sync.catalogue.pasted import named_by
from peertube_sync.catalogue.prepared_queries import ChosenRows
from peertube_sync.catalogue.related import related_videos
from peertube_sync.catalogue.totals import cached_total, total
from peertube_sync.catalogue.visibility import Side
from peertube_sync.client.targets import seconds_of
from peertube_sync.faces.pages import page
from peertube_sync.faces.visitors import preferred_languages
from peertube_sync.models import Account, Channel, Instance, Playlist, Video
from peertube_sync.pictures import addresses
from peertube_sync.site.addresses import with_query
from peertube_sync.site.head import HIDDEN, Head, head_of, make_head
from peertube_sync.site.home import shown_sections
from peertube_sync.site.json_ld import video_object
from peertube_sync.site.look import look_of
from peertube_sync.site.presenters import VideoPresenter, present_videos
from peertube_sync.site.private import visitor_may_see_private
from peertube_sync.site.search_form import SearchForm
from peertube_sync.site.selection import BadSelection, Selection, without
from peertube_sync.site.source_presenters import ActorPresenter, InstancePresenter, PlaylistPresenter
from peertube_sync.site.watch import downloads_of, find_queue, languages_of

FEW, SOME = 6, 12
"""The length of a short list on a page, such as the playlists of a channel, and of a longer one."""
CHANNELS, PLAYLISTS = 6, 8
"""How many channels and playlists of that name a search shows above the videos."""
ALIKE = 8
"""How many related videos stand beside a video."""
NEWEST_FIRST = ("-published_at", "-pk")
SELECTING = frozenset({"cursor", "ordering", "page_size", *VideoFilters.base_filters})
"""Parameters that make another list of a page; whatever else stands in an address, its page is the same."""


class SitePage(TemplateView):
    """A page; `text` says in a sentence what is on it, for those who don't see it."""

    title: ClassVar[Any] = ""
    text: ClassVar[Any] = "%(site)s"

    def in_brief(self) -> Head:
        """Return what is told of the page to those who lead others to it."""
        name = look_of(self.request).name
        return make_head(
            self.request, self.request.path, self.title or name, self.text % {"site": name}, hidden=self.hidden
        )

    @property
    def hidden(self) -> bool:
        """Tell whether search engines leave the page out, as they need none for each part that a query selects."""
        return not SELECTING.isdisjoint(self.request.GET)

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        look = look_of(self.request)
        return super().get_context_data(**kwargs) | {
            "site_name": look.name,
            "look": look,
            "head": self.in_brief(),
            "picture_root": self.request.build_absolute_uri("/").rstrip("/") if addresses.ours() else "",
        }

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        """Answer; where something is for this visitor alone (`private`), nobody may keep the page.

        A project's templates may have heads of their own, so a header tells search engines, too, what they leave out.
        """
        response = super().render_to_response(context, **options)
        if not context["head"].indexed:
            response.headers["X-Robots-Tag"] = HIDDEN
        if context.get("private"):
            patch_cache_control(response, private=True, no_store=True)
        return response


class HomeView(SitePage):
    """The front page: the sections that the site's owner has chosen, else featured, live and newest videos.

    All rows are those of `queries.videos()`: `listed()` in `models/video.py`, which is public, not removed, not
    leaving, no double, not hidden by the site, and in the lists of its instance, by the policy about sensitive videos.
    """

    template_name = "peertube_sync/home.html"
    title, text = "", gettext_lazy("%(site)s: featured, live and new videos from PeerTube.")
    hidden = False

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        sections = shown_sections(look_of(self.request).sections)
        return super().get_context_data(**kwargs) | {"sections": sections, "playerless": True}


class ListPage(SitePage):
    """A page with a list that goes on on further pages."""

    order: ClassVar[str]
    presenter: ClassVar[type[Any]]
    size: ClassVar[int] = 24
    counted: ClassVar[tuple[Any, Any] | None] = None
    """How many rows there are in words: an exact number, and one that is the least; None where that isn't told."""

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def read(self) -> KeysetPage:
        """Return the rows of this page. Raises BadRequest."""
        try:
            return read_page(self.rows(), self.order, self.size, self.request.GET.get("cursor") or None)
        except BadCursor as error:
            raise BadRequest(str(error)) from error

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        """Add the rows and the addresses of the pages beside."""
        return super().get_context_data(**kwargs) | {"how_many": self.how_many()} | self.page_context(self.read())

    def how_many(self) -> str:
        """Return how many rows there are, in words."""
        if self.counted is None:
            return ""
        found = cached_total(f"site {type(self).__name__}", lambda: total(self.rows()))
        exactly, at_least = self.counted
        return str((exactly if found.exact else at_least) % {"number": found.number})

    def page_context(self, found: KeysetPage) -> dict[str, object]:
        query = self.request.GET
        return {
            "items": [self.presenter(row) for row in found.rows],
            "next": without(query, cursor=found.next) if found.next else "",
            "previous": without(query, cursor=found.previous) if found.previous else "",
        }


class BrowseView(ListPage):
    """All videos, to be narrowed and searched. A query that makes no sense gets an error, with status 400."""

    template_name = "peertube_sync/browse.html"
    title, text = gettext_lazy("Videos"), gettext_lazy("All videos of %(site)s, the newest first.")
    presenter = VideoPresenter

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs)
        answer = self.render_to_response(context, status=400 if context["problems"] else 200)
        if request.GET.get("q"):
            patch_vary_headers(answer, ["Accept-Language"])
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        """Add the form, and what is wrong with the query."""
        may, query = visitor_may_see_private(self.request), self.request.GET
        side = Side.PRIVATE if may and any(query.getlist(PRIVACY)) else Side.PUBLIC
        languages = preferred_languages(self.request)
        selection, problems = Selection(query, best_first=True, side=side, languages=languages), {}
        try:
            found = selection.page()
        except BadSelection as error:
            found, problems = KeysetPage([], "", ""), error.problems
        context = SitePage.get_context_data(self, **kwargs) | self.page_context(found)
        context["items"] = present_videos(found.rows, () if problems else selection.searched)
        feed = without(query, "cursor", "page_size") if side is Side.PUBLIC else ""
        asked = {name for name, _value in selection.kept()} if side is Side.PUBLIC and not problems else set()
        names_alone = {"q"} <= asked <= {"q", "as_written"} and "cursor" not in query
        named = _named_channels_and_playlists(selection) if names_alone else {}
        return (
            context
            | named
            | {
                "search_form": SearchForm(selection, may),
                "problems": problems,
                "feed_query": feed,
                "private": may,
            }
        )


def _named_channels_and_playlists(selection: Selection) -> dict[str, object]:
    """Return the channels and playlists called as is searched for, as far as a page shows them, and a named account."""
    beside = selection.beside
    text = selection.words if beside else selection.corrected or selection.words
    videos = () if beside else selection.searched
    channels, playlists = (
        ChosenRows(shown).among(
            [key for _score, key in find_names(queries.available(named), text, ON_A_PAGE, videos)[:most]]
        )
        for named, shown, most in ((Channel, queries.channels, CHANNELS), (Playlist, queries.playlists, PLAYLISTS))
    )
    account = named_by(Account, text)
    return {
        "accounts": [] if account is None else [ActorPresenter(row) for row in queries.accounts().filter(account)[:1]],
        "channels": [ActorPresenter(channel) for channel in channels],
        "playlists": [PlaylistPresenter(playlist) for playlist in playlists],
    }


class ChannelsView(ListPage):
    template_name = "peertube_sync/channels.html"
    title, text = gettext_lazy("Channels"), gettext_lazy("The channels on %(site)s, and what they have published.")
    order, presenter = "display_name", ActorPresenter
    counted = (
        ngettext_lazy("%(number)s channel", "%(number)s channels", "number"),
        ngettext_lazy("At least %(number)s channel", "At least %(number)s channels", "number"),
    )

    def rows(self) -> QuerySet[Channel]:
        return queries.channels()


class AccountsView(ListPage):
    template_name = "peertube_sync/accounts.html"
    title, text = gettext_lazy("Accounts"), gettext_lazy("The people who make the videos on %(site)s.")
    order, presenter = "display_name", ActorPresenter
    counted = (
        ngettext_lazy("%(number)s account", "%(number)s accounts", "number"),
        ngettext_lazy("At least %(number)s account", "At least %(number)s accounts", "number"),
    )

    def rows(self) -> QuerySet[Account]:
        return queries.accounts()


class PlaylistsView(ListPage):
    """All playlists, the last changed first."""

    template_name = "peertube_sync/playlists.html"
    title, text = gettext_lazy("Playlists"), gettext_lazy("The playlists on %(site)s, the last changed first.")
    order, presenter = "-updated_at", PlaylistPresenter
    counted = (
        ngettext_lazy("%(number)s playlist", "%(number)s playlists", "number"),
        ngettext_lazy("At least %(number)s playlist", "At least %(number)s playlists", "number"),
    )

    def rows(self) -> QuerySet[Playlist]:
        return queries.playlists()


class InstancesView(ListPage):
    template_name = "peertube_sync/instances.html"
    title, text = gettext_lazy("Instances"), gettext_lazy("The PeerTube instances whose videos %(site)s shows.")
    order, presenter = "host", InstancePresenter
    counted = (
        ngettext_lazy("%(number)s instance", "%(number)s instances", "number"),
        ngettext_lazy("At least %(number)s instance", "At least %(number)s instances", "number"),
    )

    def rows(self) -> QuerySet[Instance]:
        return queries.instances().with_avatars()


def _like(video: int, beside: list[int]) -> list[Video]:
    """Return the public videos that are like one, except for those that stand `beside` it anyway."""
    return ChosenRows(queries.videos).among(related_videos(video, queries.videos().exclude(pk__in=beside), ALIKE))


def _video_details(side: Side) -> ChosenRows:
    return ChosenRows(queries.video_details, (side,))


class VideoView(SitePage):
    """A video. Its player is loaded from the instance with `?play=1` only, from `start` (seconds) on.

    One that is blurred is so with `?play=1`, too: only the link of its picture plays it (`play_from_poster`).
    """

    template_name = "peertube_sync/video.html"

    @cached_property
    def found(self) -> tuple[Video, Side]:
        """Return the video, and the side on which it is. Raises Http404."""
        may = partial(visitor_may_see_private, self.request)
        return find_video_of_side(_video_details, self.kwargs["uuid"], may)

    def in_brief(self) -> Head:
        row, side = self.found
        return head_of(self.request, self.video, hidden=row.nsfw or side is Side.PRIVATE)

    @cached_property
    def video(self) -> VideoPresenter:
        return VideoPresenter(self.found[0])

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        """Add the video, and others of its channel."""
        (row, side), video = self.found, self.video
        address = self.request.build_absolute_uri(video.page)
        of_channel = ChosenRows(queries.videos, (side,)).sorted(*NEWEST_FIRST, most=FEW + 1, channel_id=row.channel_id)
        more = [other for other in of_channel if other.pk != row.pk][:FEW]
        queue = None if side is Side.PRIVATE else find_queue(self.request.GET, row)
        played = video.in_place(queue.current.video) if queue else video
        start = self.start if "start" in self.request.GET else played.start
        return super().get_context_data(**kwargs) | {
            "video": played,
            "queue": queue,
            "downloads": downloads_of(row),
            "feed_query": "" if side is Side.PRIVATE else f"?{urlencode({'channel': row.channel.handle})}",
            "share": address,
            "private": side is Side.PRIVATE,
            "start": start,
            "play": played.play_from_poster(start),
            "playing": played.player(start) if played.plays_by(self.request.GET.get("play")) else "",
            "more": present_videos(more),
            "related": [] if side is Side.PRIVATE else present_videos(_like(row.pk, [other.pk for other in more])),
            "transcripts": languages_of(row, row.captions.all()),
            "json_ld": video_object(video, address),
            "oembed": self.request.build_absolute_uri(with_query(page("oembed"), url=address)),
        }

    @property
    def start(self) -> int:
        """Return the second at which the player begins, 0 for what makes no sense."""
        return seconds_of(self.request.GET.get("start", ""))
