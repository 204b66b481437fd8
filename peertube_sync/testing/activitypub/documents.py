"""ActivityPub's documents of the rows of a sandbox, key by key as 8.2.1 was seen to write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from peertube_sync.testing import pictures
from peertube_sync.testing.activitypub.keys import INSTANCE
from peertube_sync.testing.identifiers import iso, iso_or_none, short_uuid, uuid_text
from peertube_sync.testing.records import Account, Channel, Image, Playlist, Privacy, Video
from peertube_sync.testing.render import Renderer

JSON = dict[str, Any]

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT: list[Any] = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/v1",
    {"RsaSignature2017": "https://w3id.org/security#RsaSignature2017"},
    {
        "pt": "https://joinpeertube.org/ns#",
        "sc": "http://schema.org/",
        "playerSettings": "pt:playerSettings",
        "playlists": {"@id": "pt:playlists", "@type": "@id"},
        "support": {"@type": "sc:Text", "@id": "pt:support"},
        "lemmy": "https://join-lemmy.org/ns#",
        "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
        "toot": "http://joinmastodon.org/ns#",
        "indexable": "toot:indexable",
        "discoverable": "toot:discoverable",
        "email": "sc:email",
    },
]


def account_path(account: Account) -> str:
    return f"/accounts/{account.name}"


def channel_path(channel: Channel) -> str:
    return f"/video-channels/{channel.name}"


def actor_path(actor: Account | Channel) -> str:
    return account_path(actor) if isinstance(actor, Account) else channel_path(actor)


def video_path(video: Video) -> str:
    return f"/videos/watch/{uuid_text(video.number)}"


def playlist_path(playlist: Playlist) -> str:
    return f"/video-playlists/{uuid_text(playlist.number)}"


def collection(url: str, total: int = 0) -> JSON:
    """Return a collection that tells how much it has, and nothing of it."""
    return {"@context": CONTEXT, "id": url, "type": "OrderedCollection", "totalItems": total}


def audience(home: str, row: Video | Playlist) -> JSON:
    """Return `to` and `cc` of an activity about a row that its owner may have hidden since."""
    if row.privacy == Privacy.UNLISTED:
        return {"to": [], "cc": [PUBLIC]}
    if row.privacy != Privacy.PUBLIC:
        return {"to": [], "cc": []}
    owner = row.owner if isinstance(row, Playlist) else row.account
    to = [PUBLIC, *([f"{home}{channel_path(row.channel)}"] if row.channel else [])]
    return {"to": to, "cc": [f"{home}{account_path(owner)}/followers"]}


class Documents:
    """Documents of an instance at `home`, its scheme and host."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer
        self.home = renderer.home("")

    def instance(self, name: str, born: int, pem: str) -> JSON:
        """Return the actor of the instance itself."""
        return (
            self._actor("Application", INSTANCE, "peertube", name, born=born, pem=pem)
            | self._pages("a/peertube")
            | {"summary": None}
        )

    def actor(self, row: Account | Channel, pem: str) -> JSON:
        """Return an account or a channel, with its public key."""
        path, kind = actor_path(row), "Person" if isinstance(row, Account) else "Group"
        actor = self._actor(kind, path, row.name, row.display_name, born=row.created, pem=pem)
        if isinstance(row, Account):
            own = {"summary": row.description}
            return actor | self._images("icon", row.avatars) | self._pages(f"a/{row.name}") | own
        pages = [f"{self.home}/c/{row.name}/videos", f"{self.home}/c/{row.name}", f"{self.home}{path}"]
        return (
            actor
            | self._images("icon", row.avatars)
            | self._images("image", row.banners)
            | {
                "url": [_link_to_page(page) for page in pages],
                "playerSettings": f"{self.home}{path}/player-settings",
                "summary": row.description,
                "support": row.support,
                "postingRestrictedToMods": True,
                "email": row.public_email,
                "attributedTo": [f"{self.home}{account_path(row.owner)}"],
            }
        )

    def video(self, row: Video) -> JSON:
        url, channel = f"{self.home}{video_path(row)}", f"{self.home}{channel_path(row.channel)}"
        live = {"latencyMode": 1, "dvrWindow": "PT3600S"} if row.is_live else {"latencyMode": None, "dvrWindow": None}
        told = self.renderer.label
        return {
            **audience(self.home, row),
            "type": "Video",
            "id": url,
            "name": row.name,
            "duration": f"PT{row.duration}S",
            "uuid": uuid_text(row.number),
            **{key: _thing(told(table, value)) for key, table, value in _labels(row) if value is not None},
            "views": row.views,
            "downloads": row.downloads,
            "sensitive": row.nsfw,
            "summary": row.nsfw_summary,
            "waitTranscoding": row.wait_transcoding,
            "state": row.state,
            "canReply": None,
            "commentsPolicy": row.comments_policy,
            "downloadEnabled": row.download_enabled,
            "published": iso(row.published),
            "originallyPublishedAt": iso_or_none(row.originally_published),
            "schedules": [{"startDate": iso(start)} for start in row.live_schedules],
            "updated": iso(row.updated),
            "tag": [{"type": "Hashtag", "name": tag} for tag in row.tags],
            "mediaType": "text/markdown",
            "content": row.description,
            "support": row.support,
            "subtitleLanguage": [self._caption(one) for one in self.renderer.captions(row)["data"]],
            "icon": list(self._icons(row)),
            "aspectRatio": row.aspect_ratio,
            "url": list(self._links(row, url)),
            **{key: f"{url}/{key}" for key in ("likes", "dislikes")},
            "shares": f"{url}/announces",
            "comments": f"{url}/comments",
            "hasParts": f"{url}/chapters",
            "playerSettings": f"{url}/player-settings",
            "embedUrl": f"{self.home}/videos/embed/{short_uuid(row.number)}",
            "attributedTo": [
                {"type": "Person", "id": f"{self.home}{account_path(row.account)}"},
                {"type": "Group", "id": channel},
            ],
            "audience": channel,
            "isLiveBroadcast": row.is_live,
            "liveSaveReplay": False if row.is_live else None,
            "permanentLive": True if row.is_live else None,
            **live,
        }

    def playlist(self, row: Playlist) -> JSON:
        """Return a playlist; its elements are on pages of their own."""
        url = f"{self.home}{playlist_path(row)}"
        channel = [f"{self.home}{channel_path(row.channel)}"] if row.channel else []
        icon = list(self._icons(row))[:1] if row.elements else []
        return {
            **audience(self.home, row),
            "id": url,
            "type": "Playlist",
            "totalItems": len(row.elements),
            **({"first": f"{url}?page=1"} if row.elements else {}),
            **({"audience": channel[0]} if channel else {}),
            "name": row.name,
            "content": row.description,
            "mediaType": "text/markdown",
            "uuid": uuid_text(row.number),
            "videoChannelPosition": row.position,
            "published": iso(row.created),
            "updated": iso(row.updated),
            "attributedTo": channel,
            **({"icon": icon[0]} if icon else {}),
        }

    def _actor(self, kind: str, path: str, *names: str, born: int, pem: str) -> JSON:
        url = f"{self.home}{path}"
        return {
            "@context": CONTEXT,
            "type": kind,
            "id": url,
            **{key: f"{url}/{key}" for key in ("following", "followers", "playlists", "inbox", "outbox")},
            "preferredUsername": names[0],
            "name": names[1],
            "endpoints": {"sharedInbox": f"{self.home}/inbox"},
            "publicKey": {"id": f"{url}#main-key", "owner": url, "publicKeyPem": pem},
            "published": iso(born),
            "indexable": True,
            "discoverable": True,
        }

    def _pages(self, short: str) -> JSON:
        pages = [f"{self.home}/{short}/video-channels", f"{self.home}/{short}", f"{self.home}/accounts/{short[2:]}"]
        return {"url": [_link_to_page(page) for page in pages]}

    def _images(self, key: str, images: tuple[Image, ...]) -> JSON:
        if not images:
            return {}
        kind = "image/png" if images[0].path.endswith(".png") else "image/jpeg"
        return {
            key: [
                {
                    "type": "Image",
                    "mediaType": kind,
                    "height": image.height,
                    "width": image.width,
                    "url": f"{self.home}{image.path}",
                }
                for image in images
            ]
        }

    def _icons(self, row: Video | Playlist) -> Iterator[JSON]:
        for width, height, _ratio, path in pictures.thumbnails(row):
            url = path if "://" in path else f"{self.home}{path}"
            yield {"type": "Image", "url": url, "mediaType": "image/jpeg", "width": width, "height": height}

    def _caption(self, caption: JSON) -> JSON:
        files = {"text/vtt": f"{self.home}{caption['captionPath']}", "application/x-mpegURL": caption.get("m3u8Url")}
        return {
            "identifier": caption["language"]["id"],
            "name": caption["language"]["label"],
            "automaticallyGenerated": caption["automaticallyGenerated"],
            "url": [{"type": "Link", "mediaType": kind, "href": href} for kind, href in files.items()],
        }

    def _links(self, row: Video, url: str) -> Iterator[JSON]:
        yield _link_to_page(f"{self.home}/w/{short_uuid(row.number)}")
        yield _link_to_page(url)
        media = self.renderer.media(row)
        for file in media["files"]:
            size = {key: file[key] for key in ("height", "width", "size", "fps") if key in file}
            yield {"type": "Link", "mediaType": "video/mp4", "href": file["fileUrl"], **size, "attachment": []}
        for playlist in media["streamingPlaylists"]:
            yield {"type": "Link", "mediaType": "application/x-mpegURL", "href": playlist["playlistUrl"], "tag": []}
        for kind, address in zip(("http", "websocket"), media["trackerUrls"], strict=True):
            yield {"type": "Link", "name": f"tracker-{kind}", "rel": ["tracker", kind], "href": address}


def _link_to_page(address: str) -> JSON:
    return {"type": "Link", "mediaType": "text/html", "href": address}


def _labels(row: Video) -> tuple[tuple[str, str, int | str | None], ...]:
    return (
        ("category", "videos/categories", row.category),
        ("licence", "videos/licences", row.licence),
        ("language", "videos/languages", row.language),
    )


def _thing(label: JSON) -> JSON:
    return {"identifier": str(label["id"]), "name": label["label"]}
