"""Moved homes: noticed as signs, moved by a person, and then the rows of the old host live at the new one."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum
from django.test import Client, override_settings
from django.utils import timezone

from peertube_sync.models import (
    Account,
    Candidate,
    Channel,
    Curation,
    FormerHost,
    HostBudget,
    Instance,
    Login,
    Measure,
    OptOut,
    Playlist,
    PlaylistElement,
    Source,
    SyncRun,
    Tally,
    Video,
)
from peertube_sync.sync.lease import Lease, LeaseLost
from peertube_sync.sync.operations.discover import discover
from peertube_sync.sync.operations.handover import GOES, pointers
from peertube_sync.sync.operations.move import MoveError, look_at, move
from peertube_sync.sync.operations.move_signs import offers
from peertube_sync.testing import Catalogue, Fault
from tests.host_app.models import Label, Note, Partner, Pick, PickLine, Proofread, Shelf, Vote
from tests.support.formats import sitemap_part
from tests.support.mirror import Mirror
from tests.support.snapshot import Kept, made_once
from tests.sync.moving import Homes, status

VIDEOS = 22


@pytest.fixture
def homes(make_mirror: Callable[..., Mirror]) -> Homes:
    """The old host is added; both serve the same catalogue."""
    catalogue = Catalogue.generate(videos=VIDEOS, seed=7)
    found = Homes(make_mirror(catalogue), make_mirror(catalogue))
    found.old.add()
    return found


@pytest.fixture
def doubled(make_mirror: Callable[..., Mirror], kept: Kept) -> Homes:
    """Both are mirrored, each video twice, and the old one redirects."""
    catalogue = Catalogue.generate(videos=VIDEOS, seed=7)
    homes = Homes(make_mirror(catalogue), make_mirror(catalogue))

    def mirror_both() -> None:
        homes.old.add()
        homes.mirror_both()
        assert Video.objects.count() == 2 * len(homes.old.listed())

    made_once(kept, "doubled", (homes.old.sandbox.host, homes.new.sandbox.host), mirror_both)
    homes.old.sandbox.faults.clear()
    homes.redirect()
    return homes


def everything() -> dict[str, Any]:
    """All rows that a move may touch, but for who holds a lease until when, and the budgets that asking costs."""
    every = [model for app in ("peertube_sync", "host_app") for model in apps.get_app_config(app).get_models()]
    models = [model for model in every if model._meta.managed and model is not HostBudget]
    rows = {str(model._meta.label): list(model._base_manager.order_by("pk").values()) for model in models}
    for row in rows["peertube_sync.Instance"]:
        del row["lease_token"], row["lease_until"]
    return rows


def test_a_redirect_and_equal_uuids_are_offered_as_a_move_with_the_evidence(doubled: Homes) -> None:
    old, new = doubled.old.sandbox.host, doubled.new.sandbox.host
    told = status()
    assert f"{old} may have moved to {new}" in told
    assert f"{old} redirected to {new} when it was last asked" in told
    number = Video.objects.count() // 2
    assert f"{number} of {number} videos compared are at both" in told
    assert f"{new} calls itself “{doubled.new.instance.name}”" in told
    assert f"manage.py peertube_move {old} {new} --dry-run" in told
    (offer,) = json.loads(status("--json", old))[0]["moves"]
    assert (offer["old"], offer["new"], offer["alike"], offer["named_how"]) == (old, new, number, "redirect")


def test_a_redirect_alone_is_offered_until_the_host_answers_itself_again(homes: Homes) -> None:
    homes.old.sync()
    homes.redirect()
    homes.old.sync()
    assert f"{homes.new.sandbox.host} isn't mirrored here" in status()
    assert homes.new.sandbox.log == []
    homes.old.sandbox.faults.clear()
    homes.old.sync()
    assert offers() == []


@pytest.mark.parametrize("where", ["https://", "//[", "https://" + "a." * 400 + "example", "https://user@new.example"])
def test_a_redirect_to_what_is_no_host_is_no_sign(homes: Homes, where: str) -> None:
    homes.old.sandbox.faults.add(Fault("moved", "", times=None, location=where))
    homes.old.sync()
    assert (homes.old.instance.state, offers()) == ("moved", [])


def test_the_sign_of_a_redirect_outlives_the_host(homes: Homes) -> None:
    homes.old.sync()
    homes.redirect()
    homes.old.sync()
    homes.old.sandbox.faults.clear()
    homes.old.sandbox.faults.add(Fault("status", "", times=None, status=503))
    homes.old.sync()
    assert homes.old.instance.state == "server_error"
    assert "redirected to" in status()


def test_a_server_that_calls_itself_another_host_is_a_sign(make_mirror: Callable[..., Mirror], homes: Homes) -> None:
    homes.old.sync()
    port = int(homes.old.sandbox.host.rpartition(":")[2])
    homes.old.sandbox.stop()
    renamed = make_mirror(homes.old.catalogue, host_name="new.example", port=port)
    Instance.objects.update(refresh_due_at=timezone.now())
    renamed.sync()
    (offer,) = offers()
    assert (offer.new_host, offer.how) == ("new.example", "name")
    assert f"{renamed.sandbox.host} called itself new.example" in " ".join(offer.evidence)
    homes.old.sandbox.start = homes.old.sandbox.stop = lambda: None  # type: ignore[assignment, method-assign, return-value]


def test_a_clone_is_no_more_than_words_and_a_video_or_two_are_none(make_mirror: Callable[..., Mirror]) -> None:
    first, clone, other = (make_mirror(Catalogue.generate(videos=VIDEOS, seed=seed)) for seed in (7, 7, 8))
    for mirror in (first, clone, other):
        mirror.add()
        mirror.sync()
    (offer,) = offers()
    assert (offer.old.host, offer.new_host) == (first.sandbox.host, clone.sandbox.host)
    assert "can be made up by others" in offer.evidence[-1]
    assert first.instance.videos.filter(removed_at=None).count() == clone.instance.videos.count()


def test_after_a_move_each_video_is_there_once_with_its_key_and_its_decisions(doubled: Homes) -> None:
    first, _twin = doubled.twins()
    keys = {(row.uuid, row.pk) for row in Video.objects.filter(instance__host=doubled.old.sandbox.host)}
    channels = set(Channel.objects.filter(instance__host=doubled.old.sandbox.host).values_list("name", "pk"))
    Curation.objects.decide([first], title="Our title", featured=True)
    source = doubled.old.source.pk
    doubled.move()
    assert {(row.uuid, row.pk) for row in Video.objects.all()} == keys
    assert set(Channel.objects.values_list("name", "pk")) == channels
    instance = Instance.objects.get()
    assert (instance.host, instance.sources.get().pk) == (doubled.new.sandbox.host, source)
    assert (first.curation.title, first.curation.featured) == ("Our title", True)
    asked = len(doubled.old.sandbox.log)
    doubled.new.sync()
    assert doubled.new.differences() == ""
    assert Video.objects.filter(url__contains=doubled.old.sandbox.host).count() == 0
    assert len(doubled.old.sandbox.log) == asked
    assert offers() == []


def test_pages_player_oembed_feeds_and_sitemap_lead_to_the_new_home(doubled: Homes, client: Client) -> None:
    first, _twin = doubled.twins()
    old, new = doubled.old.sandbox.host, doubled.new.sandbox.host
    before = {item["id"] for item in client.get("/feeds/json/", {"page_size": 100}).json()["items"]}
    doubled.move()
    items = client.get("/feeds/json/", {"page_size": 100}).json()["items"]
    number = len(doubled.new.listed())
    assert len(items) == number
    assert {item["id"] for item in items} == before
    sitemap = client.get(sitemap_part()).content.decode()
    assert sitemap.count("<url>") == number - Video.objects.listed().filter(nsfw=True).count()
    page = client.get(f"/videos/{first.short_uuid}/", {"play": "1"}).content.decode()
    oembed = client.get("/oembed/", {"url": f"http://testserver/videos/{first.uuid}/"}).json()
    for shown in (sitemap, page, oembed["html"]):
        assert f"{new}/videos/embed/" in shown
        assert f"{old}/videos/embed/" not in shown


def test_addresses_with_the_old_host_lead_on(doubled: Homes, client: Client) -> None:
    channel = Channel.objects.filter(instance__host=doubled.old.sandbox.host, videos__removed_at=None).first()
    assert channel
    old, new = f"{channel.name}@{doubled.old.sandbox.host}", f"{channel.name}@{doubled.new.sandbox.host}"
    feed = client.get("/feeds/json/", {"channel": old}).json()["items"]
    doubled.move()
    moved = client.get(f"/channels/{old}/")
    assert (moved.status_code, moved["Location"]) == (301, f"/channels/{new}/")
    instance = client.get(f"/instances/{doubled.old.sandbox.host}/", {"cursor": "x"})
    assert (instance.status_code, instance["Location"]) == (301, f"/instances/{doubled.new.sandbox.host}/?cursor=x")
    assert [item["id"] for item in client.get("/feeds/json/", {"channel": old}).json()["items"]] == [
        item["id"] for item in feed
    ]
    assert client.get(f"/api/channels/{old}/").json()["handle"] == new
    assert client.get(f"/api/v1/video-channels/{old}").json()["host"] == doubled.new.sandbox.host
    assert client.get("/channels/nobody@never.example/").status_code == 404


def test_it_is_found_by_its_new_host_in_searches(doubled: Homes, client: Client) -> None:
    first, _twin = doubled.twins()
    doubled.move()
    asked = {"q": f'"{first.name}"', "instance": doubled.new.sandbox.host}
    assert str(first.uuid) in [item["uuid"] for item in client.get("/api/videos/", asked).json()["results"]]


def test_rows_of_the_host_project_are_handed_over(doubled: Homes) -> None:
    (first, twin), (other, other_twin) = doubled.twins(0), doubled.twins(1)
    kept = Note.every.create(video=first)
    note, vote, shelf = (
        Note.every.create(video=twin),
        Vote.objects.create(voter="a", video=twin),
        Shelf.objects.create(),
    )
    Vote.objects.create(voter="a", video=first, valid=False)
    shelf.videos.set([first, twin, other_twin])
    pick = Pick.objects.create(video=twin)
    line = PickLine.objects.create(pick=pick)
    partner = Partner.objects.create(instance=twin.instance, channel=twin.channel)
    label = Label.objects.create(of=twin, word="good")
    told = doubled.move()
    assert "1 of host_app.Pick" in told
    assert set(Note.every.values_list("pk", "video")) == {(kept.pk, first.pk), (note.pk, first.pk)}
    assert Vote.objects.get(pk=vote.pk).video == first
    assert set(shelf.videos.all()) == {first, other}
    assert (Pick.objects.get().pk, PickLine.objects.get(pk=line.pk).pick_id) == (first.pk, first.pk)
    found = Partner.objects.get(pk=partner.pk)
    assert (found.instance_id, found.channel_id) == (first.instance_id, first.channel_id)
    kind = ContentType.objects.get_for_model(Video)
    assert Label.objects.filter(pk=label.pk, content_type=kind, object_id=str(first.pk)).exists()


def test_what_was_removed_at_the_old_host_and_lives_at_the_new_one_is_shown_at_once(doubled: Homes) -> None:
    first, _twin = doubled.twins()
    call_command("peertube_remove", doubled.old.sandbox.url, yes=True, stdout=StringIO())
    assert not Video.objects.available().filter(pk=first.pk).exists()
    doubled.move()
    assert Video.objects.listed().count() == len(doubled.new.listed())
    doubled.new.sync()
    assert doubled.new.differences() == ""
    assert Video.objects.get(pk=first.pk).url.startswith(doubled.new.sandbox.url)


def test_of_a_uuid_that_a_third_instance_has_too_the_row_that_came_first_is_shown(
    homes: Homes, make_mirror: Callable[..., Mirror]
) -> None:
    homes.old.sync()
    first = set(Video.objects.listed().values_list("pk", "uuid"))
    clone = make_mirror(homes.old.catalogue)
    clone.add()
    clone.sync()
    homes.mirror_both()
    call_command("peertube_remove", homes.old.sandbox.url, yes=True, stdout=StringIO())
    assert set(Video.objects.listed().values_list("instance__host", flat=True)) == {clone.sandbox.host}
    homes.move()
    assert set(Video.objects.listed().values_list("pk", "uuid")) == first


def test_decisions_about_a_twin_are_handed_over(doubled: Homes) -> None:
    (first, twin), (alike, alike_twin), (empty, empty_twin), (more, less) = map(doubled.twins, range(4))
    Curation.objects.decide([more], title="Ours", hidden=True)
    Curation.objects.decide([less], hidden=True)
    Curation.objects.decide([twin], title="From the new one")
    Curation.objects.decide([alike, alike_twin], featured=True)
    Curation.objects.decide([empty], featured=False)
    Curation.objects.decide([empty_twin], hidden=True)
    doubled.move()
    found = dict(Curation.objects.values_list("video", "title"))
    assert found == {first.pk: "From the new one", alike.pk: "", empty.pk: "", more.pk: "Ours"}
    assert Curation.objects.get(video=empty).hidden


def conflicts(homes: Homes) -> list[str]:
    """Make one conflict of each kind; return what each is told by."""
    (first, twin), (_other, other_twin) = homes.twins(0), homes.twins(1)
    Curation.objects.decide([first], title="Ours")
    Curation.objects.decide([twin], title="Theirs")
    Vote.objects.create(voter="a", video=first)
    vote = Vote.objects.create(voter="a", video=twin)
    Label.objects.create(of=first, word="good")
    label = Label.objects.create(of=twin, word="good")
    Pick.objects.create(video=first)
    Pick.objects.create(video=twin)
    caption = other_twin.captions.create(language_id="tlh")
    Proofread.objects.create(caption=caption)
    Source.objects.filter(instance=twin.instance).update(rules={"languages": ["fr"]})
    return [
        f"video {first.uuid} is curated differently: title 'Ours'",
        f"host_app.Vote {vote.pk} says the same as",
        f"host_app.Label {label.pk} says the same as",
        f"host_app.Pick {twin.pk} says the same as {first.pk}",
        "1 of host_app.Proofread by 'caption'",
        "has other rules than",
    ]


def test_conflicts_are_listed_and_nothing_is_written(doubled: Homes) -> None:
    expected, before = conflicts(doubled), everything()
    with pytest.raises(CommandError) as error:
        doubled.move()
    assert [one for one in expected if one not in str(error.value)] == []
    assert "6 conflicts" in str(error.value)
    assert everything() == before
    home = look_at(doubled.old.instance, doubled.new.sandbox.url, doubled.old.settings())
    with pytest.raises(MoveError, match="nothing was written"):
        move(doubled.old.instance, home)
    assert everything() == before


def test_a_dry_run_writes_nothing_and_says_what_would_be_done(doubled: Homes) -> None:
    _first, twin = doubled.twins()
    Vote.objects.create(voter="a", video=twin)
    before = everything()
    told = doubled.move("--dry-run")
    assert f"here twice, and once afterwards: {Video.objects.count() // 2} videos" in told
    assert "handed over: 1 of host_app.Vote" in told
    assert told.endswith("Nothing was written.\n")
    assert everything() == before


def test_without_yes_and_without_anybody_to_ask_nothing_is_written(doubled: Homes) -> None:
    before = everything()
    with pytest.raises(CommandError, match="--yes"):
        doubled.move("--json")
    assert everything() == before


def test_a_move_to_a_host_that_was_never_mirrored(homes: Homes) -> None:
    homes.old.sync()
    homes.redirect()
    first = Video.objects.order_by("pk").first()
    assert first
    keys = set(Video.objects.values_list("pk", "uuid"))
    assert "Sandbox" in homes.move()
    assert set(Video.objects.values_list("pk", "uuid")) == keys
    assert Video.objects.get(pk=first.pk).url.startswith(homes.new.sandbox.url)
    homes.new.sync()
    assert homes.new.differences() == ""
    homes.new.sync(full=True)
    assert Video.objects.count() == len(keys)


def test_what_only_the_new_host_has_is_kept_with_its_key(doubled: Homes) -> None:
    uuid = doubled.new.catalogue.add_video(name="Made after the move")
    playlist = doubled.new.catalogue.add_playlist([uuid, str(doubled.twins()[0].uuid)])
    doubled.new.sync(full=True)
    pk = doubled.new.row(uuid).pk
    before = {element.video_uuid for element in PlaylistElement.objects.filter(playlist__uuid=playlist)}
    doubled.move()
    assert Video.objects.get(uuid=uuid).pk == pk
    elements = PlaylistElement.objects.filter(playlist__uuid=playlist).exclude(video=None)
    assert {element.video_uuid for element in elements} == before
    doubled.new.sync(full=True)
    assert (doubled.new.differences(), Video.objects.get(uuid=uuid).pk) == ("", pk)


@pytest.mark.usefixtures("vault_key")
def test_a_login_at_the_old_host_sends_nothing_to_the_new_one(
    owned: Mirror, make_mirror: Callable[..., Mirror]
) -> None:
    owned.sync(full=True)
    owned.add()
    owned.sync(full=True)
    private, new = set(Video.objects.private().values_list("pk", "uuid")), make_mirror(owned.catalogue)
    assert private
    assert "dropped: 1 login" in Homes(owned, new).move()
    assert not Login.objects.exists()
    new.sync(full=True)
    assert Source.objects.get(kind="own").last_error.startswith("login needed")
    assert new.sandbox.log
    assert [one for one in new.sandbox.log if "authorization" in one.headers or one.method == "POST"] == []
    asked = " ".join(f"{one.path} {one.query}" for one in new.sandbox.log)
    assert [uuid for _pk, uuid in private if str(uuid) in asked] == []
    assert set(Video.objects.private().values_list("pk", "uuid")) == private


def test_opt_outs_of_either_name_hold_for_both(doubled: Homes) -> None:
    names = list(
        Account.objects.filter(videos__removed_at=None).order_by("name").values_list("name", flat=True).distinct()
    )
    alice = names[0]
    call_command(
        "peertube_optout", f"{alice}@{doubled.new.sandbox.host}", "--note", "by mail", yes=True, stdout=StringIO()
    )
    doubled.move()
    assert set(OptOut.objects.values_list("host", "name", "note")) == {
        (host, alice, "by mail") for host in (doubled.old.sandbox.host, doubled.new.sandbox.host)
    }
    assert not Video.objects.available().filter(account__name=alice).exists()
    doubled.new.sync(full=True)
    assert not Video.objects.available().filter(account__name=alice).exists()


def test_who_opts_out_by_the_former_host_is_meant_by_the_present_one(homes: Homes) -> None:
    homes.old.sync()
    homes.move()
    alice = Account.objects.filter(videos__removed_at=None).order_by("name").values_list("name", flat=True)[0]
    call_command("peertube_optout", f"{alice}@{homes.old.sandbox.host}", yes=True, stdout=StringIO())
    assert not Video.objects.available().filter(account__name=alice).exists()
    assert OptOut.objects.filter(name=alice).count() == 2
    call_command("peertube_optout", "--undo", f"{alice}@{homes.new.sandbox.host}", stdout=StringIO())
    assert not OptOut.objects.exists()


@pytest.mark.parametrize("who", ["old", "new"])
def test_who_has_opted_out_as_a_whole_is_not_moved(homes: Homes, who: str) -> None:
    OptOut.objects.create(host=getattr(homes, who).sandbox.host)
    with pytest.raises(CommandError, match="has opted out"):
        homes.move()
    assert homes.new.sandbox.log == []


def test_a_host_without_any_of_the_videos_is_no_home_of_them(homes: Homes, make_mirror: Callable[..., Mirror]) -> None:
    homes.old.sync()
    other = make_mirror(Catalogue.generate(videos=3, seed=9))
    before = everything()
    with pytest.raises(CommandError, match="it is no home of these"):
        Homes(homes.old, other).move()
    assert everything() == before


def test_a_host_that_does_not_answer_is_no_home(homes: Homes) -> None:
    homes.old.sync()
    homes.new.sandbox.faults.add(Fault("status", "", times=None, status=503))
    with pytest.raises(CommandError, match="503"):
        homes.move()
    assert homes.old.instance.host == homes.old.sandbox.host


def test_a_slice_that_is_at_work_writes_nothing_any_more(doubled: Homes) -> None:
    leases = [Lease.acquire(mirror.instance, 60) for mirror in (doubled.old, doubled.new)]
    doubled.move()
    for lease in leases:
        assert lease
        with pytest.raises(LeaseLost), lease.transaction():
            pytest.fail("wrote")


@pytest.mark.django_db(transaction=True)
def test_a_move_that_is_interrupted_anywhere_has_moved_nothing_and_can_be_made_again(doubled: Homes) -> None:
    Vote.objects.create(voter="a", video=doubled.twins()[1])
    home = look_at(doubled.old.instance, doubled.new.sandbox.url, doubled.old.settings())
    before, kills = everything(), 0
    while not FormerHost.objects.exists():
        killer = Killer(at=1 + 17 * kills)
        with suppress(Killed), connection.execute_wrapper(killer):
            move(doubled.old.instance, home)
        if not FormerHost.objects.exists():
            assert everything() == before
            kills += 1
    assert kills > 5
    assert Video.objects.count() == len(doubled.new.listed())
    assert "before: nothing to do" in doubled.move()


class Killed(BaseException):
    """Like Ctrl-C: what handles errors doesn't see it."""


