"""Where this site shows a video, for answers that are stored without knowing by which name the site is asked.

Such answers have PAGE in the place of all that stands before a video's short uuid, and who writes JSON for a request
calls `with_pages`. Where addresses have languages (`i18n_patterns`), they are those of LANGUAGE_CODE.
"""

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils import translation

NAMESPACE = "peertube_sync_site"
VIDEO = f"{NAMESPACE}:video"
PAGE = "\x1b"
"""A control character; `pictures.told.HERE` is another one."""
KEY = b'"page_url":"'
PAGE_IN_JSON = KEY + b"\\u001b"
"""With the key before it, so that no text that an instance publishes becomes an address of ours."""
PLACE = "uuid"
LED_TO = {"peertube_sync_pictures:picture": ("video", "0", "0", "0"), "peertube_sync_compat:well-known-nodeinfo": ()}
"""An address of each of ours besides the site's to which answers lead, with what it names."""


def page(name: str, *args: str) -> str:
    """Return the path of the site's page `name`; "" when the site isn't mounted or no path can hold `args`."""
    return _kept_path(
        get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF, translation.get_language(), name, args
    )


@lru_cache(maxsize=4096)
def _kept_path(_prefix: str, urlconf: str, _language: str | None, name: str, args: tuple[str, ...]) -> str:
    """Return the path of `page`. It is kept: a page of cards has dozens of paths, mostly those of the page before."""
    try:
        return reverse(f"{NAMESPACE}:{name}", urlconf=urlconf, args=args)
    except NoReverseMatch:
        return ""


def page_url(short_uuid: str) -> str | None:
    """Return what stands for the address of a video's page here, None where the site's pages aren't included."""
    return f"{PAGE}{short_uuid}/" if are_included() else None


def are_included() -> bool:
    """Tell whether the site's pages have addresses."""
    return bool(_before_uuid())


def with_pages(request: HttpRequest, content: bytes) -> bytes:
    """Return JSON with the addresses of pages, as who made `request` reaches them, in the place of PAGE."""
    path = _before_uuid()
    return content.replace(PAGE_IN_JSON, KEY + request.build_absolute_uri(path).encode()) if path else content


def depend_on() -> tuple[str, ...]:
    """Return what decides how addresses of ours are written, for answers that are kept."""
    return _mounted(get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF, settings.LANGUAGE_CODE)


@lru_cache(maxsize=64)
def _mounted(prefix: str, urlconf: str, language: str) -> tuple[str, ...]:
    """Return where all that answers lead to is included, "" for what isn't."""
    others = (_reversed(name, urlconf, *args) for name, args in LED_TO.items())
    return (prefix, str(settings.FORCE_SCRIPT_NAME), _found(prefix, urlconf, language), *others)


def _reversed(name: str, urlconf: str, *args: str) -> str:
    try:
        return reverse(name, urlconf=urlconf, args=args)
    except NoReverseMatch:
        return ""


def _before_uuid() -> str:
    return _found(get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF, settings.LANGUAGE_CODE)


@lru_cache(maxsize=64)
def _found(_prefix: str, urlconf: str, language: str) -> str:
    try:
        with translation.override(language):
            return reverse(VIDEO, urlconf=urlconf, args=[PLACE]).removesuffix(f"{PLACE}/")
    except NoReverseMatch:
        return ""
