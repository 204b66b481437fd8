"""What ours is measured by has to write the same rows, and into the tables as they are now."""

import pytest
from django.db import connection

from peertube_sync.models import Channel, Instance, Video
from peertube_sync.testing import Catalogue
from tests.proofs.bench.by_hand import copy_page

HOST = "sandbox.example"


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_page_is_written_and_written_again() -> None:
    items = Catalogue.generate(videos=30).local_videos(HOST)
    instance = Instance.objects.create(host=HOST)
    for _time in range(2):
        with connection.cursor() as cursor:
            copy_page(cursor, instance.pk, items)
    channels = {(item["uuid"], item["channel"]["name"], item["account"]["name"]) for item in items}
    stored = Video.objects.values_list("uuid", "channel__name", "account__name")
    assert {(str(uuid), channel, account) for uuid, channel, account in stored} == channels
    assert not Channel.objects.filter(owner_account=None).exists()
