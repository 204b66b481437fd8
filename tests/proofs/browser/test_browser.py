"""The site and its admin in a real browser, at a small demo that runs."""

from collections.abc import Iterator

import feedparser
import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.browser.axe import violations
from tests.proofs.browser.serve import LOGIN
from tests.proofs.browser.site import BEST, Site
from tests.proofs.browser.visit import Visit, visiting

pytestmark = pytest.mark.browser

TITLE = "Lighthouse keepers of the far north"
SIZES = {
    "desktop": {"width": 1280, "height": 900},
    "tablet": {"width": 768, "height": 1024},
    "phone": {"width": 390, "height": 844},
}
SCHEMES = ("light", "dark")
PAGES = (
    *("home", "videos", "search", "typo", "named", "nothing", "mistake", "missing", "video", "playing", "transcript"),
    *("channels", "channel", "channel-playlists", "channel-about", "within", "nothing-within"),
    *("accounts", "account", "account-channels", "playlists", "playlist"),
    *("instances", "instance", "instance-channels", "instance-about"),
)


@pytest.fixture(scope="module")
def another() -> Iterator[Sandbox]:
    """An instance that the site doesn't mirror yet."""
    catalogue = Catalogue.generate(videos=10, seed=2)
    catalogue.add_video(name=TITLE)
    with Sandbox(catalogue, limit=None) as sandbox:
        yield sandbox


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_on_any_screen_by_day_and_night_and_loads_pictures_alone(
    visit: Visit, name: str
) -> None:
    status = visit.open(visit.site.pages[name])
    for size in SIZES.values():
        visit.page.set_viewport_size(size)
        for scheme in SCHEMES:
            visit.page.emulate_media(color_scheme=scheme)
            assert violations(visit.page) == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert visit.foreign("image") == ([] if name != "playing" else [visit.page.locator("iframe").get_attribute("src")])
    assert [told for told in visit.errors if status == 200] == []


def test_on_a_phone_filters_are_folded_and_the_first_video_is_above_the_fold(visit: Visit) -> None:
    filters, first = visit.page.locator(".site-filters"), visit.page.locator(".peertube-card-title").first
    for query in ("", "?q=tide&duration_min=1&is_live=false"):
        visit.page.set_viewport_size(SIZES["phone"])
        visit.open(f"/videos/{query}")
        expect(filters).to_be_hidden()
        box = first.bounding_box()
        assert box
        assert box["y"] + box["height"] <= SIZES["phone"]["height"]
        visit.page.get_by_text("Filters").click()
        expect(filters).to_be_visible()
        visit.page.set_viewport_size(SIZES["desktop"])
        visit.page.reload()
        expect(filters).to_be_visible()


@pytest.mark.parametrize("name", ["channel", "account", "instance", "playlist"])
def test_on_a_phone_the_first_video_of_somebody_is_above_the_fold(visit: Visit, name: str) -> None:
    visit.page.set_viewport_size(SIZES["phone"])
    visit.open(visit.site.pages[name])
    box = visit.page.locator(".peertube-card-title").first.bounding_box()
    assert box
    assert box["y"] + box["height"] <= SIZES["phone"]["height"]


@pytest.mark.parametrize("name", ["missing", "nothing", "instances", "channel-playlists"])
def test_a_short_page_ends_at_the_end_of_the_window(visit: Visit, name: str) -> None:
    visit.open(visit.site.pages[name])
    for size in SIZES.values():
        visit.page.set_viewport_size(size)
        box = visit.page.locator(".site-footer").bounding_box()
        assert box
        assert box["y"] + box["height"] == pytest.approx(size["height"], abs=1)


def test_without_javascript_the_videos_of_a_channel_are_searched(browser: Browser, site: Site) -> None:
    with visiting(browser, site, java_script_enabled=False, viewport=SIZES["phone"]) as visit:
        visit.open(site.pages["channel"])
        visit.page.get_by_text("Search and sort").click()
        visit.page.get_by_label("Search here").fill("tide pools")
        visit.page.get_by_role("button", name="Show").click()
        found = visit.page.locator(".peertube-card-title").all_inner_texts()
        assert BEST in found
        assert len(found) == 3
        assert all("tide pools" in one for one in found)
        visit.page.get_by_role("link", name="About").click()
        expect(visit.page.get_by_role("link", name="About")).to_have_attribute("aria-current", "page")


