"""Examples of the OpenAPI document: what is sent and answered about a channel of a recorded catalogue.

`make examples` writes them anew after a change of the answers. The recorded host is called HOST in them. Long lists
and texts, and objects that are PeerTube's own, are cut, and times of ours are all the same.
"""

import json
import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from peertube_sync.api.serializers.shared import EXAMPLES
from peertube_sync.testing import Catalogue
from tests.support.mirror import Mirror
from tests.support.users import send, somebody
from tests.support.worlds import TINY_82

HOST = "video.example"
OURS, SITE = "http://testserver", "https://mirror.example"
SENT = {
    "AddSource": {"what": f"https://{HOST}/c/cooking", "rules": {"nsfw": False}},
    "Sync": {"full": True},
    "Decision": {"featured": True, "title": "Everything about bread"},
}
PEERTUBES_OWN = ("about", "config", "stats", "constants")
ENTRIES, CHARACTERS = 2, 160
OUR_TIMES = re.compile(r"(added|changed|refreshed|head|sweep|lists|details|elements|captions)(_fetched|_due)?_at")
WHEN, KEY, SECONDS = "2026-12-01T03:00:00Z", 3, 51.0
STAFF = ("view_source", "add_source", "change_source", "view_curation", "change_curation")


def cut(value: Any, *, whole: bool = True) -> Any:
    """Return the beginning of a list or text, and of an object too unless it is to stay `whole`."""
    if isinstance(value, dict):
        kept = value.items() if whole else sorted(value.items())[:ENTRIES]
        return {key: _same_time(key, cut(entry, whole=whole and key not in PEERTUBES_OWN)) for key, entry in kept}
    if isinstance(value, list):
        return [cut(entry, whole=whole) for entry in value[:ENTRIES]]
    return f"{value[:CHARACTERS]}..." if isinstance(value, str) and len(value) > CHARACTERS else value


def _same_time(key: str, value: Any) -> Any:
    return WHEN if value and OUR_TIMES.fullmatch(key) else value


@pytest.fixture
def answers(make_mirror: Callable[..., Mirror]) -> dict[str, Any]:
    """What is sent, and answered, by the component of the document that it is of."""
    mirror, staff = make_mirror(Catalogue.load(TINY_82)), somebody(*STAFF)
    here, host = mirror.sandbox.url, mirror.sandbox.host

    def body(answer: Any) -> Any:
        assert answer.status_code in {200, 201, 202, 400}, answer.content
        text = answer.content.decode()
        for spelt, shown in ((here, f"https://{HOST}"), (host, HOST), (quote(host), HOST), (OURS, SITE)):
            text = text.replace(spelt, shown)
        return cut(json.loads(text))

    def ask(path: str) -> Any:
        return body(Client().get(f"/api/{path}"))

    added = body(send(staff, "post", "sources/", {**SENT["AddSource"], "what": f"{here}/c/cooking"}))
    source = added["id"]
    mirror.sync()
    video, playlist = (ask(path)["results"][0] for path in ("videos/", "playlists/"))
    synced = body(send(staff, "post", f"sources/{source}/sync/", SENT["Sync"]))
    return SENT | {
        "Video": video,
        "VideoDetails": ask(f"videos/{video['uuid']}/"),
        "Channel": ask("channels/")["results"][0],
        "ChannelDetails": ask(f"channels/cooking@{host}/"),
        "Playlist": playlist,
        "PlaylistDetails": ask(f"playlists/{playlist['uuid']}/"),
        "Instance": ask("instances/")["results"][0],
        "InstanceDetails": ask(f"instances/{host}/"),
        "Suggestions": ask("suggest/?q=coo"),
        "Source": synced | {"id": KEY},
        "AddedSource": added | {"id": KEY, "cost": added["cost"] | {"seconds": SECONDS}},
        "Curation": body(send(staff, "patch", f"videos/{video['uuid']}/curation/", SENT["Decision"])),
        "BadRequest": ask("videos/?page_size=0"),
    }


def test_examples_are_what_is_answered_about_the_recorded_catalogue(answers: dict[str, Any], request: Any) -> None:
    if os.environ.get("WRITE_EXAMPLES"):
        written = json.dumps(answers, indent=1, ensure_ascii=False)
        (request.config.rootpath / "peertube_sync" / "api" / "examples.json").write_text(f"{written}\n")
    else:
        assert answers == EXAMPLES, "Write them anew with `make examples`, if that is what was meant."
