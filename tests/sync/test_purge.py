"""Old tombstones are scrubbed while pages are written, on PostgreSQL."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from peertube_sync.conf import get_settings
from peertube_sync.models import Instance, Reason, Video
from peertube_sync.sync.lease import Lease
from peertube_sync.sync.operations.purge import purge
from peertube_sync.sync.tombstones import make_tombstones
from tests.support.catalogue import HOST, make_videos

PATIENCE = 10.0


def purged() -> int:
    try:
        return purge(get_settings())
    finally:
        connection.close()


def until_somebody_waits() -> None:
    end = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody waits")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_a_page_brings_back_at_this_moment_is_not_scrubbed() -> None:
    instance = Instance.objects.create(host=HOST)
    back, gone = make_videos(2)
    make_tombstones([back.pk, gone.pk], Reason.DELETED)
    Video.objects.update(removed_at=timezone.now() - timedelta(days=31))
    lease = Lease.acquire(instance, 60)
    assert lease
    with ThreadPoolExecutor() as pool:
        with lease.transaction():
            Video.objects.filter(pk=back.pk).update(removed_at=None, removed_reason="")
            purging = pool.submit(purged)
            until_somebody_waits()
        assert purging.result(PATIENCE) == 1
    assert dict(Video.objects.values_list("pk", "name")) == {back.pk: back.name, gone.pk: ""}
