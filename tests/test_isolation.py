"""No test finds rows of another."""

import pytest
from django.apps import apps

from peertube_sync.models import SearchDue
from tests.support.catalogue import mirror_one
from tests.support.databases import FILLED_BY_MIGRATIONS, delete_committed_rows


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_what_a_test_committed():
    """Not even what triggers put into queues when rows are deleted."""
    mirror_one()
    assert SearchDue.objects.exists()
    delete_committed_rows()
    models = [one for one in apps.get_models() if one._meta.managed and one._meta.db_table not in FILLED_BY_MIGRATIONS]
    assert [one for one in models if one._base_manager.exists()] == []
