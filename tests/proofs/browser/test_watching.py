"""The page of a video in a browser: transcript, player, playlist, sharing, by keyboard and without a script too."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from peertube_sync.testing import Sandbox
from tests.proofs.browser.axe import violations
from tests.proofs.browser.site import BEST, Site, mirroring, peaceful_catalogue
from tests.proofs.browser.visit import Visit, visiting

pytestmark = pytest.mark.browser

SIZES = {
    "desktop": {"width": 1440, "height": 900},
    "tablet": {"width": 768, "height": 1024},
    "phone": {"width": 390, "height": 844},
}
PLAYER = "iframe"
LOADED = {"document", "script", "stylesheet"}
HEAVIEST = 60_000
"""Bytes of what is LOADED for a page, as browsers read it: not compressed."""
LIST = "Rocks and tides"


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a playlist of two videos, of which the first is over after two seconds."""
    catalogue = peaceful_catalogue()
    first, second, *_others = [video["uuid"] for video in catalogue.local_videos()]
    playlist = catalogue.add_playlist([first, second, first], name=LIST)
    row = next(one for one in catalogue.playlists.values() if one.name == LIST)
    assert playlist
    row.elements[0].start, row.elements[0].stop = 10, 12
    with (
        Sandbox(catalogue, limit=None) as sandbox,
        mirroring(tmp_path_factory.mktemp("site"), sandbox) as running,
    ):
        yield running


def on_any_screen(visit: Visit) -> None:
    """Find nothing wrong, and nothing wider than the screen, on any screen by day and night."""
    visit.page.wait_for_load_state()  # a page that a click led to may have no style sheet yet
    for size in SIZES.values():
        visit.page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            visit.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert violations(visit.page) == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def having(part: str) -> re.Pattern[str]:
    return re.compile(re.escape(part))


def open_panel(page: Page) -> None:
    page.get_by_text("Transcript", exact=True).click()
    expect(page.locator(".site-panel .site-lines")).to_be_visible()


def path_of_list(site: Site) -> str:
    (playlist,) = site.ask("playlists", q=LIST, page_size=1)["results"]
    return f"/playlists/{playlist['short_uuid']}/"


def test_every_state_of_the_page_is_for_everybody(visit: Visit) -> None:
    page = visit.page
    visit.open(visit.site.pages["video"])
    open_panel(page)
    page.get_by_text("Download", exact=True).click()
    on_any_screen(visit)
    page.locator(".site-panel").get_by_role("searchbox").fill("weekends")
    page.keyboard.press("Enter")
    expect(page.locator(".site-panel mark").first).to_be_visible()
    on_any_screen(visit)
    page.get_by_text("Download", exact=True).click()
    page.get_by_role("button", name="Share").click()
    on_any_screen(visit)
    page.keyboard.press("Escape")
    page.locator(".peertube-poster").click()
    expect(page.locator(".site-chapters [aria-current]")).to_be_visible()
    on_any_screen(visit)
    assert visit.errors == []


def test_the_transcript_and_the_playlist_are_for_everybody(visit: Visit) -> None:
    path = f"{visit.site.pages['video']}transcript/"
    for one in (path, f"{path}?q=weekends", f"{path}?q=whales", f"{path}?language=fr"):
        visit.open(one)
        on_any_screen(visit)
    visit.open(path_of_list(visit.site))
    visit.page.locator(".peertube-card-title a").first.click()
    expect(visit.page.locator("a[data-peertube-next]")).to_be_visible()
    on_any_screen(visit)
    assert visit.foreign("image") == []


def test_what_is_looked_at_again_looks_the_same(visit: Visit) -> None:
    path = f"{visit.site.pages['video']}transcript/?q=limpet"
    assert [visit.open(path), visit.open("/"), visit.open(path)] == [200, 200, 200]  # the last one is a 304 underneath
    assert visit.page.locator(".site-header").evaluate("(one) => getComputedStyle(one).display") == "flex"
    assert visit.errors == []


@pytest.mark.parametrize("name", ["home", "videos", "search", "video"])
def test_no_page_is_heavy(browser: Browser, site: Site, name: str) -> None:
    with visiting(browser, site) as visit:  # a window of its own has nothing in its cache
        visit.open(site.pages[name])
        visit.page.wait_for_load_state("networkidle")
        loaded = [one.response() for one in visit.requests if one.resource_type in LOADED]
        assert {one.request.resource_type for one in loaded if one} == LOADED
        assert sum(len(one.body()) for one in loaded if one) <= HEAVIEST


