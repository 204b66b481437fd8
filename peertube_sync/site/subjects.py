"""Pages of channels, accounts and instances, with tabs for their videos, what else they have, and a text.

A tab is a page with an address and a title of its own; lists go on on further pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, QueryDict
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.keyset import BadCursor, KeysetPage, read_page
from peertube_sync.catalogue.lookups import by_handle, by_host, find_or_404
from peertube_sync.client.hosts import normalise_host
from peertube_sync.faces.pages import page
from peertube_sync.faces.visitors import preferred_languages
from peertube_sync.site.about import facts, texts
from peertube_sync.site.head import Head, head_of
from peertube_sync.site.presenters import present_videos
from peertube_sync.site.search_form import Link, SearchForm
from peertube_sync.site.selection import BadSelection, Selection
from peertube_sync.site.source_presenters import ActorPresenter, InstancePresenter, PlaylistPresenter
from peertube_sync.site.views import ListPage, SitePage

VIDEOS, CHANNELS, PLAYLISTS, ABOUT = "videos", "channels", "playlists", "about"
LABELS = {
    VIDEOS: gettext_lazy("Videos"),
    CHANNELS: gettext_lazy("Channels"),
    PLAYLISTS: gettext_lazy("Playlists"),
    ABOUT: gettext_lazy("About"),
}
ASKED = ("q", "ordering", "as_written", "cursor")
"""The parameters of a search within; what else an address has is ignored."""


@dataclass(frozen=True)
class SubjectKind:
    """A kind of what has videos.

    `name` is that of its pages, and of the filter for its videos; `others` has the column by which what it has besides
    belongs to it, by the tab.
    """

    name: str
    rows: Callable[[], QuerySet[Any]]
    by: Callable[[str], Q]
    show: type[Any]
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def tabs(self) -> tuple[str, ...]:
        return (VIDEOS, *self.others, ABOUT)

    def address(self, tab: str, named: str) -> str:
        """Return the path of a tab; "" where no path can hold what names the row."""
        return page(self.name if tab == VIDEOS else f"{self.name}-{tab}", named)


CHANNEL = SubjectKind("channel", queries.channel_details, by_handle, ActorPresenter, {PLAYLISTS: "video_channel"})
ACCOUNT = SubjectKind(
    *("account", queries.account_details, by_handle, ActorPresenter),
    {CHANNELS: "owner_account", PLAYLISTS: "owner_account"},
)
INSTANCE = SubjectKind(
    *("instance", queries.instance_details, by_host, InstancePresenter),
    {CHANNELS: "instance", PLAYLISTS: "instance"},
)


class SubjectPage(SitePage):
    """A tab of what the address names."""

    kind: SubjectKind = CHANNEL
    tab: ClassVar[str]

    @cached_property
    def subject(self) -> Any:
        """Return the row that the page is about. Raises Http404, Gone."""
        (asked,) = self.kwargs.values()
        return find_or_404(self.kind.rows(), self.kind.by, asked)

    @property
    def named(self) -> str:
        """What names it in addresses and filters."""
        return self.subject.host if self.kind is INSTANCE else self.subject.handle  # type: ignore[no-any-return]

    def in_brief(self) -> Head:
        part = {} if self.tab == VIDEOS else {"path": self.request.path, "part": str(LABELS[self.tab])}
        return head_of(self.request, self.kind.show(self.subject), hidden=self.hidden, **part)

    def get_template_names(self) -> list[str]:
        """Return the template of the kind, if a project has one, before that of all kinds."""
        return [f"peertube_sync/{self.kind.name}.html", "peertube_sync/subject.html"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer; an address with a host that the instance had formerly leads on to the one with its present host."""
        (asked,) = kwargs.values()
        if self.subject.host == normalise_host(asked.rpartition("@")[2]):
            return super().get(request, *args, **kwargs)
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        there = self.kind.address(self.tab, self.named) or self.kind.show(self.subject).source
        return HttpResponsePermanentRedirect(f"{there}{query}")

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        """Add what the page is about, and the tabs."""
        shown = self.kind.show(self.subject)
        return super().get_context_data(**kwargs) | {
            "subject": shown,
            self.kind.name: shown,
            "tab": self.tab,
            "tab_name": LABELS[self.tab],
            "panel": f"peertube_sync/parts/tab_{self.tab}.html",
            "tabs": [
                Link(str(LABELS[tab]), self.kind.address(tab, self.named), current=tab == self.tab)
                for tab in self.kind.tabs
            ],
            "feed_query": self.feed_query,
        }

    @property
    def feed_query(self) -> str:
        """The query by which feeds have its videos."""
        return f"?{urlencode({self.kind.name: self.named})}"


