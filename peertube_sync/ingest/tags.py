"""The tags of videos, which their details alone tell."""

from collections.abc import Collection, Iterable, Mapping

import msgspec
from django.db import connection

from peertube_sync.models import Tag, Video

Link = tuple[int, str]
"""A video's primary key, and the name of a tag."""
LINKS, TAGS = Video.tags.through._meta.db_table, Tag._meta.db_table
INSERTS = {
    "postgresql": (
        f"INSERT INTO {LINKS} (video_id, tag_id) SELECT (told ->> 0)::bigint, tag.id"  # noqa: S608 - our own names
        f" FROM json_array_elements(%s) AS told JOIN {TAGS} AS tag ON tag.name = told ->> 1 ON CONFLICT DO NOTHING"
    ),
    "sqlite": (
        f"INSERT OR IGNORE INTO {LINKS} (video_id, tag_id) SELECT json_extract(told.value, '$[0]'), tag.id"  # noqa: S608
        f" FROM json_each(%s) AS told JOIN {TAGS} AS tag ON tag.name = json_extract(told.value, '$[1]')"
    ),
}
"""How links are made whose tags are there, by the vendor of the database."""


def set_tags(wanted: Mapping[int, set[str]], untagged: Collection[int]) -> set[int]:
    """Make the tags of videos (by primary key) equal to `wanted`; returns those whose tags differed.

    Of the `untagged`, whose details were never there, nobody has to ask which tags they have.
    """
    held: dict[Link, int] = {}
    if maybe_tagged := wanted.keys() - untagged:
        links = Video.tags.through._default_manager.filter(video_id__in=maybe_tagged)
        held = {(video, name): pk for video, name, pk in links.values_list("video_id", "tag__name", "pk")}
    asked = {(video, name) for video, names in wanted.items() for name in names}
    lost, new = held.keys() - asked, asked - held.keys()
    if lost:
        Video.tags.through._default_manager.filter(pk__in=[held[link] for link in lost]).delete()
    if new and _insert_links(new) < len(new):
        missing = sorted({name for _video, name in new})
        Tag.objects.bulk_create([Tag(name=name) for name in missing], ignore_conflicts=True)
        _insert_links(new)
    return {video for video, _name in lost | new}


def _insert_links(links: Iterable[Link]) -> int:
    """Make those of `links` whose tags are there; returns how many were made."""
    with connection.cursor() as cursor:
        cursor.execute(INSERTS[connection.vendor], [msgspec.json.encode(sorted(links)).decode()])
        return int(cursor.rowcount)
