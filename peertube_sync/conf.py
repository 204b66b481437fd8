"""The one place that knows the settings: the dict `PEERTUBE_SYNC`, read live into a frozen dataclass.

A leaf: the interfaces read it and hand it down as an argument, the layers below never look here, but for
`catalogue.visibility`.
What was read is kept by what was given, so that `override_settings` works.
"""

import difflib
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from ipaddress import ip_network
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NAMES = {str: "a string", bool: "True or False", int: "a whole number", float: "a number"}


def _seconds(default: float) -> float:
    """Declare a duration: seconds, above 0."""
    number: float = field(default=default, metadata={"over": 0})
    return number


def _share(default: float) -> float:
    """Declare a share of a whole: above 0, at most 1."""
    number: float = field(default=default, metadata={"over": 0, "at_most": 1})
    return number


@dataclass(frozen=True)
class Settings:
    """All keys of `PEERTUBE_SYNC`, in lower case, with their defaults."""

    site_url: str = field(default="", metadata={"schemes": ("https", "http")})
    """The site's public URL. It goes into the User-Agent, so that a PeerTube administrator sees who asks."""

    contact: str = ""
    """A URL or an e-mail address at which PeerTube administrators reach you. It goes into the User-Agent."""

    site_name: str = field(default="Videos", metadata={"any_script": True})
    """What the site's pages and feeds are called, and what PeerTube's clients show."""

    allow_private_hosts: bool = False
    """Whether loopback and private addresses, and plain http, may be asked, and shown to visitors.

    For tests and closed networks only.
    """

    redis_url: str = field(default="", repr=False, metadata={"schemes": ("redis", "rediss", "unix"), "secret": True})
    """The Redis in which all processes of the site share the rate budget. Empty: they share it in the database."""

    token_keys: str = field(default="", repr=False, metadata={"keys": True, "secret": True})
    """Keys by which the tokens of logins are encrypted, comma-separated: the first one encrypts, any one decrypts."""

    doorbell: bool = False
    """Whether instances are followed by ActivityPub, so that they tell of changes at once."""

    rate_limit_share: float = _share(0.5)
    """The share of an instance's announced rate limit to use: above 0, at most 1."""

    request_timeout: float = _seconds(30.0)
    """Seconds to wait for an instance to connect and to go on answering."""

    slice_seconds: float = _seconds(60.0)
    """Seconds that one task works on one instance before it makes room for others."""

    hosts_at_once: int = field(default=8, metadata={"at_least": 1})
    """How many instances one process works on side by side, each in a thread with its own database connection."""

    lease_seconds: float = _seconds(300.0)
    """Seconds without a sign of life after which another worker may take over an instance."""

    head_interval_min: float = _seconds(300.0)
    """Seconds between two looks for new videos at a source that publishes all day."""

    head_interval_max: float = _seconds(86400.0)
    """Seconds between two looks at a source that has published nothing for weeks."""

    sweep_interval: float = _seconds(86400.0)
    """Seconds between two complete walks through a catalogue."""

    rotation_interval: float = _seconds(604800.0)
    """Seconds after which what announces no change is asked for again: captions, chapters, elements."""

    caption_search: bool = False
    """Whether caption files are read too, so that the search finds what is said in a video, and when."""

    tombstone_retention: float = _seconds(2592000.0)
    """Seconds after which the texts and files of a removed video are scrubbed; its row stays."""

    action_retention: float = _seconds(31536000.0)
    """Seconds after which `peertube_purge` forgets who did what."""

    run_retention: float = _seconds(7776000.0)
    """Seconds after which the records of what was done, and of what could not be read, are deleted."""

    discovery: bool = False
    """Whether workers look once a day for instances that aren't known here yet."""

    discovery_adds: bool = False
    """Whether the instances that are found are mirrored at once; else they wait for approval."""

    discovery_index: str = field(default="https://instances.joinpeertube.org", metadata={"url": True})
    """The index of instances that is asked for hosts, besides the instances mirrored here; "" for none."""

    mass_loss_share: float = _share(0.2)
    """The share of a source's videos which may be gone in one sweep before a person has to decide."""

    mass_loss_number: int = field(default=20, metadata={"at_least": 0})
    """The number of videos that may always be gone in one sweep, whatever their share."""

    compat_rate_limit: int = field(default=500, metadata={"at_least": 1})
    """The number of requests that one client may make to PeerTube's own API in 10 seconds."""

    read_through: bool = True
    """Whether a video's details are read at once when a client of PeerTube's own API asks for them before a worker has.

    A quarter of the requests that a host allows us may go into that.
    """

    nsfw_policy: str = field(default="show", metadata={"one_of": ("show", "blur", "hide")})
    """What becomes of sensitive videos, everywhere: shown, their pictures blurred, or left out."""

    pictures: str = field(default="source", metadata={"one_of": ("source", "site")})
    """Where browsers get pictures: from the instances that publish them, or from this site, which keeps them."""

    api_requests_per_minute: int = field(default=600, metadata={"at_least": 0})
    """Requests that one address may send to the API in a minute; 0 for any number."""

    site_requests_per_minute: int = field(default=300, metadata={"at_least": 0})
    """Requests that one address may send to the site's pages and feeds in a minute; 0 for any number."""

    metrics_token: str = field(default="", repr=False, metadata={"secret": True})
    """What a monitor sends as its bearer token to read the metrics; empty: only staff may read them."""

    metrics_instances: int = field(default=200, metadata={"at_least": 0})
    """How many instances the metrics name, at the most; all others are told as one."""

    alarm_mails: bool = False
    """Whether ADMINS get a mail when a person has to look, one a day at most of each cause."""

    alarm_failing_hours: float = field(default=24.0, metadata={"over": 0})
    """Hours without success after which an instance, or a source, is something that a person has to look at."""

    trusted_proxies: str = field(default="", metadata={"proxies": True})
    """How many proxies of the site's own a request comes through, or the networks of these, comma-separated.

    What they say of a visitor's address is believed, nobody else. Empty: there are none.
    """

    statement_timeout: float = _seconds(5.0)
    """Seconds that the database may take for one statement of an answer to visitors."""

    keep_answers: int = field(default=0, metadata={"at_least": 0})
    """Seconds for which Django's cache keeps answers of both APIs, at the most until something changes; 0: none."""

    public_max_age: int = field(default=60, metadata={"at_least": 0})
    """Seconds for which browsers and caches of others may give answers of the API and feeds again without asking."""


