"""What an instance wrote stays words in a real browser: no script runs, and the policies have nothing to stop."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route

from peertube_sync.site.markdown import to_html
from tests.proofs.browser.hostile import hostile_catalogue
from tests.proofs.browser.serve import LOGIN
from tests.proofs.browser.site import Site, running_site
from tests.proofs.browser.visit import Visit, visiting
from tests.support.payloads import PAYLOADS

pytestmark = pytest.mark.browser

WATCH = """
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => console.error("a script ran");
document.addEventListener("securitypolicyviolation", (one) =>
  console.error(`stopped: ${one.effectiveDirective} ${one.blockedURI} ${one.sample}`));
"""
RAN = "a script ran"
STOPPED = {  # of PAYLOADS
    "<script>alert(1)</script>": "script-src-elem",
    "<img src=x onerror=alert(1)>": "script-src-attr",
    "<base href=https://evil.example/>": "base-uri",
    "<style>@import 'https://evil.example/x.css'</style>": "style-src-elem",
    "<p style='background:url(https://evil.example/x)'>x": "style-src-attr",
}
"""Payloads, and which directive stops them on a page that lets them in."""
ROWS = ("videos", "channels", "accounts", "playlists")
LISTS = ("/", "/videos/?page_size=100", "/videos/?q=script+alert", *(f"/{one}/" for one in (*ROWS[1:], "instances")))
TERMS = ("instances", "tags", "languages", "categories", "licences")
BROWSED = ("", *(f"{one}/?page_size=100" for one in ROWS), *(f"{one}/" for one in TERMS))
PARTS = ("captions", "chapters")
XML = ("/feeds/rss/?page_size=100", "/feeds/atom/?page_size=100", "/sitemap.xml", "/sitemap-0.xml")
PATHS = "links => links.map(one => one.pathname)"


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("hostile"), hostile_catalogue()) as site:
        yield site


@pytest.fixture(scope="module")
def window(browser: Browser, site: Site) -> Iterator[Visit]:
    with visiting(browser, site) as visit:
        visit.page.on("dialog", lambda dialog: (visit.errors.append(RAN), dialog.dismiss()))
        visit.page.add_init_script(WATCH)
        yield visit


def let_in(route: Route) -> None:
    """Put payloads into a page, as they are, under its own headers."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("</main>", f"{''.join(STOPPED)}</main>"))


def test_it_would_be_seen_if_a_script_ran_or_a_policy_stopped_one(visit: Visit) -> None:
    visit.page.route("**/instances/", let_in)
    with visit.page.expect_console_message(lambda told: told.text.startswith("stopped: script-src-attr")):
        visit.open("/instances/")  # that one comes last: once the picture is found not to be there
    assert {one.split()[1] for one in visit.errors if one.startswith("stopped")} == {*STOPPED.values()}
    assert RAN not in visit.errors
    visit.page.unroute_all()
    visit.page.goto("about:blank")
    visit.page.set_content("".join(payload for payload, stopped_by in STOPPED.items() if "script" in stopped_by))
    assert visit.errors.count(RAN) == 2


def assert_peace(visit: Visit, *paths: str) -> None:
    """Open pages, and find that nothing ran, was stopped, or was asked of a stranger."""
    for path in paths:
        assert visit.open(path) == 200, path
        told = [one for one in visit.errors if not one.startswith("Failed to load resource")]
        assert told == [], path
    assert [one for one in visit.foreign() if "evil.example" in urlsplit(one).netloc] == []


def rows(site: Site, kind: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = site.ask(kind, page_size=100)["results"]
    return found


def places(site: Site) -> Iterator[str]:
    """Yield where some rows of each kind are shown, below the site and the API; the first row has all payloads."""
    for kind in ROWS:
        found = rows(site, kind)
        for row in (found[0], *found[-2:]):
            name = row.get("short_uuid") or f"{row['name']}@{site.host}"
            yield f"{kind}/{name}/"
    yield f"instances/{site.host}/"


def test_pages_of_the_site(visit: Visit) -> None:
    videos = rows(visit.site, "videos")
    assert_peace(visit, *LISTS, *(f"/{place}" for place in places(visit.site)))
    told = [place for place in places(visit.site) if not place.startswith(("videos", "playlists"))]
    assert_peace(visit, *(f"/{place}about/" for place in told))
    assert_peace(visit, *(f"/videos/{video['short_uuid']}/" for video in videos))
    for video in videos[-3:]:
        assert_peace(visit, f"/videos/{video['short_uuid']}/?play=1")
        visit.open(f"/videos/{video['short_uuid']}/")
        visit.page.locator(".peertube-poster").click()
        visit.page.locator("iframe").wait_for()
    assert_peace(visit, "/")


def test_pages_of_the_api(visit: Visit) -> None:
    parts = [f"videos/{video['short_uuid']}/{part}/" for video in rows(visit.site, "videos")[-3:] for part in PARTS]
    assert_peace(visit, *(f"/api/{place}" for place in (*BROWSED, *places(visit.site), *parts)))
    assert_peace(visit, "/api/docs/")
    visit.page.get_by_text("/api/videos/{uuid}/captions/").click()
    visit.page.get_by_role("button", name="Try it out").click()
    assert_peace(visit, "/api/v1/videos?count=100", "/api/v1/config")


def test_feeds_and_sitemaps_in_a_window(visit: Visit) -> None:
    assert_peace(visit, *XML)


def test_pages_of_the_admin(visit: Visit) -> None:
    visit.open("/admin/login/?next=/admin/")
    visit.page.get_by_label("Username").fill(LOGIN)
    visit.page.get_by_label("Password").fill(LOGIN)
    visit.page.get_by_role("button", name="Log in").click()
    assert_peace(visit, "/admin/", "/admin/peertube_sync/source/add/")
    visit.open("/admin/")
    for path in visit.page.locator(".app-peertube_sync th a").evaluate_all(PATHS):
        assert_peace(visit, path)
        assert_peace(visit, *visit.page.locator("#result_list th a").evaluate_all(PATHS)[-1:])


def test_every_text_alone_as_a_description(visit: Visit) -> None:
    visit.page.goto("about:blank")
    visit.page.set_content("".join(f"<div>{to_html(payload)}</div>" for payload in PAYLOADS))
    visit.page.locator("a").first.hover()
    assert visit.errors == []
    names = set(visit.page.locator("div *").evaluate_all("all => all.map(one => one.localName)"))
    assert names <= {"p", "br", "em", "strong", "a", "ul", "ol", "li", "code"}
