"""Lists as CSV: what is chosen, streamed, harmless in a spreadsheet, and written down."""

import csv
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from peertube_sync.admin.export import harmless
from tests.support import builders
from tests.support.admin_pages import MODELS, StaffClient, listing

pytestmark = pytest.mark.django_db


def export(client: Client, model: str, *rows: Any, **more: str) -> list[dict[str, str]]:
    data = {"action": "export_csv", "_selected_action": [str(row.pk) for row in rows], **more}
    response: Any = client.post(listing(model), data)
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(b"".join(response).decode().splitlines()))


@pytest.mark.parametrize("model", [*MODELS, "candidate"])
def test_who_may_see_a_list_takes_it_along_and_it_is_written_down(staff: StaffClient, model: str) -> None:
    row = builders.world()[model]
    (line,) = export(staff(f"view_{model}"), model, row)
    assert set(line.values()) - {""}
    assert LogEntry.objects.get().change_message == "Exported as CSV."


def test_only_what_is_chosen_or_all_that_is_found_is_exported(admin_client: Client) -> None:
    first, _second = builders.video(name="first"), builders.video(name="second")
    assert [line["name"] for line in export(admin_client, "video", first)] == ["first"]
    every = export(admin_client, "video", first, select_across="1")
    assert [line["name"] for line in every] == ["second", "first"]


def test_no_cell_is_a_formula(admin_client: Client) -> None:
    video = builders.video(name='=HYPERLINK("https://evil.example")')
    (line,) = export(admin_client, "video", video)
    assert line["name"] == '\'=HYPERLINK("https://evil.example")'


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(begin: str) -> None:
    assert harmless(f"{begin}1") == f"'{begin}1"
    assert (harmless("a=1"), harmless(-1), harmless(None)) == ("a=1", -1, None)
