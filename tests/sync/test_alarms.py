"""What a person has to look at: found, told once a day, and printed."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import django
import pytest
import time_machine
from django import VERSION
from django.conf import settings as django_settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from peertube_sync.beat import BEAT_SCHEDULE, LOOK_SECONDS
from peertube_sync.client.errors import ServerError
from peertube_sync.conf import Settings, get_settings
from peertube_sync.models import Cause, Instance, RunKind, SearchDue, Source, SourceState, SyncRun, Video
from peertube_sync.signals import alarm_raised
from peertube_sync.sync.operations import alarms
from peertube_sync.sync.operations.alarms import Lookout, raise_alarms
from peertube_sync.sync.operations.problems import mark_search_queue, problems
from peertube_sync.sync.schedule import make_due
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror
from tests.support.sandboxes import GREAT_LOSS

if TYPE_CHECKING:
    from tests.support.celery_worker import CeleryWorker

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ADA = "ada@mirror.example"
WITH_MAILS = {"ADMINS": [ADA] if VERSION >= (6, 0) else [("Ada", ADA)]}


@pytest.fixture
def raised() -> Iterator[list[str]]:
    """The causes of the signals that were sent."""
    causes: list[str] = []

    def listen(cause: Cause, **_arguments: Any) -> None:
        causes.append(cause.value)

    alarm_raised.connect(listen)
    yield causes
    alarm_raised.disconnect(listen)


SMTP = "django.core.mail.backends.smtp.EmailBackend"
NO_SERVER: dict[str, Any] = (
    {"MAILERS": {"default": {"BACKEND": SMTP, "OPTIONS": {"host": "127.0.0.1", "port": 1}}}}
    if django.VERSION >= (6, 1)
    else {"EMAIL_BACKEND": SMTP, "EMAIL_PORT": 1}
)
"""Settings by which no mail can be sent."""


@pytest.fixture
def mails() -> Iterator[Settings]:
    """Settings of a site that wants mails."""
    with override_settings(
        **WITH_MAILS,
        PEERTUBE_SYNC={**django_settings.PEERTUBE_SYNC, "ALARM_MAILS": True},
        EMAIL_SUBJECT_PREFIX="[site] ",
    ):
        yield get_settings()


def failing(host: str = "dead.example", hours: float = 25, reason: str = "it does not answer") -> Instance:
    """Make an instance with which nothing has worked for `hours`."""
    since = timezone.now() - hours * HOUR
    instance = Instance.objects.create(host=host, state="timeout", state_reason=reason, failing_since=since)
    Instance.objects.filter(pk=instance.pk).update(next_due_at=timezone.now() + HOUR)
    Source.objects.create(instance=instance)
    return instance


def causes() -> list[str]:
    return [one.cause.value for one in problems(get_settings())]


def status(*arguments: str) -> tuple[str, str]:
    """Run `peertube_status --problems`; returns what it prints, and its error."""
    out = StringIO()
    try:
        call_command("peertube_status", "--problems", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


class TestCauses:
    def test_a_good_mirror_has_none(self, mirror: Mirror) -> None:
        assert problems(get_settings()) == []

    def test_an_instance_that_fails_for_long(self, mirror: Mirror) -> None:
        mirror.sandbox.faults.add(Fault("status", status=500, times=None))
        make_due([mirror.source], full=False)
        assert isinstance(mirror.slice().error, ServerError)
        assert causes() == []
        with time_machine.travel(timezone.now() + 25 * HOUR, tick=True):
            Instance.objects.update(next_due_at=timezone.now())
            (found,) = problems(get_settings())
            assert (found.cause, found.host) == (Cause.INSTANCE_FAILING, mirror.sandbox.host)
            assert found.since == mirror.instance.failing_since
            assert mirror.sandbox.host in found.message
            mirror.sandbox.faults.clear()
            mirror.sync()
            assert causes() == []

    def test_the_hours_are_a_setting(self) -> None:
        failing(hours=3)
        assert causes() == []
        with override_settings(PEERTUBE_SYNC={**django_settings.PEERTUBE_SYNC, "ALARM_FAILING_HOURS": 2.5}):
            assert causes() == ["instance_failing"]

    def test_nobody_is_told_of_what_a_person_has_paused(self) -> None:
        failing()
        Source.objects.update(state=SourceState.PAUSED)
        assert causes() == []

    def test_losses_that_wait_for_a_decision(self, many_mirror: Mirror) -> None:
        for item in many_mirror.listed()[:GREAT_LOSS]:
            many_mirror.catalogue.delete_video(item["uuid"])
        many_mirror.sync(full=True)
        (found,) = problems(get_settings())
        assert found.cause == Cause.LOSSES_WAITING
        assert f"{GREAT_LOSS} videos are missing" in found.message

    def test_a_source_that_cannot_be_read_while_its_instance_answers(self, mirror: Mirror) -> None:
        Source.objects.update(last_error="it has no public channel 'x' any more", added_at=timezone.now() - 99 * HOUR)
        assert causes() == []
        Source.objects.update(head_at=timezone.now() - 30 * HOUR, sweep_at=timezone.now() - 26 * HOUR)
        (found,) = problems(get_settings())
        assert (found.cause, found.since) == (Cause.SOURCE_UNREADABLE, mirror.source.sweep_at)
        Source.objects.update(last_error="")
        assert causes() == []

    def test_a_source_that_shows_what_cannot_be_read(self, mirror: Mirror) -> None:
        def without_accounts(page: Any) -> None:
            for item in page["data"]:
                del item["account"]

        mirror.sandbox.faults.add(Fault("rewrite", r"^/api/v1/videos\?", times=None, rewrite=without_accounts))
        mirror.sync(full=True)
        (found,) = problems(get_settings())
        assert (found.cause, found.host) == (Cause.SOURCE_UNREADABLE, mirror.sandbox.host)
        mirror.sandbox.faults.clear()
        mirror.sync(full=True)
        assert causes() == []

    def test_work_that_nobody_does(self, mirror: Mirror) -> None:
        now = timezone.now()
        SyncRun.objects.update(started_at=now - 3 * HOUR)
        Instance.objects.update(next_due_at=now - 2 * HOUR)
        assert causes() == ["worker_silent"]
        Instance.objects.update(lease_until=now + HOUR)
        Instance.objects.create(host="other.example", next_due_at=now - 2 * HOUR)
        assert causes() == [], "somebody is at work on another instance"
        Instance.objects.update(lease_until=None)
        SyncRun.objects.create(instance=mirror.instance, kind=RunKind.HEAD)
        assert causes() == [], "a run has begun"

    def test_work_that_is_late_and_done_one_after_the_other_is_none(self, mirror: Mirror) -> None:
        Instance.objects.update(next_due_at=timezone.now() - 2 * HOUR)
        assert causes() == []

    def test_a_search_queue_that_is_not_worked_off(self, mirror: Mirror) -> None:
        SearchDue.objects.create(video_id=Video.objects.all()[0].pk)
        mark_search_queue()
        with time_machine.travel(timezone.now() + 2 * HOUR):
            Instance.objects.update(next_due_at=None)
            mark_search_queue()
            assert causes() == ["search_queue_growing"]
            call_command("peertube_index", stdout=StringIO())
            SearchDue.objects.create(video_id=Video.objects.all()[0].pk)
            mark_search_queue()
            assert causes() == [], "what is new in it has not waited for long"

    def test_words_of_strangers_stay_in_their_line(self) -> None:
        failing(reason="down\r\nBcc: everybody@example.org\n\u202eevil " + "x" * 1000)
        (found,) = problems(get_settings())
        assert found.message.isprintable()
        assert len(found.message) < 500


class TestTelling:
    def test_without_the_setting_there_is_the_signal_and_no_mail(self, raised: list[str]) -> None:
        failing()
        with override_settings(**WITH_MAILS):
            raise_alarms(get_settings())
        assert (raised, mail.outbox) == (["instance_failing"], [])

    def test_one_mail_and_one_signal_a_day_for_a_cause(self, mails: Settings, raised: list[str]) -> None:
        failing("one.example")
        begin = timezone.now()
        for hours, number in ((0, 1), (0.5, 1), (23.9, 1), (24, 2), (47.9, 2), (48.1, 3)):
            with time_machine.travel(begin + hours * HOUR, tick=False):
                Instance.objects.update(next_due_at=timezone.now() + HOUR)
                raise_alarms(mails)
            assert (len(mail.outbox), len(raised)) == (number, number), hours
        failing("two.example")
        raise_alarms(mails)
        assert len(mail.outbox) == 3

    def test_each_cause_has_its_mail(self, mails: Settings, raised: list[str]) -> None:
        failing("one.example")
        failing("two.example", hours=30)
        Source.objects.create(
            instance=Instance.objects.create(host="three.example", next_due_at=timezone.now() + HOUR),
            state=SourceState.SUSPICIOUS,
            last_error="500 videos are missing",
        )
        raise_alarms(mails)
        assert raised == ["instance_failing", "losses_waiting"]
        first, second = mail.outbox
        assert first.to == ["ada@mirror.example"]
        assert first.subject == "[site] Instances have been failing for long"
        assert "one.example" in first.body
        assert "two.example" in first.body
        assert "500 videos are missing" in second.body
        assert "peertube_status --problems" in second.body

    def test_a_long_list_is_cut_and_counted(self, mails: Settings) -> None:
        for number in range(60):
            failing(f"video{number}.example")
        raise_alarms(mails)
        (sent,) = mail.outbox
        assert sent.body.count("has been failing") == 50
        assert "and 10 more" in sent.body

    def test_mails_speak_the_language_of_the_site(self, mails: Settings) -> None:
        failing()
        for language, words in (("de", "antwortet seit"), ("fr", "en échec depuis")):
            mail.outbox.clear()
            alarms.Alarm.objects.all().delete()
            with override_settings(LANGUAGE_CODE=language):
                raise_alarms(mails)
            assert words in mail.outbox[0].body, mail.outbox[0].body

    def test_a_mail_that_could_not_be_sent_is_sent_later(
        self, mails: Settings, raised: list[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        failing()
        with override_settings(**NO_SERVER):
            raise_alarms(mails)
        assert "no mail could be sent" in caplog.text
        raise_alarms(mails)
        assert (len(mail.outbox), raised) == (1, ["instance_failing"])

    def test_a_receiver_that_raises_stops_nothing(self, mails: Settings) -> None:
        def broken(**_arguments: Any) -> None:
            raise RuntimeError

        alarm_raised.connect(broken)
        failing()
        raise_alarms(mails)
        alarm_raised.disconnect(broken)
        assert [one.subject for one in mail.outbox if "failing" in one.subject] == [
            "[site] Instances have been failing for long"
        ]


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_tells(mails: Settings, raised: list[str]) -> None:
    failing()
    together = threading.Barrier(4)

    def look() -> None:
        together.wait()
        try:
            raise_alarms(mails)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(look) for _ in range(4)]:
            done.result()
    assert (len(mail.outbox), raised) == (1, ["instance_failing"])


class TestCommand:
    def test_with_nothing_to_look_at_it_says_so_and_ends_well(self, mirror: Mirror) -> None:
        assert status() == ("Nothing that a person has to look at.\n", "")
        assert status("--json") == ("[]\n", "")

    def test_it_prints_what_mails_tell_and_fails(self) -> None:
        failing("one.example")
        failing("two.example")
        text, error = status()
        assert text.splitlines() == [one.message for one in problems(get_settings())]
        assert error == "2 problems"

    def test_json_has_all_of_it_and_fails_too(self) -> None:
        instance = failing()
        text, error = status("--json")
        (found,) = json.loads(text)
        assert (found["cause"], found["host"], error) == ("instance_failing", "dead.example", "1 problem")
        assert datetime.fromisoformat(found["since"]) == instance.failing_since

    def test_of_chosen_instances_only_what_is_about_these(self) -> None:
        failing("one.example")
        failing("two.example")
        assert "two.example" not in status("one.example")[0]

    def test_asking_twice_finds_a_queue_that_stands_still(self, mirror: Mirror) -> None:
        SearchDue.objects.create(video_id=Video.objects.all()[0].pk)
        assert status()[1] == ""
        with time_machine.travel(timezone.now() + 2 * HOUR):
            Instance.objects.update(next_due_at=None)
            assert "search" in status()[0]


class TestWhoLooks:
    def test_beat_has_it(self) -> None:
        entry = BEAT_SCHEDULE["peertube-sync-alarms"]
        assert (entry["task"], entry["schedule"]) == ("peertube_sync.tasks.raise_alarms", LOOK_SECONDS)

    def test_what_watches_looks_now_and_then(self, raised: list[str]) -> None:
        failing()
        lookout = Lookout(get_settings())
        lookout()
        assert raised == [], "work may begin first"
        lookout.due -= LOOK_SECONDS
        lookout()
        lookout()
        assert raised == ["instance_failing"]


def test_a_worker_does_it(celery_worker_process: "CeleryWorker") -> None:
    failing()
    celery_worker_process.send("peertube_sync.tasks.raise_alarms")
    celery_worker_process.wait_for("raise_alarms", "succeeded")
    assert alarms.Alarm.objects.get().raised_at is not None
