"""The page of a playlist: its order and places, a search within, and why fewer videos are shown than it counts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from peertube_sync.catalogue import playlist_gaps
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import PUBLIC, Curation, Playlist, PlaylistElement, Reason, Source, Video
from peertube_sync.sync.operations.optout import opt_out
from tests.support import builders
from tests.support.page import Look, Page

WHY = "Why fewer videos are shown than it counts"


@pytest.fixture
def playlist(db: None) -> Playlist:
    shown = builders.playlist(display_name="Best of boats", description=None, videos_length=0)
    Playlist.objects.filter(pk=shown.pk).update(elements_fetched_at=timezone.now())
    return Playlist.objects.select_related("instance").get(pk=shown.pk)


def place(playlist: Playlist) -> str:
    return f"/playlists/{playlist.short_uuid}/"


def put(playlist: Playlist, position: int, video: Video | None, **facts: Any) -> PlaylistElement:
    """Put a video at a place of the playlist, which counts it."""
    Playlist.objects.filter(pk=playlist.pk).update(videos_length=playlist.elements.count() + 1)
    return PlaylistElement.objects.create(
        playlist=playlist, video=video, remote_id=position, position=position, **facts
    )


def make(playlist: Playlist, **facts: Any) -> Video:
    return builders.video(playlist.instance, **facts)


def count(page: Page) -> str:
    return next(one.text for one in page.all("h2") if one.attributes.get("id") == "videos")


def gaps(page: Page) -> list[str]:
    """Return why fewer videos are shown."""
    return [one.text.removeprefix(WHY).strip() for one in page.all("details", class_="site-gaps")]


def test_videos_are_in_the_order_of_the_playlist_with_their_places(look: Look, playlist: Playlist) -> None:
    for position, name in ((7, "Third"), (1, "First"), (3, "Second")):
        put(playlist, position, make(playlist, name=name))
    page = look(place(playlist))
    assert page.titles() == ["First", "Second", "Third"]
    assert [one.text for one in page.all("span", class_="peertube-badge peertube-position")] == ["1", "3", "7"]
    assert [one.text for one in page.all("span") if one.text.startswith("Place")] == [
        "Place 1.",
        "Place 3.",
        "Place 7.",
    ]
    assert count(page) == "3 videos"
    assert "Why fewer" not in page.source


def hide(video: Video) -> None:
    Curation.objects.create(video=video, hidden=True)


def mark_sensitive(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(nsfw=True)


def make_private(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(privacy_id=PUBLIC + 2)


def end(reason: Reason) -> Callable[[Video], None]:
    def tombstone(video: Video) -> None:
        Video.objects.filter(pk=video.pk).update(removed_at=timezone.now(), removed_reason=reason)

    return tombstone


def both(first: Callable[[Video], None], second: Callable[[Video], None]) -> Callable[[Video], None]:
    def withhold(video: Video) -> None:
        first(video)
        second(video)

    return withhold


NOT_HERE = "1 isn't shown on this site"


@pytest.mark.parametrize(
    ("withhold", "said"),
    [
        (hide, NOT_HERE),
        (mark_sensitive, NOT_HERE),
        (make_private, NOT_HERE),
        (end(Reason.DELETED), "1 was deleted"),
        (end(Reason.PRIVATE), "1 isn't public"),
        (end(Reason.PASSWORD), "1 isn't public"),
        (end(Reason.UNLISTED), "1 isn't public"),
        (end(Reason.BLOCKED), "1 is kept back by its instance"),
        (both(hide, end(Reason.DELETED)), NOT_HERE),
        (both(make_private, end(Reason.PRIVATE)), NOT_HERE),
        (end(Reason.OUT_OF_SCOPE), NOT_HERE),
        (end(Reason.OPTED_OUT), NOT_HERE),
    ],
)
def test_why_a_video_that_was_mirrored_is_not_shown(
    look: Look, playlist: Playlist, settings: Any, withhold: Callable[[Video], None], said: str
) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "hide"}
    put(playlist, 1, make(playlist, name="Here"))
    gone = make(playlist, name="Secret thing")
    put(playlist, 2, gone)
    withhold(gone)
    page = look(place(playlist))
    assert (page.titles(), count(page), gaps(page)) == (["Here"], "1 of 2 videos", [said])
    assert "Secret thing" not in page.source


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (0, NOT_HERE),
        (None, NOT_HERE),
        (1, "1 was deleted"),
        (2, "1 isn't public"),
        (3, "1 is kept back by its instance"),
        (99, NOT_HERE),
    ],
)
def test_why_a_video_that_never_was_mirrored_is_not_shown(
    look: Look, playlist: Playlist, kind: int | None, said: str
) -> None:
    put(playlist, 1, None, type_id=kind, video_name="Secret thing")
    page = look(place(playlist))
    assert (count(page), gaps(page)) == ("0 of 1 videos", [said])
    assert "None of its videos is shown here" in page.source
    assert "Secret thing" not in page.source


def test_what_is_counted_but_not_listed_or_not_read_yet_is_told(look: Look, playlist: Playlist) -> None:
    put(playlist, 1, make(playlist))
    Playlist.objects.update(videos_length=4)
    page = look(place(playlist))
    assert (count(page), gaps(page)) == ("1 of 4 videos", ["3 are counted, but not listed"])
    Playlist.objects.update(elements_fetched_at=None)
    assert gaps(look(place(playlist))) == ["the list of its videos hasn't been read yet"]
    Playlist.objects.update(elements_fetched_at=timezone.now(), videos_length=-3)
    assert count(look(place(playlist))) == "1 video"
    Playlist.objects.update(videos_length=None)
    assert count(look(place(playlist))) == "1 video"


def test_a_playlist_too_long_to_be_counted_says_at_least(
    look: Look, playlist: Playlist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playlist_gaps, "LOOKED", 2)
    for position in range(1, 6):
        put(playlist, position, make(playlist))
    assert count(look(place(playlist))) == "At least 3 videos"


def test_a_page_has_no_holes_where_videos_are_withheld(look: Look, playlist: Playlist) -> None:
    for position in range(1, 36):
        video = make(playlist, name=f"No. {position}")
        put(playlist, position, video)
        if position <= 10:
            hide(video)
    first = look(place(playlist))
    (on,) = first.all("a", rel="next")
    assert first.titles() == [f"No. {position}" for position in range(11, 35)]
    assert look(place(playlist) + on.attributes["href"]).titles() == ["No. 35"]


def test_its_videos_are_searched_and_sorted(look: Look, playlist: Playlist) -> None:
    put(playlist, 1, make(playlist, name="Zebra crossing"))
    put(playlist, 5, make(playlist, name="A rare lighthouse"), start_timestamp=49)
    put(playlist, 9, make(playlist, name="Secret lighthouse"))
    hide(Video.objects.get(name="Secret lighthouse"))
    make(playlist, name="Another lighthouse")
    index_due()
    found = look(place(playlist), q="lighthouse")
    assert (found.titles(), count(found)) == (["A rare lighthouse"], "1 video")
    assert [one.text for one in found.all("mark")] == ["lighthouse"]
    assert [one.text for one in found.all("span", class_="peertube-badge peertube-position")] == ["5"]
    assert "Plays from 0:49" in found.source
    assert look(place(playlist), ordering="name").titles() == ["A rare lighthouse", "Zebra crossing"]
    assert look(place(playlist), ordering="", q="").titles() == ["Zebra crossing", "A rare lighthouse"]
    assert "Nothing found" in look(place(playlist), q="nowhere").source
    (feed,) = found.all("a", type="application/rss+xml")
    assert look(feed.attributes["href"]).source.count("<item>") == 1


@pytest.mark.parametrize(
    "query",
    [
        *({"ordering": "position"}, {"ordering": "relevance"}, {"cursor": "forged"}, {"q": "x", "cursor": "-1"}),
        *({"as_written": "perhaps"}, {"q": "x", "as_written": "perhaps"}),
    ],
)
def test_a_question_that_makes_no_sense_is_told(look: Look, playlist: Playlist, query: dict[str, str]) -> None:
    put(playlist, 1, make(playlist))
    look(place(playlist), status=400, **query)


def test_who_opts_out_is_not_told_of(look: Look, playlist: Playlist) -> None:
    Source.objects.create(instance=playlist.instance)
    other = builders.channel(playlist.instance)
    put(playlist, 1, make(playlist))
    put(playlist, 2, make(playlist, channel=other, name="Secret thing"))
    opt_out(playlist.instance.host, other.name)
    page = look(place(playlist))
    assert (count(page), gaps(page)) == ("1 of 2 videos", ["1 is counted, but not listed"])
    assert "Secret thing" not in page.source


def test_a_long_description_is_folded(look: Look, playlist: Playlist) -> None:
    Playlist.objects.update(description="Short.")
    assert look(place(playlist)).all("details", class_="site-fold") == []
    Playlist.objects.update(description="Long. " * 100)
    assert len(look(place(playlist)).all("details", class_="site-fold")) == 1
