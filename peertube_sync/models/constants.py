"""Categories, licences and languages: which are PeerTube's own, and which are an instance's.

Plugins let every instance have constants of its own, so that 101 is Maths here and Cycling there, and 1 need not be
Music. So a category or licence is PeerTube's own if its id and label are those that PeerTube comes with; a number
alone says nothing. A language is, by its code alone: codes mean the same everywhere, and PeerTube has changed labels
of theirs. All others are the own ones of the instance whose video it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from peertube_sync.client.constants import CATEGORIES, LANGUAGES, LICENCES, UNKNOWN
from peertube_sync.models.instance import Instance

LANGUAGE = "language"
PEERTUBES: Mapping[str, Mapping[Any, str]] = {"category": CATEGORIES, "licence": LICENCES, LANGUAGE: LANGUAGES}
"""PeerTube's own by kind: labels by id. Each kind is a pair of columns of a video, like `category_id` and its label."""


@dataclass(frozen=True)
class Constant:
    """A category, licence or language: PeerTube's own, or what the instance at `host` means by an id."""

    id: Any
    host: str = ""

    def __str__(self) -> str:
        return f"{self.id}@{self.host}" if self.host else str(self.id)


def constant_of(kind: str, key: Any, label: str | None, host: str) -> Constant:
    """Return what a video of the instance at `host` means by an id and a label."""
    own = PEERTUBES[kind]
    is_peertubes = key in own and (kind == LANGUAGE or label in {own[key], UNKNOWN, None})
    return Constant(key) if is_peertubes else Constant(key, host)


def peertubes(kind: str, keys: Iterable[Any]) -> Q:
    """Return the condition for videos with one of PeerTube's own; ids that it doesn't have are nobody's."""
    own = {key: PEERTUBES[kind][key] for key in keys if key in PEERTUBES[kind]}
    if kind == LANGUAGE:
        return Q(language_id__in=[*own])
    condition = Q(pk__in=())
    for key, label in own.items():
        same_label = Q(**{f"{kind}_label__in": [label, UNKNOWN]}) | Q(**{f"{kind}_label": None})
        condition |= Q(**{f"{kind}_id": key}) & same_label
    return condition


def with_constants(kind: str, constants: Iterable[Constant]) -> Q:
    """Return the condition for videos with one of `constants`; asks for the keys of instances that these name."""
    keys: dict[str, list[Any]] = defaultdict(list)
    for constant in constants:
        keys[constant.host].append(constant.id)
    condition = peertubes(kind, keys.pop("", ()))
    hosts = Instance.objects.filter(host__in=[*keys]).values_list("pk", "host") if keys else ()
    for pk, host in hosts:
        condition |= Q(**{"instance": pk, f"{kind}_id__in": keys[host]})
    return condition
