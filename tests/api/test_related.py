"""Videos that are like one: what they are about, not how they are written, and nothing that isn't everybody's."""

from collections.abc import Callable
from random import Random
from statistics import fmean
from typing import Any

import pytest
from django.test import Client

from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Channel, Curation, Video
from tests.support.catalogue import make_videos
from tests.support.page import Page

Ask = Callable[..., Any]

TOPICS, EACH, AT = 12, 20, 8
SYLLABLES = [f"{onset}{vowel}" for onset in "bdfgklmnprstvz" for vowel in "aeiou"]
COMMON = ("the", "and", "with", "from", "part", "live", "new", "how")


def word(random: Random) -> str:
    return "".join(random.choices(SYLLABLES, k=3))


@pytest.fixture
def topics(catalogue: None) -> dict[str, int]:
    """The number of its topic by the uuid of a video; a title has some words of its topic, and words of all."""
    random, by_uuid = Random(7), {}
    vocabularies = [[word(random) for _ in range(16)] for _ in range(TOPICS)]
    videos, channels = make_videos(TOPICS * EACH), list(Channel.objects.all())
    for number, video in enumerate(videos):
        topic = number % TOPICS
        words = [*random.sample(vocabularies[topic], 4), *random.sample(COMMON, 3)]
        random.shuffle(words)
        video.name, video.channel = " ".join(words), random.choice(channels)
        by_uuid[str(video.uuid)] = topic
    Video.objects.bulk_update(videos, ["name", "channel"])
    index_due()
    return by_uuid


def related(ask: Ask, uuid: str, **query: Any) -> list[str]:
    return [row["uuid"] for row in ask(f"videos/{uuid}/related/", **query)["results"]]


def test_most_are_of_the_topic(ask: Ask, topics: dict[str, int]) -> None:
    precision = [
        fmean(topics.get(other) == topics[uuid] for other in related(ask, uuid, page_size=AT)) for uuid in topics
    ]
    assert fmean(precision) >= 0.8


def test_it_is_never_the_video_itself_nor_what_is_not_everybodys(ask: Ask, topics: dict[str, int]) -> None:
    uuid = next(iter(topics))
    first, second, third = related(ask, uuid)[:3]
    Curation.objects.decide(Video.objects.filter(uuid=first), hidden=True)
    Video.objects.filter(uuid=second).update(privacy_id=3)
    Video.objects.filter(uuid=third).update(removed_at="2026-01-01T00:00Z")
    found = related(ask, uuid, page_size=100)
    assert len(found) > AT
    assert {uuid, first, second, third}.isdisjoint(found)


def test_sensitive_ones_are_where_the_site_shows_them(ask: Ask, topics: dict[str, int], settings: Any) -> None:
    uuid = next(iter(topics))
    sensitive = related(ask, uuid)[0]
    Video.objects.filter(uuid=sensitive).update(nsfw=True)
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "NSFW_POLICY": "hide"}
    assert sensitive not in related(ask, uuid, page_size=100)


def test_one_channel_fills_half_of_the_page_at_the_most(ask: Ask, topics: dict[str, int]) -> None:
    uuid = next(iter(topics))
    alike = related(ask, uuid, page_size=100)
    channel = Video.objects.get(uuid=uuid).channel
    Video.objects.filter(uuid__in=alike[: 2 * AT]).update(channel=channel)
    found = related(ask, uuid, page_size=AT)
    assert Video.objects.filter(uuid__in=found, channel=channel).count() == AT // 2


def test_filters_narrow_it(ask: Ask, topics: dict[str, int]) -> None:
    uuid = next(iter(topics))
    Video.objects.filter(uuid__in=list(topics)[TOPICS : 2 * TOPICS]).update(language_id="fr")
    found = related(ask, uuid, language="fr")
    assert {*found} & {*topics}
    assert {row.language_id for row in Video.objects.filter(uuid__in=found)} == {"fr"}


def test_where_no_word_is_shared_the_newest_of_kin_come(ask: Ask, topics: dict[str, int]) -> None:
    video = Video.objects.get(uuid=next(iter(topics)))
    Video.objects.filter(pk=video.pk).update(name="Unheardof")
    index_due()
    found = related(ask, str(video.uuid), page_size=AT)
    assert len(found) == AT
    assert Video.objects.get(uuid=found[0]).channel == video.channel


def test_there_is_one_page(topics: dict[str, int]) -> None:
    answer = Client().get(f"/api/videos/{next(iter(topics))}/related/?cursor=abc")
    assert (answer.status_code, [*answer.json()["invalid_params"]]) == (400, ["cursor"])


def test_the_page_of_a_video_shows_what_is_like_it(client: Client, topics: dict[str, int]) -> None:
    uuid = next(iter(topics))
    page = Page(client.get(f"/videos/{Video.objects.get(uuid=uuid).short_uuid}/").content.decode())
    shown = Video.objects.filter(uuid__in=topics, name__in=page.titles()).exclude(uuid=uuid)
    assert sum(topics[str(video.uuid)] == topics[uuid] for video in shown) >= AT // 2