def test_featured_videos_leave_no_hole_beside_them(visit: Visit) -> None:
    visit.page.set_viewport_size(SIZES["desktop"])
    visit.open("/")
    hero = visit.page.locator(".site-hero")
    cards = [card.bounding_box() for card in hero.locator(".peertube-card").all()]
    assert len(cards) == 4
    assert all(card and card["y"] < 900 for card in cards)
    pictures = visit.page.locator(".site-filled .peertube-card").all()
    tops = [box["y"] for box in (picture.bounding_box() for picture in pictures) if box]
    assert {tops.count(top) for top in tops} == {4}


@pytest.mark.parametrize("width", [768, 1024, 1280, 1440, 1920])
def test_a_page_of_videos_leaves_no_hole_at_its_end(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.open("/videos/")
    tops = [box["y"] for box in (card.bounding_box() for card in visit.page.locator(".peertube-card").all()) if box]
    assert len(tops) == 24
    assert len({tops.count(top) for top in tops}) == 1


def test_what_keeps_people_out_would_be_found(visit: Visit) -> None:
    visit.page.set_content(
        '<html lang="en"><title>A</title><main><h1>B</h1><p style="color:#ddd;background:#fff">Can you read this?'
    )
    assert [rule for rule, _element in violations(visit.page)] == ["color-contrast"]


def test_a_source_is_added_watched_shown_played_and_hidden(visit: Visit, another: Sandbox) -> None:
    add_in_the_admin(visit, another)
    reload_until(visit.page.get_by_text("11 videos, 11 of them with details"))
    uuid = find_and_play(visit, another.host)
    hide_in_the_admin(visit)
    assert_gone(visit, uuid)
    assert visit.errors == []


def add_in_the_admin(visit: Visit, another: Sandbox) -> None:
    page = visit.page
    visit.open("/admin/login/?next=/admin/peertube_sync/source/add/")
    page.get_by_label("Username").fill(LOGIN)
    page.get_by_label("Password").fill(LOGIN)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("What to mirror").fill(another.url)
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_role("cell").filter(has_text=another.host).first).to_be_visible()
    page.get_by_role("button", name="Add and mirror it").click()
    expect(page.get_by_text("The first sync is due now.")).to_be_visible()
    page.get_by_role("link", name=another.host).first.click()


def reload_until(there: Locator) -> None:
    """Look at the page again and again, as somebody does who waits for the sync; the suite's patience ends it."""
    while not there.is_visible():
        there.page.reload()


def find_and_play(visit: Visit, host: str) -> str:
    """Find the video as a visitor does; return its uuid, which is in the player's address."""
    page = visit.page
    visit.requests.clear()
    visit.open("/")
    page.get_by_role("combobox", name="Search videos").fill("lighthouse keepers")
    page.keyboard.press("Enter")
    page.wait_for_url("**/videos/?q=*")
    found = page.get_by_role("link", name=TITLE)
    reload_until(found)  # the index is written when the sync comes to a rest
    found.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert visit.foreign("image") == []
    with page.expect_request(lambda one: one.resource_type == "document") as asked:
        page.get_by_role("link", name=f"Play “{TITLE}”").click()
    assert asked.value.url.startswith(f"http://{host}/videos/embed/")
    expect(page.frame_locator("iframe").get_by_text(TITLE)).to_be_visible()
    return asked.value.url.rpartition("/")[2].partition("?")[0]


def hide_in_the_admin(visit: Visit) -> None:
    page = visit.page
    visit.open("/admin/peertube_sync/video/?q=lighthouse")
    page.get_by_role("checkbox", name="Select this object for an action").check()
    page.locator("select[name=action]").select_option(label="Hide on this site")
    page.locator("button[name=index]").click()
    expect(page.locator(".messagelist")).to_contain_text("hidden")


