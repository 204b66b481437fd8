"""Nothing that isn't public is told to anybody without the permission: every address of the site is asked."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.contrib.admindocs.views import extract_views_from_urlpatterns, simplify_regex
from django.core.management import call_command
from django.db.models import Q
from django.template import Context, Template
from django.test import Client
from django.urls import get_resolver

from peertube_sync.client.secret import Secret
from peertube_sync.client.short_uuid import shorten
from peertube_sync.models import Channel, Curation, Playlist, Source, Video
from peertube_sync.models.picture_shapes import VIDEO
from peertube_sync.sync.operations.logins import log_in
from peertube_sync.testing import Catalogue
from peertube_sync.testing.records import Caption
from peertube_sync.testing.records import Channel as RemoteChannel
from tests.support.mirror import Mirror
from tests.support.users import somebody
from tests.sync.logging_in import KEY, with_keys

CANARY = "canaryq"
"""What every canary begins with: it is searched for, and an answer may repeat it; a whole canary it may not."""
PRIVACIES = ("private", "internal", "unlisted", "password")
OF_THE_API = ("unlisted", "private", "internal", "password_protected")
MACHINES = ("feeds/rss/", "feeds/atom/", "feeds/json/", "sitemap.xml", "api/v1/videos", "api/v1/search/videos")
KINDS = (*PRIVACIES, "hidden", "tombstone")


@pytest.fixture
def site(make_kept: Callable[..., Mirror]) -> Iterator[Mirror]:
    """A public channel, its owner's own videos of each privacy, one hidden here and one that is gone."""
    with with_keys(KEY):
        yield make_kept("canaries", lambda: Catalogue.generate(videos=4, seed=3), _populate)


def _populate(mirror: Mirror) -> None:
    catalogue, host = mirror.catalogue, mirror.sandbox.host
    public = next(one for one in catalogue.channels.values() if not one.origin)
    shown = [catalogue.add_video(public.name, name=f"Open {number}") for number in range(3)]
    made = {kind: _add(catalogue, public, kind) for kind in KINDS}
    playlist = catalogue.add_playlist([*shown, *made.values()], public.name, name="Open playlist")
    catalogue.add_playlist(list(made.values()), public.name, name=f"{CANARY}playlist", privacy=3)
    catalogue.add_user(public.owner.name)
    mirror.add(f"{public.name}@{host}")
    log_in(mirror.sandbox.url, public.owner.name, Secret("sesame"), mirror.settings())
    call_command("peertube_add", host, "--own", stdout=StringIO())
    mirror.sync(full=True)
    Curation.objects.create(video=Video.objects.get(uuid=made["hidden"]), hidden=True)
    catalogue.delete_video(made["tombstone"])
    mirror.sync(full=True)
    Playlist.objects.get(uuid=playlist)


def _add(catalogue: Catalogue, public: RemoteChannel, kind: str) -> str:
    """Publish a video full of canaries, in a channel of its own where it isn't public."""
    channel = public.name
    if kind in PRIVACIES:
        channel = f"{CANARY}{kind}channel"
        facts = {"created": public.created, "updated": public.updated, "description": f"{CANARY}{kind}about"}
        catalogue.put_channel(RemoteChannel(catalogue.next_id(), channel, channel.upper(), public.owner, **facts))
    words = {name: f"{CANARY}{kind}{name}" for name in ("name", "description", "support")}
    uuid = catalogue.add_video(channel, **words, tags=[f"{CANARY}{kind}tag"])
    now = round(datetime.now(UTC).timestamp() * 1000)
    catalogue.set_captions(uuid, [Caption("en", now, path=f"/lazy-static/{CANARY}{kind}caption.vtt")])
    catalogue.set_chapters(uuid, [(0, f"{CANARY}{kind}chapter")])
    if kind in PRIVACIES:
        catalogue.hide(uuid, kind)  # type: ignore[arg-type]
    return uuid


def kept_back() -> "set[str]":
    """Return the uuids, in both forms, that no answer may have."""
    return {form for row in withheld() for form in (str(row.uuid), shorten(row.uuid))}


def withheld() -> list[Video]:
    """Return what isn't to be shown; told without asking the code that is looked at."""
    return list(Video.objects.filter(~Q(privacy_id=1) | Q(removed_at__isnull=False) | Q(curation__hidden=True)))


def arguments(mirror: Mirror) -> dict[str, list[str]]:
    """Return what to put into an address, by the name of its parameter."""
    uuids = [str(row.uuid) for row in Video.objects.all()]
    playlists = [str(row.uuid) for row in Playlist.objects.all()]
    numbers = [str(row.pk) for row in Video.objects.all()]
    names = [row.name for row in Channel.objects.all()]
    handles = [f"{name}@{mirror.sandbox.host}" for name in (*names, Source.objects.get(kind="own").name)]
    named = [*uuids, *playlists, *numbers]
    return {
        "uuid": [*uuids, *playlists],
        "name": named,
        "handle": handles,
        "host": [mirror.sandbox.host],
        "part": ["0"],
        "format": ["json"],
        "rest": ["x"],
        "thread": ["1"],
        "id": [str(one.pk) for one in Source.objects.all()],
        "of": [VIDEO],
        "pk": numbers,
        "version": ["0"],
        "light": ["1d5f8a"],
        "dark": ["7fc4f0"],
        "size": ["320"],
    }


