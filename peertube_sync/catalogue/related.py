"""Videos that are like another one: they share rare words of its title and tags, then its channel, subject, language.

The documents of the search tell which videos have a word, and how many: so nothing is worked out beforehand, and what
lists don't show isn't found.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import F, QuerySet, Sum

from peertube_sync.catalogue.video_search import all_matching
from peertube_sync.models import SearchWord, Video
from peertube_sync.models.words import Alternative, Term

COMPARED = 400
"""Videos with words of the one, at about the most; the rarest words come first."""
LOOKED = 150
"""Those of these with the likest words, of which everything else is looked at: whether they are listed, and whose. The
others are looked at where these are too few, as with filters."""
WORDS = 12
NEWEST_LOOKED_AT = 200
"""The newest videos, which are looked at where too few have the words."""
SAME_CHANNEL, SAME_CATEGORY, OTHER_LANGUAGE = 1.15, 1.1, 0.6
"""What the likeness by words is multiplied by."""


class _Facts(NamedTuple):
    channel: int
    category: int | None
    language: str | None

    def kinship(self, other: "_Facts") -> float:
        """Return how much more alike two videos are than their words say."""
        factor = SAME_CHANNEL if self.channel == other.channel else 1.0
        factor *= SAME_CATEGORY if self.category is not None and self.category == other.category else 1.0
        differs = None not in (self.language, other.language) and self.language != other.language
        return factor * (OTHER_LANGUAGE if differs else 1.0)


FACTS = ("channel_id", "category_id", "language_id")


def related_videos(video: int, rows: QuerySet[Video], most: int) -> list[int]:
    """Return the keys of those of `rows` that are like the video with this key, the likest first, `most` at the most.

    Half of them are of one channel at the most, as long as there are others.
    """
    facts = Video.objects.using(rows.db).filter(pk=video).values_list("search__said", *FACTS).first()
    if facts is None:  # it has just gone
        return []
    said, about = facts[0] or "", _Facts(*facts[1:])
    others = rows.exclude(pk=video).order_by()
    channels: dict[int, int] = {}
    for alike in _by_words(said, about, others):
        channels |= alike
        if len(channels) >= most:
            break
    chosen = _of_several_channels(channels.items(), most)
    if len(chosen) < most:
        chosen += _newest_of_kin(about, others.exclude(pk__in=channels), most - len(chosen))
    return chosen


def _by_words(said: str, about: _Facts, others: QuerySet[Video]) -> Iterator[dict[int, int]]:
    """Yield the channels of videos that share words with the one, by their keys: of the likest first, then the rest."""
    weights = _weights(said, others.db)
    if not weights:
        return
    query = tuple(Alternative((Term((word,)),), ()) for word in weights)
    alike = all_matching(Video.objects.using(others.db).order_by(), query).values_list("pk", "search__said")
    shared = {pk: sum(weights[word] for word in weights.keys() & _subject(said)) for pk, said in alike[: COMPARED + 1]}
    likest = sorted(shared, key=lambda pk: (-shared[pk], -pk))
    for keys in filter(None, (likest[:LOOKED], likest[LOOKED:])):
        looked = others.filter(pk__in=keys).values_list("pk", *FACTS)
        scored = [(shared[pk] * _Facts(*facts).kinship(about), pk, facts[0]) for pk, *facts in looked]
        yield {pk: channel for _score, pk, channel in sorted(scored, reverse=True)}


def _weights(said: str, database: str) -> dict[str, float]:
    """Return the rarest words of a video's title and tags that others have too, and how much each tells."""
    counted = SearchWord.objects.using(database).filter(word__in=_subject(said)).order_by().values("word")
    numbers = Counter(dict(counted.annotate(number=Sum(F("videos"))).values_list("word", "number")))
    weights: dict[str, float] = {}
    left = COMPARED
    for word, number in sorted(numbers.items(), key=lambda pair: (pair[1], pair[0]))[: 2 * WORDS]:
        if 1 < number <= left and len(weights) < WORDS:
            left -= number
            weights[word] = math.log(1 + 10 * COMPARED / number)
    return weights


def _subject(said: str) -> set[str]:
    """Return the words of title and tags out of `VideoSearch.said`."""
    return {word for line in said.split("\n")[1:3] for word in line.split()}


def _of_several_channels(channels: Iterable[tuple[int, int]], most: int) -> list[int]:
    """Return the first keys, but for those of channels that fill half of it already, which come last."""
    by_channel = Counter[int]()
    first: list[int] = []
    rest: list[int] = []
    for pk, channel in channels:
        by_channel[channel] += 1
        (first if by_channel[channel] <= math.ceil(most / 2) else rest).append(pk)
    return [*first, *rest][:most]


def _newest_of_kin(about: _Facts, others: QuerySet[Video], most: int) -> list[int]:
    """Return the newest of the channel, of the category, of the language, and of all, in this order."""
    newest = others.order_by("-published_at", "-pk").values_list("pk", *FACTS)
    seen = {pk: _Facts(*facts) for pk, *facts in newest[:NEWEST_LOOKED_AT]}
    own = {pk: _Facts(*facts) for pk, *facts in newest.filter(channel=about.channel)[:most]}
    known = own | seen
    return sorted(known, key=lambda pk: -known[pk].kinship(about))[:most]
