"""What instances wrote, in every format of the site and the APIs: whole in data, escaped in markup."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone

from peertube_sync.faces.xml import writable
from peertube_sync.models import Account, Channel, Instance, Playlist, Video
from peertube_sync.site.markdown import to_html
from tests.support.catalogue import HOST
from tests.support.formats import sitemap_part
from tests.support.page import Page
from tests.support.payloads import PAYLOADS, packed

pytestmark = pytest.mark.one_database  # rows are written as no answer brings them: PostgreSQL takes no NUL

ATOM, MEDIA = "{http://www.w3.org/2005/Atom}", "{http://search.yahoo.com/mrss/}"
SITEMAP_VIDEO = "{http://www.google.com/schemas/sitemap-video/1.1}"
HARMLESS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "code"}
PROSE = {"href", "rel", "start", "title"}


@pytest.fixture
def named(full: Video) -> dict[Video, str]:
    """The newest videos, and what each is called, says, and belongs to; all payloads are in these names."""
    named = dict(zip(Video.objects.listed().order_by("pk"), packed(), strict=False))
    assert len(named) == len(packed())
    for number, (video, text) in enumerate(named.items()):
        told = {"description": text, "truncated_description": text, "category_label": text, "language_label": text}
        later = timezone.now() + timedelta(seconds=number)
        Video.objects.filter(pk=video.pk).update(name=text, published_at=later, **told)
        Channel.objects.filter(pk=video.channel_id).update(display_name=text, description=text, support=text)
        Account.objects.filter(pk=video.account_id).update(display_name=text, description=text)
    Playlist.objects.update(display_name=packed()[0], description=packed()[1])
    Instance.objects.update(
        name=packed()[2], short_description=packed()[3], about={"instance": {"description": PAYLOADS[4]}}
    )
    return named


def names(videos: dict[Video, str]) -> set[str]:
    return {*videos.values()}


def assert_words_alone(page: Page, *, allowed: set[str] | None = None) -> None:
    """Find no element or attribute that acts, and no address but of the web and of the site."""
    for one in page.elements:
        assert allowed is None or one.name in allowed, one
        assert not [name for name in one.attributes if name.startswith("on") or name in {"style", "srcdoc"}], one
        for address in (one.attributes[name] for name in {"href", "src", "action"} & {*one.attributes}):
            assert re.match(r"(/(?!/)|\?|#|https?://)", address), one
            assert one.name == "a" or "evil.example" not in urlsplit(address).netloc, one


@pytest.mark.one_database
def test_a_text_is_harmless_html() -> None:
    for payload in PAYLOADS:
        page = Page(to_html(payload))
        assert_words_alone(page, allowed=HARMLESS)
        assert {name for one in page.elements for name in one.attributes} <= PROSE, payload


def test_feeds_hold_every_word_and_no_markup_but_ours(client: Client, named: dict[Video, str]) -> None:
    rss, atom = (ET.fromstring(client.get(f"/feeds/{kind}/?page_size=100").content) for kind in ("rss", "atom"))
    for titles in (rss.iterfind("*/item/title"), atom.iterfind(f"{ATOM}entry/{ATOM}title")):
        assert {writable(text) for text in names(named)} <= {one.text or "" for one in titles}  # text, escaped once
    texts = [*rss.iterfind("*/item/description"), *atom.iterfind(f"{ATOM}entry/{ATOM}summary")]
    assert len(texts) >= 2 * len(named)
    for text in texts:
        assert_words_alone(Page(text.text or ""), allowed=HARMLESS)
    feed = client.get("/feeds/json/?page_size=100").json()
    assert names(named) <= {one["title"] for one in feed["items"]}
    for one in feed["items"]:
        assert_words_alone(Page(one["content_html"]), allowed=HARMLESS)


def test_the_sitemap_holds_every_word(client: Client, named: dict[Video, str]) -> None:
    Video.objects.update(nsfw=False)
    titles = ET.fromstring(client.get(sitemap_part()).content).iter(f"{SITEMAP_VIDEO}title")
    assert {" ".join(writable(text).split()) for text in names(named)} <= {
        " ".join((one.text or "").split()) for one in titles
    }


def test_both_apis_hold_every_word(client: Client, named: dict[Video, str]) -> None:
    for path, key in (("/api/videos/?page_size=100", "results"), ("/api/v1/videos?count=100&nsfw=both", "data")):
        answer = client.get(path)
        assert names(named) <= {one["name"] for one in answer.json()[key]}
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_page_and_its_embed_hold_every_word(
    client: Client, look: Callable[..., Page], named: dict[Video, str]
) -> None:
    for video, text in named.items():
        page = look(f"/videos/{video.short_uuid}/")
        assert_words_alone(page)
        (data,) = page.all("script", type="application/ld+json")
        assert json.loads("".join(data.words))["name"] == text
        told = client.get("/oembed/", {"url": f"http://testserver/videos/{video.short_uuid}/"}).json()
        assert told["title"] == text
        (frame,) = Page(told["html"]).elements
        assert (frame.name, frame.attributes["title"]) == ("iframe", text)
        assert frame.attributes["src"].startswith(f"http://{HOST}/videos/embed/")


LISTS = ("/", "/videos/?page_size=100", "/videos/?q=script", "/channels/", "/accounts/", "/playlists/", "/instances/")


TABS = [f"/instances/{HOST}/{tab}" for tab in ("", "channels/", "playlists/", "about/")]


@pytest.mark.parametrize("path", [*LISTS, *TABS])
def test_lists_hold_words_alone(look: Callable[..., Page], named: dict[Video, str], path: str) -> None:
    page = look(path)
    assert_words_alone(page)
    names = ("suggest",) if path == "/" else ("play", "suggest")
    scripts = [f"/static/peertube_sync/site/{name}.js" for name in names]
    assert [one.attributes.get("src") for one in page.all("script")] == scripts


def test_tabs_and_playlists_hold_words_alone(look: Callable[..., Page], named: dict[Video, str]) -> None:
    video = next(iter(named))
    texts = dict.fromkeys(("terms", "codeOfConduct", "administrator"), packed()[0])
    Instance.objects.update(about={"instance": texts}, version=PAYLOADS[0][:100], state="dns")
    for kind, row in (
        ("channels", video.channel),
        ("accounts", video.account),
        ("playlists", Playlist.objects.first()),
    ):
        place = f"/{kind}/{row.short_uuid if isinstance(row, Playlist) else row.handle}/"
        for tab in ("",) if kind == "playlists" else ("", "playlists/", "about/"):
            assert_words_alone(look(f"{place}{tab}"))
        for text in packed()[:3]:
            assert_words_alone(look(place, q=text[:60]))
    assert_words_alone(look(TABS[-1]))


def test_what_a_visitor_asks_for_is_words_too(client: Client, db: None) -> None:
    for text in packed():
        for query in ({"q": text, "tag": text}, {"category": text, "ordering": text}):
            answer = client.get("/videos/", query)
            assert answer.status_code in {200, 400}
            assert_words_alone(Page(answer.content.decode()))