def addresses(mirror: Mirror) -> Iterator[str]:
    """Yield every address that the site has for an anonymous visitor, as the URLconf tells it."""
    given = arguments(mirror)
    for _view, pattern, _namespace, _name in extract_views_from_urlpatterns(get_resolver().url_patterns):
        path = simplify_regex(pattern)
        names = re.findall(r"<(?:\w+:)?(\w+)>", path)
        if path.startswith("/admin/") and names:
            continue
        yield from (_filled(path, values) for values in product(*(given[name] for name in names)))


def _filled(path: str, values: tuple[str, ...]) -> str:
    for value in values:
        path = re.sub(r"<[^>]+>", value, path, count=1)
    return path


def questions(mirror: Mirror) -> Iterator[str]:
    """Yield questions that look for what isn't public, by everything that a list can be narrowed to."""
    own = Source.objects.get(kind="own").name
    for kind in KINDS:
        row, name = Video.objects.get(**_is(kind)), f"{CANARY}{kind}"
        channel = f"{row.channel.name}@{mirror.sandbox.host}"
        yield f"/oembed/?url=http://testserver/videos/{row.uuid}/"
        yield f"/services/oembed?url=http://testserver/w/{row.uuid}"
        yield f"/feeds/video-comments.xml?videoId={row.uuid}"
        for feed in ("videos.xml", "videos.atom", "videos.json", "podcast/videos.xml"):
            yield f"/feeds/{feed}?videoChannelName={channel}&nsfw=both"
            yield f"/feeds/{feed}?videoChannelId={row.channel.pk}&nsfw=both"
            yield f"/feeds/{feed}?accountId={row.account.pk}&nsfw=both"
        yield f"/api/v1/search/videos/?uuids={row.uuid}"
        yield f"/api/v1/search/video-channels/?handles={channel}"
        for text in (name, f"{name}tag"):
            yield f"/api/videos/?tag={text}&count=true"
        yield f"/videos/{row.uuid}/?privacy=not_public"
        yield from (f"/{lists}?channel={channel}" for lists in ("videos/", "api/videos/", "feeds/rss/", "api/tags/"))
    every = "category,channel,instance,language,licence,tag"
    for lists in ("api/videos/", "videos/"):
        yield f"/{lists}?q={CANARY}" + ("&count=true&ordering=relevance" if "api" in lists else "")
        yield f"/{lists}?account={own}@{mirror.sandbox.host}"
    yield f"/api/videos/?facets={every}&count=true&page_size=100"
    yield f"/api/videos/?q={CANARY}&facets={every}"
    yield from asked_openly()
    yield f"/api/v1/search/videos/?search={CANARY}&nsfw=both"
    yield f"/api/v1/search/video-channels/?search={CANARY}"
    yield f"/api/v1/search/video-playlists/?search={CANARY}"
    yield "/api/v1/videos/?count=100&nsfw=both"
    yield from (f"/feeds/{kind}/?q={CANARY}" for kind in ("rss", "atom", "json"))


def asked_openly() -> Iterator[str]:
    """Yield questions for what isn't public, as such."""
    for lists in ("api/videos/", "videos/"):
        yield from (f"/{lists}?privacy={word}" for word in OF_THE_API)
        yield f"/{lists}?privacy=not_public&q={CANARY}" + ("&facets=tag,channel&count=true" if "api" in lists else "")
    yield from (f"/{machine}?privacy=not_public&privacy=3" for machine in MACHINES)


def _is(kind: str) -> dict[str, Any]:
    if kind == "tombstone":
        return {"removed_reason": "deleted"}
    return {"name": f"{CANARY}{kind}name"}


def leaks(client: Client, address: str, secrets: set[str]) -> list[str]:
    """Return what an answer tells that it may not; what was asked for, it may repeat."""
    answer = client.get(address)
    assert answer.status_code < 500, address
    text = b"".join(answer).decode(errors="replace")
    words = set(re.findall(rf"{CANARY}\w+", text, re.IGNORECASE)) | {one for one in secrets if one in text}
    return [f"{address}: {word}" for word in words if word.lower() not in address.lower()]


@pytest.mark.parametrize("who", [Client, somebody], ids=["anonymous", "without permission"])
def test_no_address_tells_others_of_what_is_not_public(site: Mirror, who: Callable[[], Client]) -> None:
    client, secrets, asked = who(), kept_back(), [*addresses(site), *questions(site)]
    assert {row.privacy_id for row in Video.objects.filter(removed_at=None)} == {1, 2, 3, 4, 5}
    assert len(secrets) >= 2 * len(KINDS)
    assert len(asked) > 200
    assert [leak for address in asked for leak in leaks(client, address, secrets)] == []


