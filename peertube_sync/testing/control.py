"""Changing a sandbox over HTTP while it serves: `POST /sandbox/<name>` with the arguments as a JSON object.

The names are the changes of `Catalogue`, and `add_fault` and `clear_faults`. Loopback only, as all of the sandbox.
The type has to be JSON, which no page of another site can send unasked.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import isfunction
from typing import Any

import msgspec

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


def control(catalogue: Catalogue, faults: Faults, path: str, content_type: str, body: bytes) -> Answer:
    """Do what `path` names; 200 with `{"result": …}`, else 400 or 404 with `{"error": …}`."""
    controls = _controls(catalogue, faults)
    name = path.removeprefix(PREFIX)
    if name not in controls:
        return _refusal(404, f"there is no {name!r}; there are: {', '.join(controls)}")
    if content_type.partition(";")[0].strip() != "application/json":
        return _refusal(400, "send the arguments as application/json, if only {}")
    try:
        arguments = msgspec.json.decode(body or b"{}", type=dict[str, Any])
        return json_answer({"result": controls[name](**arguments)}, tagged=False)
    except KeyError as error:
        return _refusal(404, f"the sandbox has no {error}")
    except (TypeError, ValueError, AttributeError, msgspec.DecodeError) as error:
        return _refusal(400, str(error))


def _controls(catalogue: Catalogue, faults: Faults) -> dict[str, Callable[..., Any]]:
    changes = {name: getattr(catalogue, name) for name in CHANGES}
    return {**changes, "add_fault": lambda **facts: faults.add(Fault(**facts)), "clear_faults": faults.clear}


def _refusal(status: int, text: str) -> Answer:
    return json_answer({"error": text}, status=status, tagged=False)
