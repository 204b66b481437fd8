"""An editor at work in Wagtail: an address is pasted, a video chosen, the page published and looked at by a visitor."""

from collections.abc import Iterator
from importlib.util import find_spec
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from peertube_sync.testing import Sandbox
from tests.proofs.browser.serve import LOGIN
from tests.proofs.browser.site import BEST, Site, mirroring, peaceful_catalogue
from tests.proofs.browser.visit import visiting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not find_spec("wagtail"), reason='no Wagtail: pip install "django-peertube-sync[wagtail]"'),
]

HOME = 2
"""The page that Wagtail's migrations make, below which all others are."""
PATIENCE = 30_000
"""Milliseconds: Wagtail's editor is much JavaScript, and shared machines are slow."""


@pytest.fixture(scope="module")
def town(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site made with Wagtail that mirrors a sandbox."""
    served = {"SERVED_SETTINGS": "tests.hosts.wagtail.settings"}
    with (
        Sandbox(peaceful_catalogue(), limit=None) as sandbox,
        mirroring(tmp_path_factory.mktemp("town"), sandbox, **served) as site,
    ):
        yield site


def test_what_an_editor_pastes_and_chooses_plays_at_a_click(browser: Browser, town: Site) -> None:
    (video,) = town.ask("videos", q=BEST, page_size=1)["results"]
    with visiting(browser, town, viewport={"width": 1400, "height": 1200}) as visit:
        visit.page.set_default_timeout(PATIENCE)
        log_in(visit.page, town)
        visit.open(f"/admin/pages/add/town/townpage/{HOME}/")
        visit.page.locator("#id_title").fill("Harbour")
        paste(visit.page, video["url"])
        choose(visit.page, "tide pools")
        address = publish(visit.page)
        assert visit.foreign("image") == []
    look_as_a_visitor(browser, town, address)


def log_in(page: Page, town: Site) -> None:
    page.goto(f"{town.url}/admin/login/")
    page.get_by_label("Username").fill(LOGIN)
    page.get_by_label("Password").fill(LOGIN)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")


def paste(page: Page, address: str) -> None:
    """Put an embed into the rich text by its address."""
    page.locator(".Draftail-Editor [contenteditable=true]").click()
    page.keyboard.type("/embed")
    page.get_by_role("option", name="Embed").click()
    page.locator("#id_embed-chooser-url").fill(address)
    page.get_by_role("dialog").get_by_role("button", name="Insert").click()
    expect(page.locator(".Draftail-Editor .MediaBlock")).to_be_visible(timeout=PATIENCE)


def choose(page: Page, words: str) -> None:
    """Choose the video that `words` find."""
    page.get_by_role("button", name="Choose a video").click()
    dialogue = page.locator(".modal")
    rows = dialogue.get_by_role("row")
    rows.last.wait_for()
    newest = rows.count()
    dialogue.locator("input[name=q]").fill(words)
    expect(rows).not_to_have_count(newest, timeout=PATIENCE)
    dialogue.get_by_role("link", name=BEST).click()
    expect(page.locator("#id_trailer-title, .chosen").filter(has_text=BEST).first).to_be_visible(timeout=PATIENCE)


def publish(page: Page) -> str:
    """Publish the page; return its path."""
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Publish").click()
    live = page.locator(".messages").get_by_role("link", name="View live")
    live.wait_for(timeout=PATIENCE)
    return urlsplit(live.get_attribute("href") or "").path


def look_as_a_visitor(browser: Browser, town: Site, address: str) -> None:
    """See a player for what was pasted and one for what was chosen, neither of which plays before a click."""
    with visiting(browser, town) as visit:
        assert visit.open(address) == 200
        players = visit.page.locator("[data-peertube-player]")
        expect(players).to_have_count(2)
        expect(visit.page.locator("iframe")).to_have_count(0)
        assert visit.foreign("image") == []
        with visit.page.expect_request(lambda one: one.resource_type == "document") as asked:
            players.last.get_by_role("link", name=BEST).click()
        assert urlsplit(asked.value.url).netloc == town.host
        expect(visit.page.frame_locator("iframe").get_by_text(BEST)).to_be_visible()
        assert visit.errors == []
