"""oEmbed at PeerTube's address, held against what a PeerTube recorded."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from peertube_sync.models import Playlist, Video
from tests.support.catalogue import HOST, richest

Ask = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("mirror")
HERE = "http://testserver"


@pytest.fixture
def ask(client: Client) -> Ask:
    """Ask how to embed what is at an address of this host."""

    def get(url: str, *, status: int = 200, **more: Any) -> Any:
        answer = client.get("/services/oembed", {"url": url, **more})
        assert answer.status_code == status, answer.content
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "X-RateLimit-Limit" in answer
        return answer.json()

    return get


def video() -> Video:
    found: Video = Video.objects.get(uuid=richest())
    return found


@pytest.mark.parametrize(
    "path", ["/w/{0}", "/w/{1}", "/videos/watch/{0}", "/w/{1}?start=1m2s", "/videos/{1}/", "/w/{1};threadId=1"]
)
def test_a_video_is_told_as_recorded(ask: Ask, path: str) -> None:
    row = video()
    told = ask(HERE + path.format(row.uuid, row.short_uuid))
    assert told["html"] == (
        '<iframe width="560" height="315" sandbox="allow-same-origin allow-scripts allow-popups allow-forms" '
        'title="Full metadata video: &quot;quotes&quot; &amp; &lt;tags&gt; éà 日本語 🎉" '
        f'src="http://{HOST}/videos/embed/{row.uuid}" frameborder="0" allowfullscreen></iframe>'
    )
    del told["html"]
    assert told == {
        "type": "video",
        "version": "1.0",
        "width": 560,
        "height": 315,
        "title": row.name,
        "author_name": "Cooking with Alice",
        "author_url": f"http://{HOST}/video-channels/cooking",
        "provider_name": "Videos",
        "provider_url": HERE,
        "thumbnail_url": f"http://{HOST}{row.preview_path}",
        "thumbnail_width": 850,
        "thumbnail_height": 480,
    }


def test_no_more_is_given_than_there_is_room_for(ask: Ask) -> None:
    url = f"{HERE}/w/{richest()}"
    told = ask(url, maxwidth=200, maxheight=100)
    assert (told["width"], told["height"]) == (200, 100)
    assert "thumbnail_url" not in told
    assert ask(url, maxwidth=300, maxheight=300)["thumbnail_width"] == 280
    assert ask(url, maxwidth="wide", maxheight="-1")["width"] == 560
    assert ask(url, maxwidth=0)["width"] == 1


@pytest.mark.parametrize("path", ["/w/p/{0}", "/videos/watch/playlist/{0}"])
def test_a_playlist_is_embedded_too(ask: Ask, path: str) -> None:
    playlist = Playlist.objects.get(display_name="Best of cooking")
    told = ask(HERE + path.format(playlist.uuid))
    assert (told["title"], told["thumbnail_width"]) == ("Best of cooking", 280)
    assert f'src="http://{HOST}/video-playlists/embed/{playlist.uuid}"' in told["html"]


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "//", "http://[", f"{HERE}/c/cooking", f"{HERE}/videos/embed/{richest()}", f"{HERE}/"),
        *(
            f"https://evil.example/w/{richest()}",
            f"http://{HOST}/w/{richest()}",
            f"javascript://testserver/w/{richest()}",
        ),
        *(f"{HERE}@evil.example/w/{richest()}", f"http://user@testserver/w/{richest()}", f"/w/{richest()}"),
    ],
)
def test_another_address_is_refused(ask: Ask, url: str) -> None:
    assert ask(url, status=400)["detail"] == "Invalid url."


@pytest.mark.parametrize("here", ["http://testserver:80", "https://TESTSERVER", "https://mirror.example"])
def test_the_site_is_known_by_all_its_names(ask: Ask, here: str) -> None:
    assert ask(f"{here}/w/{richest()}")["title"]


def test_what_is_not_here_and_other_formats_are_refused(ask: Ask) -> None:
    for name in ("aaaaaaaaaaaaaaaaaaaaaa", "x", "00000000-0000-4000-8000-000000000000"):
        assert ask(f"{HERE}/w/{name}", status=400)["detail"] == "Invalid video or playlist id."
    told = ask(f"{HERE}/w/{richest()}", status=501, format="xml")
    assert told["detail"] == "Requested format is not implemented on server."
    Video.objects.update(privacy_id=3)
    ask(f"{HERE}/w/{richest()}", status=400)


def test_a_hostile_title_stays_text(ask: Ask) -> None:
    Video.objects.update(name='"><script>alert(1)</script>', embed_path='/x"onload="y')
    told = ask(f"{HERE}/w/{richest()}")
    assert "<script" not in told["html"]
    assert "onload" not in told["html"]
    assert '"><script>alert(1)</script>' in unescape(told["html"])


def test_a_picture_that_is_blurred_here_is_left_out(ask: Ask, settings: Any) -> None:
    Video.objects.update(nsfw=True)
    assert "thumbnail_url" in ask(f"{HERE}/w/{richest()}")
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "blur"}
    assert "thumbnail_url" not in ask(f"{HERE}/w/{richest()}")
