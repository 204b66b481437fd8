"""The owner chooses the look of the site in the admin, and visitors see it: on all screens, by keyboard, for axe."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.proofs.browser.axe import violations
from tests.proofs.browser.serve import LOGIN
from tests.proofs.browser.site import Site
from tests.proofs.browser.visit import Visit, visiting

pytestmark = pytest.mark.browser

SCREENS = ({"width": 1440, "height": 900}, {"width": 768, "height": 1024}, {"width": 390, "height": 844})
SECTIONS = (("featured", "", 6), ("channels", "", 12), ("live", "", 4), ("tag", "biology", 5), ("instances", "", 6))
LINKS = (("About", "/about/", "menu"), ("Imprint", "https://harbour.example/imprint", "footer"))
FOCUSED = "[document.activeElement.textContent.trim(), getComputedStyle(document.activeElement).outlineStyle]"
TOPS = "all => all.filter(one => one.offsetParent).map(one => Math.round(one.getBoundingClientRect().top))"


@pytest.fixture(scope="module")
def chosen(browser: Browser, site: Site) -> Site:
    """Return the site after its owner has chosen everything there is to choose, in the admin's own form."""
    with visiting(browser, site) as visit:
        visit.open("/admin/login/?next=/admin/peertube_sync/sitelook/")
        page = visit.page
        page.get_by_label("Username").fill(LOGIN)
        page.get_by_label("Password").fill(LOGIN)
        page.get_by_role("button", name="Log in").click()
        page.get_by_label("Name:", exact=True).fill("Harbour & Coast")
        page.locator("#id_accent").fill("#1d5f8a")
        page.locator("#id_new_logo").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png()})
        page.locator("#id_footer_text").fill("Chosen by the **library**: https://harbour.example/")
        for number, (kind, subject, most) in enumerate(SECTIONS):
            page.locator("#sections-group .add-row a").click()
            page.locator(f"#id_sections-{number}-position").fill(str(number))
            page.locator(f"#id_sections-{number}-kind").select_option(kind)
            page.locator(f"#id_sections-{number}-subject").fill(subject)
            page.locator(f"#id_sections-{number}-number").fill(str(most))
        for number, values in enumerate(LINKS):
            page.locator("#links-group .add-row a").click()
            for name, value in zip(("label", "address"), values, strict=False):
                page.locator(f"#id_links-{number}-{name}").fill(value)
            page.locator(f"#id_links-{number}-place").select_option(values[2])
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("was added successfully")).to_be_visible()
    return site


def png() -> bytes:
    file = BytesIO()
    Image.new("RGBA", (200, 200), "#1d7f8a").save(file, "PNG")
    return file.getvalue()


def test_axe_finds_nothing_on_any_screen_by_day_and_night(browser: Browser, chosen: Site) -> None:
    with visiting(browser, chosen) as visit:
        for path in ("/", "/videos/", "/videos/nowhere/"):
            visit.open(path)
            for size in SCREENS:
                visit.page.set_viewport_size(size)  # type: ignore[arg-type]
                for scheme in ("light", "dark"):
                    visit.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                    assert violations(visit.page) == []
                assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_colours_are_taken_and_the_policy_refuses_nothing(browser: Browser, chosen: Site) -> None:
    with visiting(browser, chosen, color_scheme="light") as visit:
        visit.open("/")
        button = visit.page.get_by_role("button", name="Search")
        assert button.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(29, 95, 138)"
        assert visit.page.locator(".site-logo").evaluate("one => one.complete && one.naturalWidth") == 96
        assert visit.errors == []
        assert visit.foreign("image") == []


def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(browser: Browser, chosen: Site) -> None:
    with visiting(browser, chosen) as visit:
        visit.open("/")
        seen = []
        for _ in range(80):
            visit.page.keyboard.press("Tab")
            text, outline = visit.page.evaluate(FOCUSED)
            if outline == "auto" or visit.page.evaluate("document.activeElement === document.body"):
                break
            assert outline == "solid", text
            seen.append(text)
        wanted = ["Skip to the content", "Harbour & Coast", "Search", "Videos", "Accounts", "About", "All channels →"]
        places = [seen.index(one) for one in [*wanted, "All instances →", "https://harbour.example/", "Imprint", "RSS"]]
        assert places == sorted(places)


def test_rows_are_full_on_every_screen(browser: Browser, chosen: Site) -> None:
    with visiting(browser, chosen) as visit:
        for size in SCREENS:
            visit.page.set_viewport_size(size)  # type: ignore[arg-type]
            visit.open("/")
            for rows in visit.page.locator(".site-filled > .peertube-grid").all():
                tops = rows.locator("> li").evaluate_all(TOPS)
                assert len({tops.count(top) for top in tops}) == 1, (size, tops)


def test_a_link_of_the_menu_is_there_on_the_error_page_too(visit: Visit, chosen: Site) -> None:
    visit.open("/videos/nowhere/")
    expect(visit.page.get_by_role("link", name="About")).to_be_visible()
    expect(visit.page.get_by_role("link", name="Harbour & Coast")).to_be_visible()
