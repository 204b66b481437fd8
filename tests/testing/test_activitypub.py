"""ActivityPub's side of a sandbox, as a bare follower sees it: held against what a real 8.2.1 delivered."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

import pytest
import requests
import time_machine

from peertube_sync.testing import Catalogue, Sandbox
from peertube_sync.testing.activitypub.keys import private_key
from peertube_sync.testing.activitypub.signatures import parameters, verifies
from peertube_sync.testing.identifiers import uuid_text
from peertube_sync.testing.records import Privacy
from tests.support.follower import ACTIVITY, Follower, Received, following
from tests.support.paths import RECORDINGS

RECORDED = RECORDINGS / "activitypub-8.2"
INSTANCE = "/accounts/peertube"
KEY = private_key("a follower", 0, 2048)


@pytest.fixture
def sandbox(catalogue: Catalogue) -> Iterator[Sandbox]:
    with Sandbox(catalogue, limit=None, version="8.2.1") as running:
        yield running


@pytest.fixture
def follower() -> Iterator[Follower]:
    with following(KEY) as one:
        yield one


def recorded() -> list[Received]:
    rows = map(json.loads, (RECORDED / "received.jsonl").read_text().splitlines())
    return [Received(row["path"], row["headers"], row["body"].encode()) for row in rows]


def document(sandbox: Sandbox, path: str) -> dict[str, Any]:
    answer = requests.get(f"{sandbox.url}{path}", headers={"Accept": ACTIVITY}, timeout=10)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def listed(sandbox: Sandbox) -> str:
    """Return a listed video that some playlist has."""
    catalogue = sandbox.catalogue
    members = (element.video for row in catalogue.playlists.values() for element in row.elements)
    return next(uuid_text(video.number) for video in members if video and video.listed and video.is_local)


def joined(sandbox: Sandbox, follower: Follower, path: str = INSTANCE) -> None:
    """Follow an actor; forget the Accept."""
    assert follower.follow(f"{sandbox.url}{path}") == 204
    heard(sandbox, follower)


def heard(sandbox: Sandbox, follower: Follower) -> list[dict[str, Any]]:
    """Return what the follower was told of since it was asked last, in order."""
    sandbox.federation.deliveries.wait()
    told = follower.told()
    follower.received.clear()
    return told


def kinds(told: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the type of each activity with that of its object, or with its address' kind."""
    return [
        (one["type"], one["object"]["type"] if isinstance(one["object"], dict) else one["object"].split("/")[3])
        for one in told
    ]


def keys(value: Any) -> Any:
    """Return the keys of a document in order, and those of what it nests, but for files and pictures."""
    if isinstance(value, dict):
        return {key: keys(one) for key, one in value.items() if key not in ("icon", "image", "url", "tag", "@context")}
    return keys(value[0]) if isinstance(value, list) and value else None


@time_machine.travel(datetime.fromisoformat("2026-11-29T21:20:30+00:00"), tick=False)
def test_the_signatures_of_a_real_one_are_understood() -> None:
    pems = {
        actor["id"]: actor["publicKey"]["publicKeyPem"]
        for actor in (json.loads(path.read_text()) for path in RECORDED.glob("actor.*.json"))
    }
    for one in recorded():
        found = parameters(one.headers, one.body)
        pem = pems[found["keyId"].partition("#")[0]]
        assert verifies(found, pem, one.path, one.headers)
        assert not verifies(found, pem, f"{one.path}x", one.headers)
        assert one.is_genuine(pem)
    with pytest.raises(ValueError, match="digest"):
        parameters(one.headers, one.body + b" ")


