"""Deliveries that somebody else made up: each looks genuine but for one thing, none may make anything due."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from peertube_sync.testing.activitypub.parcels import Parcel
from peertube_sync.testing.identifiers import uuid_text, version_4

FORGERIES = ("key", "body", "date", "host", "foreign")
"""Signed by another key; altered after it was signed; old; made for another inbox; about another host's video."""
FOREIGN = "http://elsewhere.example"


def forge(parcel: Parcel, random: Random) -> Parcel:
    """Return a made-up parcel beside a genuine one; it is about a video that nobody has."""
    kind = random.choice(FORGERIES)
    split = parcel.body["actor"].partition(parcel.signer)
    home = FOREIGN if kind == "foreign" else split[0]
    video = f"{home}/videos/watch/{uuid_text(version_4(random.getrandbits(128)))}"
    body = {**parcel.body, "type": "Update", "id": f"{video}/updates/1", "object": video}
    return replace(parcel, body=body, forged=kind)
