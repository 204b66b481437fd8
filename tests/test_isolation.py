"""No test finds rows of another, nor the path below which its site stood."""

import pytest
from django.apps import apps
from django.templatetags.static import static
from django.test import override_settings

from peertube_sync.models import SearchDue
from tests.support.catalogue import mirror_one
from tests.support.databases import FILLED_BY_MIGRATIONS, delete_committed_rows
from tests.support.script_prefix import below


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_what_a_test_committed():
    """Not even what triggers put into queues when rows are deleted."""
    mirror_one()
    assert SearchDue.objects.exists()
    delete_committed_rows()
    models = [one for one in apps.get_models() if one._meta.managed and one._meta.db_table not in FILLED_BY_MIGRATIONS]
    assert [one for one in models if one._base_manager.exists()] == []


def test_files_have_their_addresses_back_when_a_site_was_below_a_path() -> None:
    with override_settings(STATIC_URL="files/"):  # nobody has asked for it yet
        with below("/tube/"):
            assert static("x.css") == "/tube/files/x.css"
        assert static("x.css") == "/files/x.css"
