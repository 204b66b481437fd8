"""How much one request may ask. Looked at before anything of it is parsed, so that no question costs much.

The address is read here as it came, since Django's own reading of it has no bounds that we could name.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.http import HttpRequest
from django.utils.translation import gettext as _

from peertube_sync.models.words import WORDS, number_of_words

ADDRESS = 16_384
"""Bytes of a query; web servers take about half of it."""
PARAMETERS = 200
"""Values in a query, of all names together."""
BODY = 65_536
"""Bytes of what is sent."""
WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
NOTHING_SENT = ("", "0")


@dataclass(frozen=True)
class Bound:
    """How many `values` a parameter may have, and how many characters and `words` each of them."""

    values: int = 100
    length: int = 1_000
    words: int | None = None
    listed: bool = False
    """Whether a comma begins another value."""


ANY = Bound()
SEARCHED = Bound(words=WORDS)
CURSOR = Bound(length=4_000)
"""It holds the title of a row in base64."""
Bounds = Mapping[str, Bound]
"""Those that differ from ANY, by parameter."""


class TooMuch(Exception):  # noqa: N818 - named after what is the case
    """A request asks for more than anybody may; `why` names the bound, `name` the parameter (`query`, `body`)."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name, self.why = name, why


def check(
    request: HttpRequest,
    bounds: Bounds,
    named: Mapping[str, Any],
    *,
    body: int = BODY,
    parameters: int = PARAMETERS,
) -> None:
    """Look at the query, the length of the body, and what the path has `named`. Raises TooMuch."""
    sent = request.META.get("CONTENT_LENGTH") or ""
    if request.method in WITHOUT_BODY and (sent not in NOTHING_SENT or "HTTP_TRANSFER_ENCODING" in request.META):
        raise TooMuch("body", _("Nothing is to be sent with %(method)s.") % {"method": request.method})
    check_size(int(sent) if sent.isdecimal() and len(sent) < 20 else 0, body)
    for name, value in named.items():
        _check_length(name, len(str(value)), ANY)
    query = request.META.get("QUERY_STRING", "")
    most = min(parameters, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS or parameters)
    pairs = query[:ADDRESS].split("&", most)
    check_values(_values_by_name("&".join(pairs[:most])), bounds)
    if len(pairs) > most:
        raise TooMuch("query", _("At most %(number)s values are taken in all.") % {"number": most})
    if len(query) > ADDRESS:
        raise TooMuch("query", _("At most %(number)s bytes are taken.") % {"number": ADDRESS})


def check_values(parameters: Mapping[str, Sequence[str]], bounds: Bounds) -> None:
    """Look at values by the name of their parameter. Raises TooMuch."""
    for name, values in parameters.items():
        bound = bounds.get(name, ANY)
        if (sum(value.count(",") + 1 for value in values) if bound.listed else len(values)) > bound.values:
            raise TooMuch(name, _("At most %(number)s values are taken.") % {"number": bound.values})
        _check_length(name, max(map(len, values), default=0), bound)
        if "\0" in "".join(values):
            raise TooMuch(name, str(ProhibitNullCharactersValidator.message))
        if bound.words is not None and max(map(number_of_words, values), default=0) > bound.words:
            raise TooMuch(name, _("At most %(number)s words are taken.") % {"number": bound.words})


def _values_by_name(query: str) -> dict[str, list[str]]:
    """Return the values of a query; PeerTube's clients may write the name of a list with `[]`."""
    values = defaultdict(list)
    for name, value in parse_qsl(query, keep_blank_values=True):
        values[name.removesuffix("[]")].append(value)
    return values


def _check_length(name: str, length: int, bound: Bound) -> None:
    if length > bound.length:
        raise TooMuch(name[:100], _("At most %(number)s characters are taken.") % {"number": bound.length})


def check_size(size: int, most: int) -> None:
    """Look at the number of bytes that were sent. Raises TooMuch."""
    if size > most:
        raise TooMuch("body", _("At most %(number)s bytes are taken.") % {"number": most})
