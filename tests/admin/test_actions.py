"""What people do to many rows at once."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils.timezone import now

from peertube_sync.models import Curation, Instance, Source, SourceState, Video
from tests.support import builders
from tests.support.admin_pages import StaffClient, act

pytestmark = pytest.mark.django_db

LATER = timedelta(days=1)


def quiet_source(**facts: str) -> Source:
    """A source with nothing due."""
    home = builders.instance(next_due_at=now() + LATER)
    return builders.source(instance=home, head_due_at=now() + LATER, sweep_due_at=now() + LATER, **facts)


def due(source: Source) -> tuple[bool, bool, bool]:
    source.refresh_from_db()
    home = Instance.objects.get(pk=source.instance_id)
    return tuple(at <= now() for at in (source.head_due_at, source.sweep_due_at, home.next_due_at))


@pytest.mark.parametrize(
    ("action", "expected"), [("sync_now", (True, False, True)), ("full_sweep", (True, True, True))]
)
@pytest.mark.parametrize("of", ["source", "instance"])
def test_a_sync_asked_for_is_due_at_once(
    staff: StaffClient, of: str, action: str, expected: tuple[bool, bool, bool]
) -> None:
    chosen, other = quiet_source(), quiet_source()
    row = chosen if of == "source" else chosen.instance
    messages = act(staff(f"change_{of}"), action, row)
    assert due(chosen) == expected
    assert due(other) == (False, False, False)
    what = "A full sweep" if action == "full_sweep" else "A sync"
    assert messages == [f"{what} of {chosen.instance.host} is due now."]
    assert LogEntry.objects.get().object_repr == chosen.instance.host


def test_more_than_a_few_hosts_are_counted_not_named(admin_client: Client) -> None:
    sources = [quiet_source() for _ in range(6)]
    assert act(admin_client, "sync_now", *sources) == ["A sync of 6 instances is due now."]


def test_a_paused_source_is_left_alone_and_said_so(admin_client: Client) -> None:
    source = quiet_source(state=SourceState.PAUSED)
    assert act(admin_client, "sync_now", source) == ["1 source is paused: resume it first."]
    assert due(source) == (False, False, False)


def test_an_instance_without_a_source_has_nothing_to_sync(admin_client: Client) -> None:
    messages = act(admin_client, "sync_now", builders.instance())
    assert messages == ["Nothing to sync: no source is on what you chose."]


@pytest.mark.parametrize("of", ["source", "instance"])
def test_an_audit_asked_for_is_due_at_once(staff: StaffClient, of: str) -> None:
    chosen, other = quiet_source(), quiet_source()
    row = chosen if of == "source" else chosen.instance
    (message,) = act(staff(f"change_{of}"), "verify", row)
    assert message == f"An audit of {chosen.instance.host} is due now; its run tells what it finds."
    assert list(Instance.objects.exclude(audit_due_at=None)) == [chosen.instance]
    assert not due(other)[2]
    assert LogEntry.objects.get().object_repr == chosen.instance.host


def test_where_nothing_is_worked_on_there_is_nothing_to_verify(admin_client: Client) -> None:
    (message,) = act(admin_client, "verify", quiet_source(state=SourceState.PAUSED))
    assert message.startswith("Nothing to verify")
    assert not Instance.objects.exclude(audit_due_at=None).exists()


def test_sources_are_paused_and_resumed(staff: StaffClient) -> None:
    client = staff("change_source")
    sources = [quiet_source(), quiet_source()]
    assert act(client, "pause", *sources) == ["2 sources are paused."]
    assert {source.state for source in Source.objects.all()} == {SourceState.PAUSED}
    assert act(client, "pause", *sources) == ["0 sources are paused."]
    assert act(client, "resume", sources[0]) == ["1 source goes on."]
    assert due(sources[0]) == (True, False, True)
    assert due(sources[1]) == (False, False, False)
    assert LogEntry.objects.count() == 3


@pytest.mark.parametrize(
    ("action", "column", "value", "message"),
    [
        ("hide", "hidden", True, "2 videos are hidden."),
        ("show", "hidden", False, "2 videos are shown."),
        ("feature", "featured", True, "2 videos are featured."),
        ("unfeature", "featured", False, "2 videos are not featured any more."),
    ],
)
def test_videos_are_curated_and_other_decisions_stay(
    staff: StaffClient, action: str, column: str, value: bool, message: str
) -> None:
    decided, fresh, other = builders.video(), builders.video(), builders.video()
    Curation.objects.create(video=decided, title="Our title", **{column: not value})
    assert act(staff("view_video", "change_curation"), action, decided, fresh) == [message]
    assert set(Curation.objects.values_list("video", column)) == {(decided.pk, value), (fresh.pk, value)}
    assert Curation.objects.get(video=decided).title == "Our title"
    assert not Curation.objects.filter(video=other).exists()
    assert LogEntry.objects.count() == 2


def test_a_hidden_video_is_not_available_any_more(admin_client: Client) -> None:
    video = builders.video()
    assert act(admin_client, "hide", video) == ["1 video is hidden."]
    assert not Video.objects.available().exists()


def test_all_videos_of_a_list_are_curated_in_batches(admin_client: Client) -> None:
    home = builders.instance()
    channel = builders.channel(home)
    videos = [builders.video(home, channel=channel) for _ in range(3)]
    copies = [
        Video(**{**_columns(videos[0]), "uuid": f"00000000-0000-4000-8000-{number:012}"}) for number in range(600)
    ]
    Video.objects.bulk_create(copies)
    assert act(admin_client, "hide", videos[0], select_across="1") == ["603 videos are hidden."]
    assert Curation.objects.filter(hidden=True).count() == 603


def _columns(video: Video) -> dict[str, object]:
    return {
        field.attname: getattr(video, field.attname) for field in Video._meta.concrete_fields if not field.primary_key
    }


@pytest.mark.parametrize(
    ("permissions", "action", "model"),
    [
        (["view_video"], "hide", "video"),
        (["change_video"], "feature", "video"),
        (["view_source"], "sync_now", "source"),
        (["view_source"], "pause", "source"),
        (["view_instance"], "verify", "instance"),
        (["view_instance", "change_source"], "full_sweep", "instance"),
    ],
)
def test_actions_need_permission(staff: StaffClient, permissions: list[str], action: str, model: str) -> None:
    rows = {"video": builders.video(), "source": quiet_source()}
    rows["instance"] = rows["source"].instance
    act(staff(*permissions), action, rows[model])
    assert not Curation.objects.exists()
    assert due(rows["source"]) == (False, False, False)
    assert Source.objects.get().state == SourceState.ACTIVE
    assert not Instance.objects.exclude(audit_due_at=None).exists()
    assert not LogEntry.objects.exists()
