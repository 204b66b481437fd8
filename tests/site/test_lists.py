"""Lists of videos on the site: what they can be narrowed to, how they are sorted, their pages."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from peertube_sync.catalogue import totals, video_search
from peertube_sync.ingest.derived import derive_due
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Account, Channel, Playlist, Transcript, Video
from tests.support import builders
from tests.support.page import Look, Page


def options(page: Page, name: str) -> list[str]:
    (field,) = page.all("select", name_=name)
    return [one.text for one in page.elements if one.name == "option" and one.text in field.text]


def test_the_form_offers_what_there_is_with_its_numbers(look: Look, full: Video) -> None:
    listed = Video.objects.listed()
    numbers = Counter(listed.exclude(language_id=None).values_list("language_label", flat=True))
    offered = options(look("/videos/"), "language")
    assert {f"{label} ({number})" for label, number in numbers.items()} <= set(offered)
    narrowed = look("/videos/", language="fr")
    assert options(narrowed, "language") == offered  # another one can be chosen
    channels = Counter(listed.filter(language_id="fr").values_list("channel__display_name", flat=True))
    assert {f"{name} ({number})" for name, number in channels.items()} <= set(options(narrowed, "channel"))


def test_a_list_says_how_many_videos_there_are(look: Look, full: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(**query: object) -> str:
        return next(one.text for one in look("/videos/", **query).elements if one.name == "h2")

    Video.objects.filter(pk=full.pk).update(name="Tides")
    index_due()
    assert (told(q="tides"), told(page_size=5)) == ("1 video", f"{Video.objects.count()} videos")
    monkeypatch.setattr(video_search, "RANKED", 2)
    assert told() == f"{Video.objects.count()} videos"
    monkeypatch.setattr(totals, "COUNTED", 3)
    cache.clear()
    assert told() == "At least 3 videos"


@pytest.mark.parametrize(("path", "model"), [("channels", Channel), ("accounts", Account), ("playlists", Playlist)])
def test_lists_say_how_many_there_are_and_never_more(
    look: Look, full: Video, monkeypatch: pytest.MonkeyPatch, path: str, model: Any
) -> None:
    def told() -> str:
        cache.clear()
        return look(f"/{path}/").all("h2", class_="site-count")[0].text

    number = model.objects.available().count()
    assert number > 2
    assert told() == f"{number} {path}"
    monkeypatch.setattr(totals, "COUNTED", number - 1)
    assert told() == f"At least {number - 1} {path}"
    model.objects.exclude(pk=model.objects.available().first().pk).update(removed_at=now())
    assert told() == f"1 {path.removesuffix('s')}"


def test_a_choice_that_is_not_among_those_found_stays_chosen(look: Look, full: Video) -> None:
    page = look("/videos/", language="tlh")
    assert [one.text for one in page.all("option", value="tlh")] == ["tlh"]
    assert page.videos() == []


def test_videos_are_narrowed_to_those_published_lately(look: Look, full: Video) -> None:
    ago = {1: now() - timedelta(hours=5), 2: now() - timedelta(days=20)}
    Video.objects.update(published_at=ago[2])
    Video.objects.filter(pk=full.pk).update(published_at=ago[1])
    offered = dict.fromkeys(options(look("/videos/"), "published_after"))
    assert [*offered] == ["All", "Since yesterday", "Last 7 days", "Last 30 days", "Last year"]
    week = (now() - timedelta(days=7)).date().isoformat()
    narrowed = look("/videos/", published_after=week, page_size=100)
    assert narrowed.titles() == [full.name]
    assert [one.text for one in narrowed.all("option", selected="")][:1] == ["Last 7 days"]
    (used,) = narrowed.all("a", class_="site-chip site-chip-used")
    assert used.text.startswith("Published: Last 7 days")
    assert len(look("/videos/", published_after="2026-01-31").all("option", value="2026-01-31")) == 1


def test_videos_are_narrowed_to_a_licence_or_to_those_with_captions(look: Look, full: Video) -> None:
    Video.objects.update(licence_id=None, licence_label=None)
    Video.objects.filter(pk=full.pk).update(licence_id=2, licence_label="Attribution - Share Alike")
    page = look("/videos/")
    assert "Attribution - Share Alike" in options(page, "licence")
    narrowed = look("/videos/", licence="2")
    assert narrowed.titles() == [full.name]
    assert [one.text for one in narrowed.all("option", selected="")][:1] == ["Attribution - Share Alike"]
    (captioned,) = [one for one in page.all("a", class_="site-chip") if one.text == "With captions"]
    expected = Video.objects.listed().filter(captions__isnull=False).distinct()
    assert 0 < len(look(f"/videos/{captioned.attributes['href']}").titles()) == len(expected)
    (used,) = [
        one for one in look("/videos/?has_captions=true").all("a", aria_current="true") if one.text != "Any length"
    ]
    assert (used.text, used.attributes["href"]) == ("With captions", "?")


def test_frequent_tags_narrow_the_videos(look: Look, full: Video) -> None:
    page = look("/videos/", language=full.language_id)
    ways = {one.text: one.attributes["href"] for one in page.all("a", class_="site-chip") if "tag=" in str(one)}
    tag = full.tags.first()
    assert full.name in look(f"/videos/{ways[tag.name]}").titles()
    assert tag.name not in [one.text for one in look(f"/videos/{ways[tag.name]}").all("a", class_="site-chip")]


def test_what_fits_best_comes_first_and_goes_on_on_further_pages(look: Look, full: Video) -> None:
    older, newer = Video.objects.listed().exclude(pk=full.pk).order_by("published_at")[:2]
    text = "We speak of tides, and of whatever else there is to be seen by the sea."
    Video.objects.filter(pk=newer.pk).update(name="A walk", description=text)
    Video.objects.filter(pk=older.pk).update(name="Tides")
    index_due()
    best = look("/videos/", q="tides", page_size=1)
    assert best.titles() == ["Tides"]
    (further,) = best.links("next")
    last = look(f"/videos/{further}")
    assert (last.titles(), last.links("next")) == (["A walk"], [])
    assert look(f"/videos/{last.links('prev')[0]}").titles() == ["Tides"]
    assert look("/videos/", q="tides", ordering="-published_at").titles() == ["A walk", "Tides"]
    look("/videos/", q="tides", cursor="x", status=400)
    look("/videos/", ordering="relevance", status=400)


def test_what_is_said_in_a_video_leads_to_its_moment(look: Look, full: Video) -> None:
    caption = full.captions.order_by("pk").first()
    lines = "Good morning\nThe limpets <go> home"
    Transcript.objects.create(
        caption=caption, video=full, path="", starts=[0, 65], text=lines, folded="good morning\nthe limpets go home"
    )
    index_due()
    page = look("/videos/", q="limpets")
    (moment,) = [one for one in page.all("a") if "start=" in one.attributes["href"]]
    assert moment.text == "1:05 The limpets <go> home"
    (frame,) = look(moment.attributes["href"]).all("iframe")
    assert frame.attributes["src"].endswith("&start=65s")


def test_words_that_were_found_are_marked(look: Look, full: Video) -> None:
    text = "Of **tides** & moons"
    Video.objects.filter(pk=full.pk).update(name="<b> tides", description=text, truncated_description=text)
    index_due()
    page = look("/videos/", q="TIDES moons")
    (card,) = page.all("article", class_="peertube-card")
    assert [one.text for one in page.all("mark")] == ["tides", "tides", "moons"]
    assert page.titles() == ["<b> tides"]
    assert card.text.endswith("Of tides & moons")


def test_pages_hold_every_video_once_and_lead_back(look: Look, full: Video) -> None:
    found, path = [], "/videos/?page_size=7"
    while path:
        page = look(path)
        found += page.videos()
        before, path = path, "".join(f"/videos/{link}" for link in page.links("next"))
    assert len(found) == len(set(found)) == Video.objects.listed().count()
    (back,) = look(before).links("prev")
    assert look(f"/videos/{back}").videos() == found[-7 - len(found) % 7 : -(len(found) % 7) or None][:7]


def test_filters_and_words_narrow_the_videos(look: Look, full: Video) -> None:
    expected = Video.objects.listed().filter(language_id="fr", name__icontains="histoire")
    page = look("/videos/", q="histoire", language="fr", ordering="name", utm_source="elsewhere")
    assert page.titles() == [one.name for one in expected.order_by("name")]
    assert page.titles()
    chips = [
        one.text.removesuffix(" \N{MULTIPLICATION SIGN} (take away)")
        for one in page.all("a", class_="site-chip site-chip-used")
    ]
    assert chips == ["Search: histoire", f"Language: {expected[0].language_label}"]


def test_a_filter_can_be_taken_away(look: Look, full: Video) -> None:
    page = look("/videos/", language="fr", tag=["a", "b"], cursor="")
    ways = [one.attributes["href"] for one in page.all("a", class_="site-chip site-chip-used")]
    assert ways == ["?tag=a&tag=b", "?language=fr&tag=b", "?language=fr&tag=a"]


def test_all_filters_and_words_can_be_taken_away_at_once(look: Look, full: Video) -> None:
    narrowed = look("/videos/", q=full.name, duration_min="1", ordering="name")
    (clear,) = narrowed.all("a", class_="site-clear")
    assert clear.attributes["href"] == "?ordering=name"
    assert look("/videos/", q=full.name).all("a", class_="site-clear") == []


@pytest.mark.parametrize(
    "query", [{"category": "x"}, {"ordering": "secret"}, {"page_size": "1000"}, {"cursor": "x"}, {"channel": "nobody"}]
)
def test_a_query_that_makes_no_sense_is_told(look: Look, full: Video, query: dict[str, str]) -> None:
    page = look("/videos/", status=400, **query)
    assert page.all("div", role="alert")[0].text.startswith(f"This can't be shown: {next(iter(query))}")
    assert page.videos() == []


def test_a_forged_cursor_is_a_bad_request(look: Look, full: Video) -> None:
    look("/channels/", status=400, cursor="forged")


def test_a_search_shows_channels_and_playlists_of_that_name_above_the_videos(look: Look, db: None) -> None:
    home = builders.source().instance
    channel = builders.channel(home, display_name="Telescopes of the north")
    playlist = builders.playlist(home, display_name="All about the telescope")
    builders.video(home, channel=channel, name="A telescope")
    derive_due()
    page = look("/videos/?q=telescope")
    assert {f"/channels/{channel.handle}/", f"/playlists/{playlist.short_uuid}/"} <= {*page.links()}
    assert [one.text for one in page.all("h2")][:2] == ["Channels", "Playlists"]
    for other in ("q=telescope&is_live=false", "q=nothing", "ordering=name"):
        assert "Playlists" not in [one.text for one in look(f"/videos/?{other}").all("h2")], other
    assert "Channels" in [one.text for one in look("/videos/?q=telescpe").all("h2")]
    assert "Channels" in [one.text for one in look("/videos/?q=telescope&ordering=name").all("h2")]
    Channel.objects.update(private=True)
    assert "Channels" not in [one.text for one in look("/videos/?q=telescope").all("h2")]


def test_a_handle_or_an_address_finds_its_account_and_its_channel(look: Look, db: None) -> None:
    home = builders.source().instance
    channel = builders.channel(home, name="stars")
    account = channel.owner_account
    derive_due()

    def named(text: str) -> set[str]:
        page = look("/videos/", q=text)
        return {one for one in page.links() if one.startswith(("/accounts/", "/channels/")) and "@" in one}

    pages = {
        one: f"/accounts/{one.handle}/" if one is account else f"/channels/{one.handle}/" for one in (account, channel)
    }
    for one, kind in ((account, "a"), (channel, "c")):
        for text in (
            f"@{one.handle}",
            f"{home.url}/{kind}/{one.name}/videos",
            f"https://elsewhere.example{pages[one]}",
        ):
            assert named(text) == {pages[one]}, text
    assert named("stars") == {pages[channel]}
    Account.objects.update(private=True)
    assert named(f"@{account.handle}") == set()


@pytest.fixture
def in_languages(db: None) -> None:
    """Videos that fit equally, the most watched in English, and one in German that has another form of the word."""
    home = builders.source().instance
    for number, (name, language) in enumerate(
        [("zeppelins", "de"), ("zeppelin c", None), ("zeppelin b", "de"), ("zeppelin a", "en")]
    ):
        builders.video(home, name=name, language_id=language, views=number, description="", published_at=now())
    index_due()


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", ["zeppelin a", "zeppelin b", "zeppelin c"]),
        ("de-DE,de;q=0.9,en;q=0.5", ["zeppelin b", "zeppelin a", "zeppelin c"]),
        ("en, de;q=0.1", ["zeppelin a", "zeppelin b", "zeppelin c"]),
        ("it, es, pt, de", ["zeppelin a", "zeppelin b", "zeppelin c"]),
        ("\u00e4;q=x, de" + "x" * 5_000, ["zeppelin a", "zeppelin b", "zeppelin c"]),
    ],
)
def test_of_videos_that_fit_equally_those_in_the_languages_of_the_visitor_come_first(
    in_languages: None, client: Client, accepted: str, expected: list[str]
) -> None:
    headers = {"accept-language": accepted} if accepted else {}
    answer = client.get("/videos/", {"q": "zeppelin"}, headers=headers)
    assert Page(answer.content.decode()).titles() == [*expected, "zeppelins"]
    assert "Accept-Language" in answer["Vary"]
    newest = client.get("/videos/", {"q": "zeppelin", "ordering": "-published_at"}, headers=headers)
    assert Page(newest.content.decode()).titles()[0] == "zeppelin a"
    assert "Accept-Language" not in client.get("/videos/").get("Vary", "")


def test_live_videos_are_looked_for_among_these_alone(full: Video, look: Look) -> None:
    with CaptureQueriesContext(connection) as queries:
        look("/")
    (live,) = (one["sql"] for one in queries if '"is_live") ORDER' in one["sql"])
    if connection.vendor == "sqlite":  # PostgreSQL goes by numbers of rows, which are small here
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {live}")
            assert "video_live" in str(cursor.fetchall())
