"""Whatever a server makes up: nothing breaks, what is refused can be seen with its reason, what is good is kept.

`HOSTILE_EXAMPLES` asks for more than the few that the suite takes the time for (`make hostile`).
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from tests.sync.invention import DETAILS, FACTS, HOST, Invented, pages

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "60"))
many = settings(
    max_examples=EXAMPLES,
    derandomize="HOSTILE_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def working(db: None) -> Callable[[], Any]:
    """Work on an instance that nobody asks anything: its answers are made up; nothing of it stays."""
    from peertube_sync.conf import get_settings
    from peertube_sync.models import Instance, RunKind, Source
    from peertube_sync.sync.connect import connect
    from peertube_sync.sync.lease import Lease
    from peertube_sync.sync.work import Work

    @contextmanager
    def work() -> Iterator[Any]:
        with transaction.atomic():
            instance = Instance.objects.create(host=HOST)
            source = Source.objects.create(instance=instance)
            lease = Lease.acquire(instance, 300)
            assert lease
            own = get_settings()
            working = Work(instance, connect("https", HOST, own), lease, own, time.monotonic() + 3600)
            with working.recording(RunKind.SWEEP, source) as run:
                yield working, run, source
            transaction.set_rollback(True)

    return work


def require_all_told(invented: list[Invented], run: Any, length: int, taken: list[Any]) -> None:
    """Each item is a row, or is kept with the reason why it isn't; searching and reading the rows works."""
    from peertube_sync.ingest.search_documents import index_due
    from peertube_sync.models import SkippedItem, Video

    index_due()
    rows = {row.uuid for row in Video.objects.select_related("channel", "account").prefetch_related("tags")}
    assert rows == {item.uuid for item in taken}
    assert rows >= {UUID(one.uuid) for one in invented if one.good}
    assert run.skipped == length - len(taken)
    fields = SkippedItem.objects.filter(kind__endswith=" field")
    assert bool(run.skipped) == SkippedItem.objects.exclude(pk__in=fields.values("pk")).exists()
    assert bool(run.odd_fields) == fields.exists()
    assert not SkippedItem.objects.filter(reason="").exists()


@many
@given(invented=pages(FACTS))
def test_pages(working: Callable[..., Any], invented: list[Invented]) -> None:
    from peertube_sync.client.parse import parse_page
    from peertube_sync.client.types import VideoItem
    from peertube_sync.sync.walks.pages import commit_page, split_allowed

    body = f'{{"total": {len(invented)}, "data": [{", ".join(one.text for one in invented)}]}}'
    page = parse_page(body.encode(), VideoItem, 0, "test")
    with working() as (work, run, source):
        commit_page(work, run, source, page)
        require_all_told(invented, run, page.length, split_allowed(work, page.items)[0])


@many
@given(invented=pages(DETAILS, most=2))
def test_details(working: Callable[..., Any], invented: list[Invented]) -> None:
    from peertube_sync.client.errors import UnexpectedShape
    from peertube_sync.client.parse import Page, Unreadable, parse
    from peertube_sync.client.types import VideoDetails
    from peertube_sync.sync.walks.details import commit_details
    from peertube_sync.sync.walks.pages import split_allowed

    with working() as (work, run, _source):
        answers: dict[UUID, Any] = {}
        for one in invented:
            try:
                answer = parse(one.text.encode(), VideoDetails, "test")
            except UnexpectedShape as error:
                work.skip(run, "details", Page(0, 1, None, []), [Unreadable(str(error), "", one.uuid)])
            else:
                answers[answer.uuid] = answer
        length = run.skipped + len(answers)
        commit_details(work, run, list(answers.values()))
        require_all_told(invented, run, length, split_allowed(work, answers.values())[0])
