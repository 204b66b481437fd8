"""Each field of each answer, at each depth, as no type expects it: nothing breaks, and only that field is lost.

The answers are those recorded of PeerTube 8.2.1; what comes of them is written by the steps of a slice.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from peertube_sync.client.errors import UnexpectedShape
from peertube_sync.client.parse import parse, parse_page
from peertube_sync.client.peertube import PeerTube
from peertube_sync.client.transport import HttpAnswer, Transport
from peertube_sync.client.types import VideoDetails, VideoItem
from peertube_sync.conf import get_settings
from tests.support.recorded import recording

JSON = dict[str, Any]
Path = tuple[str | int, ...]
HOST = "localhost:9000"
HERE = "@here@"
VALUES = (
    *("null", '""', "5", "-1", "1e999", "9" * 5000, "12.5", "true"),
    *("[]", "{}", json.dumps("x" * 5000), "[null]", '{"id": []}', r'"\ud800"'),
)
PLACED = r"(\.(name|url|ownerAccount(\.(name|url))?))?"
OF_VIDEOS = re.compile(rf"uuid|url|isLocal|privacy(\.id)?|(account|channel){PLACED}")
OF_PLAYLISTS = re.compile(rf"uuid|url|isLocal|privacy(\.id)?|(ownerAccount|videoChannel){PLACED}")
OF_CHANNELS = re.compile(r"name|url|ownerAccount(\.(name|url))?")
OF_ELEMENTS = re.compile(r"id|position")
OF_CAPTIONS = re.compile(r"language(\.id)?")
OF_CHAPTERS = re.compile(r"timecode")
"""What each can't do without, what says whose it is, and what hides it."""
AS_PUBLISHED = re.compile(r"(files|streamingPlaylists)\.0\..+")
"""What is kept whole, of which no field has a type."""


@dataclass
class Recorded(Transport):
    """Answers with what it was given, by the end of a path, instead of asking anybody."""

    answers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *_args: Any, **_kwargs: Any) -> HttpAnswer:
        found = next((text for end, text in self.answers.items() if path.endswith(end)), "{}")
        return HttpAnswer(found.encode(), {"Content-Type": "application/json"})


@pytest.fixture
def work(db: None) -> Any:
    """Work on an instance that nobody asks anything."""
    from peertube_sync.models import Instance, Source
    from peertube_sync.sync.connect import connect
    from peertube_sync.sync.lease import Lease
    from peertube_sync.sync.work import Work

    own = get_settings()
    instance = Instance.objects.create(host=HOST, scheme="http")
    Source.objects.create(instance=instance)
    lease = Lease.acquire(instance, 300)
    assert lease
    budget = connect("https", "video.example", own).transport.budget
    transport = Recorded(f"http://{HOST}", HOST, budget, "test", allow_private=True)
    return Work(instance, PeerTube(transport, "8.2.1"), lease, own, time.monotonic() + 3600)


def body(name: str) -> Any:
    return recording("8.2.1", name)["body"]


def fullest(items: list[JSON]) -> JSON:
    return max(items, key=lambda one: len(json.dumps(one)))


def local(name: str) -> JSON:
    """Return the fullest item of a recorded list that is at home where it was recorded."""
    return fullest([one for one in body(name)["data"] if HOST in one["url"]])


def paths(node: Any, above: Path = ()) -> Iterator[Path]:
    """Yield where each value stands; of a list, those of its first entry."""
    inner = node.items() if isinstance(node, dict) else enumerate(node[:1]) if isinstance(node, list) else ()
    for key, value in inner:
        yield (*above, key)
        yield from paths(value, (*above, key))


def odd(item: JSON, path: Path, value: str) -> str:
    """Return `item` as JSON, with `value` at `path`."""
    made = deepcopy(item)
    node: Any = made
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = HERE
    return json.dumps(made).replace(json.dumps(HERE), value)


def numbered(item: JSON, number: int) -> JSON:
    """Return `item` as another one of its kind."""
    text = json.dumps(item)
    if "uuid" in item:
        return json.loads(text.replace(item["uuid"], str(UUID(int=number + 1))))  # type: ignore[no-any-return]
    if "position" in item:
        return {**item, "id": 1000 + number, "position": 1000 + number}
    if "timecode" in item:
        return {**item, "timecode": 1000 + number}
    if "language" in item:
        return {**item, "language": {"id": f"l{number}", "label": "One"}}
    return {**item, "name": f"{item['name']}{number}"}


def ways(item: JSON) -> Iterator[tuple[str, list[str]]]:
    """Yield a place, and `item` with each of the values there: half of them are held already, half are new."""
    for turn, path in enumerate(paths(item)):
        if not AS_PUBLISHED.fullmatch(name := ".".join(map(str, path))):
            yield name, [odd(numbered(item, turn % 2 + at), path, value) for at, value in enumerate(VALUES)]


def held(item: JSON) -> list[str]:
    return [json.dumps(numbered(item, number)) for number in range(0, len(VALUES), 2)]


