"""The one place that knows the settings: the dict `PEERTUBE_SYNC`, read live into a frozen dataclass.

A leaf: the interfaces read it and hand it down as an argument, the layers below never read it, except for
`catalogue.visibility`. Parsed settings are cached by the dict that was given, so `override_settings` works.
"""

import difflib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from ipaddress import ip_network
from itertools import chain
from operator import is_
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit

import msgspec
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from msgspec import Meta


def _has_host(address: str) -> bool:
    """Tell whether an address, if there is one, names a host and perhaps a port; one of a socket, its path."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises ValueError where it is no number
    except ValueError:
        return False
    return not address or bool(parts.path if parts.scheme == "unix" else parts.hostname)


def _are_keys(text: str) -> bool:
    try:
        return all(Fernet(key) for key in text.split(",") if key)
    except ValueError:
        return False


def _are_proxies(text: str) -> bool:
    try:
        if text.isdecimal():
            return 1 <= int(text) <= 20
        return not text or all(ip_network(network.strip(), strict=False) for network in text.split(","))
    except ValueError:
        return False


# What a setting may be: constraints of msgspec, whose description says in words what is wanted, and beside them a
# function where no constraint tells. Most texts go into a request header or are URLs: printable ASCII in one line.
Truth = Annotated[bool, Meta(description="True or False")]
OverZero = Annotated[float, Meta(gt=0, le=sys.float_info.max, description="a number over 0")]
Share = Annotated[float, Meta(gt=0, le=1, description="a number over 0 and at most 1")]
FromZero = Annotated[int, Meta(ge=0, description="a whole number at least 0")]
FromOne = Annotated[int, Meta(ge=1, description="a whole number at least 1")]
FromMillion = Annotated[int, Meta(ge=1_000_000, description="a whole number at least 1000000")]
Name = Annotated[str, Meta(description="a string of printable characters"), str.isprintable]
Line = Annotated[str, Meta(pattern=r"\A[ -~]*\Z", description="a string of printable ASCII characters")]
Site = Annotated[
    str,
    Meta(pattern=r"\A((?i:https?)://[ -~]+)?\Z", description="a URL that begins with https:// or http://"),
    _has_host,
]
Redis = Annotated[
    str,
    Meta(
        pattern=r"\A((?i:rediss?|unix)://[ -~]+)?\Z",
        description="a URL that begins with redis:// or rediss:// or unix://",
    ),
    _has_host,
]
Keys = Annotated[str, Meta(pattern=r"\A[ -~]*\Z", description="keys of Fernet, separated by commas"), _are_keys]
Proxies = Annotated[
    str,
    Meta(pattern=r"\A[ -~]*\Z", description="a number from 1 to 20, or addresses and networks, separated by commas"),
    _are_proxies,
]
Policy = Annotated[str, Meta(pattern=r"\A(show|blur|hide)\Z", description="one of show, blur, hide")]
Found = Annotated[str, Meta(pattern=r"\A(source|site|none)\Z", description="one of source, site, none")]
PicturesFrom = Annotated[str, Meta(pattern=r"\A(source|site)\Z", description="one of source, site")]


@dataclass(frozen=True)
class Settings:
    """All keys of `PEERTUBE_SYNC`, in lower case, with their defaults."""

    site_url: Site = ""
    """The site's public URL. It goes into the User-Agent, so that a PeerTube administrator sees who asks."""

    contact: Line = ""
    """A URL or an e-mail address at which PeerTube administrators reach you. It goes into the User-Agent."""

    site_name: Name = "Videos"
    """What the site's pages and feeds are called, and what PeerTube's clients show."""

    allow_private_hosts: Truth = False
    """Whether loopback and private addresses, and plain http, may be asked, and shown to visitors.

    For tests and closed networks only.
    """

    redis_url: Redis = field(default="", repr=False)
    """The Redis in which all processes of the site share the rate budget. Empty: they share it in the database."""

    token_keys: Keys = field(default="", repr=False)
    """Keys by which the tokens of logins are encrypted, comma-separated: the first one encrypts, any one decrypts."""

    doorbell: Truth = False
    """Whether instances are followed by ActivityPub, so that they report changes at once."""

    rate_limit_share: Share = 0.5
    """The share of an instance's announced rate limit to use: above 0, at most 1."""

    request_timeout: OverZero = 30.0
    """Seconds to wait for an instance to connect and to go on answering."""

    slice_seconds: OverZero = 60.0
    """Seconds that one task works on one instance before it makes room for others."""

    hosts_at_once: FromOne = 8
    """How many instances one process works on side by side, each in a thread with its own database connection."""

    lease_seconds: OverZero = 300.0
    """Seconds without a sign of life after which another worker may take over an instance."""

    head_interval_min: OverZero = 300.0
    """Seconds between two looks for new videos at a source that publishes all day."""

    head_interval_max: OverZero = 86400.0
    """Seconds between two looks at a source that has published nothing for weeks."""

    sweep_interval: OverZero = 86400.0
    """Seconds between two complete walks through a catalogue."""

    rotation_interval: OverZero = 604800.0
    """Seconds after which captions, chapters and elements are asked for again: nothing announces their changes."""

    caption_search: Truth = False
    """Whether caption files are read too, so that the search finds what is said in a video, and when."""

    tombstone_retention: OverZero = 2592000.0
    """Seconds after which the texts and files of a removed video are scrubbed; its row stays."""

    action_retention: OverZero = 31536000.0
    """Seconds after which `peertube_purge` forgets who did what."""

    run_retention: OverZero = 7776000.0
    """Seconds after which the records of what was done, and of what could not be read, are deleted."""

    discovery: Truth = False
    """Whether workers look once a day for instances that aren't known here yet."""

    discovery_adds: Truth = False
    """Whether the instances that are found are mirrored at once; else they wait for approval."""

    discovery_index: Line = "https://instances.joinpeertube.org"
    """The index of instances that is asked for hosts, besides the instances mirrored here; "" for none."""

    mass_loss_share: Share = 0.2
    """The share of a source's videos which may be gone in one sweep before a person has to decide."""

    mass_loss_number: FromZero = 20
    """The number of videos that may always be gone in one sweep, whatever their share."""

    compat_rate_limit: FromOne = 500
    """The number of requests that one client may make to PeerTube's own API in 10 seconds."""

    read_through: Truth = True
    """Whether a video's details are read at once when a client of PeerTube's own API asks for them before a worker has.

    A quarter of the requests that a host allows us may go into that.
    """

    nsfw_policy: Policy = "show"
    """What becomes of sensitive videos, everywhere: shown, their pictures blurred, or left out."""

    search_engines: Found = "source"
    """Which pages search engines are led to: those of the sources, this site's copies of them, or none of this site."""

    pictures: PicturesFrom = "source"
    """Where browsers get pictures: from the instances that publish them, or from this site, which keeps them."""

    pictures_bytes: FromMillion = 2_000_000_000
    """How many bytes of pictures are kept; beyond these, the least recently seen are thrown away."""

    pictures_per_second: OverZero = 4.0
    """How many pictures one host is asked for in a second, by all processes together."""

    pictures_bytes_per_second: FromOne = 1_000_000
    """How many bytes of pictures one host is asked for in a second."""

    pictures_sendfile: Line = ""
    """How the web server sends the files of pictures: a path that it serves internally, or the name "X-Sendfile".

    Empty: Django does it.
    """

    api_requests_per_minute: FromZero = 600
    """Requests that one address may send to the API in a minute; 0 for any number."""

    site_requests_per_minute: FromZero = 300
    """Requests that one address may send to the site's pages and feeds in a minute; 0 for any number."""

    pictures_requests_per_minute: FromZero = 6000
    """Requests that one address may send for pictures in a minute; 0 for any number."""

    metrics_token: Line = field(default="", repr=False)
    """The bearer token with which a monitor reads the metrics; empty: only staff may read them."""

    metrics_instances: FromZero = 200
    """How many instances the metrics name, at the most; all others are added up as one."""

    alarm_mails: Truth = False
    """Whether ADMINS get a mail when a person has to look, one a day at most of each cause."""

    alarm_failing_hours: OverZero = 24.0
    """Hours without success after which an instance, or a source, is something that a person has to look at."""

    trusted_proxies: Proxies = ""
    """How many proxies of the site's own a request comes through, or the networks of these, comma-separated.

    They are believed about a visitor's address, nobody else is. Empty: there are none.
    """

    statement_timeout: OverZero = 5.0
    """Seconds that the database may take for one statement of an answer to visitors."""

    keep_answers: FromZero = 0
    """Seconds for which Django's cache keeps answers of both APIs, at the most until something changes; 0: none."""

    public_max_age: FromZero = 60
    """Seconds for which browsers and caches of others may give answers of the API and feeds again without asking."""


