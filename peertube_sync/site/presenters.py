"""How pages show videos: the site's own words instead of the source's, and only addresses that are safe.

Templates, feeds, sitemaps and oEmbed read these, never the rows. Addresses are "" where there is none that may
be shown. Texts are plain and still have to be escaped, except for those that end in `_html`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from typing import TypedDict

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from peertube_sync.catalogue import visibility
from peertube_sync.catalogue.highlight import Highlighter
from peertube_sync.catalogue.moments import Moment, find_moments
from peertube_sync.faces.addresses import safe
from peertube_sync.faces.pages import page
from peertube_sync.models import PUBLIC, Curation, Video
from peertube_sync.models.constant_names import name_of
from peertube_sync.models.constants import constant_of
from peertube_sync.models.reading import caption_file, embed_address, full_text, own_or
from peertube_sync.models.words import Query
from peertube_sync.site import pictures
from peertube_sync.site.addresses import with_query
from peertube_sync.site.markdown import link_moments, to_html, to_text
from peertube_sync.site.pictures import PictureTag
from peertube_sync.site.source_presenters import ActorPresenter, InstancePresenter, scheme_and_host, title_or_untitled
from peertube_sync.site.spoken import ExactTime, exact_number, exact_time, format_duration, how_long_ago, short_number

NO_COMMENTS = 2
"""PeerTube's id of the policy that nobody may comment."""
LONG, LONG_LINES = 600, 12
"""A text with more characters or lines is folded on the page of its video."""

SEEN = "blurred"
"""What `play` says in the address to which the picture of a blurred video leads: its visitor has seen that it is so."""

DEEDS = {
    1: "licenses/by/4.0",
    2: "licenses/by-sa/4.0",
    3: "licenses/by-nd/4.0",
    4: "licenses/by-nc/4.0",
    5: "licenses/by-nc-sa/4.0",
    6: "licenses/by-nc-nd/4.0",
    7: "publicdomain/zero/1.0",
}
"""The deeds of PeerTube's own licences, by their ids. PeerTube names no version; these are the ones in force."""


class ShownChapter(TypedDict):
    """A chapter of a video; `start` is in seconds, `play` the address at which the video plays from there."""

    title: str
    clock: str
    start: int
    play: str


