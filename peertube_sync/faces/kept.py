"""Answers that needn't be made, since nothing has changed that any answer shows.

The revision of the catalogue (`models/revision.py`) is read before an answer is made: so what it shows may be newer
than that, never older. Where the last answer of the same address was of the same state, who has it is told so, and with
KEEP_ANSWERS all others get it as it was. Only what is for everybody is looked for or kept here; who logs in gets an
answer of their own. Keys are hashes, and an address has one answer at a time.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from peertube_sync import __version__
from peertube_sync.catalogue.visibility import has_session
from peertube_sync.conf import Settings, get_settings
from peertube_sync.faces import conditional, pages
from peertube_sync.faces.deadline import Reading
from peertube_sync.models import revision

LARGEST = 1_000_000
"""Bytes of an answer that is kept."""
READ = ("GET", "HEAD")
KNOWN = frozenset(f"HTTP_{name}" for name in ("IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_MATCH", "IF_UNMODIFIED_SINCE"))
"""Headers that say what who asks has of an answer, as WSGI names them: Django takes a while to name them otherwise."""


@dataclass(frozen=True)
class Kept:
    """An answer, and the state of all that it shows."""

    state: str
    tag: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class KeptPlace:
    """Where the answer to a request is kept, made of what `reading` reads.

    `seconds`: for how long, 0 for not at all; what others have of it is known all the same. `dated`: it tells since
    when it is the same.
    """

    key: str
    reading: Reading
    seconds: int
    dated: bool

    def find(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return 304, or the answer that is kept; None where it is to be made."""
        if not self.seconds and KNOWN.isdisjoint(request.META):
            self.reading.read_first(revision.CURRENT)
            return None
        found = cache.get_many([self.key, self._content] if self.seconds else [self.key])
        seen: conditional.Seen | None = found.get(self.key)
        if not self.state or seen is None or seen.state != self.state:
            return None
        stamp = self._stamp(seen)
        if known := stamp.known_to(request):
            return known
        kept: Kept | None = found.get(self._content)
        if kept is None or (kept.state, kept.tag) != (seen.state, seen.tag):
            return None
        return stamp.put_on(HttpResponse(kept.content, content_type=kept.content_type))

    def keep(self, answer: HttpResponse) -> conditional.Stamp:
        """Keep an answer that was made, if it is small enough and something counts changes; return its stamp."""
        content, tag = answer.content, conditional.hashed(answer.content)
        state = _state_of_answers(self.reading.known(revision.CURRENT))
        stamp = self._stamp(conditional.seen(self.key, tag, state))
        if state and self.seconds and len(content) <= LARGEST and not answer.cookies:
            cache.set(self._content, Kept(state, tag, answer["Content-Type"], content), self.seconds)
        return stamp

    @property
    def state(self) -> str:
        """The state of which an answer would be that is made now, "" where nothing counts changes."""
        return _state_of_answers(self.reading.value(revision.CURRENT))

    def _stamp(self, seen: conditional.Seen) -> conditional.Stamp:
        return seen.stamp if self.dated else conditional.Stamp(seen.stamp.etag, None)

    @property
    def _content(self) -> str:
        return f"{self.key}.content"


def is_anonymous(request: HttpRequest) -> bool:
    """Tell whether nothing says who asks."""
    return "HTTP_AUTHORIZATION" not in request.META and not has_session(request)


def place(request: HttpRequest, media_type: str, reading: Reading, *, dated: bool) -> KeptPlace | None:
    """Return where the answer to `request` is kept; None where it may not be."""
    if request.method not in READ or not is_anonymous(request):
        return None
    return KeptPlace(conditional.cache_key(request, media_type), reading, get_settings().keep_answers, dated)


def _state_of_answers(current: str | None) -> str:
    made_by = _made_by(get_settings(), pages.depend_on())
    return "" if current is None else conditional.hashed(f"{current} {made_by}".encode())


@lru_cache(maxsize=8)
def _made_by(settings: Settings, addresses: tuple[str, ...]) -> str:
    """Return what else than the revision decides what answers tell: a cache may outlive the process."""
    return f"{__version__} {settings!r} {addresses}"
