"""Choosing videos and playlists in Wagtail's admin, and what a page shows of what was chosen."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from peertube_sync.contrib.wagtail.blocks import VideoGridBlock
from peertube_sync.models import Curation, Playlist, PlaylistElement, Video
from tests.hosts.wagtail.models import TownPage

VIDEOS, PLAYLISTS = "peertube_sync_video_chooser", "peertube_sync_playlist_chooser"
Publish = Callable[..., str]


def found(editor: Client, chooser: str, **query: str) -> str:
    answer = editor.get(reverse(f"{chooser}:choose_results"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def chosen_link(chooser: str, row: Any) -> str:
    return reverse(f"{chooser}:chosen", args=[row.pk])


def test_the_newest_are_offered_and_words_find_others(full: Video, editor: Client) -> None:
    opened = editor.get(reverse(f"{VIDEOS}:choose")).json()
    newest = Video.objects.listed().order_by("-published_at")[0]
    assert opened["step"] == "choose"
    assert chosen_link(VIDEOS, newest) in opened["html"]
    assert chosen_link(VIDEOS, full) in found(editor, VIDEOS, q=full.name.split()[0])
    assert chosen_link(VIDEOS, full) in found(editor, VIDEOS, q=full.watch_url)
    assert chosen_link(VIDEOS, full) not in found(editor, VIDEOS, q="nosuchwordanywhere")


def test_own_titles_are_found_shown_and_told(full: Video, editor: Client) -> None:
    from peertube_sync.ingest.search_documents import index_due

    Curation.objects.create(video=full, title="Zanzibar by bicycle")
    index_due()
    html = found(editor, VIDEOS, q="zanzibar")
    assert "Zanzibar by bicycle" in html
    result = editor.get(chosen_link(VIDEOS, full)).json()["result"]
    assert (result["id"], result["title"]) == (str(full.pk), "Zanzibar by bicycle")


def test_what_is_hidden_can_be_neither_found_nor_chosen(full: Video, editor: Client) -> None:
    Curation.objects.create(video=full, hidden=True)
    assert chosen_link(VIDEOS, full) not in found(editor, VIDEOS, q=full.watch_url)
    assert editor.get(chosen_link(VIDEOS, full)).status_code == 404
    several = editor.get(reverse(f"{VIDEOS}:chosen_multiple"), {"id": [full.pk, "x"]}).json()
    assert several["result"] == []


def test_playlists_are_found_by_name_and_address(full: Video, editor: Client) -> None:
    playlist = Playlist.objects.available()[0]
    for text in ("", playlist.display_name.split()[0], playlist.watch_url, playlist.short_uuid):
        assert chosen_link(PLAYLISTS, playlist) in found(editor, PLAYLISTS, q=text)
    result = editor.get(chosen_link(PLAYLISTS, playlist)).json()["result"]
    assert result["title"] == playlist.display_name


def page_form(root: Page, blocks: list[tuple[str, dict[str, str]]], **fields: str) -> dict[str, str]:
    form = {"title": "Town", "slug": "town", "text": "null", "action-publish": "1", "trailer": "", **fields}
    form["body-count"] = str(len(blocks))
    for n, (kind, values) in enumerate(blocks):
        form |= {f"body-{n}-type": kind, f"body-{n}-order": str(n), f"body-{n}-deleted": "", f"body-{n}-id": ""}
        form |= {f"body-{n}-value{name}": value for name, value in values.items()}
    return form


def grid(**values: str) -> tuple[str, dict[str, str]]:
    blank = {"heading": "", "channel": "", "playlist": "", "words": "", "ordering": "", "count": "3"}
    return "videos", {f"-{name}": value for name, value in {**blank, **values}.items()}


def create(editor: Client, root: Page, form: dict[str, str]) -> Any:
    return editor.post(reverse("wagtailadmin_pages:add", args=["town", "townpage", root.pk]), form)


def test_an_editor_publishes_what_was_chosen(full: Video, editor: Client, root: Page) -> None:
    blocks = [("video", {"": str(full.pk)}), grid(heading="Of the channel", channel=full.channel.handle)]
    saved = create(editor, root, page_form(root, blocks, trailer=str(full.pk)))
    assert saved.status_code == 302, saved.context and saved.context["form"].errors
    page = TownPage.objects.get()
    assert page.trailer == full
    html = Client().get("/town/").content.decode()
    assert html.count("data-peertube-player") == 2, "the block, and the trailer"
    assert "Of the channel" in html
    assert html.count('class="peertube-card"') == min(3, Video.objects.listed().filter(channel=full.channel).count())
    edited = editor.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert edited.status_code == 200
    assert json.dumps(full.name)[1:10] in edited.content.decode()


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"channel": "nobody"}, "channel"),
        ({"channel": "no@where.example"}, "channel"),
        ({"ordering": "relevance"}, "ordering"),
    ],
)
def test_what_makes_no_sense_is_told_where_it_was_written(
    full: Video, editor: Client, root: Page, values: dict[str, str], place: str
) -> None:
    refused = create(editor, root, page_form(root, [grid(**values)]))
    assert refused.status_code == 200
    assert not TownPage.objects.exists()
    block = VideoGridBlock()
    with pytest.raises(ValidationError) as error:
        block.clean(block.to_python({"count": 3, **values}))
    assert [*error.value.block_errors] == [place]


def test_a_playlist_keeps_its_order(full: Video, publish: Publish) -> None:
    places = PlaylistElement.objects.filter(video__in=Video.objects.listed()).order_by("playlist", "position")
    playlist = places[0].playlist
    expected = [place.video.short_uuid for place in places if place.playlist == playlist][:3]
    html = publish(body=[("videos", {"playlist": playlist, "count": 3})])
    shown = [part.partition("/")[0] for part in html.split('href="/watch/videos/')[1:]]
    assert [*dict.fromkeys(shown)] == [*dict.fromkeys(expected)]


def test_a_page_outlives_what_it_shows(full: Video, publish: Publish) -> None:
    body = [("video", full), ("videos", {"channel": full.channel.handle, "count": 3})]
    assert "data-peertube-player" in publish(body=body)
    Curation.objects.create(video=full, hidden=True)
    html = Client().get("/town/").content.decode()
    assert "data-peertube-player" not in html
    TownPage.objects.get().save_revision().publish()
