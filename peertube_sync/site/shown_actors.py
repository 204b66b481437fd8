"""What pages show of instances, accounts, channels and playlists; as `shown.py` does of videos."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from peertube_sync.faces.addresses import safe
from peertube_sync.models import Account, Channel, Instance, InstanceState, Playlist, Video
from peertube_sync.models.reading import picture_for
from peertube_sync.site.addresses import page
from peertube_sync.site.prose import to_html

THUMBNAIL, AVATAR, BANNER = 480, 120, 1920
"""CSS pixels that pictures are shown with on a dense screen; the nearest larger size is taken."""


def home_of(row: Video | Channel | Account | Playlist) -> tuple[str, str]:
    """Return scheme and host of the home of `row`, which the functions of `reading` begin with."""
    return row.instance.scheme, row.instance.host


@dataclass(frozen=True)
class ShownInstance:
    """An instance."""

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
        """Return its own address."""
        return safe(self.row.url)

    @property
    def has_moved(self) -> bool:
        """Tell whether it answers that it is somewhere else now; where, is for a person to check, and never shown."""
        return self.row.state == InstanceState.MOVED

    @property
    def text_html(self) -> SafeString:
        """Return what it says of itself, at length or else in short."""
        about = self.row.about.get("instance") if isinstance(self.row.about, dict) else None
        described = about.get("description") if isinstance(about, dict) else None
        return to_html(described if isinstance(described, str) and described else self.row.short_description)


@dataclass(frozen=True)
class ShownActor:
    """A channel or an account."""

    row: Channel | Account

    @property
    def name(self) -> str:
        """Return what it is called, else its handle."""
        return self.row.display_name or self.row.name

    @property
    def page(self) -> str:
        """Return its page here, else at its source; who is known from private videos alone has none here."""
        name = "channel" if isinstance(self.row, Channel) else "account"
        return ("" if self.row.private else page(name, self.row.handle)) or self.source

    @property
    def source(self) -> str:
        """Return its page at the source, which every PeerTube has at this address."""
        return safe(f"{self.row.instance.url}/{'c' if isinstance(self.row, Channel) else 'a'}/{self.row.name}")

    @property
    def avatar(self) -> str:
        """Return the address of its picture."""
        return safe(picture_for(AVATAR, *home_of(self.row), self.row.avatars))

    @property
    def banner(self) -> str:
        """Return the address of the wide picture of a channel."""
        return safe(picture_for(BANNER, *home_of(self.row), getattr(self.row, "banners", ())))

    @property
    def initial(self) -> str:
        """Return the letter that stands for a missing picture."""
        return self.name.strip()[:1].upper()

    @property
    def text_html(self) -> SafeString:
        """Return what it says of itself."""
        return to_html(self.row.description)


@dataclass(frozen=True)
class ShownPlaylist:
    """A playlist."""

    row: Playlist

    @property
    def instance(self) -> ShownInstance:
        """Return its home."""
        return ShownInstance(self.row.instance)

    @property
    def name(self) -> str:
        """Return its title."""
        return self.row.display_name

    @property
    def page(self) -> str:
        """Return its page here, else at its source."""
        return page("playlist", self.row.short_uuid) or self.source

    @property
    def source(self) -> str:
        """Return its page at the source."""
        return safe(self.row.watch_url)

    @property
    def thumbnail(self) -> str:
        """Return the address of its picture."""
        return safe(picture_for(THUMBNAIL, *home_of(self.row), self.row.thumbnails, self.row.thumbnail_path))

    @property
    def owner(self) -> ShownActor:
        """Return the channel that shows it, else the account that made it."""
        return ShownActor(self.row.video_channel or self.row.owner_account)

    @property
    def text_html(self) -> SafeString:
        """Return its description."""
        return to_html(self.row.description)
