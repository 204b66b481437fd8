"""What is made of rows, and kept beside them: documents to search in, parts of answers, pictures."""

from peertube_sync.ingest.answers import write_answers
from peertube_sync.ingest.pictures.keeping import settle_stale
from peertube_sync.ingest.search_documents import index_due

AT_ONCE = 5_000
"""Rows of which parts are made at once, in some seconds: after an update all rows are in the queue."""


def derive_due() -> None:
    """Make anew, or take away, what triggers queued. Called inside a transaction, it keeps others from that."""
    index_due()
    write_answers(AT_ONCE)
    settle_stale()