TYPES: Mapping[str, type] = {name.upper(): kind for name, kind in get_type_hints(Settings).items()}
"""The type of every key, by its name in `PEERTUBE_SYNC`."""
CONSTRAINTS = {name.upper(): kind for name, kind in get_type_hints(Settings, include_extras=True).items()}
"""The type of every key, by the same name, together with the limits of its values."""


@dataclass(frozen=True)
class SettingProblem:
    """The error in one entry, and the way out."""

    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


def get_settings() -> Settings:
    """Read `settings.PEERTUBE_SYNC` as it is now.

    Raises ImproperlyConfigured: an unknown key, or a value of the wrong type or out of range.
    """
    configured = getattr(settings, "PEERTUBE_SYNC", {})
    if not isinstance(configured, Mapping):
        raise ImproperlyConfigured(str(next(wrong_container(configured))))
    if _last.is_of(configured):
        return _last.settings
    entries = tuple((key, type(value), value) for key, value in configured.items())
    try:
        _last.settings = _read_once(entries)
        _last.entries = [*configured, *configured.values()]
        return _last.settings
    except TypeError:  # a value that can't be hashed, and is none of ours
        return _read_settings(entries)


def _read_settings(entries: tuple[tuple[Any, type, Any], ...]) -> Settings:
    values = {key: value for key, _type, value in entries}
    for problem in [*unknown_keys(values), *bad_values(values)]:
        raise ImproperlyConfigured(str(problem))
    return Settings(**{key.lower(): TYPES[key](value) for key, value in values.items()})


