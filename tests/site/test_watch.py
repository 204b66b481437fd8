"""What the page of a video has besides it: places in a playlist, files to take home, a dialog for sharing, a choice."""

from typing import Any

import pytest
from django.db.models.signals import post_init
from django.test import Client

from peertube_sync.models import Caption, Curation, Playlist, PlaylistElement, Video
from tests.support.catalogue import HOST
from tests.support.page import Look, Page
from tests.support.paths import ROOT
from tests.support.users import somebody

STATIC = ROOT / "peertube_sync" / "static" / "peertube_sync" / "site"
SCRIPTS, STYLES = ("play.js", "watch.js", "suggest.js"), ("site.css", "parts.css", "watch.css")


def path_of(video: Video) -> str:
    return f"/videos/{video.short_uuid}/"


def places(page: Page) -> list[str]:
    """The places of the playlist that the page names."""
    (queue,) = page.all("ol", class_="site-chapters")[:1]
    return [one.text for one in page.all("li") if one.text and one.text in queue.text]


@pytest.fixture
def elements(full: Video) -> list[PlaylistElement]:
    """The elements of a playlist of ten videos, the fourth of which is the one with everything."""
    playlist = Playlist.objects.get(display_name="Best of cooking")
    playlist.elements.all().delete()
    videos = list(Video.objects.listed().exclude(pk=full.pk).order_by("pk")[:9])
    videos.insert(3, full)
    for number, video in enumerate(videos, 1):
        PlaylistElement.objects.create(playlist=playlist, video=video, remote_id=number, position=number)
    full.chapters.all().delete()
    return list(playlist.elements.select_related("video", "playlist").order_by("position"))


def test_a_page_is_not_heavy() -> None:
    assert sum((STATIC / name).stat().st_size for name in SCRIPTS) <= 15_000
    assert sum((STATIC / name).stat().st_size for name in STYLES) <= 25_000


def test_a_playlist_is_played_from_place_to_place(look: Look, full: Video, elements: list[PlaylistElement]) -> None:
    playlist = elements[0].playlist
    query = {"playlist": playlist.short_uuid, "position": 4}
    page = look(path_of(full), **query)
    assert places(page) == [f"{one.position} {one.video.name}" for one in elements[1:10] if one.video]
    (current,) = page.all("a", aria_current="true")
    assert current.text == f"4 {full.name}"
    third, fifth = (f"{path_of(elements[n].video)}?playlist={playlist.short_uuid}&position={n + 1}" for n in (2, 4))  # type: ignore[arg-type]
    assert page.links("prev") == [third]
    assert page.links("next") == [fifth]
    assert page.links("canonical") == look(path_of(full)).links("canonical")
    assert look(path_of(full), playlist=playlist.short_uuid).links("next") == [fifth]
    assert not look(path_of(full)).links("next")


def test_all_of_a_playlist_is_played_from_its_page(look: Look, elements: list[PlaylistElement]) -> None:
    PlaylistElement.objects.filter(pk=elements[0].pk).update(start_timestamp=5)
    playlist = elements[0].playlist
    (link,) = [one for one in look(f"/playlists/{playlist.short_uuid}/").all("a") if one.text == "Play all"]
    page = look(link.attributes["href"])
    assert page.all("iframe")[0].attributes["src"].endswith("&start=5s")
    assert page.links("next")[0].endswith("&position=2&play=1")
    playlist.elements.all().delete()
    assert "Play all" not in look(f"/playlists/{playlist.short_uuid}/").source


def test_a_playlist_goes_on_playing_at_the_same_host_alone(
    look: Look, full: Video, elements: list[PlaylistElement]
) -> None:
    query = {"playlist": elements[0].playlist.short_uuid, "position": 4}
    assert "play=1" not in look(path_of(full), **query).links("next")[0]
    (link,) = look(path_of(full), play=1, **query).all("a", rel="next")
    assert link.attributes["href"].endswith("&play=1")
    assert link.attributes["data-peertube-next"] == HOST
    assert look(link.attributes["href"]).all("iframe")