@pytest.mark.parametrize("name", ["peertube", "alice", "cooking"])
def test_actors_have_the_documents_of_real_ones(sandbox: Sandbox, name: str) -> None:
    catalogue = sandbox.catalogue
    account = next(row for row in catalogue.accounts.values() if row.avatars and not row.origin)
    channel = next(row for row in catalogue.channels.values() if row.banners and row.avatars and not row.origin)
    paths = {
        "peertube": INSTANCE,
        "alice": f"/accounts/{account.name}",
        "cooking": f"/video-channels/{channel.name}",
    }
    shown, real = document(sandbox, paths[name]), json.loads((RECORDED / f"actor.{name}.json").read_text())
    assert list(shown) == list(real)
    assert shown["@context"] == real["@context"]
    assert [one["href"].replace(sandbox.url, "") for one in shown["url"]] == [
        one["href"].replace("http://127.0.0.1:19000", "").replace(name, paths[name].rpartition("/")[2])
        for one in real["url"]
    ]
    for kind in ("icon", "image"):
        assert [list(one) for one in shown.get(kind, [])[:1]] == [list(one) for one in real.get(kind, [])[:1]]


def test_who_does_not_ask_for_activitypub_gets_no_actor(sandbox: Sandbox) -> None:
    assert (
        requests.get(f"{sandbox.url}{INSTANCE}", headers={"Accept": "application/json"}, timeout=10).status_code == 406
    )
    unknown = requests.get(f"{sandbox.url}/accounts/nobody", headers={"Accept": ACTIVITY}, timeout=10)
    assert unknown.status_code == 404
    assert document(sandbox, f"{INSTANCE}/followers")["totalItems"] == 0


def test_an_actor_is_found_by_its_name(sandbox: Sandbox) -> None:
    asked = f"{sandbox.url}/.well-known/webfinger"
    found = requests.get(asked, {"resource": f"acct:peertube@{sandbox.host}"}, timeout=10).json()
    assert found["links"][0]["href"] == f"{sandbox.url}{INSTANCE}"
    assert requests.get(asked, {"resource": "acct:peertube@elsewhere.example"}, timeout=10).status_code == 404


def test_a_follow_is_accepted_as_recorded(sandbox: Sandbox, follower: Follower) -> None:
    assert follower.follow(f"{sandbox.url}{INSTANCE}") == 204
    (accepted,) = heard(sandbox, follower)
    real = json.loads((RECORDED / "accept.json").read_text())
    assert keys(accepted) == keys(real)
    assert accepted["object"] == {
        key: value
        for key, value in follower.activity("Follow", f"{sandbox.url}{INSTANCE}").items()
        if key != "@context"
    }
    assert accepted["id"].startswith(f"{sandbox.url}/accepts/follows/")
    assert follower.asked == ["/ap/listener", "/ap/listener/followers", "/ap/listener/following"]
    rows = requests.get(f"{sandbox.url}/api/v1/server/followers", timeout=10).json()
    assert [(row["follower"]["url"], row["state"], row["score"]) for row in rows["data"]] == [
        (follower.actor, "accepted", 1010)
    ]
    assert document(sandbox, f"{INSTANCE}/followers")["totalItems"] == 1


def test_a_repeated_follow_is_accepted_under_its_first_id(sandbox: Sandbox, follower: Follower) -> None:
    joined(sandbox, follower)
    assert follower.follow(f"{sandbox.url}{INSTANCE}", number=2) == 204
    assert [one["object"]["id"] for one in heard(sandbox, follower)] == [f"{follower.actor}/follows/1"]
    assert len(sandbox.federation.follows) == 1


def test_a_person_may_accept_and_reject(sandbox: Sandbox, follower: Follower) -> None:
    sandbox.federation.manual_approval = True
    assert follower.follow(f"{sandbox.url}{INSTANCE}") == 204
    assert heard(sandbox, follower) == []
    sandbox.federation.approve()
    assert kinds(heard(sandbox, follower)) == [("Accept", "Follow")]
    sandbox.federation.reject(follower.actor)
    follower.follow(f"{sandbox.url}{INSTANCE}", number=2)
    told = heard(sandbox, follower)
    assert [(one["type"], one["object"]["id"]) for one in told] == [
        ("Reject", f"{follower.actor}/follows/1"),
        ("Reject", f"{follower.actor}/follows/2"),
    ]
    sandbox.catalogue.edit_video(listed(sandbox), name="Unheard")
    assert heard(sandbox, follower) == []