def test_from_home_to_the_transcript_by_the_keyboard_alone(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 1280, "height": 900})
    visit.open("/")
    tab_to(page, page.get_by_role("combobox", name="Search videos"))
    page.keyboard.type(BEST)
    page.keyboard.press("Enter")
    page.wait_for_url("**/videos/?q=*")
    tab_to(page, page.get_by_role("link", name=BEST, exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(BEST)
    tab_to(page, page.locator(".peertube-poster"))
    ring = page.locator("[data-peertube-player]").evaluate("(one) => getComputedStyle(one).outlineStyle")
    assert ring == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(PLAYER)).to_be_focused()
    tab_to(page, page.locator(".site-panel summary"))
    page.keyboard.press("Enter")
    line = page.locator(".site-panel .site-lines a").last  # a chapter that is minutes away
    expect(line).to_be_visible()
    tab_to(page, line)
    page.keyboard.press("Enter")
    expect(line).to_have_attribute("aria-current", "true")
    expect(line).to_be_focused()
    assert visit.errors == []


def tab_to(page: Page, wanted: object) -> None:
    """Press the tabulator until `wanted` has the focus, as somebody does who has no mouse."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):  # type: ignore[attr-defined]
            return
    pytest.fail(f"the keyboard doesn't reach {wanted}")


def test_a_start_is_kept_until_the_player_loads(visit: Visit) -> None:
    page = visit.page
    visit.open(f"{visit.site.pages['video']}?start=1m35s")
    page.locator(".peertube-poster").click()
    expect(page.locator(PLAYER)).to_have_attribute("src", having("start=95s"))
    expect(page.locator(".site-chapters [aria-current]")).to_contain_text("Who lives where")
    page.locator(".site-chapters a").nth(2).click()
    expect(page.locator(".site-chapters [aria-current]")).to_contain_text("The limpet's way home")
    assert "start=95s" in (page.locator(PLAYER).get_attribute("src") or "")  # the player went there by itself


def test_a_player_that_came_with_the_page_is_followed_too(visit: Visit) -> None:
    visit.open(visit.site.pages["playing"])
    expect(visit.page.locator(".site-chapters [aria-current]")).to_contain_text("Low water")
    open_panel(visit.page)
    expect(visit.page.locator(".site-lines [aria-current]")).to_be_visible()


def test_another_language_is_picked_in_the_panel(visit: Visit) -> None:
    page = visit.page
    visit.open(visit.site.pages["video"])
    open_panel(page)
    english = page.locator(".site-lines").inner_text()
    page.locator(".site-panel").get_by_role("link", name="French").click()
    expect(page.locator(".site-lines")).to_have_attribute("lang", "fr")
    assert page.locator(".site-lines").inner_text() != english
    assert page.url == visit.site.url + visit.site.pages["video"]


def test_what_another_window_says_is_not_believed(visit: Visit) -> None:
    page = visit.page
    visit.open(visit.site.pages["video"])
    page.locator(".peertube-poster").click()
    expect(page.locator(".site-chapters [aria-current]")).to_contain_text("Low water")
    lie = {"method": "peertube::playbackStatusUpdate", "params": {"position": 600, "playbackState": "ended"}}
    page.evaluate("(said) => window.postMessage(said, '*')", json.dumps(lie))
    for said in ("{", "null", "[]", '{"method": 3}', '{"method": "peertube::playbackStatusUpdate", "params": null}'):
        page.frame_locator(PLAYER).locator("body").evaluate("(_, said) => parent.postMessage(said, '*')", said)
    expect(page.locator(".site-chapters [aria-current]")).to_contain_text("Low water")
    assert visit.errors == []


def say(page: Page, position: float, state: str = "playing") -> None:
    """Have the player say where it is."""
    said = {"method": "peertube::playbackStatusUpdate", "params": {"position": position, "playbackState": state}}
    body = page.frame_locator(PLAYER).locator("body")
    body.evaluate("(_, said) => parent.postMessage(said, '*')", json.dumps(said))


def say_and_wait(page: Page, position: float, state: str = "playing") -> None:
    """Have the player say where it is, and the site answer meanwhile, so that what the page asks for is answered."""
    say(page, position, state)
    page.evaluate("fetch(location.href).then((answer) => answer.text())")


@pytest.fixture
def stopped(browser: Browser, site: Site) -> Iterator[Visit]:
    """A visit in which time only passes by `page.clock.fast_forward`."""
    with visiting(browser, site) as visit:
        visit.page.clock.install(time=1_800_000_000)
        visit.page.clock.pause_at(1_800_000_001)
        yield visit


def test_a_lying_player_makes_its_page_ask_seldom(stopped: Visit) -> None:
    page, asked, fails = stopped.page, [], []

    def answer(route: Route) -> None:
        """Answer with a part of the transcript that ends at the second 200, or as a site that was asked too often."""
        asked.append(route.request.url)
        if fails:
            route.fulfill(status=429)
        else:
            told = route.fetch()
            route.fulfill(response=told, body=told.text().replace('data-since="0"', 'data-since="0" data-until="200"'))

    page.route("**/transcript/?*", answer)
    stopped.open(stopped.site.pages["playing"])
    open_panel(page)
    asked.clear()
    page.clock.fast_forward(60_000)
    for position in (1e9, -1, 1e300, 0) * 3:  # there is no such moment in the video
        say_and_wait(page, position)
    assert asked == []
    for position in (300, 0) * 5:
        say_and_wait(page, position)
    assert len(asked) == 1
    fails.append(True)
    for _minute in range(15):
        page.clock.fast_forward(60_000)
        for position in (300, 0, 300):
            say_and_wait(page, position)
    assert len(asked) == 1 + 4
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_label("Hours, minutes and seconds")).to_have_value("00:05:00")


def test_a_lying_player_does_not_race_through_a_playlist(stopped: Visit) -> None:
    page = stopped.page
    stopped.open(path_of_list(stopped.site))
    page.get_by_role("link", name="Play all").click()
    expect(page.locator(PLAYER)).to_be_visible()
    first = page.url
    for _time in range(5):
        say_and_wait(page, 600, "ended")
    assert page.url == first
    page.clock.fast_forward(6_000)
    say(page, 600, "ended")
    page.wait_for_url("**position=2*play=1*")


def test_a_playlist_plays_on_from_end_to_beginning(visit: Visit) -> None:
    page = visit.page
    visit.open(path_of_list(visit.site))
    page.locator(".peertube-card-title a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(BEST)
    page.locator(".peertube-poster").click()
    page.wait_for_url("**position=2*play=1*")
    expect(page.locator(PLAYER)).to_be_visible()
    expect(page.locator("[aria-current=true]").first).to_contain_text("2")
    assert page.locator("a[data-peertube-next]").get_attribute("href")


def test_a_host_is_remembered_and_forgotten_by_one_click_each(visit: Visit) -> None:
    page = visit.page
    visit.open(visit.site.pages["video"])
    choice = page.get_by_role("checkbox", name="From now on")
    expect(choice).not_to_be_checked()
    choice.check()
    assert visit.foreign("image") == []  # it is for the next time
    page.reload()
    expect(page.locator(PLAYER)).to_be_visible()
    assert "autoplay" not in (page.locator(PLAYER).get_attribute("src") or "")
    page.get_by_role("checkbox", name="From now on").uncheck()
    page.reload()
    expect(page.locator(".peertube-poster")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0


def test_an_address_is_shared_from_a_moment_on(visit: Visit) -> None:
    page = visit.page
    visit.open(f"{visit.site.pages['video']}?start=83")
    page.get_by_role("button", name="Share").click()
    address, code = page.get_by_label("Address", exact=True), page.get_by_label("Code for another page")
    own = visit.site.url + visit.site.pages["video"]
    expect(address).to_have_value(f"{own}?start=83")
    expect(code).to_have_value(having("?start=83s"))
    page.get_by_label("Hours, minutes and seconds").fill("1:01:02")
    expect(address).to_have_value(f"{own}?start=3662")
    page.get_by_label("Hours, minutes and seconds").fill("nonsense")
    expect(address).to_have_value(own)
    page.get_by_role("checkbox", name="Begin at").uncheck()
    expect(code).not_to_have_value(having("start="))
    page.get_by_role("button", name="Copy the address").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Share")).to_be_focused()


def test_without_javascript_everything_else_is_there(browser: Browser, site: Site) -> None:
    with visiting(browser, site, java_script_enabled=False) as visit:
        page = visit.page
        visit.open(path_of_list(site))
        page.locator(".peertube-card-title a").first.click()
        expect(page.get_by_role("button", name="Share")).to_have_count(0)
        expect(page.get_by_role("checkbox")).to_have_count(0)
        page.locator(".peertube-poster").click()
        expect(page.locator(PLAYER)).to_have_attribute("src", having("start=10s&stop=12s"))
        page.get_by_role("link", name="Next video").click()
        expect(page.locator(PLAYER)).to_be_visible()
        page.get_by_role("link", name="Previous video").click()
        page.get_by_text("Transcript", exact=True).click()
        page.locator(".site-panel").get_by_role("link", name="English").click()
        page.get_by_role("searchbox", name="Search the transcript").fill("weekends")
        page.keyboard.press("Enter")
        page.locator(".site-lines a").last.click()
        expect(page.locator(PLAYER)).to_have_attribute("src", having("start="))
