"""Editors put videos into pages by the forms of django CMS, and visitors see them."""

from typing import Any

import pytest
from cms.models import CMSPlugin
from django.test import Client
from django.urls import reverse

from peertube_sync.models import Curation, Playlist, Video

GRID = {"heading": "", "channel": "", "playlist": "", "words": "", "ordering": "", "count": "3"}


def add(editor: Client, placeholder: Any, plugin: str, **form: str) -> Any:
    where = {"placeholder_id": placeholder.pk, "plugin_type": plugin, "plugin_language": "en"}
    where |= {"plugin_position": 1, "cms_path": "/en/town/"}
    query = "&".join(f"{name}={value}" for name, value in where.items())
    return editor.post(f"{reverse('admin:cms_placeholder_add_plugin')}?{query}", form)


def page() -> str:
    answer = Client().get("/en/town/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("form", ["watch_url", "short_uuid", "name"])
def test_a_video_is_chosen_by_address_uuid_or_title(full: Video, editor: Client, placeholder: Any, form: str) -> None:
    saved = add(editor, placeholder, "VideoPublisher", video=str(getattr(full, form)))
    assert saved.status_code == 200
    assert CMSPlugin.objects.count() == 1, saved.content.decode()
    assert "data-peertube-player" in page()


def test_its_form_shows_our_own_title(full: Video, editor: Client, placeholder: Any) -> None:
    add(editor, placeholder, "VideoPublisher", video=full.watch_url)
    Curation.objects.create(video=full, title="Our own title")
    html = editor.get(reverse("admin:cms_placeholder_edit_plugin", args=[CMSPlugin.objects.get().pk])).content.decode()
    assert f'value="Our own title ({full.short_uuid})"' in html
    assert 'data-peertube-choose="/watch/feeds/json/"' in html


def test_what_is_hidden_leaves_its_place_empty(full: Video, editor: Client, placeholder: Any) -> None:
    add(editor, placeholder, "VideoPublisher", video=full.watch_url)
    Curation.objects.create(video=full, hidden=True)
    assert "data-peertube-player" not in page()


def test_a_grid_shows_a_channel_or_a_playlist(full: Video, editor: Client, placeholder: Any) -> None:
    add(editor, placeholder, "VideoGridPublisher", **(GRID | {"heading": "News", "channel": full.channel.handle}))
    html = page()
    assert "News" in html
    assert html.count('class="peertube-card"') == min(3, Video.objects.listed().filter(channel=full.channel).count())
    playlist = Playlist.objects.available()[0]
    add(editor, placeholder, "VideoGridPublisher", **(GRID | {"playlist": playlist.watch_url}))
    assert CMSPlugin.objects.count() == 2


@pytest.mark.parametrize(
    "wrong", [{"channel": "nobody"}, {"ordering": "relevance"}, {"playlist": "no such list"}, {"count": "0"}]
)
def test_what_makes_no_sense_is_refused(full: Video, editor: Client, placeholder: Any, wrong: dict[str, str]) -> None:
    refused = add(editor, placeholder, "VideoGridPublisher", **(GRID | wrong))
    assert "errorlist" in refused.content.decode()
    assert not CMSPlugin.objects.exists()
