"""What editors paste: the address of a mirrored video becomes a player that loads nothing by itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.checks import run_checks
from django.test import Client, override_settings
from django.utils.html import escape
from django.utils.timezone import now
from wagtail.embeds.finders import get_finders
from wagtail.embeds.models import Embed

from peertube_sync.models import Curation, Video
from tests.support.catalogue import HOST

FORMS = ["/w/{short}", "/videos/watch/{uuid}", "/w/{short}?start=1m5s", "/videos/watch/{uuid};threadId=7#comments"]
Publish = Callable[..., str]


def address(video: Video, form: str = FORMS[0]) -> str:
    return f"http://{HOST}{form.format(short=video.short_uuid, uuid=video.uuid)}"


@pytest.mark.parametrize("form", FORMS)
def test_a_pasted_address_becomes_a_player_in_rich_text(full: Video, publish: Publish, form: str) -> None:
    url = address(full, form).replace("&", "&amp;")
    html = publish(text=f'<p>Look</p><embed embedtype="media" url="{url}"/>')
    assert f'data-peertube-player="http://{HOST}/videos/embed/' in html
    assert "<iframe" not in html
    assert (f'data-peertube-start="{65 if "start" in form else 0}"') in html
    assert f"/watch/videos/{full.short_uuid}/" in html


def test_the_same_in_an_embed_block(full: Video, publish: Publish) -> None:
    html = publish(body=[("embed", address(full))])
    assert "data-peertube-player" in html


def test_the_editors_dialogue_takes_it(full: Video, editor: Client) -> None:
    shown = editor.post("/admin/embeds/chooser/upload/", {"embed-chooser-url": address(full)})
    answer = shown.json()
    assert answer["step"] == "embed_chosen"
    assert escape(full.name) in answer["embed_html"]


def test_the_sites_own_title_is_told(full: Video, publish: Publish) -> None:
    Curation.objects.create(video=full, title="Our own title")
    publish(body=[("embed", address(full))])
    assert Embed.objects.get().title == "Our own title"


def test_what_is_hidden_soon_shows_nothing(full: Video, publish: Publish) -> None:
    assert "data-peertube-player" in publish(body=[("embed", address(full))])
    Curation.objects.create(video=full, hidden=True)
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert "data-peertube-player" not in Client().get("/town/").content.decode()


@pytest.mark.parametrize("text", ["https://www.youtube.com/watch?v=dQw4w9WgXcQ", "87HEB76SSdW1p4Qrg2zpQz", "", "x:y"])
def test_all_others_are_left_to_the_next_finder(full: Video, text: str) -> None:
    assert not get_finders()[0].accept(text)


def test_a_video_that_isnt_mirrored_is_left_to_them_too(full: Video) -> None:
    assert not get_finders()[0].accept(f"http://{HOST}/w/{'1' * 22}")


@pytest.mark.parametrize(
    ("finders", "told"),
    [
        ([{"class": "wagtail.embeds.finders.oembed"}], True),
        ([{"class": "peertube_sync.contrib.wagtail.embeds.PeerTubeFinder"}], False),
    ],
)
def test_a_check_says_how_to_let_wagtail_know(finders: list[dict[str, Any]], *, told: bool) -> None:
    with override_settings(WAGTAILEMBEDS_FINDERS=finders):
        found = [one for one in run_checks() if one.id == "peertube_sync.W010"]
    assert bool(found) == told
