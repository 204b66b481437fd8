"""A video for search engines, as schema.org's VideoObject in JSON-LD."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from peertube_sync.site.addresses import absolute
from peertube_sync.site.presenters import VideoPresenter

ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""What could end the element that holds the JSON, or isn't JavaScript's idea of a string."""


def video_object(video: VideoPresenter, address: str) -> SafeString:
    """Return the JSON for the page at `address`, fit to stand inside of a script element."""
    row, poster = video.row, absolute(address, video.open_poster)
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": video.title,
        "description": video.summary or video.title,
        "url": address,
        "embedUrl": video.embed,
        "thumbnailUrl": [poster] if poster else [],
        "uploadDate": row.published_at.isoformat(),
        "duration": video.iso_duration,
        "inLanguage": row.language_id,
        "genre": row.category_label,
        "keywords": ", ".join(video.tags),
        "isFamilyFriendly": not row.nsfw,
        "author": {"@type": "Organization", "name": video.channel.name, "url": video.channel.source},
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": {"@type": "WatchAction"},
            "userInteractionCount": row.views,
        },
    }
    known = {name: value for name, value in facts.items() if value not in (None, "", [])}
    return mark_safe(json.dumps(known).translate(ESCAPES))  # noqa: S308 - nothing can end the element