def test_the_permission_shows_it_in_just_the_faces_that_have_it(site: Mirror) -> None:
    client, secrets = somebody("view_private_video"), kept_back()
    asked = {*addresses(site), *questions(site)}
    telling = {address for address in asked if leaks(client, address, secrets)}
    own = Video.objects.exclude(privacy_id=1)
    rich = own.filter(name__startswith=CANARY)
    assert {address.partition("?")[0] for address in telling} == {
        "/videos/",
        "/api/videos/",
        *(f"/videos/{row.uuid}/" for row in own),
        *(f"/api/videos/{row.uuid}/" for row in own),
        *(f"/api/videos/{row.uuid}/{part}/" for row in rich for part in ("captions", "chapters")),
    }
    lists = {address for address in telling if address.startswith(("/videos/?", "/api/videos/?"))}
    assert all("privacy=" in address for address in lists)
    for answer in map(client.get, telling):
        assert answer["Cache-Control"] == "private, no-store"
        assert not re.search("hiddenname|tombstonename", answer.content.decode())


def test_the_permission_shows_all_of_it_and_nothing_else(site: Mirror) -> None:
    client, own = somebody("view_private_video"), {str(row.uuid) for row in Video.objects.private()}
    found = client.get("/api/videos/?privacy=not_public&count=true&facets=tag,channel").json()
    assert ({row["uuid"] for row in found["results"]}, found["count"]) == (own, len(own))
    assert {row["id"] for row in found["facets"]["tag"]} >= {f"{CANARY}{kind}tag" for kind in PRIVACIES}
    page = client.get("/videos/?privacy=not_public").content.decode()
    assert {uuid for uuid in own if f"/videos/{shorten(UUID(uuid))}/" in page} == own
    assert "Open 1" not in page
    for kind, word in zip(PRIVACIES, ("private", "internal", "unlisted", "password_protected"), strict=True):
        row = Video.objects.get(name=f"{CANARY}{kind}name")
        query = f"privacy={word}&q={CANARY}{kind}name&tag={CANARY}{kind}tag"
        (one,) = client.get(f"/api/videos/?{query}").json()["results"]
        assert (one["uuid"], one["privacy_id"]) == (str(row.uuid), row.privacy_id)
        alike = client.get(f"/api/videos/?privacy={word}").json()["results"]
        assert {one["privacy_label"] for one in alike} == {row.privacy_label}
        whole = client.get(f"/api/videos/{row.uuid}/").json()
        assert (whole["tags"], whole["privacy_label"]) == ([f"{CANARY}{kind}tag"], row.privacy_label)


def test_pages_counts_and_tags_leave_out_what_is_not_public(site: Mirror, client: Client) -> None:
    lead_nowhere(client)
    leave_it_out_of_counts(client)
    tags_show_nothing_of_it()


def lead_nowhere(client: Client) -> None:
    paths = (
        "/videos/{}/",
        "/api/videos/{}/",
        "/api/videos/{}/captions/",
        "/api/v1/videos/{}",
        "/api/v1/videos/{}/captions",
    )
    for row in withheld():
        for path, uuid in product(paths, (row.uuid, shorten(row.uuid))):
            gone = row.removed_at and not path.startswith("/api/v1/")
            assert client.get(path.format(uuid)).status_code == (410 if gone else 404)
    for channel in Channel.objects.filter(private=True):
        assert client.get(f"/channels/{channel.handle}/").status_code == 404


def leave_it_out_of_counts(client: Client) -> None:
    shown = Video.objects.count() - len(withheld())
    assert client.get("/api/videos/?count=true").json()["count"] == shown
    assert client.get("/api/v1/videos").json()["total"] == shown
    assert client.get("/api/v1/server/stats").json()["totalVideos"] == shown
    (instance,) = client.get("/api/instances/").json()["results"]
    assert (instance["videos_count"], instance["channels_count"]) == (
        shown,
        Channel.objects.filter(private=False).count(),
    )
    parts = re.findall("<loc>http://testserver(.*?)</loc>", client.get("/sitemap.xml").content.decode())
    assert sum(client.get(part).content.count(b"<url>") for part in parts) == shown


def tags_show_nothing_of_it() -> None:
    rows = withheld()
    text = (
        "{% load peertube %}{% peertube_grid rows %}{% peertube_latest 50 %}"
        "{% for row in rows %}{% peertube_video row %}{% peertube_embed row.uuid %}{% endfor %}"
    )
    page = Template(text).render(Context({"rows": rows}))
    assert CANARY not in page
    assert "Open 1" in page


def test_the_api_for_staff_knows_nothing_of_what_is_not_public_either(site: Mirror, admin_client: Client) -> None:
    for row in Video.objects.private():
        Curation.objects.create(video=row, title=f"{CANARY}title")
        answer = admin_client.patch(f"/api/videos/{row.uuid}/curation/", {"hidden": True}, "application/json")
        assert answer.status_code == 404
    assert CANARY not in admin_client.get("/api/curations/").content.decode().replace(f"{CANARY}hidden", "")