@dataclass
class Killer:
    """Kills who sends the statement number `at`."""

    at: int
    sent: int = 0

    def __call__(self, execute: Any, *statement: Any) -> Any:
        self.sent += 1
        if self.sent == self.at:
            raise Killed
        return execute(*statement)


def test_who_moves_twice_and_back_keeps_the_keys(homes: Homes) -> None:
    homes.old.sync()
    keys = set(Video.objects.values_list("pk", "uuid"))
    homes.move()
    back = Homes(homes.new, homes.old)
    assert "is mirrored as" in back.move()
    assert set(Video.objects.values_list("pk", "uuid")) == keys
    assert list(FormerHost.objects.values_list("host", flat=True)) == [homes.new.sandbox.host]


def test_neither_host_is_proposed_and_who_is_added_at_the_old_one_has_it(
    homes: Homes, make_mirror: Callable[..., Mirror]
) -> None:
    homes.old.sync()
    Candidate.objects.create(host=homes.new.sandbox.host, heard_from="a.example")
    homes.move()
    assert not Candidate.objects.exists()
    index = make_mirror(Catalogue.generate(videos=1, seed=1))
    index.catalogue.indexed = [homes.old.sandbox.host, homes.new.sandbox.host]
    found = discover(homes.old.settings(discovery_index=index.sandbox.url, hosts_at_once=1))
    assert (found.proposed, found.errors) == ([], [])
    with pytest.raises(CommandError, match=f"was moved to {homes.new.sandbox.host}"):
        call_command("peertube_sync", homes.old.sandbox.host)
    homes.old.add()
    assert not FormerHost.objects.exists()


