"""Plain words on what a row says of itself: it is here, waits for something, or is a tombstone."""

from collections.abc import Iterator

from peertube_sync.models import (
    Account,
    Channel,
    Curation,
    Instance,
    Playlist,
    Reason,
    SkippedItem,
    Source,
    SourceKind,
    Video,
)
from peertube_sync.sync.explain.reasons import Finding, due, of_rules, time_in_words
from peertube_sync.sync.schedule import is_due

MirroredRow = Video | Channel | Account | Playlist


def of_row(row: MirroredRow) -> Iterator[Finding]:
    """Yield what the row of a video, channel, account or playlist says."""
    if row.removed_at is not None:
        reason = row.get_removed_reason_display() or "for no reason that was kept"
        yield Finding("tombstone", f"It is a tombstone since {time_in_words(row.removed_at)}: {reason}.")
        if row.removed_reason == Reason.OUT_OF_SCOPE:
            yield from _of_scope(row)
        yield from _of_twin(row)
    elif isinstance(row, Video):
        yield from _of_video(row)
    elif isinstance(row, Playlist):
        yield Finding("here", f"It is here; the API knows it as {row.uuid}. It has {row.elements.count()} elements.")
        yield from _of_twin(row)
        if row.elements_fetched_at is None:
            text = f"Its elements were not fetched yet; that {due(row.elements_due_at)}."
            yield Finding("waiting_elements", text)
    else:
        videos = row.videos.filter(removed_at=None).count()
        yield Finding("here", f"It is here; the API knows it as {row.handle}. Of its videos, {videos} are mirrored.")
        if row.details_fetched_at is None:
            text = f"Its description and counts were not fetched yet; that {due(row.details_due_at)}."
            yield Finding("waiting_details", text)


def of_skipped(instance: Instance, uuid: str) -> Iterator[Finding]:
    """Yield the answers about a video or playlist that could not be taken."""
    for item in SkippedItem.objects.filter(instance=instance, key=uuid):
        text = (
            f"An answer about it ({item.kind}, last seen {time_in_words(item.last_seen_at)}) was skipped: {item.reason}"
        )
        yield Finding("skipped", text)


def sources_of(row: MirroredRow) -> list[Source]:
    """Return the sources of the row's instance that select it."""
    sources = row.instance.sources.select_related("instance")
    if isinstance(row, Video):
        return [source for source in sources if Video.objects.of_source(source).filter(pk=row.pk).exists()]
    return [source for source in sources if _selects(source, row)]


def _selects(source: Source, row: Channel | Account | Playlist) -> bool:
    owner = row if isinstance(row, Account) else row.owner_account
    channel = row.video_channel if isinstance(row, Playlist) else row if isinstance(row, Channel) else None
    names = {
        SourceKind.INSTANCE: "",
        SourceKind.CHANNEL: channel and channel.name,
        SourceKind.ACCOUNT: owner and owner.name,
        SourceKind.PLAYLIST: str(row.uuid) if isinstance(row, Playlist) else None,
    }
    return names.get(SourceKind(source.kind)) == source.name


def _of_scope(row: MirroredRow) -> Iterator[Finding]:
    """Yield why no source wants a row that is out of scope."""
    sources = sources_of(row)
    if isinstance(row, Video):
        columns = ("language_id", "category_id", "nsfw", "duration", "published_at")
        tags = {"tags": [tag.name for tag in row.tags.all()]} if row.details_fetched_at else {}
        facts = {name: getattr(row, name) for name in columns} | tags
        for source in sources:
            yield from of_rules(source, facts)
    if not sources:
        yield Finding("not_selected", f"No source here selects it. Add it with: manage.py peertube_add {row.url}")


def _of_video(row: Video) -> Iterator[Finding]:
    yield Finding("here", f"It is here; the API knows it as {row.uuid}.")
    yield from _of_twin(row)
    if Curation.objects.filter(video=row, hidden=True).exists():
        yield Finding("hidden", "This site's curation hides it, so nobody is shown it.")
    if row.missing_since:
        asked = f"Its instance is asked before anything is removed; that {due(row.instance.next_due_at)}."
        yield Finding("missing", f"It was missing at {time_in_words(row.missing_since)}. {asked}")
    if row.delisted_at:
        why = "It is public (an idle live, or an owner that its instance mutes), so it stays, out of the lists."
        yield Finding("delisted", f"Its instance lists it no longer, seen at {time_in_words(row.delisted_at)}. {why}")
    if row.details_fetched_at is None:
        text = f"Its details (whole description, tags, files) were not fetched yet; that {due(row.details_due_at)}."
        yield Finding("waiting_details", text)
    elif is_due(row.details_due_at):
        fetched = time_in_words(row.details_fetched_at)
        text = f"Its details are of {fetched}; fetching them again {due(row.details_due_at)}."
        yield Finding("waiting_details", text)
    if row.captions_fetched_at is None:
        when = f"that {due(row.captions_due_at)}" if row.captions_due_at else "they come after its details"
        yield Finding("waiting_captions", f"Its captions and chapters were not fetched yet; {when}.")
    yield from of_skipped(row.instance, str(row.uuid))


def _of_twin(row: MirroredRow) -> Iterator[Finding]:
    """Yield of which row with the same uuid it is a double, or which is shown since no source wants it."""
    if not (isinstance(row, Video | Playlist) and row.double):
        return
    firsts = type(row)._default_manager.filter(uuid=row.uuid, double=False).select_related("instance")
    for first in firsts:
        text = (
            f"{first.instance.host} has the same uuid. Its row came first, so that one is shown, or withheld, for both."
        )
        way_out = f"If that isn't its home any more, stop mirroring it: manage.py peertube_remove {first.instance.host}"
        yield Finding("double", text if row.removed_at else f"{text} {way_out}")