def test_an_undo_ends_a_follow_and_a_delete_all(sandbox: Sandbox, follower: Follower) -> None:
    channel = next(row.name for row in sandbox.catalogue.channels.values() if not row.origin)
    joined(sandbox, follower)
    joined(sandbox, follower, f"/video-channels/{channel}")
    assert follower.undo(f"{sandbox.url}{INSTANCE}") == 204
    assert [one.followed for one in sandbox.federation.follows] == [f"/video-channels/{channel}"]
    assert follower.send(f"{sandbox.url}/inbox", follower.activity("Delete", follower.actor)) == 204
    assert sandbox.federation.follows == []
    sandbox.catalogue.rename_channel(channel, "Unheard")
    assert heard(sandbox, follower) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"digest": "SHA-256=AAAA"},
        {"date": "Sun, 29 Nov 2026 21:19:38 GMT"},
        {"signed_date": "Sun, 29 Nov 2020 21:19:38 GMT"},
        {"signed_date": "yesterday"},
        {"signed_names": "(request-target) host digest"},
        {"signature": "none"},
    ],
)
def test_a_follow_that_is_not_signed_well_is_refused(
    sandbox: Sandbox, follower: Follower, changed: dict[str, str]
) -> None:
    followed = f"{sandbox.url}{INSTANCE}"
    assert follower.send(f"{followed}/inbox", follower.activity("Follow", followed), **changed) == 403
    assert sandbox.federation.follows == []


def test_another_key_is_refused_until_the_actor_is_read_anew(sandbox: Sandbox, follower: Follower) -> None:
    joined(sandbox, follower)
    follower.key = private_key("a follower", 1, 2048)
    assert follower.follow(f"{sandbox.url}{INSTANCE}", number=2) == 403
    sandbox.federation.refresh_followers()
    assert follower.follow(f"{sandbox.url}{INSTANCE}", number=2) == 204
    follower.gone = 410
    sandbox.federation.refresh_followers()
    assert sandbox.federation.follows == []


def test_a_follower_without_an_actor_is_refused(sandbox: Sandbox, follower: Follower) -> None:
    follower.gone = 404
    assert follower.follow(f"{sandbox.url}{INSTANCE}") == 403
    follower.gone = 0
    assert follower.follow(f"{sandbox.url}/accounts/nobody") == 404


def test_deliveries_look_like_the_recorded_ones(sandbox: Sandbox, follower: Follower) -> None:
    joined(sandbox, follower)
    every_change(sandbox)
    sandbox.federation.deliveries.wait()
    real = {shape(one): one for one in recorded()}
    seen = {shape(one): one for one in follower.received}
    assert real.keys() <= seen.keys()
    for kind, theirs in real.items():
        mine = seen[kind]
        assert keys(mine.data) == keys(theirs.data), kind
        assert list(mine.headers) == list(theirs.headers)
        assert fixed(mine, sandbox.url) == fixed(theirs, "http://127.0.0.1:19000")
    for one in follower.received:
        actor = one.data["actor"]
        assert one.headers["signature"].startswith(f'keyId="{actor}#main-key",algorithm="rsa-sha256"')
        assert one.is_genuine(document(sandbox, actor.removeprefix(sandbox.url))["publicKey"]["publicKeyPem"])


def fixed(one: Received, home: str) -> list[str]:
    names = ("user-agent", "content-type", "accept", "accept-encoding", "Connection")
    return [one.headers[name].replace(home, "") for name in names]


