"""An owner's own videos: mirrored beside the public ones, neither in the way of the other."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from peertube_sync import signals
from peertube_sync.client.secret import Secret
from peertube_sync.models import Channel, SkippedItem, Source, Transcript, Video
from peertube_sync.sync.operations.logins import log_in
from peertube_sync.testing import Catalogue
from peertube_sync.testing.records import Caption as Published
from tests.support.mirror import Mirror
from tests.sync.storage import Storage

NAMES = ("video_created", "video_updated", "video_removed", "video_restored")
HIDDEN = {"private": 3, "unlisted": 2, "internal": 4, "password": 5}

pytestmark = pytest.mark.usefixtures("vault_key")


@pytest.fixture
def owned(make_kept: Callable[..., Mirror]) -> Mirror:
    """A whole instance and one owner's own videos, of each kind one, all mirrored."""
    return make_kept("of each privacy", of_each_privacy, mirror_all, log=True)


def of_each_privacy() -> Catalogue:
    catalogue = Catalogue.generate(videos=4, seed=3)
    channel = next(one for one in catalogue.channels.values() if not one.origin)
    catalogue.add_user(channel.owner.name)
    for privacy in HIDDEN:
        catalogue.hide(catalogue.add_video(channel.name, name=privacy, tags=[privacy]), privacy)  # type: ignore[arg-type]
    return catalogue


def mirror_all(mirror: Mirror) -> None:
    mirror.add()
    (owner,) = mirror.catalogue.users
    log_in(mirror.sandbox.url, owner, Secret("sesame"), mirror.settings())
    call_command("peertube_add", mirror.sandbox.host, "--own", stdout=StringIO())
    assert mirror.sync(full=True).errors == []


def held(**facts: Any) -> dict[str, int]:
    rows = Video.objects.filter(removed_at=None, name__in=HIDDEN, **facts)
    return dict(rows.values_list("name", "privacy_id"))


def uuid_of(name: str) -> str:
    return str(Video.objects.get(name=name).uuid)


def test_each_kind_is_mirrored_in_full_and_none_is_shown(owned: Mirror) -> None:
    assert held(details_fetched_at__isnull=False, captions_fetched_at__isnull=False) == HIDDEN
    assert set(Video.objects.get(name="private").tags.values_list("name", flat=True)) == {"private"}
    assert owned.differences() == ""
    assert not Video.objects.available().filter(name__in=HIDDEN).exists()


def test_nothing_public_is_asked_for_with_the_token(owned: Mirror) -> None:
    secret = {one.path for one in owned.sandbox.log if "authorization" in one.headers}
    private = {str(row.uuid) for row in Video.objects.private()}
    assert {path for path in secret if not any(uuid in path for uuid in private)} == {
        "/api/v1/users/me",
        "/api/v1/users/me/videos",
    }


def test_sweeps_of_both_leave_each_other_alone(owned: Mirror) -> None:
    before = dict(Video.objects.filter(removed_at=None).values_list("pk", "privacy_id"))
    for _ in range(2):
        assert owned.sync(full=True).errors == []
    assert dict(Video.objects.filter(removed_at=None).values_list("pk", "privacy_id")) == before
    assert not Video.objects.filter(missing_since__isnull=False).exists()
    own = Source.objects.get(kind="own")
    assert (own.remote_total or 0) - own.excluded == Video.objects.private().count()
    assert own.state == "active"


def test_a_video_made_private_leaves_the_public_and_stays_with_its_owner(owned: Mirror) -> None:
    uuid = uuid_of("private")
    owned.catalogue.publish(uuid)
    owned.sync(full=True)
    assert Video.objects.listed().filter(uuid=uuid).exists()
    owned.catalogue.hide(uuid, "private")
    Source.objects.exclude(kind="own").update(state="paused")
    owned.sync(full=True)
    assert not Video.objects.available().filter(uuid=uuid).exists()
    assert held()["private"] == HIDDEN["private"]
    Source.objects.exclude(kind="own").update(state="active")
    owned.sync(full=True)
    assert held()["private"] == HIDDEN["private"]