class VideosTab(SubjectPage, ListPage):
    """Its videos, the newest first; they can be sorted otherwise, and searched."""

    tab = VIDEOS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().get(request, *args, **kwargs)
        if request.GET.get("q"):
            patch_vary_headers(answer, ["Accept-Language"])
        return answer

    @cached_property
    def selection(self) -> Selection:
        """Return what of its videos is asked for."""
        return selection_within(self.request, **{self.kind.name: self.named})

    def rows(self) -> QuerySet[Any]:
        return queries.videos().filter(**{self.kind.name: self.subject})

    def read(self) -> KeysetPage:
        """Return the videos of this page. Raises BadRequest."""
        return read_within(self.selection, self.rows())

    def page_context(self, found: KeysetPage) -> dict[str, object]:
        """Add the form; words that were searched for are marked."""
        return super().page_context(KeysetPage([], found.next, found.previous)) | {
            "items": present_videos(found.rows, self.selection.searched),
            "form": SearchForm(self.selection),
        }

    @property
    def feed_query(self) -> str:
        return query_of_feed(self.selection)


class ChannelsTab(SubjectPage, ListPage):
    """The channels of an account or instance, by their handles."""

    tab, order, presenter = CHANNELS, "name", ActorPresenter

    def rows(self) -> QuerySet[Any]:
        return queries.channels().filter(**{self.kind.others[self.tab]: self.subject})


class PlaylistsTab(SubjectPage, ListPage):
    """Its playlists, the last changed first."""

    tab, order, presenter = PLAYLISTS, "-updated_at", PlaylistPresenter

    def rows(self) -> QuerySet[Any]:
        return queries.playlists().filter(**{self.kind.others[self.tab]: self.subject})


class AboutTab(SubjectPage):
    """What it says of itself, and what is known of it."""

    tab = ABOUT

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        shown = self.kind.show(self.subject)
        return super().get_context_data(**kwargs) | {"facts": facts(shown), "texts": texts(shown)}


PAGES: Mapping[str, type[SubjectPage]] = {one.tab: one for one in (VideosTab, ChannelsTab, PlaylistsTab, AboutTab)}


def selection_within(request: HttpRequest, **within: str) -> Selection:
    """Return what a request asks for of the videos that the filters `within` leave."""
    asked = QueryDict(mutable=True)
    for name in ASKED:
        asked.setlist(name, request.GET.getlist(name))
    return Selection(asked, best_first=True, languages=preferred_languages(request), within=within)


def read_within(selection: Selection, rows: QuerySet[Any], usual_order: str = "") -> KeysetPage:
    """Return the page of `rows`, or of what is searched for among them. Raises BadRequest.

    Without words, `rows` need not be looked up by their filter; the other parameters have to make sense all the same.
    `usual_order` is that of `rows` where no other one is asked for.
    """
    try:
        if selection.searched or selection.words:
            return selection.page()
        order = selection.order if selection.query.get("ordering") else usual_order or selection.order
        return read_page(rows, order, selection.size, selection.query.get("cursor") or None)
    except (BadCursor, BadSelection) as error:
        raise BadRequest(str(error)) from error


def query_of_feed(selection: Selection) -> str:
    """Return the query by which feeds have what is selected, the newest first."""
    return f"?{urlencode({**selection.within, **({'q': selection.words} if selection.words else {})})}"
