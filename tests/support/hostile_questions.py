"""Hostile questions: of each kind some for each face, as anybody may send them without a login.

`good` questions ask as much as anybody may, and are answered; the others ask more, and are refused.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

API, THEIRS, SITE = "/api", "/api/v1", ""
JSON = "application/json"
REFUSED = frozenset({400})
GOOD = frozenset({200})
GONE = frozenset({400, 404})


@dataclass(frozen=True)
class Question:
    """A request, and the statuses that it may be answered with; `names` is what a refusal has to name."""

    what: str
    path: str
    statuses: frozenset[int]
    query: str = ""
    method: str = "GET"
    body: bytes = b""
    names: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The path with its query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __str__(self) -> str:
        return f"{self.what}: {self.method} {self.path}"


def numbered(number: int, text: str = "tag {}") -> list[str]:
    return [text.format(n) for n in range(number)]


def posted(what: str, path: str, statuses: frozenset[int], names: str = "", **body: object) -> Question:
    return Question(what, path, statuses, method="POST", body=json.dumps(body).encode(), names=names)


def questions(tags: list[str], word: str) -> list[Question]:
    """Return the table for a catalogue with these `tags`, and a `word` that many of its videos have."""
    return [*_values(tags), *_words(word), *_numbers(), *_bodies(), *_names(), *_methods(), *_pages(word)]


def _values(tags: list[str]) -> Iterator[Question]:
    """Too many values, and as many as there may be."""
    hundred = (tags * 100)[:100] if len(tags) < 100 else tags[:100]
    for path in (f"{API}/videos/", f"{API}/tags/", f"{SITE}/videos/", f"{SITE}/feeds/rss/"):
        for name in ("tag_all", "tag"):
            yield Question(f"100 of {name}", path, GOOD, urlencode({name: hundred}, doseq=True))
        yield Question(
            "160 of all tags", path, REFUSED, urlencode({"tag_all": numbered(160)}, doseq=True), names="tag_all"
        )
    for path in (f"{THEIRS}/videos", f"{THEIRS}/search/videos"):
        for name in ("tagsAllOf", "tagsOneOf", "languageOneOf"):
            yield Question(f"100 of {name}", path, GOOD, urlencode({name: hundred}, doseq=True))
        for number in (160, 270, 5_000):
            asked = urlencode({"tagsAllOf": numbered(number)}, doseq=True)
            yield Question(f"{number} of tagsAllOf", path, REFUSED, asked, names="tagsAllOf")
        yield Question("1,000 uuids", path, REFUSED, urlencode({"uuids[]": numbered(1_000)}, doseq=True), names="uuids")
    constants = urlencode({"category": numbered(100, "{}@home-1.example")}, doseq=True)
    for path in (f"{API}/videos/", f"{SITE}/videos/"):
        yield Question("100 categories of instances", path, GOOD, constants)
        yield Question("2,000 parameters", path, REFUSED, "&".join(numbered(2_000, "p{}=1")), names="query")
        yield Question("2,000 parameters without a name", path, REFUSED, "&" * 2_000, names="query")
    yield Question("10,000 fields", f"{API}/videos/", REFUSED, "fields=" + "," * 10_000, names="fields")
    yield Question("10,000 facets", f"{API}/videos/", REFUSED, "facets=" + "," * 10_000, names="facets")


def _words(word: str) -> Iterator[Question]:
    """Long and many words."""
    faces = (
        *((f"{API}/{name}/", "q") for name in ("videos", "channels", "playlists", "suggest")),
        (f"{SITE}/videos/", "q"),
        (f"{SITE}/feeds/json/", "q"),
        (f"{THEIRS}/videos", "search"),
    )
    for path, name in (*faces, (f"{THEIRS}/search/videos", "search"), (f"{THEIRS}/search/video-channels", "search")):
        yield Question("200,000 words", path, REFUSED, urlencode({name: "a " * 200_000}), names=name)
        yield Question("words without spaces", path, REFUSED, urlencode({name: "語" * 150}), names=name)
        text = " or ".join([word] * 20)
        yield Question("a common word 20 times", path, GOOD, urlencode({name: text}))
        yield Question("single letters", path, GOOD, urlencode({name: " ".join("abcdefghijklmnopqrstuvwxyz" * 3)}))
    yield Question("a phrase of 100", f"{API}/videos/", GOOD, urlencode({"q": f'"{"語" * 100}"'}))
    yield posted("100 words in a body", f"{THEIRS}/search/videos", GOOD, search=" ".join([word] * 100))
    yield posted("101 words in a body", f"{THEIRS}/search/videos", REFUSED, "search", search=" ".join([word] * 101))
    yield Question(
        "words in the index", f"{THEIRS}/instances", REFUSED, urlencode({"search": "a" * 1_001}), names="search"
    )


def _numbers() -> Iterator[Question]:
    """Numbers of many digits."""
    nines = "9" * 5_000
    for path, name in (
        (f"{THEIRS}/videos", "start"),
        (f"{THEIRS}/search/videos", "count"),
        (f"{THEIRS}/videos", "durationMin"),
        (f"{THEIRS}/instances", "start"),
        (f"{API}/videos/", "page_size"),
        (f"{API}/videos/", "duration_min"),
        (f"{API}/videos/", "published_after"),
        (f"{API}/health/", "max_overdue"),
        (f"{SITE}/videos/", "page_size"),
        (f"{SITE}/videos/1/", "start"),
        (f"{SITE}/oembed/", "maxwidth"),
    ):
        yield Question("5,000 digits", path, REFUSED, f"{name}={nines}", names=name)
    yield Question("a deep start", f"{THEIRS}/videos", GOOD, f"start={'9' * 18}")
    yield Question("a start with an exponent", f"{THEIRS}/videos", GOOD, f"start={'9' * 900}")
    yield posted("digits in a body", f"{THEIRS}/search/videos", REFUSED, "start", start=nines)
    for path in (f"{API}/videos/{nines}/", f"{THEIRS}/videos/{nines}", f"{SITE}/videos/{nines}/"):
        yield Question("5,000 digits in a path", path, GONE)
    yield Question("a part of 4,000 digits", f"{SITE}/sitemap-{'9' * 4_000}.xml", GONE)


def _bodies() -> Iterator[Question]:
    """What is sent, where nothing or less is to be sent."""
    for path in (f"{API}/videos/", f"{THEIRS}/videos", f"{SITE}/videos/", f"{SITE}/feeds/atom/"):
        yield Question("a body on GET", path, REFUSED, body=b"{}", names="body")
    search = f"{THEIRS}/search/videos"
    hosts, accounts = numbered(10_000, "host-{}.example"), numbered(10_000, "name_{}@home-1.example")
    yield posted("10,000 muted hosts", search, GOOD, blockedHosts=hosts)
    yield posted("10,000 muted accounts", search, GOOD, blockedAccounts=accounts)
    yield posted("70,000 muted hosts", search, REFUSED, "body", blockedHosts=numbered(70_000, "host-{}.example"))
    yield posted("10,001 muted hosts", search, REFUSED, "blockedHosts", blockedHosts=[*hosts, "one.example"])
    foreign = json.dumps({"blockedHosts": numbered(9_000, "hömé-ü-{}.exämple")}, ensure_ascii=False).encode()
    yield Question("9,000 hosts in other letters", search, REFUSED, method="POST", body=foreign, names="blockedHosts")
    yield posted("1,000 handles", f"{THEIRS}/search/video-channels", REFUSED, "handles", handles=accounts[:1_000])
    yield posted("2,000 keys", search, REFUSED, "body", **dict.fromkeys(numbered(2_000), 1))
    for what, body, statuses in (
        ("lists in lists", b'{"uuids":' + b"[" * 900 + b"]" * 900 + b"}", GOOD | REFUSED),
        ("lists without end", b'{"uuids":' + b"[" * 400_000, REFUSED),
        ("a number of many digits", b'{"start":' + b"9" * 4_000 + b"}", GOOD | REFUSED),
        ("half a letter", b'{"search":"\\ud800"}', GOOD | REFUSED),
        ("a NUL", b'{"search":"a\\u0000"}', REFUSED),
        ("no JSON", b"\xff\xfe", REFUSED),
        ("two megabytes", b" " * 2_000_000, REFUSED),
    ):
        yield Question(what, search, statuses, method="POST", body=body)


def _names() -> Iterator[Question]:
    """Names that name nothing."""
    for name in ("a%00b@home-1.example", "a%00b", "%F0%28", "x" * 3_000, "a@" + "b." * 900, "@" * 900):
        yield Question("no handle", f"{API}/channels/{name}/", GONE)
        yield Question("no handle", f"{THEIRS}/video-channels/{name}", GONE)
        yield Question("no handle", f"{SITE}/channels/{name}/", GONE)
    yield Question("no handle", f"{THEIRS}/accounts/a%00b/videos", GONE)
    yield Question("no host", f"{SITE}/instances/a%00b/", GONE)
    for path, name in (
        *((f"{API}/videos/", "tag"), (f"{API}/suggest/", "q"), (f"{API}/channels/", "q")),
        *((f"{THEIRS}/videos", "tagsOneOf"), (f"{SITE}/videos/", "tag")),
    ):
        yield Question("a NUL", path, REFUSED, f"{name}=a%00", names=name)
        yield Question("half a letter", path, GOOD | REFUSED, f"{name}=%ED%A0%80")
    for path in (f"{API}/videos/", f"{SITE}/videos/", f"{SITE}/feeds/rss/"):
        yield Question("a long cursor", path, REFUSED, "cursor=" + "A" * 8_000, names="cursor")
        yield Question("another's cursor", path, REFUSED, "cursor=WyItcHVibGlzaGVkX2F0IixmYWxzZSwiMDAwMSIsOTld")
    yield Question("a long address", f"{SITE}/oembed/", REFUSED, "url=" + "a" * 9_000, names="url")


def _methods() -> Iterator[Question]:
    """Methods that there are for other addresses."""
    for path in (
        f"{API}/docs/",
        f"{API}/schema/",
        f"{API}/videos/",
        f"{SITE}/feeds/rss/",
        f"{SITE}/videos/",
        f"{THEIRS}/videos",
    ):
        yield Question("another method", path, frozenset({200, 204, 405}), method="OPTIONS")
        yield Question("another method", path, frozenset({400, 403, 405}), method="DELETE")


def _pages(word: str) -> Iterator[Question]:
    """Much of what there is, as anybody may ask for it."""
    yield Question("the sitemap", f"{SITE}/sitemap.xml", GOOD)
    yield Question("a part of it", f"{SITE}/sitemap-{{part}}.xml", GOOD)
    for kind in ("rss", "atom", "json"):
        yield Question("a long feed", f"{SITE}/feeds/{kind}/", GOOD, f"page_size=100&q={word}")
    facets = "facets=category,channel,instance,language,licence,tag&count=true&page_size=100"
    yield Question("all facets", f"{API}/videos/", GOOD, f"{facets}&q={word}")
    yield Question("500 finds", f"{THEIRS}/search/videos", GOOD, f"count=500&search={word}&nsfw=both")
    yield Question("all instances", f"{THEIRS}/instances", GOOD, f"count={'9' * 9}")
    yield Question("the description", f"{API}/schema/", GOOD)
    yield Question("another language", f"{API}/schema/", REFUSED, "lang=tlh", names="lang")
    html = {"Accept": "text/html"}
    yield Question("pages to browse", f"{API}/videos/", GOOD, "page_size=100", headers=html)
    yield Question("pages to browse", f"{API}/tags/", GOOD, headers=html)
    yield Question(
        "indented",
        f"{API}/videos/",
        frozenset({200, 406}),
        headers={"Accept": f"application/json; indent={'9' * 5_000}"},
    )
    yield Question(
        "many filters at once",
        f"{SITE}/videos/",
        GOOD | REFUSED,
        "&".join(f"{name}={n}" for name in ("tag", "language") for n in range(100)),
    )
