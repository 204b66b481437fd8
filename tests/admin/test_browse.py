"""Lists and pages: what they show, what they find, what they cost."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Curation, Reason, SyncRun, Tag
from tests.support import builders
from tests.support.admin_pages import MODELS, StaffClient, adding, listing, names, page

pytestmark = pytest.mark.django_db

QUERIES = {
    "account": 4,
    "channel": 4,
    "curation": 3,
    "instance": 3,
    "loggedaction": 3,
    "playlist": 4,
    "skippeditem": 4,
    "source": 4,
    "syncrun": 4,
    "tag": 3,
    "video": 4,
}
"""Session, user, rows; where there is an instance filter the hosts. A list of several pages is counted besides."""


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_page_opens(admin_client: Client, model: str) -> None:
    row = builders.world()[model]
    assert admin_client.get(listing(model)).status_code == 200
    assert admin_client.get(page(row)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_who_may_only_view_can_change_nothing_and_take_what_is_seen_along(staff: StaffClient, model: str) -> None:
    row = builders.world()[model]
    client = staff(f"view_{model}")
    shown = client.get(listing(model))
    assert set(shown.context["cl"].model_admin.get_actions(shown.wsgi_request)) == {"export_csv"}
    assert 'name="_save"' not in client.get(page(row)).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_who_may_nothing_sees_nothing(staff: StaffClient, model: str) -> None:
    assert staff().get(listing(model)).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_lists_cost_the_same_however_long(admin_client: Client, model: str) -> None:
    builders.world()
    admin_client.get(listing(model))
    with CaptureQueriesContext(connection) as short:
        admin_client.get(listing(model))
    for _ in range(5):
        builders.world()
    with CaptureQueriesContext(connection) as longer:
        assert len(names(admin_client.get(listing(model)))) > 1
    assert len(short) == QUERIES[model], "\n".join(query["sql"] for query in short)
    assert len(longer) == QUERIES[model]


def test_a_list_of_several_pages_is_counted_besides(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr("peertube_sync.admin.videos.VideoAdmin.list_per_page", 2)
    videos = [builders.video(home) for home in [builders.instance()] for _ in range(5)]
    admin_client.get(listing("video"))
    for number, shown in enumerate((videos[3:], videos[1:3], videos[:1]), 1):
        with django_assert_num_queries(QUERIES["video"] + 1):
            assert names(admin_client.get(listing("video"), {"p": number})) == {str(one) for one in shown}


@pytest.mark.parametrize("model", ["video", "channel", "playlist", "curation", "syncrun"])
def test_lists_leave_long_columns_in_the_database(admin_client: Client, model: str) -> None:
    builders.world()
    with CaptureQueriesContext(connection) as queries:
        admin_client.get(listing(model))
    read = " ".join(query["sql"] for query in queries)
    for column in ("config", "description", "support", "files", "cursor"):
        assert f'"{column}"' not in read


def test_a_video_s_page_costs_the_same_however_much_belongs_to_it(admin_client: Client) -> None:
    video = builders.world()["video"]
    admin_client.get(page(video))
    with CaptureQueriesContext(connection) as few:
        admin_client.get(page(video))
    for number in range(5):
        video.captions.create(language_id=f"x{number}", caption_path="/x.vtt")
        video.chapters.create(timecode=number, title="more")
        video.tags.add(Tag.objects.create(name=f"more {number}"))
    with CaptureQueriesContext(connection) as more:
        admin_client.get(page(video))
    assert len(more) == len(few)


def test_pictures_are_lazy_sized_and_tell_the_instance_nothing(admin_client: Client) -> None:
    video = builders.video()
    html = admin_client.get(listing("video")).content.decode()
    source = f"https://{video.instance.host}{video.thumbnail_path}"
    picture = (
        f'<img class="pt-image pt-64x36" src="{source}" width="64" height="36" alt="" '
        'loading="lazy" decoding="async" referrerpolicy="no-referrer">'
    )
    assert picture in html


def test_an_avatar_is_the_smallest_that_is_large_enough(admin_client: Client) -> None:
    channel = builders.channel(builders.instance())
    assert f"https://{channel.instance.host}/avatars/48.png" in admin_client.get(listing("channel")).content.decode()


def test_what_instances_publish_is_escaped_and_only_web_addresses_are_linked(admin_client: Client) -> None:
    evil = '"><script>alert(1)</script>'
    home = builders.instance(name=evil, state_reason=evil, stats={"a": evil})
    channel = builders.channel(
        home, display_name=evil, url="javascript:alert(1)", avatars=[{"width": 48, "file_url": "javascript:alert(1)"}]
    )
    video = builders.video(home, channel=channel, name=evil, description=evil, extra={evil: evil}, thumbnail_path=evil)
    video.tags.add(Tag.objects.create(name=evil))
    video.captions.create(language_id=evil, file_url="javascript:alert(1)")
    SyncRun.objects.create(instance=home, kind="head", state="failed", error=evil)
    pages = [page(home), page(channel), page(video), *map(listing, ("instance", "channel", "video", "syncrun"))]
    for address in pages:
        html = admin_client.get(address).content.decode()
        assert "<script>alert" not in html
        assert '"javascript:' not in html


def test_links_out_open_apart_and_pass_nothing_on(admin_client: Client) -> None:
    video = builders.video()
    html = admin_client.get(page(video)).content.decode()
    assert f'href="{video.watch_url}" target="_blank" rel="noopener noreferrer"' in html


def test_a_removed_video_stays_visible_with_its_reason(admin_client: Client) -> None:
    builders.video(name="gone", removed_at=now(), removed_reason=Reason.PASSWORD)
    shown = admin_client.get(listing("video"))
    assert names(shown) == {"gone"}
    assert "behind a password" in shown.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("availability=available", {"plain", "featured"}),
        ("availability=hidden", {"hidden"}),
        ("availability=featured", {"featured"}),
        ("availability=removed", {"gone"}),
        ("details=no", {"featured"}),
        ("live=yes", {"plain"}),
        ("nsfw=yes", {"hidden"}),
        ("availability=nonsense", {"plain", "featured", "hidden", "gone"}),
    ],
)
def test_videos_are_narrowed_by_how_they_stand(admin_client: Client, query: str, found: set[str]) -> None:
    builders.video(name="plain", is_live=True)
    builders.video(name="gone", removed_at=now(), removed_reason=Reason.DELETED)
    Curation.objects.create(video=builders.video(name="hidden", nsfw=True), hidden=True)
    Curation.objects.create(
        video=builders.video(name="featured", details_fetched_at=None, details_due_at=now()), featured=True
    )
    assert names(admin_client.get(f"{listing('video')}?{query}")) == found


def test_lists_are_narrowed_to_one_instance_and_keep_their_other_filters(admin_client: Client) -> None:
    wanted = builders.video(name="wanted", nsfw=True)
    builders.video(wanted.instance, name="other")
    builders.video(name="elsewhere", nsfw=True)
    shown = admin_client.get(f"{listing('video')}?nsfw=yes&instance__id__exact={wanted.instance.pk}")
    assert names(shown) == {"wanted"}
    assert '<input type="hidden" name="nsfw" value="yes">' in shown.content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (f"instance__id__exact={'9' * 25}", False),
        ("instance__id__exact=x", True),
        *((f"day={day}", True) for day in ("0001-01-01", "9999-12-31", "2026-02-30")),
    ],
)
def test_a_filter_at_the_edge_of_what_a_database_knows_breaks_no_list(
    admin_client: Client, query: str, shown: bool
) -> None:
    video = builders.video(name="Tides")
    page = admin_client.get(f"{listing('video')}?{query}")
    assert page.status_code == 200
    assert (video.name in page.content.decode()) == shown


@pytest.mark.parametrize("relation", ["channel", "account"])
def test_a_link_from_elsewhere_narrows_a_list_and_shows_to_what(admin_client: Client, relation: str) -> None:
    wanted = builders.video(name="wanted")
    builders.video(name="other")
    owner = getattr(wanted, relation)
    shown = admin_client.get(f"{listing('video')}?{relation}__id__exact={owner.pk}")
    assert names(shown) == {"wanted"}
    assert str(owner) in shown.content.decode()


def test_a_tag_leads_to_its_videos(admin_client: Client) -> None:
    wanted = builders.video(name="wanted")
    builders.video(name="other")
    tag = Tag.objects.create(name="cats")
    wanted.tags.add(tag)
    address = f"{listing('video')}?tags__id__exact={tag.pk}"
    assert address in admin_client.get(listing("tag")).content.decode()
    assert names(admin_client.get(address)) == {"wanted"}


@pytest.mark.parametrize("term", ["uuid", "short_uuid", "watch_url", "url"])
@pytest.mark.parametrize("kind", ["video", "playlist"])
def test_uuids_and_addresses_are_found(admin_client: Client, kind: str, term: str) -> None:
    build: Any = getattr(builders, kind)
    wanted = build()
    path = {"video": "videos/watch", "playlist": "videos/watch/playlist"}[kind]
    wanted.url = f"https://{wanted.instance.host}/{path}/{wanted.uuid}"
    build()
    assert names(admin_client.get(listing(kind), {"q": str(getattr(wanted, term))})) == {str(wanted)}


def test_words_are_found_by_the_search_of_the_site(admin_client: Client) -> None:
    builders.video(name="About the harbour")
    builders.video(name="Something else")
    assert names(admin_client.get(listing("video"), {"availability": "unsearchable", "q": ""})) != set()
    index_due()
    assert names(admin_client.get(listing("video"), {"availability": "unsearchable"})) == set()
    assert names(admin_client.get(listing("video"), {"q": "HARB"})) == {"About the harbour"}
    assert names(admin_client.get(listing("video"), {"q": "https://elsewhere.example/page"})) == set()


def test_json_is_shown_indented(admin_client: Client) -> None:
    html = admin_client.get(page(builders.video())).content.decode()
    assert "[\n  {\n    &quot;resolution&quot;: {" in html


def test_a_playlist_shows_its_places_mirrored_or_not(admin_client: Client) -> None:
    rows = builders.world()
    html = admin_client.get(page(rows["playlist"])).content.decode()
    assert page(rows["video"]) in html
    assert "private" in html


def test_a_removed_video_has_no_picture_to_fail(admin_client: Client) -> None:
    video = builders.video(name="gone", removed_at=now(), removed_reason=Reason.DELETED)
    for address in (listing("video"), page(video)):
        assert "<img class" not in admin_client.get(address).content.decode()


@pytest.mark.parametrize("model", ["video", "source", "syncrun", "instance", "channel", "account", "playlist"])
def test_a_list_has_no_more_columns_than_fit_beside_the_filters(admin_client: Client, model: str) -> None:
    builders.world()
    columns = [
        name for name in admin_client.get(listing(model)).context["cl"].list_display if name != "action_checkbox"
    ]
    assert len(columns) <= 7


def test_a_source_with_rules_shows_it_in_the_list(admin_client: Client) -> None:
    builders.source(rules={"nsfw": False})
    assert "with rules" in admin_client.get(listing("source")).content.decode()


def test_pages_carry_neither_inline_scripts_nor_inline_styles_of_ours(admin_client: Client) -> None:
    rows = builders.world()
    SyncRun.objects.update(state="running")
    for address in (reverse("admin:app_list", args=["peertube_sync"]), page(rows["syncrun"]), adding("source")):
        html = admin_client.get(address).content.decode()
        assert [
            found for found in re.findall(r"<script(?![^>]*src=)[^>]*>|<style|style=", html) if "json" not in found
        ] == []


def test_a_long_list_tells_roughly_how_long_and_ends_its_pages(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peertube_sync.admin.base.BoundedPaginator.reach", 4)
    home = builders.instance()
    videos = [builders.video(home) for _ in range(7)]
    monkeypatch.setattr("peertube_sync.admin.videos.VideoAdmin.list_per_page", 2)
    shown = admin_client.get(listing("video"))
    counted = shown.context["cl"].paginator.counted
    assert (counted.exact, counted.number >= 5) == (False, True)
    assert shown.context["cl"].paginator.num_pages == 2
    assert "The number is an estimate" in shown.content.decode()
    assert names(shown) == {str(videos[-1]), str(videos[-2])}


@pytest.mark.parametrize("sign", ["", "-"])
def test_ties_are_broken_in_the_direction_of_the_order(admin_client: Client, sign: str) -> None:
    home = builders.instance()
    for _ in range(3):
        builders.video(home, views=7)
    rows = list(admin_client.get(listing("video"), {"o": f"{sign}6"}).context["cl"].result_list)
    assert rows == sorted(rows, key=lambda row: row.pk, reverse=bool(sign))


def test_sizes_of_lists_are_never_counted_by_filter(admin_client: Client) -> None:
    builders.world()
    assert "Show counts" not in admin_client.get(f"{listing('video')}?_facets=True").content.decode()


TROUBLE = [
    ({"state": "server_error", "state_reason": "answered 500"}, {}, "fails on its side"),
    (
        {"state": "ok"},
        {"state": "unreadable", "last_error": "12 of 12 could not be read"},
        "shows what can&#x27;t be read",
    ),
]


@pytest.mark.parametrize(("instance", "source", "word"), TROUBLE, ids=["failing instance", "unreadable source"])
def test_a_source_in_trouble_looks_so_wherever_it_is_shown(
    admin_client: Client, instance: dict[str, Any], source: dict[str, Any], word: str
) -> None:
    home = builders.instance(**instance)
    builders.source(instance=home, sweep_at=now(), **source)
    builders.source(sweep_at=now(), instance=builders.instance(state="ok"))
    shown = [f"{listing('source')}?trouble=yes", reverse("admin:peertube_sync_instance_change", args=(home.pk,))]
    for address in shown:
        html = admin_client.get(address).content.decode()
        assert re.search(rf'<span class="pt-badge pt-bad"[^>]*>{word}</span>', html), address
        assert 'pt-good" title="">active' not in html, address
        assert (instance.get("state_reason") or source["last_error"]) in html