def shape(one: Received) -> tuple[str, ...]:
    """Return what makes a delivery one of its kind: its type, its object's, who signs it, whether to the public."""
    data = one.data
    told = data["object"]
    kind = told["type"] if isinstance(told, dict) else told.split("/")[3]
    live = str(told.get("isLiveBroadcast")) if isinstance(told, dict) else ""
    empty = str(told.get("totalItems") == 0) if isinstance(told, dict) else ""
    to = "".join(sorted({"to" if data.get("to") else "", "cc" if data.get("cc") else ""}))
    return data["type"], kind, data["actor"].split("/")[3], live, empty, to


def every_change(sandbox: Sandbox) -> None:
    """Do what was done to the real one, in its order, with an actor who has avatars and banners."""
    catalogue = sandbox.catalogue
    channel = next(row for row in catalogue.channels.values() if row.avatars and row.banners and row.owner.avatars)
    home, owner = channel.name, channel.owner.name
    live = catalogue.add_video(home, is_live=True, tags=["doorbell"])
    catalogue.edit_video(live, name="A live (edited)", category=None, licence=None, language=None)
    catalogue.set_captions(live, ["de"])
    catalogue.hide(live)
    catalogue.publish(live)
    catalogue.hide(live, "unlisted")
    catalogue.publish(live)
    catalogue.rename_channel(home, "Cooking with Alice and Bob")
    catalogue.rename_account(owner, "Alice O.")
    upload = catalogue.add_video(home, name="Doorbell upload")
    catalogue.view(live)
    catalogue.edit_video(upload, name="Doorbell")
    playlist = catalogue.add_playlist([], home, name="Bell list", position=3)
    catalogue.edit_playlist(playlist, [upload])
    catalogue.edit_playlist(playlist, [])
    catalogue.delete_playlist(playlist)
    catalogue.add_playlist([upload], home)
    catalogue.add_playlist([upload], home, privacy=Privacy.UNLISTED)
    catalogue.delete_video(upload)


def test_activities_use_their_ids_again(sandbox: Sandbox, follower: Follower) -> None:
    joined(sandbox, follower)
    catalogue, uuid = sandbox.catalogue, listed(sandbox)
    catalogue.edit_video(uuid, name="Edited")
    catalogue.set_captions(uuid, ["de"])
    catalogue.set_chapters(uuid, [(0, "Welcome")])
    for _again in range(2):
        catalogue.hide(uuid)
        catalogue.publish(uuid)
    ids = Counter(one["id"] for one in heard(sandbox, follower))
    assert sorted(ids.values()) == [1, 1, 2, 3]
    assert ids[f"{sandbox.url}/videos/watch/{uuid}/delete"] == 2


#: What is done, and what follower of the instance, of the channel and of the account hear of it.
HEARD: dict[str, tuple[str, str, str]] = {
    "edit": ("Update Video", "Update Video", "Update Video"),
    "captions": ("Update Video", "Update Video", "Update Video"),
    "chapters": ("Update Video", "Update Video", "Update Video"),
    "hide": ("Delete videos", "Delete videos", "Delete videos"),
    "publish": ("Update Video", "Update Video", "Update Video"),
    "block": ("Delete videos", "Delete videos", "Delete videos"),
    "unblock": ("Update Video", "Update Video", "Update Video"),
    "stop a live": ("Update Video", "Update Video", "Update Video"),
    "start a live": ("Update Video", "Update Video", "Update Video"),
    "upload": (
        "Announce videos, Announce videos",
        "Announce videos, Announce videos",
        "Create Video, Announce videos, Announce videos",
    ),
    "a draft": ("", "", ""),
    "rename the channel": ("Update Group", "Update Group", ""),
    "rename the account": ("Update Person", "Update Person", "Update Person"),
    "describe the account": ("Update Person", "Update Person", "Update Person"),
    "rename an account without videos": ("", "", ""),
    "move": (
        "Undo Announce, Announce videos, Update Video",
        "Undo Announce",
        "Undo Announce, Announce videos, Update Video",
    ),
    "view": ("View videos", "View videos", "View videos"),
    "like": ("Like videos", "Like videos", "Like videos"),
    "comment": ("Create Note", "Create Note", "Create Note"),
    "make a playlist": ("Create Playlist, Update Playlist",) * 3,
    "make a private playlist": ("", "", ""),
    "delete": ("Delete videos, Update Playlist", "Delete videos, Update Playlist", "Delete videos, Update Playlist"),
    "delete the channel": (
        "Delete video-channels, Delete videos, Update Playlist, Delete video-playlists",
        "Delete video-channels, Delete videos, Update Playlist, Delete video-playlists",
        "Delete videos, Update Playlist, Delete video-playlists",
    ),
}


