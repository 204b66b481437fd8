"""The fastest way that we know to write a page of a list into PostgreSQL: the measure of ours."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Item = Mapping[str, Any]
Columns = Mapping[str, Callable[[Item], Any]]

LABELLED = ("category", "licence", "language", "privacy")
ALIKE = {
    "remote_id": "id",
    "uuid": "uuid",
    "url": "url",
    "name": "name",
    "nsfw": "nsfw",
    "is_live": "isLive",
    "duration": "duration",
    "aspect_ratio": "aspectRatio",
    "views": "views",
    "viewers": "viewers",
    "likes": "likes",
    "dislikes": "dislikes",
    "comments": "comments",
    "truncated_description": "truncatedDescription",
    "thumbnail_path": "thumbnailPath",
    "preview_path": "previewPath",
    "embed_path": "embedPath",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
    "published_at": "publishedAt",
    "originally_published_at": "originallyPublishedAt",
}
OURS = {"removed_reason": "", "extra": "{}"}


def copy_page(cursor: Any, instance: int, items: list[Item]) -> None:
    """Write accounts, channels and videos of `items`, in that order."""
    now = datetime.now(UTC)
    accounts = _write(cursor, "account", "name", _actors(instance, now, [item["account"] for item in items]))
    owners = {item["channel"]["name"]: accounts[item["account"]["name"]] for item in items}
    rows = _actors(instance, now, [item["channel"] for item in items])
    owned = [{**row, "owner_account_id": owners[row["name"]], "banners": "[]"} for row in rows]
    channels = _write(cursor, "channel", "name", owned)
    _write(cursor, "video", "uuid", [_video(instance, now, item, accounts, channels) for item in items])


def _actors(instance: int, now: datetime, actors: list[Item]) -> list[dict[str, Any]]:
    unique = {one["name"]: one for one in actors}
    return [
        {
            "instance_id": instance,
            "name": one["name"],
            "remote_id": one["id"],
            "display_name": one["displayName"],
            "url": one["url"],
            "avatars": json.dumps(one["avatars"]),
            "private": False,
            "first_seen_at": now,
            "details_due_at": now,
            **OURS,
        }
        for one in unique.values()
    ]


def _video(
    instance: int, now: datetime, item: Item, accounts: Mapping[str, int], channels: Mapping[str, int]
) -> dict[str, Any]:
    labelled = ((name, item.get(name) or {}) for name in LABELLED)
    return {
        "instance_id": instance,
        **{column: item.get(key) for column, key in ALIKE.items()},
        **{f"{name}_{part}": found.get(part) for name, found in labelled for part in ("id", "label")},
        "account_id": accounts[item["account"]["name"]],
        "channel_id": channels[item["channel"]["name"]],
        "nsfw_flags": 0,
        "downloads": 0,
        "thumbnails": "[]",
        "double": False,
        "first_seen_at": now,
        "details_due_at": now,
        **OURS,
    }


def _write(cursor: Any, name: str, key: str, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Copy rows into a temporary table and take them over from there; returns primary keys by `key`."""
    table, columns = f"peertube_sync_{name}", list(rows[0])
    listed = ", ".join(columns)
    taken = ", ".join(f"{one} = EXCLUDED.{one}" for one in columns if one not in {"instance_id", key, "first_seen_at"})
    cursor.execute(f"CREATE TEMPORARY TABLE page ON COMMIT DROP AS SELECT {listed} FROM {table} LIMIT 0")
    with cursor.copy(f"COPY page ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(list(row.values()))
    cursor.execute(
        f"INSERT INTO {table} ({listed}) SELECT {listed} FROM page"
        f" ON CONFLICT (instance_id, {key}) DO UPDATE SET {taken} RETURNING {key}, id"
    )
    found = dict(cursor.fetchall())
    cursor.execute("DROP TABLE page")
    return found
