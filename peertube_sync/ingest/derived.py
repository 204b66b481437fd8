"""What is made of rows, and kept beside them: documents to search in, and parts of answers."""

from peertube_sync.ingest.answers import write_answers
from peertube_sync.ingest.search_documents import index_due

AT_ONCE = 5_000
"""Rows of which parts are made at once, in some seconds: after an update all rows are in the queue."""


def derive_due() -> None:
    """Make anew what triggers queued since it was made. Called inside a transaction, it keeps others from that."""
    index_due()
    write_answers(AT_ONCE)
