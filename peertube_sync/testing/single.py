"""One thing at a time: a video and its parts, a channel, an account, a playlist."""

from __future__ import annotations

from peertube_sync.testing.answers import Answer, Request, json_answer
from peertube_sync.testing.identifiers import expand_short, parse_uuid
from peertube_sync.testing.listing import find_account, find_channel, find_playlist
from peertube_sync.testing.problems import ProblemError, invalid, not_found
from peertube_sync.testing.records import Privacy, Video

PASSWORD_HEADER = "x-peertube-video-password"  # noqa: S105 - the name of a header
BAD_ID = "Should have a valid video id (id, short UUID or UUID)"
NOT_YOURS = "Cannot fetch information of private/internal/blocked video"
WRONG_PASSWORD = "Incorrect video password. Access to the video is denied."  # noqa: S105


def video(request: Request, text: str) -> Answer:
    """Answer with the details of a video."""
    row = _find_video(request, text, "hidden video")
    return json_answer(request.renderer.video_details(row))


def description(request: Request, text: str) -> Answer:
    """Answer with the full description; a remote one is asked of its origin, which is down."""
    if not request.version.has("a route for descriptions"):
        return Answer(400, tagged=False)
    row = _find_video(request, text, "hidden video")
    if not row.is_local:
        detail = f"connect ECONNREFUSED {row.channel.origin.rpartition('/')[2]}"
        raise ProblemError(500, detail, code="RequestError")
    return json_answer({"description": row.description})


def captions(request: Request, text: str) -> Answer:
    """Answer with the captions of a video."""
    return json_answer(request.renderer.captions(_find_video(request, text, "hidden parts")))


def chapters(request: Request, text: str) -> Answer:
    """Answer with the chapters of a video; PeerTube knows them since 6.0."""
    if not request.version.has("chapters"):
        return Answer(400, tagged=False)
    return json_answer(request.renderer.chapters(_find_video(request, text, "hidden parts")))


def channel(request: Request, handle: str) -> Answer:
    return json_answer(request.renderer.channel(find_channel(request, handle)))


def account(request: Request, handle: str) -> Answer:
    return json_answer(request.renderer.account(find_account(request, handle)))


def playlist(request: Request, text: str) -> Answer:
    return json_answer(request.renderer.playlist(find_playlist(request, text)))


def _find_video(request: Request, text: str, hidden: str) -> Video:
    """Return a video that this reader may see; `hidden` names how this route refuses the others."""
    expanded = expand_short(text)
    if not expanded.isdecimal() and parse_uuid(expanded) is None:
        raise invalid("id", expanded, BAD_ID, where="params")
    row = request.catalogue.find_video(text)
    if row is None:
        raise not_found("Video")
    if request.reader is row.account:
        return row
    unlisted_by_id = row.privacy == Privacy.UNLISTED and text.isdecimal()
    inside = row.privacy == Privacy.INTERNAL and request.reader is not None
    if row.blocked or unlisted_by_id or (row.privacy in (Privacy.PRIVATE, Privacy.INTERNAL) and not inside):
        raise request.version.refusal(hidden) if request.reader is None else ProblemError(403, NOT_YOURS)
    if row.privacy == Privacy.PASSWORD:
        given = request.headers.get(PASSWORD_HEADER)
        if given is None:
            raise request.version.refusal("password")
        if given != row.password:
            raise ProblemError(403, WRONG_PASSWORD, code="incorrect_video_password")
    return row
