"""Pages of channels, accounts and instances: tabs that are links, lists with pages, a search within, empty states."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Account, Channel, Curation, Instance, Playlist, Source, Video
from tests.support import builders
from tests.support.page import Look, Page

MANY = ["videos", "channels", "playlists", "about"]
KINDS = {"channels": ["videos", "playlists", "about"], "accounts": MANY, "instances": MANY}
TABS = [(kind, tab) for kind, tabs in KINDS.items() for tab in tabs]


@pytest.fixture
def home(db: None) -> Instance:
    """An instance that is mirrored."""
    home = builders.instance(name="The harbour")
    Source.objects.create(instance=home)
    return home


@pytest.fixture
def channel(home: Instance) -> Channel:
    return builders.channel(home, display_name="Boats", owner_account=builders.account(home, display_name="Ann"))


def place(kind: str, channel: Channel, tab: str = "videos") -> str:
    owner: Any = channel.owner_account
    named = {"channels": channel.handle, "accounts": owner.handle, "instances": channel.host}[kind]
    return f"/{kind}/{named}/" if tab == "videos" else f"/{kind}/{named}/{tab}/"


def fill(channel: Channel, number: int, **facts: Any) -> list[Video]:
    """Put videos into a channel, the first one with these facts."""
    made = [builders.video(channel.instance, channel=channel, **facts)]
    return made + [builders.video(channel.instance, channel=channel) for _ in range(number - 1)]


def text(page: Page) -> str:
    return page.all("main")[0].text


@pytest.mark.parametrize(("kind", "tab"), TABS)
def test_a_tab_is_a_page_of_its_own(look: Look, channel: Channel, settings: Any, kind: str, tab: str) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "SEARCH_ENGINES": "site"}
    fill(channel, 1)
    path = place(kind, channel, tab)
    page = look(path)
    links = [place(kind, channel, one) for one in KINDS[kind]]
    current = [one.attributes["href"] for one in page.all("a") if one.attributes.get("aria-current") == "page"]
    assert current == [path]
    assert set(links) <= set(page.links())
    assert len(page.all("h1")) == 1
    assert page.links("canonical") == [f"http://testserver{path}"]
    titles = {look(link).all("title")[0].text for link in links}
    assert len(titles) == len(links)
    feeds = [one.attributes["href"] for one in page.all("a", type="application/rss+xml")]
    assert len(feeds) == 1
    assert look(feeds[0]).source.count("<item>") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_its_videos_are_searched_and_no_others(look: Look, home: Instance, channel: Channel, kind: str) -> None:
    mine = fill(channel, 3, name="A rare lighthouse")[0]
    builders.video(name="Another rare lighthouse")
    index_due()
    page = look(place(kind, channel), q="lighthouse")
    assert page.titles() == [mine.name]
    assert [one.text for one in page.all("h2") if one.attributes.get("id") == "videos"] == ["1 video"]
    assert [one.text for one in page.all("mark")] == ["lighthouse"]
    assert [one.attributes["href"] for one in page.all("a", class_="site-chip site-chip-used")] == ["?"]
    (feed,) = page.all("a", type="application/rss+xml")
    assert look(feed.attributes["href"]).source.count("<item>") == 1


def test_words_in_question_are_searched_within_only(look: Look, channel: Channel) -> None:
    fill(channel, 2, name="A rare lighthouse")
    index_due()
    page = look(place("channels", channel), q="lighthuose")
    assert page.titles() == ["A rare lighthouse"]
    assert "Showing results for" in page.source
    assert look(place("channels", channel), q="lighthuose", as_written="true").titles() == []


def test_its_videos_are_sorted(look: Look, channel: Channel) -> None:
    fill(channel, 1, name="Zebra", views=9)
    fill(channel, 1, name="Aardvark", views=1)
    by_name, by_views = (look(place("channels", channel), ordering=order) for order in ("name", "-views"))
    assert (by_name.titles(), by_views.titles()) == (["Aardvark", "Zebra"], ["Zebra", "Aardvark"])
    assert [one.attributes["value"] for one in by_name.all("option") if "selected" in one.attributes] == ["name"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_goes_on_on_further_pages(look: Look, channel: Channel, kind: str) -> None:
    fill(channel, 25)
    if kind != "channels":
        for _ in range(24):
            builders.channel(channel.instance, owner_account=channel.owner_account)
    for number in range(25):
        shown = builders.playlist(channel.instance, display_name=f"List {number}")
        Playlist.objects.filter(pk=shown.pk).update(owner_account=channel.owner_account, video_channel=channel)
    for tab in KINDS[kind]:
        if tab == "about":
            continue
        first = look(place(kind, channel, tab))
        (on,) = first.all("a", rel="next")
        second = look(place(kind, channel, tab) + on.attributes["href"])
        names = [{one.text for one in page.all("h3")} for page in (first, second)]
        assert (len(names[0]), len(names[1]), names[0] & names[1]) == (24, 1, set()), tab


@pytest.mark.parametrize(
    "query",
    [
        {"ordering": "sideways"},
        {"ordering": "relevance"},
        {"cursor": "forged"},
        {"q": "lighthouse", "cursor": "forged"},
        {"q": " ".join(["word"] * 60)},
        {"q": "\0"},
        {"as_written": "perhaps"},
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_question_that_makes_no_sense_is_told(look: Look, channel: Channel, kind: str, query: dict[str, str]) -> None:
    assert "This address makes no sense" in look(place(kind, channel), status=400, **query).source


def test_what_is_no_parameter_is_ignored(look: Look, channel: Channel) -> None:
    fill(channel, 2)
    others = {
        "tab": "<b>",
        "sort": "-x",
        "page": "-1",
        "channel": "other@nowhere.example",
        "instance": "x",
        "nsfw": "2",
    }
    assert len(look(place("channels", channel), **others).titles()) == 2
    assert len(look(place("channels", channel), q=" ").titles()) == 2
    look(f"{place('channels', channel)}nothing/", status=404)


def hide_all(channel: Channel) -> None:
    for video in fill(channel, 2):
        Curation.objects.create(video=video, hidden=True)


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_nothing_to_show_says_so_and_leads_on(look: Look, channel: Channel, kind: str) -> None:
    pages = {tab: look(place(kind, channel, tab)) for tab in KINDS[kind] if (kind, tab) != ("instances", "channels")}
    for tab in ("videos", "playlists"):
        assert f"There are no {tab} of" in text(pages[tab])
        assert {"/", "/videos/", "/channels/"} <= set(pages[tab].links())
    hide_all(channel)
    assert look(place(kind, channel)).source == pages["videos"].source, "what is hidden is like what never was"


def test_where_nothing_is_found_all_videos_can_be_searched(look: Look, channel: Channel) -> None:
    fill(channel, 1)
    builders.video(name="Sea & sand")
    index_due()
    page = look(place("channels", channel), q="sea & sand")
    (everywhere,) = [one.attributes["href"] for one in page.all("a", class_="site-button")]
    assert "Nothing found" in page.source
    assert look(everywhere).titles() == ["Sea & sand"]


def test_an_instance_that_left_takes_its_pages_with_it(look: Look, channel: Channel) -> None:
    Source.objects.all().delete()
    Channel.objects.update(removed_at=timezone.now(), removed_reason="out_of_scope")
    for tab in KINDS["instances"]:
        look(place("instances", channel, tab), status=404)
    look(place("channels", channel), status=404)


@pytest.mark.parametrize("tab", KINDS["channels"])
def test_a_former_host_leads_to_the_same_tab(client: Client, channel: Channel, tab: str) -> None:
    channel.instance.former_hosts.create(host="before.example")
    path = place("channels", channel, tab)
    led = client.get(path.replace(channel.host, "before.example"), {"q": "x"})
    assert (led.status_code, led["Location"]) == (301, f"{path}?q=x")


def test_what_is_known_is_told(look: Look, channel: Channel) -> None:
    fill(channel, 2)
    began = timezone.now().replace(year=2020, month=2, day=3)
    Channel.objects.filter(pk=channel.pk).update(followers_count=1234, created_at=began, support="Give **alms**")
    told = text(look(place("channels", channel, "about")))
    for fact in ("Ann", channel.host, "1,234", "Feb. 3, 2020", "alms", "a long text", "Support"):
        assert fact in told
    assert "1.2K followers" in text(look(place("channels", channel)))
    Account.objects.update(removed_at=timezone.now())
    assert "Ann" not in text(look(place("channels", channel, "about")))


def test_texts_of_an_instance_are_told_and_odd_answers_are_not(look: Look, channel: Channel) -> None:
    about = {"description": "# Welcome", "terms": "Be *kind*", "codeOfConduct": ["odd"], "administrator": None}
    Instance.objects.filter(pk=channel.instance.pk).update(about={"instance": about}, version="8.2.1")
    told = text(look(place("instances", channel, "about")))
    for fact in ("Welcome", "Terms", "Be kind", "8.2.1"):
        assert fact in told
    assert "Code of conduct" not in told
    Instance.objects.filter(pk=channel.instance.pk).update(about=["odd"])
    assert "says nothing of itself" in text(look(place("instances", channel, "about")))


@pytest.mark.parametrize(("state", "said"), [("ok", ""), ("dns", "can't be reached"), ("moved", "has moved")])
def test_a_home_out_of_reach_is_told(look: Look, channel: Channel, state: str, said: str) -> None:
    Instance.objects.filter(pk=channel.instance.pk).update(state=state)
    (video,) = fill(channel, 1)
    shown = [place(kind, channel, tab) for kind, tab in TABS] + [f"/videos/{video.short_uuid}/"]
    for path in shown:
        notices = [one.text for one in look(path).all("p", class_="site-notice")]
        assert [said in one for one in notices] == ([True] if said else []), path
