"""Transcripts: their lines, parts and search, who may see them, and what strangers may write into captions."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from peertube_sync.catalogue.transcripts import PART
from peertube_sync.client.captions import MOST_LINES, read_lines
from peertube_sync.models import Chapter, Curation, Reason, Transcript, Video
from peertube_sync.models.folding import words
from tests.support.page import Look, Page
from tests.support.payloads import PAYLOADS
from tests.support.users import somebody

RIGHT_TO_LEFT, MARKED = "\u202e", "\u2066"
PAGE_WEIGHT = 60_000


def transcribe(video: Video, lines: Sequence[tuple[int, str]], language: str | None = None) -> str:
    """Let a video have a transcript of `lines`; return its address."""
    code = language or video.language_id
    caption, _new = video.captions.get_or_create(language_id=code)
    Transcript.objects.update_or_create(
        caption=caption,
        defaults={
            "video": video,
            "path": "",
            "starts": [start for start, _text in lines],
            "text": "\n".join(text for _start, text in lines),
            "folded": "\n".join(" ".join(words(text)) for _start, text in lines),
        },
    )
    return f"/videos/{video.short_uuid}/transcript/"


@pytest.fixture
def told(full: Video) -> str:
    """The address of a short transcript of a video without chapters."""
    Chapter.objects.filter(video=full).delete()
    return transcribe(full, [(0, "Good morning"), (65, "The limpets <go> home"), (70, "and so do we")])


def lines_of(page: Page) -> list[str]:
    (found,) = page.all("ol", class_="site-lines")
    return [one.text for one in page.all("li") if one.text and one.text in found.text and ":" in one.text[:8]]


def test_lines_lead_to_their_moments(look: Look, full: Video, told: str) -> None:
    page = look(told)
    assert lines_of(page) == ["0:00 Good morning", "1:05 The limpets <go> home", "1:10 and so do we"]
    (link,) = [one for one in page.all("a") if "limpets" in one.text]
    assert link.attributes["href"] == f"/videos/{full.short_uuid}/?play=1&start=65"
    (frame,) = look(link.attributes["href"]).all("iframe")
    assert "start=65s" in frame.attributes["src"]
    assert page.all("ol", class_="site-lines")[0].attributes["lang"] == full.language_id


def test_the_video_names_its_transcripts_and_holds_none_of_them(look: Look, full: Video, told: str) -> None:
    other = "fr" if full.language_id != "fr" else "en"
    transcribe(full, [(3, "Bonjour")], other)
    page = look(f"/videos/{full.short_uuid}/")
    (panel,) = page.all("details", class_="site-panel")
    assert panel.text.startswith("Transcript")
    assert [link for link in page.links() if link.startswith(told)] == [
        f"{told}?language={full.language_id}",
        f"{told}?language={other}",
    ]
    assert "limpets" not in page.source
    assert lines_of(look(told, language=other)) == ["0:03 Bonjour"]
    current = [one.attributes["href"] for one in look(told).all("a", aria_current="true")]
    assert current == [f"{told}?language={full.language_id}"]


def test_what_a_machine_wrote_is_told(look: Look, full: Video, told: str) -> None:
    full.captions.filter(language_id=full.language_id).update(automatically_generated=True)
    (panel,) = look(f"/videos/{full.short_uuid}/").all("details", class_="site-panel")
    assert panel.text.endswith("(by machine)")


def test_without_lines_there_is_no_transcript(look: Look, full: Video, told: str) -> None:
    look(told, language="tlh", status=404)
    Transcript.objects.update(text="", folded="", starts=[])
    look(told, status=404)
    assert not look(f"/videos/{full.short_uuid}/").all("details", class_="site-panel")


def test_a_transcript_costs_few_queries(look: Look, told: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        look(told)


def test_chapters_stand_between_the_lines(look: Look, full: Video, told: str) -> None:
    for start, title in ((0, "Arrival"), (65, "At the <rocks>"), (200, "The end")):
        Chapter.objects.create(video=full, timecode=start, title=title)
    assert lines_of(look(told)) == [
        *("0:00 Arrival", "0:00 Good morning", "1:05 At the <rocks>"),
        *("1:05 The limpets <go> home", "1:10 and so do we", "3:20 The end"),
    ]


def test_words_are_found_in_lines_and_marked(look: Look, told: str) -> None:
    page = look(told, q="LIMPETS go")
    assert lines_of(page) == ["1:05 The limpets < go > home"]
    assert [one.text for one in page.all("mark")] == ["limpets", "go"]
    assert page.all("p", class_="site-count")[0].text.startswith("1 line ")
    assert look(told, q="limp").all("mark")
    assert "No line has these words." in look(told, q="whales").source
    assert lines_of(look(told, q="limpets -home or morning")) == ["0:00 Good morning"]
    assert "No line has these words." in look(told, q='" …').source


def test_three_hours_come_in_parts_none_of_which_is_heavy(look: Look, full: Video, told: str) -> None:
    lines = [(3 * number, f"This is what is said in sentence {number} of a long talk") for number in range(3600)]
    transcribe(full, lines)
    Chapter.objects.create(video=full, timecode=3 * PART + 1, title="Second hour")
    page, path, seen, titles = None, told, [], []
    while path:
        page = look(path)
        assert len(page.source) < PAGE_WEIGHT
        shown = lines_of(page)
        titles += [one for one in shown if "Second hour" in one]
        seen += [one for one in shown if "Second hour" not in one]
        path = next(iter(page.links("next")), "")
    assert [one.partition(" ")[2] for one in seen] == [text for _start, text in lines]
    assert titles == ["10:01 Second hour"]
    assert page
    assert f"Part {3600 // PART} of {3600 // PART}" in page.source
    moment = look(told, start="1h1m2s")
    assert "sentence 1220 " in moment.source
    assert "sentence 5 " not in moment.source
    assert "3600 lines, the first 200 are shown" in look(told, q="sentence").source
    assert len(look(f"/videos/{full.short_uuid}/").source) < PAGE_WEIGHT


@pytest.mark.parametrize("query", ["part=x", "part=-1", "part=1234567", "part=٣"])
def test_parts_that_make_no_sense_are_refused(look: Look, told: str, query: str) -> None:
    look(f"{told}?{query}", status=400)


@pytest.mark.parametrize("query", ["part=0", "part=999999", "start=x", "start=99999999999", "language="])
def test_what_lies_beyond_the_ends_is_the_nearest_or_not_there(look: Look, told: str, query: str) -> None:
    look(f"{told}?{query}", status=404 if query == "language=" else 200)


HIDDEN: dict[str, Callable[[Video], object]] = {
    "hidden by the site": lambda video: Curation.objects.create(video=video, hidden=True),
    "private": lambda video: Video.objects.filter(pk=video.pk).update(privacy_id=3),
    "with a password": lambda video: Video.objects.filter(pk=video.pk).update(privacy_id=5),
    "removed": lambda video: Video.objects.filter(pk=video.pk).update(
        removed_at=timezone.now(), removed_reason=Reason.DELETED
    ),
}


@pytest.mark.parametrize("how", [*HIDDEN])
def test_what_is_not_shown_says_nothing_at_once(client: Client, full: Video, told: str, how: str) -> None:
    before = client.get(told)
    assert before.status_code == 200
    HIDDEN[how](full)
    answer = client.get(told, headers={"if-none-match": before["ETag"]})
    assert answer.status_code == (410 if how == "removed" else 404)
    assert b"limpets" not in answer.content


def test_sensitive_videos_keep_theirs_to_themselves_where_they_are_hidden(look: Look, full: Video, told: str) -> None:
    Video.objects.filter(pk=full.pk).update(nsfw=True)
    look(told)
    with override_settings(PEERTUBE_SYNC={"NSFW_POLICY": "hide"}):
        look(told, status=404)


def test_what_is_not_public_is_for_those_who_may_and_kept_by_no_cache(full: Video, told: str) -> None:
    Video.objects.filter(pk=full.pk).update(privacy_id=3, privacy_label="Private")
    answer = somebody("view_private_video").get(told)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer
    assert "Not public" in answer.content.decode()


def test_who_has_it_is_told_so_and_asks_each_time(client: Client, full: Video, told: str) -> None:
    first = client.get(told)
    assert first["Cache-Control"] == "no-cache"
    again = client.get(told, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "no-cache")
    assert client.get(told, {"q": "limpets"})["ETag"] != first["ETag"]
    transcribe(full, [(0, "Good evening")])
    changed = client.get(told, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_nobody_asks_too_often(client: Client, told: str) -> None:
    with override_settings(PEERTUBE_SYNC={"SITE_REQUESTS_PER_MINUTE": 1}):
        assert [client.get(told).status_code for _ in range(2)] == [200, 429]


def test_captions_that_attack_are_words(look: Look, full: Video, told: str) -> None:
    transcribe(
        full, [(number, payload.replace("\n", " ").replace("\0", "")) for number, payload in enumerate(PAYLOADS[:PART])]
    )
    page = look(told)
    assert {one.name for one in page.elements} & {"script", "iframe", "object", "svg"} <= {"script"}
    assert all("src" in one.attributes for one in page.all("script"))
    assert not [name for one in page.elements for name in one.attributes if name.startswith("on") or name == "style"]
    look(told, q="<script>alert(1)</script>").all("mark")


def test_what_turns_the_direction_is_taken_out(look: Look, full: Video, told: str) -> None:
    transcribe(full, [(0, f"safe{RIGHT_TO_LEFT}gnp.exe{MARKED}")])
    assert lines_of(look(told)) == ["0:00 safegnp.exe"]
    read = read_lines(f"WEBVTT\n\n00:00.000 --> 00:01.000\nA{RIGHT_TO_LEFT}b&#x202e;c\x07\n".encode(), "a file")
    assert [line.text for line in read.lines] == ["Abc"]


def test_a_hundred_thousand_cues_at_one_moment_are_read_in_parts(look: Look, full: Video, told: str) -> None:
    body = "WEBVTT\n\nx --> y\nc\n\n9999999999:59:59 --> 0:1\nb\n\n" + "0:1-->0:0\na\n\n" * 100_000
    read = read_lines(body.encode(), "a file")
    assert read.left_out == f"a file has more than {MOST_LINES} captions, and {100_002 - MOST_LINES} were left out"
    transcribe(full, [(line.start, line.text) for line in read.lines])
    last = len(read.lines) // PART + 1
    for query, end in ("start=1", "b"), (f"part={last}", "b"), ("part=9", "a"), ("q=b", "b"), (f"q={'a+' * 50}", "a"):
        page = look(f"{told}?{query}")
        assert len(page.source) < PAGE_WEIGHT
        assert lines_of(page)[-1].endswith(f" {end}")


def test_broken_times_cost_their_cue_alone() -> None:
    read = read_lines(b"WEBVTT\n\nx --> y\nno\n\n00:05.000 --> 00:01.000\nearly end\n\n-1:0 --> 0:1\nno\n", "a file")
    assert [(line.start, line.text) for line in read.lines] == [(5, "early end")]
    assert "no captions" in read.left_out
