"""Items of answers with all that has to be there, as the client reads them."""

import json
from typing import Any

from peertube_sync.client.parse import parse
from peertube_sync.client.types import VideoDetails, VideoItem

ACTOR = {
    "id": 3,
    "name": "cooking",
    "displayName": "Cooking",
    "url": "https://video.example/video-channels/cooking",
    "host": "video.example",
}


ITEM = {
    "id": 7,
    "uuid": "d45ab06f-9697-4c77-a05c-082cd5110c85",
    "url": "https://video.example/videos/watch/d45ab06f-9697-4c77-a05c-082cd5110c85",
    "name": "Soup",
    "isLocal": True,
    "duration": 61,
    "createdAt": "2024-01-02T03:04:05.678Z",
    "updatedAt": "2024-01-02T03:04:05.678Z",
    "publishedAt": "2024-01-02T03:04:05.678Z",
    "account": ACTOR,
    "channel": ACTOR,
}


def item(**facts: Any) -> VideoItem:
    return parse(json.dumps({**ITEM, **facts}).encode(), VideoItem, "test")


def details(**facts: Any) -> VideoDetails:
    return parse(json.dumps({**ITEM, **facts}).encode(), VideoDetails, "test")