@dataclass(frozen=True)
class VideoPresenter:
    """A video; `highlighter` marks the words that were searched for, which are said at `found_moments`.

    As an element of a playlist it plays from the second `start` to `stop`, 0 for its end, and its addresses name its
    `place` there.
    """

    row: Video
    highlighter: Highlighter | None = None
    found_moments: Sequence[Moment] = ()
    start: int = 0
    stop: int = 0
    place: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def _curation(self) -> Curation:
        """What the site's people decided, which may be nothing."""
        return getattr(self.row, "curation", None) or _nothing_decided()

    def in_place(self, other: "VideoPresenter") -> "VideoPresenter":
        """Return it as it plays where the `other` does."""
        return replace(self, start=other.start, stop=other.stop, place=other.place)

    @property
    def title(self) -> str:
        """Return the site's own title, else the source's."""
        return title_or_untitled(self._curation.title, self.row.name)

    @property
    def title_html(self) -> SafeString:
        """Return the title, with the words marked that were searched for."""
        return mark_safe(self.highlighter.mark(self.title)) if self.highlighter else escape(self.title)  # noqa: S308 - escaped

    @cached_property
    def found_html(self) -> SafeString:
        """Where in its text the words are that were searched for, marked; "" if they aren't there."""
        snippet = self.highlighter.snippet(self.summary) if self.highlighter else ""
        return mark_safe(snippet if "<mark>" in snippet else "")  # noqa: S308 - escaped

    @cached_property
    def moments(self) -> list[dict[str, str]]:
        """The moments at which words are said that were searched for, and where they play."""
        return [
            {
                "clock": format_duration(moment.start),
                "play": self.play_from(moment.start),
                "line_html": mark_safe(self.highlighter.mark(moment.line) if self.highlighter else ""),  # noqa: S308 - escaped
                "language": moment.language_id,
            }
            for moment in self.found_moments
        ]

    @cached_property
    def page(self) -> str:
        """Return its page here, else at its source."""
        query = self.place or self._start(self.start)
        return with_query(page("video", self.row.short_uuid), **query) or self.source

    @property
    def is_special(self) -> bool:
        """Tell whether its card says more of it than what it is called, how long it is and whose it is."""
        return self.row.is_live or self.row.nsfw or self.row.privacy_id != PUBLIC or bool(self.place)

    @property
    def position(self) -> object:
        """Return its place in the playlist as whose element it is shown, else None."""
        return self.place.get("position")

    @property
    def begins(self) -> str:
        """Return from when an element of a playlist is shown, as "0:49"; "" for what is shown from its beginning."""
        return format_duration(self.start) if self.start else ""

    @property
    def source(self) -> str:
        return safe(self.row.watch_url)

    @property
    def play(self) -> str:
        """Return where it plays at once without a script: here, else at its source."""
        return self.play_from(self.start)

    @property
    def play_by_poster(self) -> str:
        """Return where the click on its picture leads without a script: here, else at its source."""
        return self.play_from_poster(self.start)

    @property
    def embed(self) -> str:
        """Return the address of the instance's player."""
        return safe(embed_address(*scheme_and_host(self.row), self.row.embed_path, self.row.uuid))

    def player(self, start: int = 0) -> str:
        """Return the address of a player that plays from `start` (seconds), and tells its page where it is (`api`)."""
        times = {"start": start, "stop": self.stop}
        return with_query(self.embed, autoplay=1, api=1, **{name: f"{time}s" for name, time in times.items() if time})

    def play_from(self, start: int, play: str = "1") -> str:
        """Return where it plays at once from `start` (seconds), without a script; one that is blurred after a click."""
        times = {"start": start} if self.place else self._start(start)
        return with_query(page("video", self.row.short_uuid), play=play, **times, **self.place) or self.source

    def play_from_poster(self, start: int) -> str:
        """Return where the click on its picture leads without a script, which for one that is blurred says so."""
        return self.play_from(start, SEEN if self.blurred else "1")

    def plays_by(self, play: str | None) -> bool:
        """Tell whether a page plays it at once that is asked to `play` it, None if it isn't asked."""
        return play is not None and (play == SEEN or not self.blurred)

    @property
    def player_now(self) -> str:
        """Return the address of a player that plays from the beginning."""
        return self.player()

    @cached_property
    def picture(self) -> PictureTag:
        return pictures.of_video(self.row, pictures.CARD, blurred=self.blurred)

    @cached_property
    def narrow_picture(self) -> PictureTag:
        """The picture for cards beside a video, 12 rem wide."""
        return pictures.of_video(self.row, pictures.NARROW, blurred=self.blurred)

    @cached_property
    def large_picture(self) -> PictureTag:
        """The picture before it plays, that of lists where there is none."""
        return pictures.of_video(self.row, pictures.LARGE, blurred=self.blurred)

    @property
    def thumbnail(self) -> str:
        """Return the address of the picture in lists."""
        return self.picture.address

    @property
    def poster(self) -> str:
        """Return the address of the large picture, that of lists where there is none."""
        return self.large_picture.address

    @cached_property
    def blurred(self) -> bool:
        """Tell whether its pictures are blurred until somebody wants to see them."""
        return self.row.nsfw and visibility.blurs_nsfw()

    @property
    def open_thumbnail(self) -> str:
        """Return the picture in lists for readers that would show it as it is: "" for one to be blurred."""
        return "" if self.blurred else self.thumbnail

    @property
    def open_poster(self) -> str:
        """Return the large picture for readers that would show it as it is: "" for one to be blurred."""
        return "" if self.blurred else self.poster

    @cached_property
    def clock(self) -> str:
        """Its duration as "1:02:05" or "1:05"; "" for a live."""
        return "" if self.row.is_live else format_duration(self.row.duration)

    @property
    def iso_duration(self) -> str:
        return f"PT{max(self.row.duration, 0)}S"

    @property
    def category(self) -> str:
        """Return what the filter `category` takes for its category; "" for none."""
        return self._constant("category")

    @property
    def language(self) -> str:
        """Return what the filter `language` takes for its language; "" for none."""
        return self._constant("language")

    @property
    def comments(self) -> int | None:
        """Return how many comments it has at its source; None where nobody may write any, or that isn't known."""
        number, policy = self.row.comments, self.row.comments_policy_id
        return None if number is None or policy == NO_COMMENTS else max(number, 0)

    @property
    def support_html(self) -> SafeString:
        """Return how its makers want to be supported."""
        return to_html(self.row.support)

    @property
    def category_name(self) -> str:
        return self._name_of("category")

    @property
    def licence_name(self) -> str:
        return self._name_of("licence")

    @property
    def language_name(self) -> str:
        return self._name_of("language")

    @property
    def privacy(self) -> str:
        """Return in its source's word how it is kept back, "" for what is public."""
        return "" if self.row.privacy_id == PUBLIC else self._name_of("privacy") or _("Not public")

    @property
    def licence_deed(self) -> str:
        """Return where Creative Commons explains its licence; "" for what isn't one of theirs."""
        known = constant_of("licence", self.row.licence_id, self.row.licence_label, self.row.instance.host)
        code = None if known.host else DEEDS.get(known.id)
        return f"https://creativecommons.org/{code}/" if code else ""

    @property
    def views(self) -> str:
        """Return how often it was watched, with the thousands set apart."""
        return exact_number(self.row.views)

    @property
    def likes(self) -> str:
        """Return how many people like it, with the thousands set apart."""
        return exact_number(self.row.likes)

    @property
    def views_short(self) -> str:
        """Return how often it was watched, as "167K"."""
        return short_number(self.row.views)

    @property
    def views_in_words(self) -> str:
        """Return the same with its noun, as "167K views"."""
        return _views_in_words(self.row.views, get_language())

    @property
    def likes_short(self) -> str:
        """Return how many people like it, as "167K"."""
        return short_number(self.row.likes)

    @cached_property
    def published(self) -> ExactTime:
        """Return the time of publication: for machines, and in words of the reader's language and zone."""
        return exact_time(self.row.published_at)

    @property
    def published_ago(self) -> str:
        """Return how long ago it was published, as "3 days ago", the day itself where that is yet to come."""
        then = self.row.published_at
        return how_long_ago(then, timezone.now()) or str(date_format(then, "DATE_FORMAT"))

    @cached_property
    def channel(self) -> ActorPresenter:
        return ActorPresenter(self.row.channel)

    @property
    def account(self) -> ActorPresenter:
        return ActorPresenter(self.row.account)

    @property
    def instance(self) -> InstancePresenter:
        return InstancePresenter(self.row.instance)

    @property
    def short_text(self) -> str | None:
        """Return as much of its text as lists tell, in Markdown."""
        return own_or(self._curation.text, self.row.truncated_description)

    @cached_property
    def summary(self) -> str:
        """Return the beginning of its text, in one line."""
        return to_text(self.short_text)

    @property
    def summary_html(self) -> SafeString:
        """Return as much of its text as lists tell."""
        return to_html(self.short_text)

    @property
    def text_html(self) -> SafeString:
        """Return its text in full, or as much as lists tell while the details aren't read; times in it are links."""
        text = full_text(self._curation.text, self.row.description, self.row.truncated_description)
        return link_moments(to_html(text), self.play_from, self.row.duration)

    @property
    def is_long(self) -> bool:
        """Tell whether its text is so long that a page folds it."""
        text = full_text(self._curation.text, self.row.description, self.row.truncated_description) or ""
        return len(text) > LONG or text.count("\n") > LONG_LINES

    @property
    def chapters(self) -> list[ShownChapter]:
        """Return its chapters: where they begin, what they are called, and where they play."""
        starts = ((chapter.title, max(chapter.timecode, 0)) for chapter in self.row.chapters.all())
        return [
            {"title": title, "clock": format_duration(start), "start": start, "play": self.play_from(start)}
            for title, start in starts
        ]

    @property
    def captions(self) -> list[dict[str, str]]:
        """Return its caption files that have an address."""
        home = scheme_and_host(self.row)
        addresses = (
            (caption, safe(caption_file(*home, caption.caption_path, caption.file_url)))
            for caption in self.row.captions.all()
        )
        return [
            {"label": name_of("language", caption.language_id, caption.language_label), "address": address}
            for caption, address in addresses
            if address
        ]

    @property
    def tags(self) -> list[str]:
        return [tag.name for tag in self.row.tags.all()]

    def _constant(self, kind: str) -> str:
        key, label = getattr(self.row, f"{kind}_id"), getattr(self.row, f"{kind}_label")
        return "" if key is None else str(constant_of(kind, key, label, self.row.instance.host))

    def _name_of(self, kind: str) -> str:
        """Return in the visitor's language what PeerTube, or the instance, calls a constant."""
        return name_of(kind, getattr(self.row, f"{kind}_id"), getattr(self.row, f"{kind}_label"))

    @staticmethod
    def _start(start: int) -> dict[str, int]:
        return {"start": start} if start else {}


@cache
def _nothing_decided() -> Curation:
    """Return what is decided of most videos; it is one for all, as a row takes longer to make than to read."""
    return Curation()


@lru_cache(maxsize=4096)
def _views_in_words(number: int, _language: str | None) -> str:
    """Return a number of views with its noun. It is kept: small numbers are those of many videos."""
    return ngettext("%(views)s view", "%(views)s views", number) % {"views": short_number(number)}


def present_videos(rows: Iterable[Video], query: Query = ()) -> list[VideoPresenter]:
    """Return videos as pages show them, with the words marked that `query` wants."""
    if not query:
        return [VideoPresenter(row) for row in rows]
    videos = list(rows)
    highlighter, moments = Highlighter(query), find_moments(query, [row.pk for row in videos])
    return [VideoPresenter(row, highlighter, moments.get(row.pk, ())) for row in videos]