TYPES: Mapping[str, type] = {name.upper(): kind for name, kind in get_type_hints(Settings).items()}
"""The type of every key, by its name in `PEERTUBE_SYNC`."""


@dataclass(frozen=True)
class SettingProblem:
    """What is wrong with one entry, and the way out."""

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
    entries = tuple((key, type(value), value) for key, value in configured.items())
    try:
        return _read_once(entries)
    except TypeError:  # a value that can't be hashed, and is none of ours
        return _read(entries)


def _read(entries: tuple[tuple[Any, type, Any], ...]) -> Settings:
    values = {key: value for key, _type, value in entries}
    for problem in [*unknown_keys(values), *bad_values(values)]:
        raise ImproperlyConfigured(str(problem))
    return Settings(**{key.lower(): TYPES[key](value) for key, value in values.items()})


_read_once = lru_cache(maxsize=64)(_read)
"""Every answer asks for the settings several times, and to check them all takes a tenth of a millisecond."""


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
            yield SettingProblem(f"PEERTUBE_SYNC has no key {key!r}.", _nearest(str(key)))


def bad_values(configured: object) -> Iterator[SettingProblem]:
    """Yield a problem per known key whose value has the wrong type or is out of range."""
    if not isinstance(configured, Mapping):
        return
    for known in fields(Settings):
        key = known.name.upper()
        wanted = _wanted_instead(configured[key], TYPES[key], known.metadata) if key in configured else None
        if wanted:
            yield SettingProblem(
                f'PEERTUBE_SYNC["{key}"] is {_shown_value(configured[key], known.metadata)}; it must be {wanted}.',
                f"Correct it, or leave it out for the default: {known.default!r}.",
            )


def _shown_value(value: object, limits: Mapping[str, Any]) -> str:
    return "something else" if limits.get("secret") else repr(value)


def _nearest(key: str) -> str:
    near = difflib.get_close_matches(key.upper(), TYPES, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"The keys are: {', '.join(TYPES)}."


def _wanted_instead(value: object, kind: type, limits: Mapping[str, Any]) -> str | None:
    """Say what the value should be, or None when it is just that."""
    if kind is str:
        return _wanted_text(value, limits)
    if kind is bool:
        return None if isinstance(value, bool) else NAMES[bool]
    return _wanted_number(value, kind, limits)


def _wanted_text(value: object, limits: Mapping[str, Any]) -> str | None:
    """Most strings go into a request header or are URLs: printable ASCII in one line."""
    any_script = limits.get("any_script", False)
    if not (isinstance(value, str) and value.isprintable() and (any_script or value.isascii())):
        return f"a string of printable {'' if any_script else 'ASCII '}characters"
    if limits.get("keys") and not all(map(_is_key, filter(None, value.split(",")))):
        return "keys of Fernet, separated by commas"
    if limits.get("proxies") and value and not _are_proxies(value):
        return "a number from 1 to 20, or addresses and networks, separated by commas"
    words = limits.get("one_of", ())
    if words and value not in words:
        return f"one of {', '.join(words)}"
    schemes = limits.get("schemes", ())
    if schemes and value and not _is_url(value, schemes):
        return f"a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}"
    return None


def _is_url(value: str, schemes: Collection[str]) -> bool:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises ValueError where it is no number
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.path if parts.scheme == "unix" else parts.hostname)


def _are_proxies(value: str) -> bool:
    try:
        return 1 <= int(value) <= 20 if value.isdecimal() else bool([*map(_network, value.split(","))])
    except ValueError:
        return False


def _network(text: str) -> object:
    return ip_network(text.strip(), strict=False)


def _is_key(value: str) -> bool:
    try:
        Fernet(value)
    except ValueError:
        return False
    return True


def _wanted_number(value: object, kind: type, limits: Mapping[str, Any]) -> str | None:
    bounds = " and ".join(f"{word.replace('_', ' ')} {limit}" for word, limit in limits.items())
    wanted = f"{NAMES[kind]} {bounds}"
    allowed = (int, float) if kind is float else (int,)
    if isinstance(value, bool) or not isinstance(value, allowed) or not math.isfinite(value):
        return wanted
    within = (
        value > limits.get("over", -math.inf)
        and value >= limits.get("at_least", -math.inf)
        and value <= limits.get("at_most", math.inf)
    )
    return None if within else wanted
