"""What is told to the log: a sentence for people, and the same facts as columns for machines.

Every record has an `event`, a word that stays the same when sentences change. All that servers wrote is put into one
line and cut, so that nobody can forge a line of the log.
"""

import logging
from datetime import datetime
from typing import Any

from peertube_sync.client.sanitise import one_line

LONGEST_IN_LOG = 500
"""Characters of a text in the log."""


def log_event(logger: logging.Logger, level: int, event: str, sentence: str, **facts: Any) -> None:
    """Log `sentence`, whose places like `%(host)s` are filled with `facts`; these are attributes of the record, too.

    No fact may be called like an attribute that records have already (`name`, `created`, `message`, …).
    """
    if logger.isEnabledFor(level):
        columns: dict[str, Any] = {}
        for name, value in facts.items():
            if value is None or isinstance(value, bool | int | float):
                columns[name] = value
            elif isinstance(value, datetime):
                columns[name] = value.isoformat(timespec="seconds")
            else:
                columns[name] = one_line(str(value))[:LONGEST_IN_LOG]
        logger.log(level, sentence, columns, extra={"event": event, **columns}, stacklevel=2)
