"""Rows as a sync leaves them, with strings that a hostile instance could publish where it matters."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.utils.timezone import now

from peertube_sync.models import (
    Account,
    Candidate,
    Caption,
    Channel,
    Chapter,
    Curation,
    Instance,
    LoggedAction,
    Playlist,
    PlaylistElement,
    SkippedItem,
    Source,
    SyncRun,
    Tag,
    Video,
)

PUBLISHED = datetime(2024, 5, 1, 12, tzinfo=UTC)
LONG_TEXT = "a long text " * 50
numbers = count(1)


def instance(**facts: Any) -> Instance:
    host = f"video{next(numbers)}.example"
    return Instance.objects.create(**{"host": host, "config": {"instance": {"name": host}}, **facts})


def source(**facts: Any) -> Source:
    facts.setdefault("instance", None)
    facts["instance"] = facts["instance"] or instance()
    return Source.objects.create(**facts)


def account(home: Instance, **facts: Any) -> Account:
    number = next(numbers)
    given = {
        "name": f"user{number}",
        "display_name": f"User {number}",
        "url": f"https://{home.host}/accounts/user{number}",
    }
    return Account.objects.create(instance=home, remote_id=number, description=LONG_TEXT, **{**given, **facts})


def channel(home: Instance, **facts: Any) -> Channel:
    number = next(numbers)
    given = {
        "name": f"channel{number}",
        "display_name": f"Channel {number}",
        "url": f"https://{home.host}/video-channels/channel{number}",
        "avatars": [{"width": 120, "path": "/lazy-static/avatars/large.png"}, {"width": 48, "path": "/avatars/48.png"}],
    }
    given["owner_account"] = facts.pop("owner_account", None) or account(home)
    return Channel.objects.create(instance=home, remote_id=number, description=LONG_TEXT, **{**given, **facts})


def video(home: Instance | None = None, **facts: Any) -> Video:
    number = next(numbers)
    home = home or instance()
    published_in = facts.pop("channel", None) or channel(home)
    given = {
        "uuid": uuid4(),
        "url": f"https://{home.host}/videos/watch/{number}",
        "name": f"Video {number}",
        "duration": 3725,
        "views": 12345,
        "thumbnail_path": f"/lazy-static/thumbnails/{number}.jpg",
        "created_at": PUBLISHED,
        "updated_at": PUBLISHED,
        "published_at": PUBLISHED + timedelta(minutes=number),
        "description": LONG_TEXT,
        "files": [{"resolution": {"id": 720, "label": "720p"}}],
        "details_fetched_at": now(),
    }
    owner = published_in.owner_account
    return Video.objects.create(
        instance=home, channel=published_in, account=owner, remote_id=number, **{**given, **facts}
    )


def playlist(home: Instance | None = None, **facts: Any) -> Playlist:
    number = next(numbers)
    home = home or instance()
    given = {
        "uuid": uuid4(),
        "url": f"https://{home.host}/video-playlists/{number}",
        "display_name": f"Playlist {number}",
        "thumbnail_path": f"/lazy-static/thumbnails/{number}.jpg",
        "videos_length": 2,
        "created_at": PUBLISHED,
        "updated_at": PUBLISHED,
    }
    return Playlist.objects.create(instance=home, owner_account=account(home), remote_id=number, **{**given, **facts})


def world() -> dict[str, Any]:
    """One row of everything, by the model's name in lower case."""
    home = instance()
    shown = video(home)
    shown.tags.add(Tag.objects.create(name=f"tag {next(numbers)}"))
    Caption.objects.create(video=shown, language_id="en", language_label="English", caption_path="/static/en.vtt")
    Chapter.objects.create(video=shown, timecode=65, title="The middle")
    listed = playlist(home)
    PlaylistElement.objects.create(playlist=listed, video=shown, remote_id=1, position=1, video_name=shown.name)
    PlaylistElement.objects.create(playlist=listed, remote_id=2, position=2, type_id=2)
    whole = source(instance=home)
    return {
        "instance": home,
        "source": whole,
        "candidate": Candidate.objects.create(host=f"heard{next(numbers)}.example", heard_from=home.host),
        "account": shown.account,
        "channel": shown.channel,
        "video": shown,
        "tag": shown.tags.get(),
        "playlist": listed,
        "loggedaction": LoggedAction.objects.create(user_name="alice", via="admin", action="hidden", row=home.host),
        "curation": Curation.objects.create(video=shown, featured=True),
        "syncrun": SyncRun.objects.create(instance=home, source=whole, kind="sweep", state="done", created=3),
        "skippeditem": SkippedItem.objects.create(
            instance=home, kind="video", key=str(next(numbers)), reason="no uuid"
        ),
    }
