"""Finding videos by words: what is found, in which order, how it is shown, and what follows a change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Account, Channel, Curation, Instance, SearchDue, Tag, Video
from peertube_sync.models.folding import words
from tests.support.catalogue import make_videos

Ask = Callable[..., Any]

TEXTS = {
    "Crème brûlée for beginners": "Burn the sugar, not the kitchen.",
    "The kitchen garden": "Tomatoes and basil; no sugar at all.",
    "Straße nach Süden": "A road movie with 3d-printing in between.",
    "東京タワーの夜": "夜の東京を歩く",
    "Ночной поезд": "Поезд идёт на юг.",
}


@pytest.fixture
def made(catalogue: None) -> list[Video]:
    """Videos with texts that tell them apart."""
    videos = make_videos(len(TEXTS), tags=[])
    for video, (name, text) in zip(videos, TEXTS.items(), strict=True):
        Video.objects.filter(pk=video.pk).update(name=name, description=text)
    index_due()
    return list(Video.objects.filter(pk__in=[video.pk for video in videos]).order_by("pk"))


def found(text: str) -> list[str]:
    """Return the names of what is found, the most relevant first."""
    rows = Video.objects.filter(name__in=TEXTS).search(text).order_by("-relevance", "pk")
    return list(rows.values_list("name", flat=True))


CREME, GARDEN, ROAD, TOKYO, TRAIN = TEXTS


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("creme BRULEE", [CREME]),
        ("crème", [CREME]),
        ("kitchen", [GARDEN, CREME]),  # the name outweighs the description
        ("sugar kitchen", [GARDEN, CREME]),
        ("sugar -tomatoes", [CREME]),
        ('"sugar not"', [CREME]),
        ('"not sugar"', []),
        ("tomatoes or burn", [CREME, GARDEN]),
        ("strasse sud", [ROAD]),
        ("strasse suden", [ROAD]),
        ("toma", [GARDEN]),  # the last word may be a beginning …
        ("toma basil", []),  # … others not
        ('"toma"', []),
        ("3d-printing", [ROAD]),
        ("printing-3d", []),
        ("東京", [TOKYO]),
        ("京東", []),
        ("поезд", [TRAIN]),
        ("-sugar", []),
        ("!!!", []),
        ("'\"); drop & | <-> :* ", []),
        ("sugar AND NEAR(kitchen)", []),
    ],
)
def test_words_find(made: list[Video], text: str, names: list[str]) -> None:
    assert sorted(found(text)) == sorted(names)
    if text == "kitchen":
        assert found(text) == names


def test_words_lose_case_accents_and_width_but_not_their_vowels() -> None:
    assert words("\uff23afé ÆSIR e\u0301tude Łódź") == ["cafe", "aesir", "etude", "lodz"]
    assert words("हिन्दी में") == ["हिंदी", "में"]
    assert words("が") == ["ガ"] != words("か")
    assert words("한국어 영상") == [*"한국어영상"]
    assert words("x" * 100) == ["x" * 64]


def by(change: Callable[[Video], Any], video: Video) -> Callable[[str], bool]:
    """Change a video behind the index's back, index, and return what tells whether words find it."""
    change(video)
    index_due()
    return lambda text: Video.objects.search(text).filter(pk=video.pk).exists()


def rename_channel(video: Video) -> None:
    Channel.objects.filter(pk=video.channel_id).update(display_name="Xylophone Society")


def tag(video: Video) -> None:
    video.tags.add(Tag.objects.create(name="Xylophone Society"))


def give_own_title(video: Video) -> None:
    Curation.objects.create(video=video, title="Xylophone Society")


def edit(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(description="Xylophone Society")


@pytest.mark.parametrize("change", [rename_channel, tag, give_own_title, edit])
def test_a_change_is_found(made: list[Video], change: Callable[[Video], Any]) -> None:
    finds = by(change, made[0])
    assert finds("society xylo")


def test_what_is_taken_away_is_found_no_more(made: list[Video]) -> None:
    tag(made[0])
    assert by(lambda video: video.tags.clear(), made[0])("xylophone") is False
    give_own_title(made[0])
    finds = by(lambda video: video.curation.delete(), made[0])
    assert not finds("xylophone")
    assert finds("brulee")


def test_a_decision_that_is_handed_to_another_video_is_found_there(made: list[Video]) -> None:
    give_own_title(made[0])
    index_due()
    Curation.objects.update(video=made[1])
    index_due()
    assert list(Video.objects.search("xylophone")) == [made[1]]


@pytest.mark.parametrize(
    "change",
    [
        lambda video: Instance.objects.update(host="new.example"),
        lambda video: Channel.objects.filter(pk=video.channel_id).update(name="renamed"),
        lambda video: Account.objects.filter(pk=video.account_id).update(name="renamed"),
    ],
)
def test_another_host_or_name_is_what_lists_narrow_by(made: list[Video], change: Callable[[Video], Any]) -> None:
    change(made[0])
    assert made[0].pk in SearchDue.objects.values_list("video_id", flat=True)


def test_a_video_that_is_deleted_leaves_nothing(made: list[Video]) -> None:
    Video.objects.filter(pk=made[0].pk).delete()
    index_due()
    assert not Video.objects.search("brulee").exists()
    assert not SearchDue.objects.exists()


def test_counters_put_nothing_into_the_queue(made: list[Video]) -> None:
    Video.objects.update(views=7, updated_at="2030-01-01T00:00:00Z")
    assert not SearchDue.objects.exists()


def test_indexing_costs_as_many_queries_for_many_as_for_one(made: list[Video]) -> None:
    def cost(number: int) -> int:
        tagged = Tag.objects.create(name=f"zither{'r' * number}")  # a new word, which is counted and gets keys
        for video in made[:number]:
            video.tags.add(tagged)
        with CaptureQueriesContext(connection) as queries:
            index_due()
        return len(queries)

    assert cost(1) == cost(len(made)) < 20


def test_a_dump_of_the_data_can_be_loaded_again(made: list[Video], tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    call_command("dumpdata", "peertube_sync", output=str(dump), verbosity=0)
    Video.objects.all().delete()
    call_command("loaddata", str(dump), verbosity=0)
    assert found("creme") == [CREME]
