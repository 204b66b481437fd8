"""What a host project can listen to (`docs/signals.md` has an example).

Where each is sent: the four signals about videos in `sync/announce.py`, after the commit, never for a video that isn't
public; `sync_finished` by `run_slice` in `sync/slices.py`; `alarm_raised` in `sync/operations/alarms.py`.

They are sent at most once, in the process that did the work. A killed process may lose some, so treat them as hints and
the rows as the truth. Rows are written in bulk, so Django's own `post_save` never comes. A receiver that raises is
logged and stops nothing.
"""

from django.dispatch import Signal

video_created = Signal()
"""A video is mirrored for the first time. Arguments: `video_id` (primary key), `uuid`."""

video_updated = Signal()
"""A video changed. Arguments: `video_id`, `uuid`, `changed` (frozenset of column names, `tags` among them)."""

video_removed = Signal()
"""A video became a tombstone, isn't public any more, or its instance opted out.

Arguments: `video_id`, `uuid`, `reason` (a value of `models.Reason`). The row of a video that only stopped being public
(`Reason.PRIVATE`) stays as it is. Where a whole instance opted out (`Reason.OPTED_OUT`), the row is deleted by then,
unless something keeps it as a tombstone.
"""

video_restored = Signal()
"""A tombstone came back to life, or a row that wasn't public is public again. Arguments: `video_id`, `uuid`."""

sync_finished = Signal()
"""A slice of work on an instance is over. Arguments: `instance_id`, `error` ("" when there was none).

Not sent for a slice that found the lease held, that could only go on with a removal (or the removal deleted the
instance), or that a bug ended. Sent, without an `error`, for one that lost its lease to another process.
"""

alarm_raised = Signal()
"""A person has to look; sent once a day at most for each cause, by whatever looks for it.

Arguments: `cause` (a value of `models.Cause`), `problems` (a list of `sync.operations.problems.Problem`).
"""