@pytest.mark.parametrize("change", HEARD)
def test_who_hears_of_what(change: str) -> None:
    catalogue = Catalogue.generate(videos=0)
    home, other, empty = [row for row in catalogue.channels.values() if not row.origin][:3]
    other.owner = home.owner
    uuid = catalogue.add_video(home.name, is_live=change.endswith("live"))
    if change in ("publish", "unblock", "start a live"):
        {"publish": catalogue.hide, "unblock": catalogue.block, "start a live": catalogue.stop_live}[change](uuid)
    if change.startswith("delete"):
        catalogue.add_playlist([uuid], home.name)
    with Sandbox(catalogue, limit=None) as sandbox, three(sandbox, home.name, home.owner.name) as followers:
        changes(catalogue, uuid, home, other, empty)[change]()
        found = tuple(", ".join(map(" ".join, kinds(heard(sandbox, one)))) for one in followers)
    assert found == HEARD[change]


@contextmanager
def three(sandbox: Sandbox, channel: str, account: str) -> Iterator[list[Follower]]:
    """Follow the instance, a channel and an account."""
    paths = (INSTANCE, f"/video-channels/{channel}", f"/accounts/{account}")
    with ExitStack() as stack:
        followers = [stack.enter_context(following(KEY)) for _ in paths]
        for one, path in zip(followers, paths, strict=True):
            joined(sandbox, one, path)
        yield followers


def changes(catalogue: Catalogue, uuid: str, home: Any, other: Any, empty: Any) -> dict[str, Any]:
    name, owner = home.name, home.owner.name
    return {
        "edit": lambda: catalogue.edit_video(uuid, name="Edited"),
        "captions": lambda: catalogue.set_captions(uuid, ["de"]),
        "chapters": lambda: catalogue.set_chapters(uuid, [(0, "Welcome")]),
        "hide": lambda: catalogue.hide(uuid),
        "publish": lambda: catalogue.publish(uuid),
        "block": lambda: catalogue.block(uuid),
        "unblock": lambda: catalogue.unblock(uuid),
        "stop a live": lambda: catalogue.stop_live(uuid),
        "start a live": lambda: catalogue.start_live(uuid),
        "upload": lambda: catalogue.add_video(name),
        "a draft": lambda: catalogue.hide(catalogue.add_video(name, privacy=Privacy.PRIVATE)),
        "rename the channel": lambda: catalogue.rename_channel(name, "Other"),
        "rename the account": lambda: catalogue.rename_account(owner, "Other"),
        "describe the account": lambda: catalogue.describe_account(owner, "Other words."),
        "rename an account without videos": lambda: catalogue.rename_account(empty.owner.name, "Other"),
        "move": lambda: catalogue.move_video(uuid, other.name),
        "view": lambda: catalogue.view(uuid),
        "like": lambda: catalogue.like(uuid),
        "comment": lambda: catalogue.comment(uuid),
        "make a playlist": lambda: catalogue.add_playlist([uuid], name),
        "make a private playlist": lambda: catalogue.add_playlist([uuid], name, privacy=Privacy.PRIVATE),
        "delete": lambda: catalogue.delete_video(uuid),
        "delete the channel": lambda: catalogue.delete_channel(name),
    }
