"""Nothing mirrored can be changed by hand; what people decide can."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peertube_sync.models import Curation, Source, SourceState, Video
from tests.support import builders
from tests.support.admin_pages import MIRRORED, StaffClient, adding, page

pytestmark = pytest.mark.django_db

DECISION = {
    "curation-TOTAL_FORMS": "1",
    "curation-MIN_NUM_FORMS": "1",
    "captions-TOTAL_FORMS": "0",
    "captions-INITIAL_FORMS": "0",
    "chapters-TOTAL_FORMS": "0",
    "chapters-INITIAL_FORMS": "0",
    "curation-0-hidden": "on",
    "curation-0-title": "Our own title",
}


def decision(video: Video) -> dict[str, str]:
    made = Curation.objects.filter(video=video).first()
    return {
        **DECISION,
        "curation-INITIAL_FORMS": "1" if made else "0",
        "curation-0-id": str(made.pk) if made else "",
        "curation-0-video": str(video.pk),
        "name": "Not the source's name",
    }


@pytest.mark.parametrize("model", MIRRORED)
def test_mirrored_rows_are_not_added_or_deleted(admin_client: Client, model: str) -> None:
    row = builders.world()[model]
    assert admin_client.post(adding(model), {"name": "made up"}).status_code == 403
    assert admin_client.post(page(row, "delete"), {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [name for name in MIRRORED if name != "video"])
def test_mirrored_rows_are_not_changed(admin_client: Client, model: str) -> None:
    row = builders.world()[model]
    assert admin_client.post(page(row), {"name": "made up", "host": "made-up.example"}).status_code == 403
    assert str(type(row).objects.get(pk=row.pk)) == str(row)


@pytest.mark.parametrize("decided_before", [False, True])
def test_a_video_s_page_saves_curation_and_writes_no_catalogue_row(staff: StaffClient, decided_before: bool) -> None:
    video = builders.video(name="The source's name")
    if decided_before:
        Curation.objects.create(video=video, featured=True)
    with CaptureQueriesContext(connection) as queries:
        response = staff("view_video", "change_curation").post(page(video), decision(video))
    assert response.status_code == 302
    curation = Curation.objects.get(video=video)
    assert (curation.hidden, curation.featured, curation.title) == (True, False, "Our own title")
    assert not [query for query in queries if 'UPDATE "peertube_sync_video"' in query["sql"]]


def test_what_can_be_decided_comes_before_what_can_t_be_changed(staff: StaffClient) -> None:
    shown = staff("view_video", "change_curation").get(page(builders.video(name="A walk"))).content.decode()
    assert shown.index('name="_save"') < shown.index('name="curation-0-title"') < shown.index("field-published_at")
    assert shown.count('name="curation-0-title"') == 1


def test_a_video_s_page_without_a_decision_makes_none(staff: StaffClient) -> None:
    video = builders.video()
    nothing = {
        key: value for key, value in decision(video).items() if key not in {"curation-0-hidden", "curation-0-title"}
    }
    assert staff("view_video", "change_curation").post(page(video), nothing).status_code == 302
    assert not Curation.objects.exists()


@pytest.mark.parametrize("permissions", [["view_video"], ["change_video"], ["change_curation"], []])
def test_without_permission_a_video_s_page_saves_nothing(staff: StaffClient, permissions: list[str]) -> None:
    video = builders.video()
    assert staff(*permissions).post(page(video), decision(video)).status_code == 403
    assert not Curation.objects.exists()


def test_a_decision_is_made_and_taken_back_on_its_own_pages(admin_client: Client) -> None:
    video = builders.video()
    admin_client.post(adding("curation"), {"video": video.pk, "featured": "on", "title": "", "text": ""})
    curation = Curation.objects.get(video=video)
    assert curation.featured
    admin_client.post(page(curation, "delete"), {"post": "yes"})
    assert not Curation.objects.exists()


def test_a_source_s_state_is_saved_and_nothing_else(admin_client: Client) -> None:
    source = builders.source(kind="channel", name="cooking")
    admin_client.post(page(source), {"state": "paused", "name": "other", "kind": "account"})
    source.refresh_from_db()
    assert (source.state, source.name, source.kind) == (SourceState.PAUSED, "cooking", "channel")


def test_a_source_is_not_made_suspicious_by_hand(admin_client: Client) -> None:
    source = builders.source()
    assert admin_client.post(page(source), {"state": "suspicious"}).status_code == 200
    assert Source.objects.get().state == SourceState.ACTIVE


def test_a_suspicious_source_may_stay_so(admin_client: Client) -> None:
    source = builders.source(state=SourceState.SUSPICIOUS)
    assert admin_client.post(page(source), {"state": "suspicious"}).status_code == 302
    assert Source.objects.get().state == SourceState.SUSPICIOUS
