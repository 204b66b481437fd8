"""What the sections of the front page show: which videos, channels and instances, by the policy of all lists.

A subject is spelt as the filters of the API take it, and read by these: so a section shows what the page shows that it
leads to.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.translation import gettext as _

from peertube_sync.catalogue import queries
from peertube_sync.catalogue.filters import VideoFilters
from peertube_sync.catalogue.lookups import by_handle, by_host, by_uuid, present
from peertube_sync.catalogue.prepared_queries import ChosenRows
from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.targets import recognise
from peertube_sync.models import Channel, Instance, SectionKind, Tag, Video
from peertube_sync.models.constant_names import CATEGORY_NAMES, name_of
from peertube_sync.models.constants import PEERTUBES
from peertube_sync.models.video import VideoQuerySet

NEWEST, MOST_WATCHED = "-published_at", "-views"
STEP = 6
"""Rows are read by multiples of it, so that there are few statements, which are written and planned once each."""
LOOKED_AT = 200
"""The newest videos, whose channels come first."""
FILTERED_BY = frozenset({SectionKind.CHANNEL, SectionKind.CATEGORY, SectionKind.TAG})
"""The kinds that are called like a filter of videos."""


class BadSubject(ValueError):  # noqa: N818 - named after what is the case
    """A subject that names nothing here; the text says which, and the way out."""


def videos_of(kind: str, subject: str, number: int, without: Collection[int] = ()) -> list[Video]:
    """Return at most `number` videos of a section, none of those with the keys `without`; [] for what makes no sense.

    Videos of a playlist come in its order, all others the newest first, or the most watched.
    """
    if kind == SectionKind.PLAYLIST:
        return _videos_of_playlist(subject, number)
    order, most = MOST_WATCHED if kind == SectionKind.MOST_WATCHED else NEWEST, number + len(without)
    rows = _selected(SectionKind(kind), subject)
    found = rows.sorted(order, "-pk", most=-(-most // STEP) * STEP) if rows else ()
    return [row for row in found if row.pk not in without][:number]


def _selected(kind: SectionKind, subject: str) -> ChosenRows | None:
    """Return the videos of a kind that have its subject, by statements that are written once; None for no such."""
    if kind == SectionKind.TAG:
        keys = (*Tag.objects.filter(name=subject).order_by("pk").values_list("pk", flat=True),)
        return ChosenRows(_tagged, (keys,)) if keys else None
    if kind in FILTERED_BY:
        return _filtered_by(kind, present(subject) if "@" in subject else subject)
    return ChosenRows(SELECTED.get(kind, queries.videos))


def _featured() -> VideoQuerySet:
    return queries.videos().featured()


def _live() -> VideoQuerySet:
    return queries.videos().filter(is_live=True)


SELECTED: Mapping[SectionKind, Callable[[], Any]] = {SectionKind.FEATURED: _featured, SectionKind.LIVE: _live}
"""The videos of sections without a subject that don't show all."""


def _filtered_by(kind: SectionKind, subject: str) -> ChosenRows | None:
    """Return the videos that a filter leaves; None where it leaves none whatever there is."""
    filters = _filters(kind, subject)
    if not filters.is_valid():
        return None
    constants = filters.form.cleaned_data.get("category") or ()
    hosts = {constant.host for constant in constants}
    # The statement that is kept holds keys of instances: with other keys it is another one.
    keys = (*Instance.objects.filter(host__in=hosts - {""}).order_by("pk").values_list("pk", flat=True),)
    only_absent = hosts and not keys and "" not in hosts
    return None if only_absent else ChosenRows(_filtered, (kind, subject, keys))


def _filtered(kind: str, subject: str, _keys: tuple[int, ...]) -> Any:
    return _filters(kind, subject).qs


def _tagged(keys: tuple[int, ...]) -> VideoQuerySet:
    """Return videos with one of the tags: PostgreSQL knows how many videos a key has, of a name it doesn't."""
    return queries.videos().filter(pk__in=Video.tags.through._default_manager.filter(tag__in=keys).values("video"))


def _filters(name: str, value: str) -> VideoFilters:
    query = QueryDict(mutable=True)
    query[name] = value
    return VideoFilters(query, queries.videos())


def _videos_of_playlist(subject: str, number: int) -> list[Video]:
    """Return the first videos of a playlist that may be shown, each once."""
    try:
        playlist = queries.playlists().filter(by_uuid(subject)).values("pk")[:1]
    except InvalidTarget:
        return []
    places = queries.elements().filter(playlist__in=playlist, video__isnull=False).order_by("position", "pk")
    videos = {element.video.pk: element.video for element in places[: 2 * number] if element.video}
    return [*videos.values()][:number]


