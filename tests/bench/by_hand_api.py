"""A page of videos as one would write it by hand: one statement, one dict per row, `JsonResponse`."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, JsonResponse

PLAIN = tuple(
    """
    uuid remote_id url name truncated_description category_id category_label licence_id licence_label language_id
    language_label privacy_id privacy_label nsfw nsfw_flags nsfw_summary is_live live_schedules duration aspect_ratio
    views viewers likes dislikes comments downloads thumbnails created_at updated_at published_at
    originally_published_at details_fetched_at thumbnail_path preview_path embed_path
    """.split()  # noqa: SIM905 - easier to read
)
ACTOR = ("name", "display_name", "url", "avatars")
SQL = f"""
    SELECT {", ".join(f"v.{one}" for one in PLAIN)}, v.id, i.host,
           {", ".join(f"c.{one}" for one in ACTOR)}, {", ".join(f"a.{one}" for one in ACTOR)}, k.title, k.text
    FROM peertube_sync_video v
    JOIN peertube_sync_instance i ON i.id = v.instance_id
    JOIN peertube_sync_channel c ON c.id = v.channel_id
    JOIN peertube_sync_account a ON a.id = v.account_id
    LEFT JOIN peertube_sync_curation k ON k.video_id = v.id
    WHERE v.removed_at IS NULL AND v.privacy_id = 1 AND v.delisted_at IS NULL AND k.hidden IS NOT TRUE
      AND (v.published_at, v.id) < (%s, %s)
    ORDER BY v.published_at DESC, v.id DESC LIMIT 101
"""


def page(request: HttpRequest) -> JsonResponse:
    """Answer with the 100 videos after `published_at` and `pk`."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, [request.GET["published_at"], request.GET["pk"]])
        rows = cursor.fetchall()
    last = rows[99]
    next_ = f"?published_at={last[PLAIN.index('published_at')].isoformat()}&pk={last[len(PLAIN)]}"
    return JsonResponse({"next": next_, "results": [_video(row) for row in rows[:100]]})


def _video(row: tuple[Any, ...]) -> dict[str, Any]:
    end = len(PLAIN)
    video = dict(zip(PLAIN, row, strict=False))
    home = f"https://{row[end + 1]}"
    title, text = row[end + 10 :]
    video["name"] = title or video["name"]
    video["truncated_description"] = text or video["truncated_description"]
    for name, path in (
        ("thumbnail_url", "thumbnail_path"),
        ("preview_url", "preview_path"),
        ("embed_url", "embed_path"),
    ):
        found = video.pop(path)
        video[name] = f"{home}{found}" if found else ""
    video["watch_url"] = f"{home}/w/{video['uuid']}"
    video["channel"] = _actor(row[end + 1], row[end + 2 : end + 6])
    video["account"] = _actor(row[end + 1], row[end + 6 : end + 10])
    return video


def _actor(host: str, facts: tuple[Any, ...]) -> dict[str, Any]:
    return {"host": host, "handle": f"{facts[0]}@{host}", **dict(zip(ACTOR, facts, strict=True))}