def assert_gone(visit: Visit, uuid: str) -> None:
    site = visit.site
    visit.open("/videos/?q=lighthouse")
    expect(visit.page.get_by_text("No video fits.")).to_be_visible()
    assert requests.get(f"{site.url}/videos/{uuid}/", timeout=30).status_code == 404
    assert requests.get(f"{site.url}/api/videos/{uuid}/", timeout=30).status_code == 404
    assert site.ask("videos", q="lighthouse")["results"] == []
    for feed in ("rss", "atom"):
        assert TITLE not in {one.title for one in feedparser.parse(f"{site.url}/feeds/{feed}/").entries}
    assert TITLE not in {one["title"] for one in requests.get(f"{site.url}/feeds/json/", timeout=30).json()["items"]}


def test_without_javascript_a_video_plays_on_a_page_of_its_own(browser: Browser, site: Site) -> None:
    with visiting(browser, site, java_script_enabled=False) as visit:
        visit.open(site.pages["video"])
        visit.page.locator(".peertube-poster").click()
        expect(visit.page.locator("iframe")).to_be_visible()
        assert "play=1" in visit.page.url


def test_a_video_is_found_and_played_by_the_keyboard_alone(visit: Visit) -> None:
    page = visit.page
    visit.open(visit.site.pages["video"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".peertube-poster")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("iframe")).to_be_focused()


def suggestions(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def test_suggestions_are_chosen_by_the_keyboard(visit: Visit) -> None:
    page, box = visit.page, visit.page.get_by_role("combobox", name="Search videos")
    visit.open("/")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("how ti")
    expect(suggestions(page).filter(has_text=BEST)).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(suggestions(page)).to_have_count(0)
    expect(box).to_have_value("how ti")
    page.keyboard.press("ArrowDown")
    expect(suggestions(page).filter(has_text=BEST)).to_be_visible()
    page.keyboard.press("ArrowUp")
    last = suggestions(page).last
    expect(last).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == last.get_attribute("id")
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    expect(suggestions(page).first).to_have_attribute("aria-selected", "true")
    for _ in range([BEST in one for one in suggestions(page).all_inner_texts()].index(True)):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(BEST)
    assert visit.errors == []


def test_who_chooses_no_suggestion_searches_for_what_is_written(visit: Visit) -> None:
    page, box = visit.page, visit.page.get_by_role("combobox", name="Search videos")
    visit.open("/")
    box.press_sequentially("tide")
    expect(suggestions(page).first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/videos/?q=tide")
    box.press("End")
    box.press_sequentially(" poo")
    expect(suggestions(page).first).to_be_visible()
    page.keyboard.press("Tab")
    expect(suggestions(page)).to_have_count(0)
    assert visit.errors == []


def test_suggestions_are_for_everybody_on_any_screen_by_day_and_night(visit: Visit) -> None:
    page, box = visit.page, visit.page.get_by_role("combobox", name="Search videos")
    visit.open("/")
    for size in SIZES.values():
        page.set_viewport_size(size)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            box.fill("")
            box.press_sequentially("t")
            box.press_sequentially("i")
            expect(suggestions(page).first).to_be_visible()
            page.keyboard.press("ArrowDown")
            assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    suggestions(page).last.click()
    page.wait_for_url(lambda url: url != f"{visit.site.url}/")


def test_suggestions_that_fail_leave_the_search_as_it_is(visit: Visit) -> None:
    page, box = visit.page, visit.page.get_by_role("combobox", name="Search videos")
    page.route("**/api/suggest/**", lambda route: route.fulfill(status=429))
    visit.open("/")
    with page.expect_response("**/api/suggest/**"):
        box.press_sequentially("tide")
    expect(suggestions(page)).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url("**/videos/?q=tide")


def test_without_javascript_the_search_box_is_one(browser: Browser, site: Site) -> None:
    with visiting(browser, site, java_script_enabled=False) as visit:
        visit.open("/")
        visit.page.get_by_role("searchbox", name="Search videos").fill("tide")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url("**/videos/?q=tide")


def test_a_picture_that_fails_leaves_a_placeholder(visit: Visit) -> None:
    visit.page.route("**/lazy-static/**", lambda route: route.abort())
    visit.open("/videos/")
    shown = visit.page.locator(".peertube-picture img").first.evaluate(
        "(image) => [image.naturalWidth, getComputedStyle(image, '::after').backgroundImage]"
    )
    assert shown[0] == 0
    assert "placeholder.svg" in shown[1]