def channels_of_section(number: int) -> list[Channel]:
    """Return channels: those that published last, then the others by their names."""
    newest = queries.videos().order_by(NEWEST, "-pk").values_list("channel", flat=True)[:LOOKED_AT]
    first = [*dict.fromkeys(newest)][:number]
    there = Channel.objects.available().select_related("instance")
    there = there.defer(*queries.CHANNEL_TEXTS, *(f"instance__{name}" for name in queries.BESIDE))
    by_key = there.in_bulk(first) if first else {}
    lacking = number - len(by_key)
    others = there.exclude(pk__in=by_key).order_by("display_name", "pk")[:lacking] if lacking else ()
    return [*(by_key[key] for key in first if key in by_key), *others]


def instances_of_section(number: int) -> list[Instance]:
    """Return the first `number` instances that are mirrored, by their names."""
    return [*Instance.objects.mirrored().defer(*queries.ANSWERS).with_avatars().order_by("name", "host")[:number]]


def checked_subject(kind: str, text: str) -> str:
    """Return how a subject is kept that a person gave. Raises BadSubject."""
    return SUBJECTS[SectionKind(kind)](text.strip())


def _channel_by_text(text: str) -> str:
    """Return the handle of a channel, by its handle or by an address of it."""
    channel = None
    with suppress(InvalidTarget):
        named = recognise(text)
        if named.kind in {"actor", "channel"}:
            condition = by_handle(present(f"{named.name}@{named.host}"))
            channel = Channel.objects.available().select_related("instance").filter(condition).first()
    if channel:
        return str(channel.handle)
    message = _("There is no channel %(text)s here. Give its handle, as its page shows it, like %(example)s.")
    raise BadSubject(message % {"text": repr(text), "example": "cooking@video.example"})


def _playlist_by_text(text: str) -> str:
    """Return the short uuid of a playlist, by its uuid in either form, or by an address that ends in one."""
    playlist = None
    with suppress(InvalidTarget):
        playlist = queries.playlists().filter(by_uuid(text.rstrip("/").rpartition("/")[2])).first()
    if playlist is None:
        message = _("There is no playlist %(text)s here. Give its address, here or at its source.")
        raise BadSubject(message % {"text": repr(text)})
    return str(playlist.short_uuid)


def _category_by_text(text: str) -> str:
    """Return a category by its name in the reader's language or in English, or as the filter takes it."""
    english: Mapping[Any, str] = PEERTUBES["category"]
    named = {str(name).casefold(): key for names in (CATEGORY_NAMES, english) for key, name in names.items()}
    key = present(str(named.get(text.casefold(), text)))
    _key, at, host = key.rpartition("@")
    if _filters("category", key).is_valid() and not (at and not Instance.objects.filter(by_host(host)).exists()):
        return key
    names = ", ".join(str(name) for name in CATEGORY_NAMES.values())
    message = _("There is no category %(text)s. There are: %(names)s; or one that an instance made up: %(example)s.")
    raise BadSubject(message % {"text": repr(text), "names": names, "example": "101@video.example"})


def _tag_by_text(text: str) -> str:
    """Return a tag as its author spelt it. Of one that only videos have which pages don't show, nothing is told."""
    there = queries.videos().filter(tags=OuterRef("pk")).order_by()
    tags = Tag.objects.filter(Exists(there), name__iexact=text).values_list("name", flat=True)
    spellings = sorted(tags, key=lambda name: (name != text, name))
    if not spellings:
        message = _("No video here has the tag %(text)s. The tags of a video stand on its page.")
        raise BadSubject(message % {"text": repr(text)})
    return str(spellings[0])


SUBJECTS: Mapping[SectionKind, Callable[[str], str]] = {
    SectionKind.CHANNEL: _channel_by_text,
    SectionKind.PLAYLIST: _playlist_by_text,
    SectionKind.CATEGORY: _category_by_text,
    SectionKind.TAG: _tag_by_text,
}
"""How subjects are read, by the kind of section that needs one."""


def heading_of(kind: str, subject: str, videos: Collection[Video]) -> str:
    """Return what a section with these videos is called after its subject; "" where its kind has none."""
    first = next(iter(videos), None)
    if kind == SectionKind.CHANNEL and first:
        return first.channel.display_name or first.channel.name
    if kind == SectionKind.CATEGORY and first:
        return name_of("category", first.category_id, first.category_label)
    if kind == SectionKind.PLAYLIST:
        names = queries.playlists().filter(by_uuid(subject)).values_list("display_name", flat=True)
        return str(names.first() or "")
    return subject if kind == SectionKind.TAG else ""
