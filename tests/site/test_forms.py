"""Form fields that find a video or a playlist by what people type, and show what they chose by our own titles."""

from typing import Any

import pytest
from django import forms

from peertube_sync.models import Curation, Playlist, Video


def form_of(data: dict[str, str] | None = None, **initial: Any) -> forms.Form:
    from peertube_sync.forms import PlaylistChoiceField, VideoChoiceField

    class Pick(forms.Form):
        video = VideoChoiceField(required=False)
        playlist = PlaylistChoiceField(required=False)

    return Pick(data, initial=initial)


@pytest.mark.parametrize("form", ["watch_url", "short_uuid", "uuid", "name"])
def test_a_video_is_read_from_all_that_names_it(full: Video, form: str) -> None:
    bound = form_of({"video": f" {getattr(full, form)} "})
    assert bound.is_valid(), bound.errors
    assert bound.cleaned_data["video"] == full


def test_what_it_shows_it_reads_again_and_calls_it_as_pages_do(full: Video) -> None:
    Curation.objects.create(video=full, title='Our "own" title')
    html = str(form_of(video=full.pk)["video"])
    assert f'value="Our &quot;own&quot; title ({full.short_uuid})"' in html
    assert 'data-peertube-choose="/feeds/json/"' in html
    bound = form_of({"video": f'Our "own" title ({full.short_uuid})'}, video=full.pk)
    assert bound.is_valid()
    assert bound.cleaned_data["video"] == full
    assert not bound.has_changed()


def test_a_playlist_is_found_too(full: Video) -> None:
    playlist = Playlist.objects.available()[0]
    for text in (playlist.watch_url, playlist.short_uuid, f"x ({playlist.short_uuid})"):
        bound = form_of({"playlist": text})
        assert bound.is_valid(), bound.errors
        assert bound.cleaned_data["playlist"] == playlist


@pytest.mark.parametrize("text", ["no such thing as that", "a", "123", "x" * 2001, "\x1b", "?"])
def test_what_names_nothing_or_several_is_told(full: Video, text: str) -> None:
    bound = form_of({"video": text})
    assert not bound.is_valid()
    assert bound.errors["video"]
    assert f'value="{text}"' in str(bound["video"])


def test_what_is_hidden_cant_be_chosen_but_stays_chosen(full: Video) -> None:
    Curation.objects.create(video=full, hidden=True)
    assert not form_of({"video": full.watch_url}).is_valid()
    assert full.short_uuid in str(form_of(video=full.pk)["video"])


def test_nothing_is_none(full: Video) -> None:
    bound = form_of({})
    assert bound.is_valid()
    assert bound.cleaned_data == {"video": None, "playlist": None}
