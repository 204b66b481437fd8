"""All faces tell the same of a row: its title, text, pictures and addresses, whatever its instance published."""

import json
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from peertube_sync.models import Curation, Playlist, Video
from tests.support.catalogue import HOST
from tests.support.page import Page

Look = Callable[..., Page]

PICTURES = [
    {"width": 280, "height": 157, "aspect_ratio": "16:9", "path": "/small.jpg"},
    {"width": 1920, "height": 1080, "aspect_ratio": "16:9", "path": "/large.jpg"},
]
HOME = f"http://{HOST}"


class Faces:
    """What each face tells of the video at `address`."""

    def __init__(self, client: Client, look: Look, video: Video) -> None:
        self.ours = client.get(f"/api/videos/{video.uuid}/").json()
        self.peertubes = client.get(f"/api/v1/videos/{video.uuid}").json()
        self.page = look(f"/videos/{video.short_uuid}/")
        (script,) = self.page.all("script", type="application/ld+json")
        self.json_ld = json.loads(script.text)
        self.oembed = client.get("/oembed/", {"url": f"http://testserver/videos/{video.short_uuid}/"}).json()
        self.sitemap = client.get(f"/sitemap-{video.pk // 5000}.xml").content.decode()

    def players(self) -> set[str]:
        (player,) = self.page.all("div", class_="peertube-player")
        (whole,) = (one for one in self.sitemap.split("<url>") if self.ours["short_uuid"] in one)
        return {
            self.ours["embed_url"],
            self.peertubes["embedUrl"],
            f"{HOME}{self.peertubes['embedPath']}",
            player.attributes["data-peertube-player"].removesuffix("?autoplay=1&api=1"),
            self.json_ld["embedUrl"],
            self.oembed["html"].split('src="')[1].split('"')[0],
            unescape(whole.split("<video:player_loc>")[1].split("<")[0]),
        }

    def pictures(self) -> set[str]:
        """The large picture."""
        return {
            self.ours["thumbnail_url"],
            self.ours["preview_url"],
            self.peertubes["thumbnailUrl"],
            self.peertubes["previewUrl"],
            *self.json_ld["thumbnailUrl"],
        }

    def texts(self) -> set[str]:
        return {self.peertubes["description"], self.json_ld["description"]}

    def titles(self) -> set[str]:
        return {self.ours["name"], self.peertubes["name"], self.json_ld["name"], self.oembed["title"]}


@pytest.fixture
def faces(client: Client, look: Look, full: Video) -> Callable[..., Faces]:
    """Change columns of the video, and ask all faces for it."""

    def ask(**columns: Any) -> Faces:
        Video.objects.filter(pk=full.pk).update(**columns)
        return Faces(client, look, full)

    return ask


def test_the_player_is_where_the_instance_says(faces: Callable[..., Faces], full: Video) -> None:
    path = f"/videos/embed/{full.short_uuid}"
    assert faces(embed_path=path).players() == {f"{HOME}{path}"}


@pytest.mark.parametrize("path", [None, "", "@evil.example/", "/embed/x?autoplay=1", "/x#y", "/a b", "javascript:1"])
def test_without_a_plain_path_it_is_where_every_peertube_has_it(
    faces: Callable[..., Faces], full: Video, path: str | None
) -> None:
    assert faces(embed_path=path).players() == {f"{HOME}/videos/embed/{full.uuid}"}


def test_pictures_by_path_alone_are_found(faces: Callable[..., Faces]) -> None:
    none = {"thumbnail_path": None, "preview_path": None}
    assert faces(thumbnails=PICTURES, **none).pictures() == {f"{HOME}/large.jpg"}


def test_a_thumbnail_stands_in_for_a_preview_that_is_not_there(faces: Callable[..., Faces]) -> None:
    told = faces(thumbnails=[], thumbnail_path="/thumbnail.jpg", preview_path=None)
    assert told.pictures() == {f"{HOME}/thumbnail.jpg"}


def test_the_cut_text_stands_in_until_the_whole_is_told(faces: Callable[..., Faces]) -> None:
    assert faces(description=None, truncated_description="The beginning").texts() == {"The beginning"}
    assert faces(description="The whole", truncated_description="The beginning").peertubes["description"] == "The whole"
    assert faces(description="", truncated_description="The beginning").peertubes["description"] == ""


def test_the_sites_own_words_come_first_everywhere(faces: Callable[..., Faces], full: Video) -> None:
    Curation.objects.create(video=full, title="Our title", text="Our text")
    told = faces()
    assert (told.titles(), told.texts()) == ({"Our title"}, {"Our text"})
    assert told.ours["description"] == told.ours["truncated_description"] == "Our text"


def test_caption_files_in_an_object_storage_are_linked_everywhere(
    client: Client, faces: Callable[..., Faces], full: Video
) -> None:
    there = "https://storage.example/captions/de.vtt"
    full.captions.update(caption_path=there, file_url=None)
    told = faces()
    listed = client.get(f"/api/videos/{full.uuid}/captions/").json()["results"]
    assert {one["file_url"] for one in (*told.ours["captions"], *listed)} == {there}
    peertubes = client.get(f"/api/v1/videos/{full.uuid}/captions").json()["data"]
    assert {one["fileUrl"] for one in peertubes} == {there}
    assert there in told.page.links()


def test_playlists_are_read_alike(client: Client, look: Look, full: Video) -> None:
    Playlist.objects.update(thumbnails=PICTURES, thumbnail_path=None, embed_path=None)
    playlist = Playlist.objects.filter(elements__video=full)[0]
    ours = client.get(f"/api/playlists/{playlist.uuid}/").json()
    peertubes = client.get(f"/api/v1/video-playlists/{playlist.uuid}").json()
    assert ours["thumbnail_url"] == peertubes["thumbnailUrl"] == f"{HOME}/large.jpg"
    assert ours["embed_url"] == peertubes["embedUrl"] == f"{HOME}/video-playlists/embed/{playlist.uuid}"
    assert {urlsplit(ours["embed_url"]).path} == {peertubes["embedPath"]}
    page = look(f"/playlists/{playlist.short_uuid}/")
    assert f"{HOME}/large.jpg" in page.source