def test_a_walk_that_was_begun_at_the_old_host_does_not_go_on_at_the_new_one(doubled: Homes) -> None:
    SyncRun.objects.create(
        instance=doubled.old.instance, source=doubled.old.source, kind="sweep", cursor={"start": 5, "last": None}
    )
    doubled.move()
    assert not SyncRun.objects.filter(state="running").exists()
    assert doubled.new.sync().errors == []
    assert doubled.new.differences() == ""


@pytest.mark.django_db
def test_of_every_relation_of_our_own_rows_it_is_decided_what_becomes_of_it() -> None:
    """Whoever adds a relation decides whether its rows are a part that goes (`GOES`), or are handed over."""
    handed = {
        ("Curation", "video_id"),
        ("PlaylistElement", "video_id"),
        *((model, "instance_id") for model in ("Video", "Playlist", "Channel", "Account", "Source", "SyncRun")),
        ("FormerHost", "instance_id"),
        ("Instance", "twin_of_id"),
        ("SyncRun", "source_id"),
        *(("Video", column) for column in ("channel_id", "account_id")),
        ("Channel", "owner_account_id"),
        *(("Playlist", column) for column in ("owner_account_id", "video_channel_id")),
    }
    models = (Video, Playlist, Channel, Account, Source, Instance)
    found = {
        (one.model.__name__, one.column)
        for model in models
        for one in pointers(model)
        if one.model.__module__.startswith("peertube_sync.")
    }
    assert found == handed
    assert {model.__name__ for model in GOES} == {
        *("Caption", "Chapter", "Transcript", "Video_tags", "VideoSearch", "NewestSearch", "FullText"),
        *("PlaylistElement", "Leaving", "LeavingVideo", "Login", "RemoteKey", "Ring", "SkippedItem", "Tally"),
    }


def test_what_was_asked_of_a_twin_stays_in_the_sums(doubled: Homes) -> None:
    def asked() -> float:
        return float(Tally.objects.filter(measure=Measure.REQUESTS).aggregate(sum=Sum("number"))["sum"])

    before = asked()
    doubled.move()
    assert asked() == before > 0
    assert Tally.objects.filter(measure=Measure.REQUESTS, instance=None).exists()


@pytest.mark.django_db
def test_a_move_needs_the_admin_s_history_of_nobody() -> None:
    without = [name for name in django_settings.INSTALLED_APPS if name != "django.contrib.admin"]
    with override_settings(INSTALLED_APPS=without):
        assert "LogEntry" not in {one.model.__name__ for one in pointers(Video)}
