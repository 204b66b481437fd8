"""How pages show where videos come from and what they are gathered in: instances, accounts, channels, playlists.

As with videos in `presenters.py`, texts are plain and still have to be escaped, except for those that end in `_html`.
"""

from dataclasses import dataclass
from functools import cached_property

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from peertube_sync.faces.addresses import safe
from peertube_sync.faces.pages import page
from peertube_sync.models import Account, Channel, Instance, InstanceState, Playlist, Video
from peertube_sync.models.reading import own_or
from peertube_sync.site import pictures
from peertube_sync.site.markdown import to_html, to_text
from peertube_sync.site.pictures import PictureTag
from peertube_sync.site.spoken import short_number

OUT_OF_REACH = frozenset(
    {
        *(InstanceState.DNS, InstanceState.TLS, InstanceState.CONNECTION_REFUSED, InstanceState.TIMEOUT),
        *(InstanceState.UNREACHABLE, InstanceState.SERVER_ERROR),
    }
)
"""The states of an instance in which visitors wouldn't reach it either."""

ON_CARDS = 60
"""Characters of a name on cards."""


def title_or_untitled(ours: str | None, theirs: str) -> str:
    """Return a title that can be read and clicked, whatever there is."""
    return own_or(ours, theirs) or _("Untitled")


def scheme_and_host(row: Video | Channel | Account | Playlist) -> tuple[str, str]:
    """Return scheme and host of the home of `row`, which the functions of `reading` begin with."""
    return row.instance.scheme, row.instance.host


def initial_of(name: str) -> str:
    """Return the letter that stands for a missing picture: the first one, or what a name without any begins with."""
    return next(filter(str.isalnum, name), name.strip()[:1]).upper()


@dataclass(frozen=True)
class InstancePresenter:
    row: Instance

    @property
    def name(self) -> str:
        """Return what it calls itself, else its host."""
        return self.row.name or self.row.host

    @property
    def page(self) -> str:
        """Return its page here, else at its source."""
        return page("instance", self.row.host) or self.source

    @property
    def source(self) -> str:
        return safe(self.row.url)

    @cached_property
    def picture(self) -> PictureTag:
        return pictures.instance_avatar(self.row)

    @cached_property
    def wide_picture(self) -> PictureTag:
        return pictures.instance_banner(self.row)

    @property
    def banner(self) -> str:
        """Return the address of its wide picture."""
        return self.wide_picture.address

    @property
    def initial(self) -> str:
        return initial_of(self.name)

    @property
    def has_moved(self) -> bool:
        """Tell whether it answers that it is somewhere else now; where, is for a person to check, and never shown."""
        return self.row.state == InstanceState.MOVED

    @property
    def is_down(self) -> bool:
        """Tell whether nothing could be read from it when it was last asked, and not for our sake."""
        return self.row.state in OUT_OF_REACH

    @property
    def instance(self) -> "InstancePresenter":
        return self

    @property
    def host(self) -> str:
        return self.row.host

    @property
    def handle(self) -> str:
        """Return what names it in addresses."""
        return self.row.host

    @property
    def handle_html(self) -> str:
        """Return its handle as HTML."""
        return self.handle

    @property
    def summary(self) -> str:
        """Return what it says of itself in short, in one line."""
        return to_text(self.row.short_description)

    def answered(self, name: str) -> str:
        """Return a text of its "about" answer, "" where it has none."""
        about = self.row.about.get("instance") if isinstance(self.row.about, dict) else None
        text = about.get(name) if isinstance(about, dict) else None
        return text if isinstance(text, str) else ""

    @property
    def text_html(self) -> SafeString:
        """Return what it says of itself, at length or else in short."""
        return to_html(self.answered("description") or self.row.short_description)


@dataclass(frozen=True)
class ActorPresenter:
    row: Channel | Account

    @property
    def name(self) -> str:
        """Return what it is called, else its handle."""
        return self.row.display_name or self.row.name

    @property
    def name_on_cards(self) -> str:
        """Return as much of its name as cards have room for."""
        name = self.name
        # Of most names that is clear at a glance; of others, accents aren't counted.
        return name if len(name) <= ON_CARDS and name.isascii() else Truncator(name).chars(ON_CARDS)

    @property
    def page(self) -> str:
        """Return its page here, otherwise at its source; actors known only from private videos have none here."""
        name = "channel" if isinstance(self.row, Channel) else "account"
        return ("" if self.row.private else page(name, self.row.handle)) or self.source

    @property
    def source(self) -> str:
        return safe(f"{self.row.instance.url}/{'c' if isinstance(self.row, Channel) else 'a'}/{self.row.name}")

    @cached_property
    def picture(self) -> PictureTag:
        return pictures.avatar(self.row)

    @property
    def avatar(self) -> str:
        """Return the address of its picture."""
        return self.picture.address

    @cached_property
    def wide_picture(self) -> PictureTag:
        return pictures.banner(self.row)

    @property
    def banner(self) -> str:
        """Return the address of the wide picture of a channel."""
        return self.wide_picture.address

    @property
    def initial(self) -> str:
        return initial_of(self.name)

    @property
    def instance(self) -> InstancePresenter:
        return InstancePresenter(self.row.instance)

    @property
    def host(self) -> str:
        return self.row.instance.host

    @property
    def handle(self) -> str:
        return self.row.handle

    @property
    def handle_html(self) -> SafeString:
        """Return its handle as HTML that breaks before its host, where it is too long for a line."""
        return format_html("{}<wbr>@{}", self.row.name, self.host)

    @property
    def followers(self) -> str:
        """Return how many follow it, with the thousands set apart; "" if its source doesn't tell."""
        number = self.row.followers_count
        return "" if number is None else str(number_format(max(number, 0), force_grouping=True))

    @property
    def followers_short(self) -> str:
        """Return how many follow it, as "167K"; "" if that isn't known."""
        number = self.row.followers_count
        return "" if number is None else short_number(max(number, 0))

    @property
    def summary(self) -> str:
        """Return the beginning of what it says of itself, in one line."""
        return to_text(self.row.description)

    @property
    def text_html(self) -> SafeString:
        """Return what it says of itself."""
        return to_html(self.row.description)


@dataclass(frozen=True)
class PlaylistPresenter:
    row: Playlist

    @property
    def instance(self) -> InstancePresenter:
        return InstancePresenter(self.row.instance)

    @property
    def name(self) -> str:
        return self.row.display_name

    @property
    def page(self) -> str:
        """Return its page here, else at its source."""
        return page("playlist", self.row.short_uuid) or self.source

    @property
    def source(self) -> str:
        return safe(self.row.watch_url)

    @cached_property
    def picture(self) -> PictureTag:
        return pictures.of_playlist(self.row)

    @property
    def thumbnail(self) -> str:
        """Return the address of its picture."""
        return self.picture.address

    @property
    def host(self) -> str:
        return self.row.instance.host

    @property
    def owner(self) -> ActorPresenter:
        """Return the channel that shows it, else the account that made it."""
        return ActorPresenter(self.row.video_channel or self.row.owner_account)

    @property
    def summary(self) -> str:
        """Return the beginning of its text, in one line."""
        return to_text(self.row.description)

    @property
    def text_html(self) -> SafeString:
        return to_html(self.row.description)
