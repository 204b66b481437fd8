"""The media of a video as details tell it: web video files and one HLS playlist.

Recorded videos replay what was recorded, under the host they are served from; generated ones get
two resolutions derived from their numbers. None of these addresses serves a real video.
"""

from __future__ import annotations

import json
from typing import Any

from peertube_sync.testing.identifiers import uuid_text
from peertube_sync.testing.records import Video
from peertube_sync.testing.versions import Version

JSON = dict[str, Any]

RESOLUTIONS = ((1080, 1920, 2400), (480, 854, 700), (240, 426, 250))


def rehost(text: str, recorded: str, host: str) -> str:
    """Replace the recorded host by another in plain and percent-encoded form."""
    if not recorded or recorded == host:
        return text
    encoded = recorded.replace(":", "%3A"), host.replace(":", "%3A")
    return text.replace(recorded, host).replace(*encoded)


def render_media(video: Video, home: str, host: str, recorded_host: str, version: Version) -> JSON:
    """Return `files` and `streamingPlaylists`; `home` is scheme and host of the video's origin."""
    if video.media is not None:
        media: JSON = json.loads(rehost(video.media, recorded_host, host))
        return media
    if video.is_live:
        return {"files": [], "streamingPlaylists": []}
    sizes = RESOLUTIONS[video.id % 3 :]
    web = [_media_file(video, home, n, hls=False) for n in range(len(sizes))]
    return {"files": web, "streamingPlaylists": [_hls_playlist(video, home, len(sizes), version)]}


def _hls_playlist(video: Video, home: str, count: int, version: Version) -> JSON:
    root = f"{home}/static/streaming-playlists/hls/{uuid_text(video.number)}"
    files = []
    for position in range(count):
        file = _media_file(video, home, position, hls=True)
        playlist = str(file["fileUrl"]).replace("-fragmented.mp4", ".m3u8")
        files.append(version.shape("file", file | {"playlistUrl": playlist}))
    return {
        "id": video.id,
        "type": 1,
        "playlistUrl": f"{root}/master.m3u8",
        "segmentsSha256Url": f"{root}/segments-sha256.json",
        "redundancies": [],
        "files": files,
    }


def _media_file(video: Video, home: str, position: int, *, hls: bool) -> JSON:
    height, width, kilobits = RESOLUTIONS[video.id % 3 + position]
    uuid = uuid_text(video.number)
    number = video.id * 6 + position + (3 if hls else 0)
    stem = f"{uuid}-{height}" + ("-fragmented" if hls else "")
    torrent = f"{uuid}-{height}" + ("-hls" if hls else "") + ".torrent"
    folder = f"streaming-playlists/hls/{uuid}" if hls else "web-videos"
    downloads = "streaming-playlists/hls/videos" if hls else "web-videos"
    return {
        "id": number,
        "resolution": {"id": height, "label": f"{height}p"},
        "width": width,
        "height": height,
        "magnetUri": f"magnet:?xt=urn:btih:{video.number & (1 << 160) - 1:040x}&dn={height}",
        "size": video.duration * kilobits * 125,
        "fps": 25 if video.id % 5 else 50,
        "torrentUrl": f"{home}/lazy-static/torrents/{torrent}",
        "torrentDownloadUrl": f"{home}/download/torrents/{torrent}",
        "fileUrl": f"{home}/static/{folder}/{stem}.mp4",
        "fileDownloadUrl": f"{home}/download/{downloads}/{stem}.mp4",
        "metadataUrl": f"{home}/api/v1/videos/{uuid}/metadata/{number}",
        "hasAudio": True,
        "hasVideo": True,
        "storage": 0 if video.is_local else None,
    }
