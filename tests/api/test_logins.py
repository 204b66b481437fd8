"""Credentials that no database can hold are those of nobody."""

from base64 import b64encode

import pytest
from django.test import Client

from peertube_sync.models import Video

NUL = "\0 of a long name"
BASIC = {"headers": {"Authorization": f"Basic {b64encode(f'{NUL}:x'.encode()).decode()}"}}


def with_session() -> Client:
    client = Client()
    client.cookies["sessionid"] = NUL
    return client


@pytest.mark.parametrize("path", ["sources/", "videos/?privacy=private"])
def test_lists_for_those_who_may_stay_closed(db: None, path: str) -> None:
    for client, how in ((Client(), BASIC), (with_session(), {})):
        answer = client.get(f"/api/{path}", **how)  # type: ignore[arg-type]
        assert answer.status_code in (401, 403)
        assert answer["Content-Type"] == "application/problem+json"
        assert client.get(f"/api/{path}", HTTP_ACCEPT="text/html", **how).status_code in (401, 403)  # type: ignore[arg-type]


@pytest.mark.usefixtures("catalogue")
def test_what_is_public_is_shown_and_nothing_else_is(db: None) -> None:
    shown, kept_back = Video.objects.order_by("pk")[:2]
    Video.objects.filter(pk=kept_back.pk).update(privacy_id=3)
    for client, how in ((Client(), BASIC), (with_session(), {})):
        for video, status in ((shown, 200), (kept_back, 404)):
            assert client.get(f"/api/videos/{video.uuid}/", **how).status_code == status  # type: ignore[arg-type]
            assert client.get(f"/videos/{video.uuid}/", **how).status_code == status  # type: ignore[arg-type]
