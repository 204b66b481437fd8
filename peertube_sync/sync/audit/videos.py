"""The part of an audit that asks for videos one by one: what lists don't show, and what they don't tell."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from peertube_sync.client.errors import Refused, UnexpectedShape
from peertube_sync.client.types import VideoDetails
from peertube_sync.ingest.compare import Difference, DifferenceKind, compare_captions, compare_details
from peertube_sync.ingest.details import all_facts
from peertube_sync.models import Source, Video
from peertube_sync.models.rules import excluded_by
from peertube_sync.sync.audit.findings import Findings
from peertube_sync.sync.walks.missing import reason_of_details, reason_of_refusal
from peertube_sync.sync.walks.pages import objection
from peertube_sync.sync.work import Work

NOT_LISTED = "held as listed, yet no list shows it"
WAITING = "not fetched yet"
T = TypeVar("T")


def is_wanted(work: Work, source: Source, uuid: UUID) -> bool:
    """Whether a video that we don't hold is public, and wanted by `source`, tags and all."""
    try:
        details = work.client.video(uuid)
    except Refused as error:
        if not error.gone:
            raise
        return False
    return not why_hidden(work, details) and not excluded_by(source.rules, all_facts(work.instance, details))


def why_hidden(work: Work, details: VideoDetails) -> str:
    """Say why a video for which its instance answers is not one to show, "" when it is."""
    reason = reason_of_details(details)
    return str(reason.label) if reason else objection(work, details)


def check_details(work: Work, findings: Findings, row: Video, *, unlisted: bool = False) -> bool:
    """Compare the details of `row`; returns whether it is there; `unlisted` where a list should show it and doesn't."""
    findings.audit.details_checked += 1
    details = _ask_or_report(findings, row, "details", lambda: work.client.video(row.uuid))
    if details is None:
        return False
    if reason := why_hidden(work, details):
        findings.add(ghost(row.uuid, reason))
        return False
    if unlisted:
        findings.add(_differs(row, "delisted_at", NOT_LISTED))
    waiting = row.details_fetched_at is None
    findings.add(*([_differs(row, "details", WAITING)] if waiting else compare_details(work.instance, details)))
    return True


def check_captions(work: Work, findings: Findings, row: Video) -> None:
    """Compare the captions and chapters of `row`."""
    if row.captions_fetched_at is None:
        findings.add(_differs(row, "captions", WAITING))
        return
    captions = _ask_or_report(findings, row, "captions", lambda: work.client.captions(row.uuid))
    if captions is None:
        return
    chapters = _ask_or_report(findings, row, "chapters", lambda: work.client.chapters(row.uuid))
    if chapters is not None:
        findings.add(*compare_captions(row, captions.items, chapters.chapters))


def ghost(uuid: UUID, reason: str) -> Difference:
    """Return the difference of a row that shouldn't be held."""
    return Difference(DifferenceKind.GHOST, "video", str(uuid), reason=reason)


def _ask_or_report(findings: Findings, row: Video, field: str, ask: Callable[[], T]) -> T | None:
    """Ask; PeerTube's own refusal means a ghost, an answer of an unexpected shape a difference: then None."""
    try:
        return ask()
    except Refused as error:
        if not error.gone:
            raise
        findings.add(ghost(row.uuid, str(reason_of_refusal(error).label)))
    except UnexpectedShape as error:
        findings.add(_differs(row, field, str(error)))
    return None


def _differs(row: Video, field: str, reason: str) -> Difference:
    return Difference(DifferenceKind.DIFFERS, "video", str(row.uuid), field, reason=reason)
