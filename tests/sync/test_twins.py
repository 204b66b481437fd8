"""Two instances with the same uuids: one moved, or one clones the other. Each uuid is shown once, and by the first."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.db.migrations.loader import MigrationLoader
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.ingest.twins import settle_twins
from peertube_sync.models import Curation, Instance, InstanceState, Playlist, PlaylistElement, Reason, Video
from peertube_sync.sync.operations.optout import opt_out, undo_opt_out
from peertube_sync.sync.operations.purge import purge
from peertube_sync.sync.schedule import make_due
from peertube_sync.sync.scope import remove_source
from peertube_sync.testing import Catalogue
from tests.support.catalogue import mirror_lists
from tests.support.mirror import Mirror
from tests.support.sandboxes import SEED, VIDEOS
from tests.sync.auditing import counts, verify

MILLENNIUM = 946_684_800_000
"""Milliseconds: earlier than anything that a sandbox makes up."""
LISTS = {
    "site": "/videos/",
    "site search": "/videos/?q={word}",
    "rss": "/feeds/rss/?page_size=100",
    "atom": "/feeds/atom/?page_size=100",
    "json feed": "/feeds/json/?page_size=100",
    "api": "/api/videos/?page_size=100",
    "api newest first": "/api/videos/?page_size=100&ordering=-views",
    "api search": "/api/videos/?q={word}&facets=instance,channel,tag&count=true&page_size=100",
    "own words": "/api/v1/videos?count=100",
    "own search": "/api/v1/search/videos?search={word}&count=100",
    "playlists": "/api/playlists/?page_size=100",
    "site playlists": "/playlists/",
    "own playlists": "/api/v1/video-playlists?count=100",
}
EACH = ("/videos/{0}/", "/api/videos/{0}/", "/api/v1/videos/{0}", "/oembed/?url=http://testserver/videos/{0}/")
EACH_PLAYLIST = ("/playlists/{0}/", "/api/playlists/{0}/", "/api/v1/video-playlists/{0}")


@pytest.fixture
def old(make_synced: Callable[..., Mirror]) -> Mirror:
    """The first home, with its playlists."""
    mirror = make_synced()
    index_due()
    return mirror


@pytest.fixture
def clone(old: Mirror, make_mirror: Callable[..., Mirror]) -> Mirror:
    """A second instance with the same uuids, other texts and earlier times, of which nothing is mirrored yet."""
    made = make_mirror(Catalogue.generate(videos=VIDEOS, seed=SEED))
    for number, item in enumerate(made.listed()):
        times = {"created": MILLENNIUM + number, "published": MILLENNIUM + number}
        made.catalogue.edit_video(item["uuid"], name=f"Forged video {number}", description="Forged", **times)
    return made


@pytest.fixture
def both(old: Mirror, clone: Mirror) -> tuple[Mirror, Mirror]:
    """Both mirrored in full."""
    copy(clone)
    return old, clone


def copy(mirror: Mirror) -> None:
    mirror.add()
    assert mirror.sync().errors == []
    index_due()


def be_asked(mirror: Mirror) -> None:
    make_due(mirror.instance.sources.all(), full=True)
    mirror.slice()


def rows(mirror: Mirror) -> Any:
    return Video.objects.filter(instance__host=mirror.sandbox.host)


def row(mirror: Mirror, uuid: Any) -> Video:
    found: Video = rows(mirror).get(uuid=uuid)
    return found


def shown_of(uuid: Any) -> list[str]:
    return list(Video.objects.available().filter(uuid=uuid).values_list("instance__host", flat=True))


def faces(client: Client) -> dict[str, str]:
    """Return what all faces say: of lists, and of each video and playlist."""
    paths = [path.format(word=word) for path in LISTS.values() for word in (found_word(), "Forged")]
    paths += ["/sitemap.xml", *sitemap_parts(client)]
    paths += [path.format(uuid) for uuid in uuids_of(Video) for path in EACH]
    paths += [path.format(uuid) for uuid in uuids_of(Playlist) for path in EACH_PLAYLIST]
    return {path: said(client, path) for path in paths} | {"tags": tags()}


def found_word() -> str:
    """Return a word that finds a video of the first home."""
    return str(Video.objects.listed().order_by("pk")[0].name.split()[0])


def uuids_of(model: Any) -> list[str]:
    return sorted({str(uuid) for uuid in model.objects.filter(removed_at=None).values_list("uuid", flat=True)})


def said(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.content[:200])
    return re.sub(r'(lastBuildDate>|<updated>|"duration_ms":|nonce=")[^<,"]*', r"\1", answer.content.decode())


def sitemap_parts(client: Client) -> list[str]:
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    return [str(one.text).removeprefix("http://testserver") for one in index.iter() if one.tag.endswith("}loc")]


def tags() -> str:
    text = "{% load peertube %}{% peertube_latest count=50 %}{% peertube_grid videos %}"
    uuids = "".join(f'{{% peertube_video "{uuid}" %}}{{% peertube_embed "{uuid}" %}}' for uuid in uuids_of(Video))
    return Template(text + uuids).render(Context({"videos": Video.objects.order_by("remote_id")}))


class TestFaces:
    @pytest.mark.parametrize("down", [False, True])
    def test_a_clone_changes_no_page_list_or_feed_whether_the_first_home_is_down_or_not(
        self, old: Mirror, clone: Mirror, client: Client, down: bool
    ) -> None:
        if down:
            old.sandbox.stop()
            be_asked(old)
            assert old.instance.state == InstanceState.CONNECTION_REFUSED
        before = faces(client)  # which say that the home is down
        copy(clone)
        assert rows(clone).filter(removed_at=None).count() == VIDEOS
        after = faces(client)
        assert {path for path in before if after[path] != before[path]} == set()
        assert after.keys() == before.keys()
        assert not [path for path, text in after.items() if "Forged" in text and "Forged" not in path]

    def test_each_uuid_is_there_once(self, both: tuple[Mirror, Mirror], client: Client) -> None:
        for path in (LISTS[name] for name in ("api", "api newest first", "own words")):
            found = client.get(path).json()
            uuids = [one["uuid"] for one in found.get("results", found.get("data"))]
            assert len(uuids) == len(set(uuids)) == VIDEOS
        entries = [re.findall(r"<guid[^>]*>([^<]+)", said(client, LISTS["rss"]))]
        entries += [re.findall(r"<loc>([^<]+)</loc>", said(client, part)) for part in sitemap_parts(client)]
        for found in entries:
            assert len(found) == len(set(found)) == VIDEOS

    def test_counts_and_facets_count_it_once(self, both: tuple[Mirror, Mirror], client: Client) -> None:
        old, clone = both
        found = client.get("/api/videos/?facets=instance").json()
        assert {one["id"] for one in found["facets"]["instance"]} <= {old.sandbox.host}
        assert client.get(f"/api/instances/{old.sandbox.host}/").json()["videos_count"] == VIDEOS
        assert client.get(f"/api/instances/{clone.sandbox.host}/").json()["videos_count"] == 0

    def test_a_tag_that_is_given_a_double_shows_the_first(self, both: tuple[Mirror, Mirror]) -> None:
        old, clone = both
        double = row(clone, old.listed()[0]["uuid"])
        shown = Template("{% load peertube %}{% peertube_video video %}").render(Context({"video": double}))
        assert row(old, double.uuid).name in shown
        assert double.name not in shown

    def test_playlists_keep_their_first_home_too(self, both: tuple[Mirror, Mirror]) -> None:
        old, _clone = both
        assert set(Playlist.objects.available().values_list("instance__host", flat=True)) == {old.sandbox.host}
        assert Playlist.objects.filter(double=True).exists()


class TestOperation:
    def test_the_second_instance_is_mirrored_all_the_same(self, both: tuple[Mirror, Mirror]) -> None:
        old, clone = both
        out = StringIO()
        call_command("peertube_status", "--json", stdout=out)
        found = {one["host"]: (one["mirrored"], one["coverage"]) for one in json.loads(out.getvalue())}
        assert found == {old.sandbox.host: (VIDEOS, 1.0), clone.sandbox.host: (VIDEOS, 1.0)}

    def test_an_audit_takes_doubles_for_what_they_are(self, both: tuple[Mirror, Mirror]) -> None:
        assert [counts(verify(one)) for one in both] == [(0, 0, 0), (0, 0, 0)]

    def test_a_full_sync_of_both_writes_nothing(self, both: tuple[Mirror, Mirror]) -> None:
        for one in both:
            totals = one.sync(full=True)
            assert (totals.created, totals.updated, totals.removed) == (0, 0, 0)

    def test_what_the_clone_removes_is_asked_for_in_bulk_as_of_others(self, both: tuple[Mirror, Mirror]) -> None:
        _old, clone = both
        gone = clone.listed()[0]["uuid"]
        clone.catalogue.delete_video(gone)
        before = len(clone.sandbox.log)
        assert clone.sync(full=True).removed == 1
        assert any("/search/videos" in path for path in clone.asked(before))
        assert (row(clone, gone).removed_reason, shown_of(gone)) == (Reason.DELETED, [both[0].sandbox.host])

    def test_explain_says_of_what_it_is_a_double(self, both: tuple[Mirror, Mirror]) -> None:
        old, clone = both
        out = StringIO()
        call_command("peertube_explain", row(clone, clone.listed()[0]["uuid"]).url, "--offline", stdout=out)
        assert f"{old.sandbox.host} has the same uuid" in out.getvalue()

    def test_a_decision_by_the_api_is_about_what_is_shown(
        self, both: tuple[Mirror, Mirror], admin_client: Client
    ) -> None:
        old, clone = both
        uuid = clone.listed()[0]["uuid"]
        remove_source(old.source)
        answer = admin_client.patch(f"/api/videos/{uuid}/curation/", {"title": "Ours"}, content_type="application/json")
        assert answer.status_code == 200
        assert Curation.objects.get().video == row(clone, uuid)


class TestWhoIsFirst:
    @pytest.mark.parametrize(
        ("how", "before"),
        [(how, before) for how in ("private", "deleted", "hidden", "opted out") for before in (True, False)]
        + [("instance opted out", True)],
    )
    def test_what_was_taken_from_view_is_not_brought_back_by_a_clone(
        self, old: Mirror, clone: Mirror, how: str, before: bool
    ) -> None:
        uuid = old.listed()[0]["uuid"]
        take_away: dict[str, Callable[[], object]] = {
            "private": lambda: (old.catalogue.hide(uuid), old.sync(full=True)),
            "deleted": lambda: (old.catalogue.delete_video(uuid), old.sync(full=True)),
            "hidden": lambda: Curation.objects.decide([row(old, uuid)], hidden=True),
            "opted out": lambda: opt_out(old.sandbox.host, row(old, uuid).account.name),
            "instance opted out": lambda: opt_out(old.sandbox.host),
        }
        steps = [lambda: copy(clone), take_away[how]]
        for step in steps if before else reversed(steps):
            step()
        assert shown_of(uuid) == []
        clone.sync(full=True)
        purge(old.settings(tombstone_retention=0))
        index_due()
        assert shown_of(uuid) == []
        assert not Video.objects.filter(search__isnull=False, uuid=uuid).exists()

    def test_what_no_source_wants_gives_way_and_takes_its_place_again(self, both: tuple[Mirror, Mirror]) -> None:
        old, clone = both
        uuids = [one["uuid"] for one in clone.listed()]
        remove_source(old.source)
        assert {host for uuid in uuids for host in shown_of(uuid)} == {clone.sandbox.host}
        assert VideoSearches.hosts() == {clone.sandbox.host}
        assert set(Playlist.objects.available().values_list("instance__host", flat=True)) == {clone.sandbox.host}
        copy(old)
        assert {host for uuid in uuids for host in shown_of(uuid)} == {old.sandbox.host}
        assert VideoSearches.hosts() == {old.sandbox.host}
        assert set(Playlist.objects.available().values_list("instance__host", flat=True)) == {old.sandbox.host}

    def test_what_its_home_had_deleted_gives_way_with_it(self, both: tuple[Mirror, Mirror]) -> None:
        old, clone = both
        uuid = old.listed()[0]["uuid"]
        old.catalogue.delete_video(uuid)
        old.sync(full=True)
        assert shown_of(uuid) == []
        remove_source(old.source)
        assert shown_of(uuid) == [clone.sandbox.host]

    def test_what_this_site_hid_stays_hidden_when_another_takes_its_place(self, both: tuple[Mirror, Mirror]) -> None:
        old, clone = both
        hidden, other = (one["uuid"] for one in clone.listed()[:2])
        Curation.objects.decide([row(old, hidden)], hidden=True, title="Ours")
        remove_source(old.source)
        assert (shown_of(hidden), shown_of(other)) == ([], [clone.sandbox.host])
        assert row(clone, hidden).curation.hidden
        Curation.objects.decide([row(clone, hidden)], hidden=False)
        assert shown_of(hidden) == [clone.sandbox.host]

    def test_an_opt_out_that_is_taken_back_no_longer_holds_the_place(self, both: tuple[Mirror, Mirror]) -> None:
        old, clone = both
        uuid = clone.listed()[0]["uuid"]
        opt_out(old.sandbox.host)
        assert (shown_of(uuid), row(old, uuid).name) == ([], "")
        undo_opt_out(old.sandbox.host)
        assert shown_of(uuid) == [clone.sandbox.host]

    def test_who_opted_out_besides_stays_so_when_the_instance_takes_it_back(self, both: tuple[Mirror, Mirror]) -> None:
        old, clone = both
        name = Video.objects.listed()[0].account.name
        theirs = set(rows(old).filter(account__name=name).values_list("uuid", flat=True))
        opt_out(old.sandbox.host, name)
        opt_out(old.sandbox.host)
        undo_opt_out(old.sandbox.host)
        shown = set(Video.objects.available().values_list("uuid", flat=True))
        assert theirs
        assert shown == set(rows(clone).values_list("uuid", flat=True)) - theirs

    def test_a_clone_that_opts_out_leaves_nothing(self, both: tuple[Mirror, Mirror]) -> None:
        _old, clone = both
        opt_out(clone.sandbox.host)
        assert not Instance.objects.filter(host=clone.sandbox.host).exists()
        assert Video.objects.listed().count() == VIDEOS

    def test_of_three_the_next_takes_the_place(
        self, both: tuple[Mirror, Mirror], make_mirror: Callable[..., Mirror]
    ) -> None:
        old, clone = both
        third = make_mirror(Catalogue.generate(videos=VIDEOS, seed=SEED))
        copy(third)
        uuid = clone.listed()[0]["uuid"]
        for mirror in (old, clone, third):
            assert shown_of(uuid) == [mirror.sandbox.host]
            remove_source(mirror.source)
        assert shown_of(uuid) == []

    def test_rows_that_others_deleted_are_replaced_with_the_next_purge(self, both: tuple[Mirror, Mirror]) -> None:
        old, clone = both
        rows(old).delete()
        Playlist.objects.filter(instance=old.instance).delete()
        purge(old.settings())
        assert Video.objects.listed().filter(instance=clone.instance).count() == VIDEOS
        assert not Playlist.objects.filter(double=True).exists()

    def test_the_database_lets_no_two_be_shown(self, both: tuple[Mirror, Mirror]) -> None:
        with pytest.raises(IntegrityError):
            Video.objects.update(double=False)

    def test_settling_again_changes_nothing(self, both: tuple[Mirror, Mirror]) -> None:
        before = set(Video.objects.values_list("pk", "double"))
        settle_twins(Video, Video.objects.values_list("uuid", flat=True))
        assert set(Video.objects.values_list("pk", "double")) == before


class VideoSearches:
    @staticmethod
    def hosts() -> set[str]:
        index_due()
        return set(Video.objects.filter(search__isnull=False).values_list("instance__host", flat=True))


class TestMoved:
    def test_the_page_says_that_the_home_has_moved_and_leads_nowhere_new(
        self, both: tuple[Mirror, Mirror], client: Client
    ) -> None:
        old, clone = both
        uuid, playlist = old.listed()[0]["uuid"], Playlist.objects.available()[0].uuid
        before = links(said(client, f"/videos/{uuid}/"))
        with redirecting(old, clone):
            be_asked(old)
        assert old.instance.state == InstanceState.MOVED
        text = said(client, f"/videos/{uuid}/")
        assert f"{old.sandbox.host} has moved." in text
        assert links(text) == before
        assert clone.sandbox.host not in text
        assert "has moved." in said(client, f"/playlists/{playlist}/")
        assert "has moved." in said(client, f"/instances/{old.sandbox.host}/")
        for language, words in (("de", "ist umgezogen."), ("fr", "a déménagé.")):
            with translation.override(language):
                assert words in said(client, f"/videos/{uuid}/")

    def test_a_home_that_is_only_down_has_not_moved(self, old: Mirror, client: Client) -> None:
        old.sandbox.stop()
        be_asked(old)
        assert "has moved" not in said(client, f"/videos/{Video.objects.listed()[0].uuid}/")


def links(text: str) -> set[str]:
    return set(re.findall(r'(?:href|src|action)="([^"]*)"', text))


@contextmanager
def redirecting(mirror: Mirror, to: Mirror) -> Iterator[None]:
    """Answer 301 for everything, at the address of a sandbox that no longer serves."""

    class Redirect(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(301)
            self.send_header("Location", f"{to.sandbox.url}{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    host, port = mirror.sandbox.host.split(":")
    mirror.sandbox.stop()
    ThreadingHTTPServer.allow_reuse_address = True
    with ThreadingHTTPServer((host, int(port)), Redirect) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


class TestAdmin:
    @pytest.mark.parametrize("model", [Video, Playlist])
    def test_a_double_says_so_and_leads_to_the_first(
        self, both: tuple[Mirror, Mirror], admin_client: Client, model: Any
    ) -> None:
        name = model._meta.model_name
        double = model.objects.filter(double=True)[0]
        first = model.objects.get(uuid=double.uuid, double=False)
        pages = {
            one.pk: admin_client.get(reverse(f"admin:peertube_sync_{name}_change", args=[one.pk])).content.decode()
            for one in (double, first)
        }
        assert reverse(f"admin:peertube_sync_{name}_change", args=[first.pk]) in pages[double.pk]
        assert f"the first, at {first.instance.host}" in pages[double.pk]
        assert f"its double at {double.instance.host}" in pages[first.pk]
        listing = reverse(f"admin:peertube_sync_{name}_changelist")
        found = {
            kind: set(admin_client.get(listing, {"availability": kind}).context["cl"].queryset)
            for kind in ("double", "available")
        }
        assert double in found["double"]
        assert first in found["available"]
        assert not found["double"] & found["available"]


def test_elements_of_the_first_stay_shown(both: tuple[Mirror, Mirror]) -> None:
    old, _clone = both
    elements = PlaylistElement.objects.filter(playlist__double=False, video__isnull=False)
    assert {one.video.instance.host for one in elements if one.video} == {old.sandbox.host}


@pytest.mark.django_db(transaction=True)
def test_rows_that_were_there_before_are_settled_by_the_migration() -> None:
    old = mirror_lists()
    new = Instance.objects.create(host="new.example")
    gone = Video.objects.order_by("pk")[0]
    call_command("migrate", "peertube_sync", "0001", verbosity=0)
    try:
        state = MigrationLoader(connection).project_state(("peertube_sync", "0001_initial"))
        videos, playlists = (state.apps.get_model("peertube_sync", name) for name in ("Video", "Playlist"))
        for model in (videos, playlists):
            for one in list(model.objects.order_by("pk")):
                one.pk, one.instance_id = None, new.pk
                one.save()
        videos.objects.filter(pk=gone.pk).update(removed_at=timezone.now(), removed_reason=Reason.OUT_OF_SCOPE)
    finally:
        call_command("migrate", "peertube_sync", verbosity=0)
    firsts = Video.objects.filter(double=False)
    assert set(firsts.exclude(uuid=gone.uuid).values_list("instance", flat=True)) == {old.pk}
    assert firsts.get(uuid=gone.uuid).instance == new
    assert firsts.count() == Video.objects.count() / 2 == Video.objects.filter(double=True).count()
    assert set(Playlist.objects.filter(double=False).values_list("instance", flat=True)) == {old.pk}
    index_due()
    assert set(Video.objects.filter(search__isnull=False).values_list("double", flat=True)) == {False}
