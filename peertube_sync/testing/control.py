"""Changing a sandbox over HTTP while it serves: `POST /sandbox/<name>` with the arguments as a JSON object.

The names are the changes of `Catalogue`, `add_fault` and `clear_faults`, and what `Federation` lets happen to followers
and deliveries. Loopback only, as all of the sandbox.
The type has to be JSON, which no page of another site can send unasked.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import isfunction
from typing import Any

import msgspec

from peertube_sync.testing.activitypub.federation import Federation
from peertube_sync.testing.answers import Answer, json_answer
from peertube_sync.testing.catalogue import Catalogue
from peertube_sync.testing.faults import Fault, Faults
from peertube_sync.testing.users import Users

PREFIX = "/sandbox/"
READS = frozenset({"local_videos", "details", "video", "channel", "renderer"})
"""Methods of a catalogue that change nothing."""
CHANGES = sorted(
    name
    for name, one in {**vars(Users), **vars(Catalogue)}.items()
    if isfunction(one) and name[0] != "_" and name not in READS
)

FOLLOWERS = (
    "approve",
    "reject",
    "forget_followers",
    "change_keys",
    "refresh_followers",
    "send_views",
    "set_deliveries",
)


def controls_of(catalogue: Catalogue, faults: Faults, federation: Federation) -> dict[str, Callable[..., object]]:
    """Return what may be done, by name."""
    changes = {name: getattr(catalogue, name) for name in CHANGES}
    followers = {name: getattr(federation, name) for name in FOLLOWERS}
    return {
        **changes,
        **followers,
        "add_fault": lambda **facts: faults.add(Fault(**facts)),
        "clear_faults": faults.clear,
    }


def control(controls: dict[str, Callable[..., object]], path: str, content_type: str, body: bytes) -> Answer:
    """Do what `path` names; 200 with `{"result": …}`, else 400 or 404 with `{"error": …}`."""
    name = path.removeprefix(PREFIX)
    if name not in controls:
        return _refuse(404, f"there is no {name!r}; there are: {', '.join(controls)}")
    if content_type.partition(";")[0].strip() != "application/json":
        return _refuse(400, "send the arguments as application/json, if only {}")
    try:
        arguments = msgspec.json.decode(body or b"{}", type=dict[str, Any])
        return json_answer({"result": controls[name](**arguments)}, tagged=False)
    except KeyError as error:
        return _refuse(404, f"the sandbox has no {error}")
    except (TypeError, ValueError, AttributeError, msgspec.DecodeError) as error:
        return _refuse(400, str(error))


def _refuse(status: int, text: str) -> Answer:
    return json_answer({"error": text}, status=status, tagged=False)
