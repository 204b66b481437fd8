"""Head polls: newest first, until a page brings nothing unknown."""

from django.utils import timezone

from peertube_sync.client.peertube import walk
from peertube_sync.models import RunKind, Source
from peertube_sync.sync.schedule import is_due, next_head
from peertube_sync.sync.walks.pages import commit_page, require_home, scope_of
from peertube_sync.sync.walks.readability import Readability, settle_readability, walk_again
from peertube_sync.sync.work import Work


def poll_head(work: Work, source: Source) -> None:
    """Read the newest videos of `source`.

    Views change pages all the time, so only an unknown or returned video makes the next page worth
    asking for. Before the first sweep one page is enough: the sweep brings the rest. A sweep that is due
    reads everything anyway.
    """
    if source.sweep_at and is_due(source.sweep_due_at):
        return
    scope, total = scope_of(source), source.remote_total
    reading = Readability()
    with work.recording(RunKind.HEAD, source) as run:
        for page in walk(lambda start: work.client.videos(scope, start=start, sort="-publishedAt")):
            require_home(work, page)
            total = page.total
            news = commit_page(work, run, source, page, reading=reading).news
            run.error = reading.trouble
            if not news or source.sweep_at is None:
                break
            work.check_time()
    due = next_head(source, work.settings)
    excluded = source.excluded
    if source.sweep_at and total is not None and source.remote_total is not None:  # nobody knows before the first sweep
        new_and_unwanted = total - source.remote_total - run.created
        excluded += max(0, min(run.excluded, new_and_unwanted))
    good = {"head_at": timezone.now(), **walk_again(source)}
    columns = {"remote_total": total, "excluded": excluded, "head_due_at": due}
    if reading.trouble:
        columns["unread"] = max(source.unread, reading.unread)
    settle_readability(work, source, reading, good, complete=False, **columns)
