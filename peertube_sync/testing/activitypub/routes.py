"""ActivityPub's answers: documents of actors, WebFinger, and what becomes of a POST to an inbox."""

from __future__ import annotations

from typing import Any

import msgspec

from peertube_sync.testing.activitypub.documents import collection
from peertube_sync.testing.activitypub.signatures import parameters, verifies
from peertube_sync.testing.answers import Answer, Request, json_answer
from peertube_sync.testing.pages import not_acceptable
from peertube_sync.testing.problems import ProblemError, not_found

TYPE = "application/activity+json; charset=utf-8"
ACCEPTED = ("application/activity+json", "application/ld+json")
UNCHECKED = "ActivityPub signature could not be checked"


def actor(request: Request, kind: str, name: str) -> Answer:
    """Answer with an actor's document; 406 to whoever doesn't ask for ActivityPub."""
    if not _wants_activitypub(request):
        return not_acceptable(request)
    return json_answer(_document(request, kind, name), content_type=TYPE)


def actor_collection(request: Request, kind: str, name: str, which: str) -> Answer:
    """Answer with how many an actor follows, or is followed by."""
    if not _wants_activitypub(request):
        return not_acceptable(request)
    url = f"{_document(request, kind, name)['id']}/{which}"
    path = f"/{kind}/{name}"
    followers = [one for one in request.federation.follows if one.followed == path and one.state == "accepted"]
    return json_answer(collection(url, len(followers) if which == "followers" else 0), content_type=TYPE)


def webfinger(request: Request) -> Answer:
    """Answer with the address of an actor that is named as `acct:name@host`."""
    resource = request.query.get("resource", [""])[0]
    name, _, host = resource.removeprefix("acct:").partition("@")
    paths = (f"/accounts/{name}", f"/video-channels/{name}")
    found = next((one for one in map(request.federation.document, paths) if one), None)
    if found is None or host != request.host:
        raise not_found("Actor")
    links = [{"rel": "self", "type": "application/activity+json", "href": found["id"]}]
    return json_answer({"subject": resource, "aliases": [found["id"]], "links": links})


def inbox(request: Request, *owner: str) -> Answer:
    """Take an activity in: 403 for a signature that isn't its sender's, 404 for the inbox of nobody, else 204."""
    federation = request.federation
    try:
        found = parameters(request.headers, request.body)
    except ValueError as error:
        raise ProblemError(403, str(error)) from None
    try:
        sender = federation.follower(found["keyId"].partition("#")[0])
    except ValueError:
        raise ProblemError(403, UNCHECKED) from None
    if not verifies(found, sender.pem, request.target, request.headers):
        raise ProblemError(403, "Invalid signature")
    activity = _activity(request.body)
    if activity["actor"] != sender.url:
        raise ProblemError(403, "Object and creator signature do not match")
    if owner:
        with request.catalogue.lock:
            _document(request, *owner)
    federation.receive(sender, activity)
    return Answer(204, content_type="", tagged=False)


def _activity(body: bytes) -> dict[str, object]:
    try:
        activity = msgspec.json.decode(body, type=dict[str, Any])
        if isinstance(activity["type"], str) and activity["id"] and activity["actor"]:
            return activity
    except (KeyError, msgspec.DecodeError):
        pass
    raise ProblemError(400, "Incorrect activity.")


def _document(request: Request, kind: str, name: str) -> dict[str, object]:
    found = request.federation.document(f"/{kind}/{name}")
    if found is None:
        raise not_found("Account" if kind == "accounts" else "Video channel")
    return found


def _wants_activitypub(request: Request) -> bool:
    return any(kind in request.headers.get("accept", "") for kind in ACCEPTED)
