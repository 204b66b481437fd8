"""Answering with the picture of a row, if the row may be seen: in every width, from the next request on.

Nothing is asked of an instance while a visitor waits: a visitor who comes before the picture gets a plain area of its
shape.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import ceil
from typing import Any

from django.db import transaction
from django.db.models import Exists
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from peertube_sync.catalogue import visibility
from peertube_sync.conf import Settings, get_settings
from peertube_sync.faces.throttle import WINDOW, count_in_window
from peertube_sync.headers import policy
from peertube_sync.ingest.pictures.keeping import drop, file_name, is_whole, read_file, storage
from peertube_sync.ingest.pictures.rows import PICTURED, picked_of
from peertube_sync.models import Picture, PictureState
from peertube_sync.models.picture_shapes import BLURRED, SHAPES, VIDEO, Shape
from peertube_sync.pictures.addresses import base_of_pictures
from peertube_sync.pictures.placeholder import placeholder
from peertube_sync.sync.pictures import want
from peertube_sync.sync.pictures_on_demand import fetch_soon

logger = logging.getLogger("peertube_sync")

DAY = 86400
"""Seconds for which browsers and caches may show a picture without asking: what is hidden here is to be gone soon."""
X_SENDFILE = "X-Sendfile"
LARGEST_KEY = 2**63
HEADERS = {
    "Content-Security-Policy": policy(form_action="'none'", sandbox="").strip(),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Headers that keep a browser from taking a picture for anything else, and let pages of others show it."""


@dataclass(frozen=True)
class Asked:
    """The picture that an address names: what it is `of`, the key of the row, its version, and which size of it."""

    of: str
    pk: int
    version: str
    size: str

    @property
    def shape(self) -> Shape:
        return SHAPES[self.of]

    @property
    def rows(self) -> Any:
        """The row, if visitors may see it by the site's policy."""
        visible = visibility.available() if self.of == VIDEO else PICTURED[self.of].shown()
        return visible.order_by().filter(pk=self.pk)

    def published(self) -> tuple[str, int] | None:
        """Return the version of the row's picture as it is now, and whom to ask for it; None where there is none."""
        kind = PICTURED[self.of]
        row = self.rows.values("pk", kind.instance, *kind.columns).first()
        picked = picked_of(self.of, row) if row else None
        return (picked.version, row[kind.instance]) if row and picked else None


@require_safe
def picture(request: HttpRequest, of: str, pk: str, version: str, size: str) -> HttpResponseBase:
    """Answer with a picture, or with a plain area: 404 where there is nothing to be seen, 202 while it isn't here."""
    settings = get_settings()
    if (wait := _seconds_to_wait(request, settings)) is not None:
        return HttpResponse(status=429, headers={**HEADERS, "Retry-After": wait, "Cache-Control": "no-store"})
    if settings.pictures != "site" or of not in SHAPES or not _is_key(pk) or not _is_size(SHAPES[of], size):
        return _instead(SHAPES.get(of, SHAPES[VIDEO]), 404)
    return _look(request, Asked(of, int(pk), version, size), settings)


def _look(request: HttpRequest, asked: Asked, settings: Settings) -> HttpResponseBase:
    """Answer by what is kept and, where that may be of another picture than the row has now, by the row."""
    kept = Picture.objects.filter(Exists(asked.rows), of=asked.of, row_id=asked.pk, version=asked.version).first()
    if kept and not kept.stale:
        return _answer(request, asked, kept, settings)
    published = asked.published()
    if published is None:
        return _instead(asked.shape, 404)
    if published[0] != asked.version:
        there = f"{base_of_pictures()}{asked.of}/{asked.pk}/{published[0]}/{asked.size}"
        return HttpResponseRedirect(there, headers={"Cache-Control": "no-store"})
    if kept:
        return _answer(request, asked, kept, settings)
    return _soon(asked, published[1], settings)


def _seconds_to_wait(request: HttpRequest, settings: Settings) -> str | None:
    """Count a request, and return after how many seconds to come back; None for who needn't wait."""
    if not settings.pictures_requests_per_minute:
        return None
    allowed = ceil(settings.pictures_requests_per_minute * WINDOW / 60)
    return count_in_window(request, allowed, "pictures").headers.get("Retry-After")


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < LARGEST_KEY


def _is_size(shape: Shape, size: str) -> bool:
    return size == BLURRED or size in map(str, shape.widths)


def _answer(request: HttpRequest, asked: Asked, kept: Picture, settings: Settings) -> HttpResponseBase:
    """Answer with what is kept; files that went, or were cut short, are made anew."""
    if kept.state in (PictureState.REFUSED, PictureState.FAILED):
        return _instead(asked.shape, 404)
    if kept.state == PictureState.HERE:
        if answer := _file_of(request, kept, asked.size, settings):
            return answer
        drop(kept, due=True)
    return _soon(asked, kept.instance_id, settings)


def _soon(asked: Asked, instance: int, settings: Settings) -> HttpResponseBase:
    """See to it that the picture comes, and answer with what stands for it meanwhile."""
    want(asked.of, asked.pk, instance, asked.version)
    transaction.on_commit(partial(fetch_soon, instance, settings))  # a thread sees what is committed alone
    return _instead(asked.shape, 202)


def _file_of(request: HttpRequest, kept: Picture, size: str, settings: Settings) -> HttpResponseBase | None:
    """Return the picture in a size, or the next one that there is; None where its file isn't good any more."""
    widths = sorted(int(width) for width in kept.sizes if width != BLURRED)
    best = size if size in kept.sizes else str(next((width for width in widths if width >= int(size)), widths[-1]))
    etag, name = f'"{kept.file}-{best}"', file_name(kept.file, best)
    _note_seen(kept)
    try:
        body = (b"" if is_whole(kept, best) else None) if settings.pictures_sendfile else read_file(kept, best)
    except Exception:  # a storage may be anything, and fail in its own way
        logger.exception("the storage of pictures doesn't give %s", name)
        return _instead(SHAPES[kept.of], 503)
    if body is None:
        return None
    response = HttpResponse(body, content_type="image/webp")
    if settings.pictures_sendfile == X_SENDFILE:
        response[X_SENDFILE] = storage().path(name)
    elif settings.pictures_sendfile:
        response["X-Accel-Redirect"] = f"{settings.pictures_sendfile}{name}"
    answer: HttpResponseBase = get_conditional_response(request, etag=etag, response=response) or response
    for name, value in {**HEADERS, "Cache-Control": f"public, max-age={DAY}", "ETag": etag}.items():
        answer[name] = value
    return answer


def _note_seen(kept: Picture) -> None:
    """Write that somebody saw it, once a day: nobody has to know more to throw away what is seen least."""
    now = timezone.now()
    if kept.seen_at is None or kept.seen_at < now - timedelta(days=1):
        Picture.objects.filter(pk=kept.pk).update(seen_at=now)


def _instead(shape: Shape, status: int) -> HttpResponse:
    """Answer with a plain area: browsers show it, whatever the status."""
    headers = {**HEADERS, "Cache-Control": "no-store"}
    return HttpResponse(placeholder(shape), "image/svg+xml", status=status, headers=headers)
