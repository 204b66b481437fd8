"""What the site decides, seen through the API: featured videos, and what becomes of sensitive ones."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import peertube_sync
from peertube_sync.models import Curation, Playlist, PlaylistElement, Video
from tests.support.catalogue import HOST, Ask, local, mirror_details, uuids

pytestmark = pytest.mark.usefixtures("catalogue")


def feature(number: int) -> set[str]:
    """Feature so many of the oldest videos."""
    chosen = list(Video.objects.order_by("published_at")[:number])
    Curation.objects.decide(chosen, featured=True)
    return {str(one.uuid) for one in chosen}


@pytest.mark.parametrize("number", [0, 3, 7])
def test_featured_videos_come_first_where_that_is_asked_for(ask: Ask, number: int) -> None:
    chosen = feature(number)
    newest = uuids(ask("videos/", page_size=100))
    expected = sorted(newest, key=lambda uuid: uuid not in chosen)
    pages = [answer := ask("videos/", ordering="featured", page_size=7)]
    while answer["next"]:
        pages.append(answer := ask(answer["next"]))
    assert [uuid for page in pages for uuid in uuids(page)] == expected
    back = [answer]
    while answer["previous"]:
        back.insert(0, answer := ask(answer["previous"]))
    assert [uuids(page) for page in back] == [uuids(page) for page in pages]


def test_featured_videos_are_told_from_others(ask: Ask) -> None:
    chosen = feature(2)
    assert set(uuids(ask("videos/", featured="true"))) == chosen
    assert chosen.isdisjoint(uuids(ask("videos/", featured="false", page_size=100)))
    shown = ask("videos/", page_size=100)["results"]
    assert {one["uuid"] for one in shown if one["featured"]} == chosen
    ask("videos/", ordering="-featured", status=400)


def sensitive() -> set[str]:
    return {one["uuid"] for one in local("list") if one["nsfw"]}


@pytest.fixture
def policy(settings: Any) -> Callable[[str], None]:
    def choose(word: str) -> None:
        settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": word}

    return choose


def test_sensitive_videos_are_marked_to_be_blurred_where_the_site_wants_it(ask: Ask, policy: Any) -> None:
    marked = {word: set() for word in ("show", "blur")}
    for word, found in marked.items():
        policy(word)
        found |= {one["uuid"] for one in ask("videos/", page_size=100)["results"] if one["blurred"]}
    assert marked == {"show": set(), "blur": sensitive()}
    uuid = min(sensitive())
    assert ask(f"videos/{uuid}/")["blurred"] is True


def test_sensitive_videos_are_nowhere_where_the_site_hides_them(ask: Ask, policy: Any) -> None:
    (uuid, *_others) = sorted(sensitive())
    video = mirror_details(uuid)
    playlist = Playlist.objects.all()[0]
    PlaylistElement.objects.create(playlist=playlist, video=video, remote_id=1, position=99, video_uuid=uuid)
    channel, account = video.channel.handle, video.account.handle
    counted = [f"channels/{channel}/", f"accounts/{account}/", f"instances/{HOST}/"]
    before = [ask(path)["videos_count"] for path in counted]
    policy("hide")
    hidden = Video.objects.filter(uuid__in=sensitive())
    gone = [hidden.filter(channel=video.channel), hidden.filter(account=video.account), hidden]
    for path, count, rows in zip(counted, before, gone, strict=True):
        assert ask(path)["videos_count"] == count - rows.count()
    for path in (f"videos/{uuid}/", f"videos/{uuid}/captions/", f"videos/{uuid}/chapters/"):
        ask(path, status=404)
    lists = (
        "videos/",
        f"channels/{channel}/videos/",
        f"accounts/{account}/videos/",
        f"playlists/{playlist.uuid}/videos/",
    )
    for path in lists:
        assert sensitive().isdisjoint(uuids(ask(path, page_size=100))), path
    assert uuids(ask("videos/", nsfw="true")) == []
    element = next(one for one in ask(f"playlists/{playlist.uuid}/elements/")["results"] if one["position"] == 99)
    assert (element["video"], element["video_uuid"], element["video_name"]) == (None, None, "")
    assert ask("categories/", nsfw="true")["results"] == []


@pytest.mark.one_database
@pytest.mark.parametrize("face", ["api", "compat", "site", "templatetags"])
def test_no_interface_takes_videos_past_the_policy_of_the_site(face: str) -> None:
    files = (Path(peertube_sync.__file__).parent / face).rglob("*.py")
    past = re.compile(r"Video\.objects\.(available|listed)\(")
    assert [file.name for file in files if past.search(file.read_text())] == []
