"""What the head of a page tells search engines, messengers and social networks, who show a page in a line or a card.

`parts/head.html` writes it. Whose pages search engines are led to is the setting SEARCH_ENGINES: a site's copy of a
video says that the original is at its source unless the site's owner says otherwise.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import global_settings, settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.http import HttpRequest
from django.urls import get_script_prefix, get_urlconf, translate_url

from peertube_sync.conf import get_settings
from peertube_sync.site.addresses import absolute
from peertube_sync.site.pictures import PictureTag
from peertube_sync.site.presenters import VideoPresenter
from peertube_sync.site.source_presenters import ActorPresenter, InstancePresenter, PlaylistPresenter

WEBSITE = "website"
Shown = VideoPresenter | ActorPresenter | PlaylistPresenter | InstancePresenter
HIDDEN = "noindex"
"""What a page, or the header X-Robots-Tag, tells search engines that should leave it out."""


@dataclass(frozen=True)
class Head:
    """A page in a few words: `address` is the one to share, `canonical` the one for search engines, "" for none.

    `indexed`: whether search engines may show it. `languages` are the addresses of the same page in all languages, by
    their codes, where each has its own. `picture` is an absolute address, with its size in pixels where that is known.
    """

    title: str
    text: str
    address: str
    canonical: str
    type: str = WEBSITE
    picture: str = ""
    width: int = 0
    height: int = 0
    languages: tuple[tuple[str, str], ...] = ()

    @property
    def indexed(self) -> bool:
        return bool(self.canonical)


def make_head(
    request: HttpRequest, path: str, title: str, text: str, *, source: str = "", hidden: bool = False, **about: Any
) -> Head:
    """Return the head of the page at `path`, a copy of the one at `source`, "" for what is this site's own.

    `hidden`: search engines leave it out, whatever the settings say. `about` are further fields.
    """
    address, whose = request.build_absolute_uri(path), get_settings().search_engines
    canonical = source if whose == "source" and source else address
    if hidden or whose == "none":
        canonical = ""
    languages = _addresses_by_language(request, path) if canonical == address else ()
    return Head(title, text, address, canonical, languages=languages, **about)


def head_of(request: HttpRequest, shown: Shown, *, hidden: bool, path: str = "", part: str = "") -> Head:
    """Return the head of the page of something that is mirrored, or of the `part` of it that has the page at `path`."""
    name = shown.title if isinstance(shown, VideoPresenter) else shown.name
    title = f"{name}: {part}" if part else name
    picture, address, kind = _card(shown)
    # The size of a picture at its source isn't known.
    size = {"width": picture.width, "height": picture.height} if picture and picture.ours and address else {}
    card = {"type": kind, "picture": absolute(request.build_absolute_uri("/"), address), **size}
    text = shown.summary or name
    return make_head(request, path or shown.page, title, text, source=shown.source, hidden=hidden, **card)


def _card(shown: Shown) -> tuple[PictureTag | None, str, str]:
    """Return the picture of a card, its address where it may be shown to everybody, and the type of what it shows."""
    if isinstance(shown, VideoPresenter):
        return shown.large_picture, shown.open_poster, "video.other"
    if isinstance(shown, ActorPresenter):
        return shown.picture, shown.avatar, "profile"
    if isinstance(shown, PlaylistPresenter):
        return shown.picture, shown.thumbnail, WEBSITE
    return None, "", WEBSITE


def _addresses_by_language(request: HttpRequest, path: str) -> tuple[tuple[str, str], ...]:
    """Return the addresses of a page in the project's languages, if each has one (`i18n_patterns`).

    Where a cookie or the browser chooses the language, all have the same address: then there is nothing to tell. Nor
    is there for a project that doesn't say which languages it speaks: Django's own list has about a hundred.
    """
    several, _default_too = is_language_prefix_patterns_used(get_urlconf() or settings.ROOT_URLCONF)
    if not several or settings.LANGUAGES == global_settings.LANGUAGES:
        return ()
    inner = f"/{path.removeprefix(get_script_prefix())}"
    addresses = {code: request.build_absolute_uri(translate_url(inner, code)) for code, _name in settings.LANGUAGES}
    if len(set(addresses.values())) < len(addresses) or len(addresses) == 1:
        return ()
    fallback = addresses.get(settings.LANGUAGE_CODE)
    return (*addresses.items(), *([("x-default", fallback)] if fallback else []))