def test_an_element_begins_and_stops_where_it_says(look: Look, full: Video, elements: list[PlaylistElement]) -> None:
    PlaylistElement.objects.filter(pk=elements[3].pk).update(start_timestamp=30, stop_timestamp=90)
    query = {"playlist": elements[0].playlist.short_uuid, "position": 4}
    (player,) = look(path_of(full), **query).all("div", class_="peertube-player")
    assert player.attributes["data-peertube-stop"] == "90"
    assert player.attributes["data-peertube-player"].endswith("?autoplay=1&api=1&stop=90s")
    (frame,) = look(path_of(full), play=1, **query).all("iframe")
    assert frame.attributes["src"].endswith("?autoplay=1&api=1&start=30s&stop=90s")
    (frame,) = look(path_of(full), play=1, start=0, **query).all("iframe")
    assert "start=" not in frame.attributes["src"]


def test_a_video_twice_in_a_playlist_has_two_places(look: Look, full: Video, elements: list[PlaylistElement]) -> None:
    PlaylistElement.objects.filter(pk=elements[8].pk).update(video=full, start_timestamp=7)
    query = {"playlist": elements[0].playlist.short_uuid}
    for position, start in ((4, "0"), (9, "7"), (77, "0")):
        (poster,) = look(path_of(full), position=position, **query).all("a", class_="peertube-poster")
        assert poster.attributes["data-peertube-start"] == start


@pytest.mark.parametrize("position", ["", "7", "0", "-1", "x", "9" * 30])
def test_a_video_at_very_many_places_is_read_at_few(
    look: Look, full: Video, elements: list[PlaylistElement], position: str
) -> None:
    playlist, numbers = elements[0].playlist, range(5, 205)
    PlaylistElement.objects.bulk_create(
        PlaylistElement(playlist=playlist, video=full, remote_id=100 + number, position=number) for number in numbers
    )
    read = []

    def note(instance: PlaylistElement, **_named: object) -> None:
        read.append(instance.position)

    post_init.connect(note, sender=PlaylistElement)
    try:
        page = look(path_of(full), playlist=playlist.short_uuid, position=position)
    finally:
        post_init.disconnect(note, sender=PlaylistElement)
    assert page.links("next")
    assert len(read) <= 10


def test_what_is_hidden_is_passed_over(look: Look, full: Video, elements: list[PlaylistElement]) -> None:
    for element in elements[4:6]:
        Curation.objects.create(video=element.video, hidden=True)
    (link,) = look(path_of(full), playlist=elements[0].playlist.short_uuid).links("next")
    assert link.endswith("position=7")


@pytest.mark.parametrize("named", ["nothing", "", "87HEB76SSdW1p4Qrg2zpQz", "x" * 500])
def test_a_playlist_that_is_not_there_changes_nothing(look: Look, full: Video, named: str) -> None:
    assert look(path_of(full), playlist=named).source == look(path_of(full)).source


def test_a_playlist_without_the_video_changes_nothing(look: Look, full: Video, elements: list[PlaylistElement]) -> None:
    elements[3].delete()
    assert not look(path_of(full), playlist=elements[0].playlist.short_uuid).links("next")