def test_a_published_video_is_shown_only_where_a_public_source_wants_it(owned: Mirror) -> None:
    Source.objects.exclude(kind="own").delete()
    uuid = uuid_of("unlisted")
    owned.catalogue.publish(uuid)
    owned.sync(full=True)
    assert Video.objects.get(uuid=uuid).removed_reason == "out_of_scope"
    owned.add()
    owned.sync(full=True)
    assert Video.objects.listed().filter(uuid=uuid).exists()


def test_a_published_video_that_is_blocked_is_not_shown(owned: Mirror) -> None:
    uuid = uuid_of("private")
    owned.catalogue.publish(uuid)
    owned.catalogue.block(uuid)
    owned.sync(full=True)
    assert not Video.objects.available().filter(uuid=uuid).exists()


def test_a_deleted_one_goes(owned: Mirror) -> None:
    uuid = uuid_of("internal")
    owned.catalogue.delete_video(uuid)
    owned.sync(full=True)
    assert Video.objects.get(uuid=uuid).removed_reason == "deleted"
    assert held().keys() == HIDDEN.keys() - {"internal"}


def test_without_its_source_all_of_it_goes_and_nothing_public_does(owned: Mirror) -> None:
    public = Video.objects.listed().count()
    handle = str(Source.objects.get(kind="own")).removeprefix("own ")
    call_command("peertube_remove", handle, "--own", stdout=StringIO(), yes=True)
    owned.sync(full=True)
    assert held() == {}
    assert Video.objects.listed().count() == public


@pytest.mark.django_db(transaction=True)
def test_host_projects_hear_of_what_is_public_alone(owned: Mirror) -> None:
    heard: set[tuple[str, str]] = set()

    def listen(name: str) -> Callable[..., None]:
        return lambda uuid, **_: heard.add((name, str(uuid)))

    receivers = [(getattr(signals, name), listen(name)) for name in NAMES]
    for signal, receiver in receivers:
        signal.connect(receiver)
    channel = Channel.objects.filter(videos__name="private").get()
    secret = owned.catalogue.add_video(channel.name, name="secret")
    owned.catalogue.hide(secret, "private")
    owned.catalogue.edit_video(uuid_of("unlisted"), duration=7)
    shown, hidden = uuid_of("internal"), owned.listed()[0]["uuid"]
    owned.catalogue.publish(shown)
    owned.catalogue.hide(hidden, "private")
    owned.sync(full=True)
    for signal, receiver in receivers:
        signal.disconnect(receiver)
    assert Video.objects.get(uuid=secret).privacy_id == HIDDEN["private"]
    assert heard == {("video_restored", shown), ("video_removed", hidden)}


def test_a_channel_of_nothing_public_is_shown_to_nobody(owned: Mirror) -> None:
    Source.objects.exclude(kind="own").delete()
    Channel.objects.all().delete()
    owned.sync(full=True)
    assert set(Channel.objects.values_list("private", flat=True)) == {True}
    assert not Channel.objects.available().exists()
    owned.add()
    owned.sync(full=True)
    assert Channel.objects.available().filter(videos__name="private").exists()


def test_a_storage_gets_no_token_and_its_trouble_is_told_to_nobody_else(owned: Mirror) -> None:
    storage = Storage()
    storage.keep("/fr.vtt")
    away = storage.keep("/de.vtt", b"", 302, Location=f"{owned.sandbox.url}/api/v1/users/me")
    uuid = uuid_of("private")
    languages = {"fr": f"{storage.url}/fr.vtt", "de": away, "en": ""}
    owned.catalogue.set_captions(uuid, [Published(language, 1, path=path) for language, path in languages.items()])
    Video.objects.filter(uuid=uuid).update(captions_due_at="2020-01-01T00:00:00Z")
    before = len(owned.sandbox.log)
    assert owned.slice(caption_search=True).error is None
    storage.stop()
    assert storage.asked == ["/robots.txt", "/fr.vtt", "/de.vtt"]
    assert not any("authorization" in one for one in storage.headers)
    assert "/api/v1/users/me" not in owned.asked(before)
    assert Transcript.objects.filter(video__uuid=uuid).count() == 2
    (item,) = SkippedItem.objects.all()
    assert (item.kind, item.key) == ("own caption_file", f"{uuid} de")
