"""The table of the log's events, held against the code."""

import re

from tests.support.markdown import table
from tests.support.paths import ROOT

EVENT = re.compile(r'(?:note|log_event)\((?:\s*logger,)?\s*(?:logging\.\w+|level)[^"]*?"([a-z_]+)"', re.DOTALL)


def test_every_event_is_told() -> None:
    written = {name for path in (ROOT / "peertube_sync").rglob("*.py") for name in EVENT.findall(path.read_text())}
    told = {row[0].strip("`") for row in table("docs/operations.md", "The log")}
    assert written | {"losses_accepted", "losses_rejected"} == told