def test_a_place_in_a_playlist_costs_few_queries(
    look: Look, full: Video, elements: list[PlaylistElement], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(17):
        look(path_of(full), playlist=elements[0].playlist.short_uuid, position=4)


FILE = {
    "file_url": "https://video.example/static/web-videos/a-720.mp4",
    "file_download_url": "https://video.example/download/web-videos/a-720.mp4",
    "resolution": {"id": 720, "label": "720p"},
    "size": 12_345_678,
}
CUT = {"file_url": "https://video.example/static/streaming-playlists/hls/a-480.mp4", "resolution": {"label": "480p"}}


def downloads(page: Page) -> dict[str, str]:
    menus = page.all("details", class_="site-menu")
    return {one.text: one.attributes["href"] for one in page.all("a") if menus and "download" in one.attributes}


def test_files_are_taken_home_where_that_is_allowed_and_only_there(look: Look, full: Video) -> None:
    Caption.objects.filter(video=full).exclude(language_id="fr").delete()
    full.captions.update_or_create(language_id="fr", defaults={"language_label": "French", "caption_path": "/fr.vtt"})
    rows = Video.objects.filter(pk=full.pk)
    rows.update(download_enabled=True, is_live=False, files=[FILE], streaming_playlists=[{"files": [CUT]}])
    page = look(path_of(full))
    assert downloads(page) == {
        "720p": FILE["file_download_url"],
        "Captions: French": f"http://{HOST}/fr.vtt",
    }
    assert "11.8\xa0MB" in page.source
    for facts in ({"download_enabled": False}, {"download_enabled": None}, {"download_enabled": True, "is_live": True}):
        rows.update(**facts)
        page = look(path_of(full))
        assert not [one for one in page.elements if "download" in one.attributes]
        assert not [link for link in page.links() if "a-720.mp4" in link]
        assert "Captions: French" in page.all("main")[0].text


def test_of_files_cut_for_streaming_those_with_sound_are_offered(look: Look, full: Video) -> None:
    silent = CUT | {"has_audio": False, "resolution": {"label": "1080p"}}
    hostile = CUT | {"file_url": "javascript:alert(1)", "file_download_url": "javascript:alert(1)"}
    Video.objects.filter(pk=full.pk).update(
        download_enabled=True, files=[], streaming_playlists=[{"files": [silent, CUT, hostile]}]
    )
    Caption.objects.filter(video=full).delete()
    assert downloads(look(path_of(full))) == {"480p": CUT["file_url"]}
    Video.objects.filter(pk=full.pk).update(streaming_playlists=[])
    assert not downloads(look(path_of(full)))


def test_address_and_code_are_there_to_be_shared(look: Look, full: Video) -> None:
    Video.objects.filter(pk=full.pk).update(name='"><script>alert(1)</script>')
    page = look(path_of(full), start=83)
    (dialog,) = page.all("dialog")
    (address,) = page.all("input", name_="link")
    assert address.attributes["value"] == f"http://testserver{path_of(full)}"
    (code,) = page.all("textarea", name_="code")
    inner = Page(code.text).all("iframe")[0].attributes
    assert inner["src"] == code.attributes["data-embed"] == f"http://{HOST}/videos/embed/{full.uuid}"
    assert inner["title"] == '"><script>alert(1)</script>'
    assert "allow-scripts" in inner["sandbox"]
    (button,) = [one for one in page.all("button") if one.attributes.get("data-peertube-share")]
    assert button.attributes["data-peertube-share"] == "83"
    assert "hidden" in button.attributes  # without a script it would do nothing
    assert dialog.text.startswith("Share")


def test_what_is_not_public_is_not_shared(full: Video) -> None:
    Video.objects.filter(pk=full.pk).update(privacy_id=3, privacy_label="Private")
    page = Page(somebody("view_private_video").get(path_of(full)).content.decode())
    assert page.all("h1")
    assert not page.all("dialog")
    assert "data-peertube-share" not in page.source


def test_who_wants_it_is_asked_by_the_script_alone(look: Look, full: Video, client: Client) -> None:
    (choice,) = look(path_of(full)).all("p", class_="site-consent")
    assert choice.attributes["data-peertube-host"] == HOST
    assert "hidden" in choice.attributes
    assert HOST in choice.text


def test_chapters_keep_the_place_in_the_playlist(look: Look, full: Video, elements: list[PlaylistElement]) -> None:
    full.chapters.create(timecode=0, title="Beginning")
    PlaylistElement.objects.filter(pk=elements[3].pk).update(start_timestamp=30)
    page = look(path_of(full), playlist=elements[0].playlist.short_uuid, position=4)
    (chapter,) = [one for one in page.all("a", data_peertube_start="0") if "Beginning" in one.text]
    (frame,) = look(chapter.attributes["href"]).all("iframe")
    assert "start=" not in frame.attributes["src"]
    assert look(chapter.attributes["href"]).links("next")
