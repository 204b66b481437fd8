"""A video for search engines, as schema.org's VideoObject in JSON-LD, by Google's rules for videos.

PeerTube tells neither until when a video is shown nor in which countries, so neither is told here.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString, mark_safe

from peertube_sync.faces.video_files import files
from peertube_sync.site.addresses import absolute, with_query
from peertube_sync.site.presenters import VideoPresenter

ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""What could end the element that holds the JSON, or isn't JavaScript's idea of a string."""


def video_object(video: VideoPresenter, address: str) -> SafeString:
    """Return the JSON for the page at `address`, fit to stand inside of a script element.

    Google takes no video without a picture; other readers do.
    """
    row, picture = video.row, absolute(address, video.open_poster)
    best = next(iter(files(row.files, row.streaming_playlists)), None)
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": video.title,
        "description": video.summary or video.title,
        "url": address,
        "sameAs": video.source,
        "embedUrl": video.embed,
        "contentUrl": best and best.address,
        "thumbnailUrl": [picture] if picture else [],
        "uploadDate": row.published_at.isoformat(),
        "duration": video.iso_duration if row.duration > 0 and not row.is_live else "",
        "inLanguage": row.language_id,
        "genre": row.category_label,
        "license": video.licence_deed,
        "keywords": ", ".join(video.tags),
        "isFamilyFriendly": not row.nsfw,
        "author": {"@type": "Organization", "name": video.channel.name, "url": video.channel.source},
        "interactionStatistic": [_count("WatchAction", row.views), _count("LikeAction", row.likes)],
        **_moments(video, address),
    }
    known = {name: value for name, value in facts.items() if value not in (None, "", [])}
    return mark_safe(json.dumps(known).translate(ESCAPES))  # noqa: S308 - nothing can end the element


def _count(action: str, number: int) -> dict[str, object]:
    return {"@type": "InteractionCounter", "interactionType": {"@type": action}, "userInteractionCount": number}


def _moments(video: VideoPresenter, address: str) -> dict[str, object]:
    """Return when a live is broadcast; of other videos their chapters, else how a moment's address is made."""
    if video.row.is_live:
        began = _broadcast(video).isoformat()
        return {"publication": {"@type": "BroadcastEvent", "isLiveBroadcast": True, "startDate": began}}
    if clips := list(_clips(video, address)):
        return {"hasPart": clips}
    seek = {"@type": "SeekToAction", "target": f"{address}?start={{seek_to_second_number}}"}
    return {"potentialAction": {**seek, "startOffset-input": "required name=seek_to_second_number"}}


def _broadcast(video: VideoPresenter) -> datetime:
    """Return the planned beginning that is nearest to now, else when the live was published."""
    times = (schedule.get("start_at") for schedule in video.row.live_schedules or () if isinstance(schedule, dict))
    read = (_time_or_none(text) for text in times if isinstance(text, str))
    planned = [moment for moment in read if moment]
    now = timezone.now()
    return min(planned, key=lambda moment: abs(moment - now)) if planned else video.row.published_at


def _time_or_none(text: str) -> datetime | None:
    """Return a time with a zone, None for what is none."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


def _clips(video: VideoPresenter, address: str) -> Iterator[dict[str, object]]:
    """Yield the chapters that have a name and last at least a second; each ends where the next one begins."""
    chapters = [(max(chapter.timecode, 0), chapter.title.strip()) for chapter in video.row.chapters.all()]
    for (start, title), (end, _next) in pairwise([*chapters, (video.row.duration, "")]):
        if title and start < end:
            at = with_query(address, start=start) if start else address
            yield {"@type": "Clip", "name": title, "startOffset": start, "endOffset": end, "url": at}