_read_once = lru_cache(maxsize=64)(_read_settings)
"""Reads the settings and keeps the result: every answer needs them several times, and checking them takes 0.1 ms."""


@dataclass
class _Last:
    """The settings that were read last, and the very keys and values that they were made of."""

    entries: list[Any]
    settings: Settings

    def is_of(self, configured: Mapping[Any, Any]) -> bool:
        same = len(self.entries) == 2 * len(configured)
        return same and all(map(is_, chain(configured, configured.values()), self.entries))


_last = _Last([], Settings())


def wrong_container(configured: object) -> Iterator[SettingProblem]:
    """Yield a problem when `PEERTUBE_SYNC` isn't a dict."""
    if not isinstance(configured, Mapping):
        yield SettingProblem(
            f"PEERTUBE_SYNC is {configured!r}, not a dict.", 'Write PEERTUBE_SYNC = {"SITE_URL": "https://…"}.'
        )


def unknown_keys(configured: object) -> Iterator[SettingProblem]:
    """Yield a problem per key that isn't one, with the nearest name that is."""
    for key in configured if isinstance(configured, Mapping) else ():
        if key not in TYPES:
            near = difflib.get_close_matches(str(key).upper(), TYPES, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]!r}?" if near else f"The keys are: {', '.join(TYPES)}."
            yield SettingProblem(f"PEERTUBE_SYNC has no key {key!r}.", hint)


def bad_values(configured: object) -> Iterator[SettingProblem]:
    """Yield a problem per known key whose value has the wrong type or is out of range; secrets aren't repeated."""
    if not isinstance(configured, Mapping):
        return
    for known in fields(Settings):
        key = known.name.upper()
        if key not in configured:
            continue
        meta, *checks = CONSTRAINTS[key].__metadata__
        try:
            value = msgspec.convert(configured[key], CONSTRAINTS[key])
            fits = all(check(value) for check in checks)
        except msgspec.ValidationError:
            fits = False
        if not fits:
            shown = repr(configured[key]) if known.repr else "something else"
            yield SettingProblem(
                f'PEERTUBE_SYNC["{key}"] is {shown}; it must be {meta.description}.',
                f"Correct it, or leave it out for the default: {known.default!r}.",
            )