def listed(texts: list[str]) -> str:
    return f'{{"total": {len(texts)}, "data": [{", ".join(texts)}]}}'


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def require_all_in(
    item: JSON,
    needed: re.Pattern[str],
    write: Callable[[list[str]], Any],
    rows: Callable[[], int],
    *,
    kept: bool = True,
) -> None:
    """Write `item` in all ways; where only a field is odd that it can do without, all of them come in.

    `kept` tells that those stay that were held before and can't be read now.
    """
    write(held(item))
    before = rows()
    for name, texts in ways(item):
        with undone():
            write(texts)
            assert rows() >= (kept * before if needed.fullmatch(name) else len(VALUES)), name


def test_listed_videos(work: Any) -> None:
    from peertube_sync.models import RunKind, Video
    from peertube_sync.sync.walks.pages import commit_page

    source = work.sources[0]
    with work.recording(RunKind.SWEEP, source) as run:

        def write(texts: list[str]) -> None:
            commit_page(work, run, source, parse_page(listed(texts).encode(), VideoItem, 0, "test"))

        require_all_in(local("account.videos"), OF_VIDEOS, write, Video.objects.count)


def test_details(work: Any) -> None:
    from peertube_sync.models import RunKind, Video
    from peertube_sync.sync.walks.details import commit_details

    with work.recording(RunKind.DETAILS) as run:

        def write(texts: list[str]) -> None:
            found = {}
            for text in texts:
                try:
                    one = parse(text.encode(), VideoDetails, "test")
                except UnexpectedShape:
                    continue
                found[one.uuid] = one
            commit_details(work, run, list(found.values()))

        require_all_in(body("video.public_full"), OF_VIDEOS, write, Video.objects.count)


def test_lists_of_channels(work: Any) -> None:
    from peertube_sync.models import Channel

    for item in (local("video-channels.list"), body("video-channel.cooking")):
        require_all_in(item, OF_CHANNELS, reads_list(work, "/video-channels"), Channel.objects.count)


def test_lists_of_playlists(work: Any) -> None:
    from peertube_sync.models import Playlist

    item = local("video-playlists.list")
    require_all_in(item, OF_PLAYLISTS, reads_list(work, "/video-playlists"), Playlist.objects.count)


def reads_list(work: Any, end: str) -> Callable[[list[str]], None]:
    from peertube_sync.sync.walks.lists import read_lists

    def write(texts: list[str]) -> None:
        nothing = dict.fromkeys(("/video-channels", "/video-playlists"), listed([]))
        work.client.transport.answers = nothing | {end: listed(texts)}
        read_lists(work, work.sources[0])

    return write


def test_elements(work: Any) -> None:
    from peertube_sync.models import Account, Playlist, PlaylistElement, Video
    from peertube_sync.sync.walks.lists import fetch_elements

    told = local("video-playlists.list")
    account = Account.objects.create(instance=work.instance, name="x", display_name="x", url="x", remote_id=1)
    times = dict.fromkeys(("created_at", "updated_at"), told["createdAt"])
    row = Playlist.objects.create(
        instance=work.instance,
        uuid=told["uuid"],
        remote_id=1,
        url="x",
        display_name="x",
        owner_account=account,
        **times,
    )

    def write(texts: list[str]) -> None:
        Playlist.objects.update(elements_due_at=row.created_at)
        work.client.transport.answers = {"/videos": listed(texts)}
        fetch_elements(work)

    item = fullest(body("video-playlist.public.videos")["data"])
    require_all_in(item, OF_ELEMENTS, write, PlaylistElement.objects.count)
    assert not Video.objects.exists()


def test_captions_and_chapters(work: Any) -> None:
    from django.utils import timezone

    from peertube_sync.models import Caption, Chapter, RunKind, Video
    from peertube_sync.sync.walks.details import commit_details, fetch_captions

    with work.recording(RunKind.DETAILS) as run:
        commit_details(work, run, [parse(json.dumps(body("video.public_full")).encode(), VideoDetails, "test")])

    def write(captions: str = listed([]), chapters: str = '{"chapters": []}') -> None:
        Video.objects.update(captions_due_at=timezone.now())
        work.client.transport.answers = {"/captions": captions, "/chapters": chapters}
        fetch_captions(work)

    caption, chapter = body("video.captions")["data"][0], body("video.chapters")["chapters"][0]
    require_all_in(caption, OF_CAPTIONS, lambda texts: write(captions=listed(texts)), Caption.objects.count, kept=False)
    told = '{"chapters": [%s]}'
    require_all_in(
        chapter, OF_CHAPTERS, lambda texts: write(chapters=told % ", ".join(texts)), Chapter.objects.count, kept=False
    )


def test_an_account_by_its_name(work: Any) -> None:
    from django.utils import timezone

    from peertube_sync.models import Account
    from peertube_sync.sync.walks.lists import fetch_actors

    told = body("account.alice")
    row = Account.objects.create(instance=work.instance, name="alice", display_name="x", url="x", remote_id=1)
    for path in paths(told):
        for value in VALUES:
            work.client.transport.answers = {"/alice": odd(told, path, value)}
            with undone():
                Account.objects.update(details_due_at=timezone.now())
                fetch_actors(work)
                row.refresh_from_db()
                assert row.display_name == told["displayName"] or path[0] in {"name", "url", "displayName"}
                assert row.details_due_at > timezone.now()
