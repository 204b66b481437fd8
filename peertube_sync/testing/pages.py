"""Everything of the sandbox that is not JSON: pages, pictures, caption files, robots."""

from __future__ import annotations

import zlib
from dataclasses import replace
from html import escape

from peertube_sync.testing.answers import UNLIMITED, Answer, Request, html_answer
from peertube_sync.testing.images import picture
from peertube_sync.testing.records import Privacy
from peertube_sync.testing.words import compose_cues

TWO_DAYS = "public, max-age=172800"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<meta property="og:platform" content="PeerTube"><meta property="og:title" content="{title}">
</head>
<body style="margin:0;font-family:sans-serif;background:#222;color:#eee">{body}</body>
</html>
"""
PLAYER = """<p>At <output>0</output> s</p><script>
const asked = new URLSearchParams(location.search);
const [start, stop] = ["start", "stop"].map((name) => parseInt(asked.get(name)) || 0);
let [position, state, greeted] = [start, asked.has("autoplay") ? "playing" : "unstarted", false];
const tell = (method, params) => parent.postMessage(JSON.stringify({ method: "peertube::" + method, params }), "*");
addEventListener("message", ({ data }) => {
  const { method, params } = JSON.parse(data);
  if (method === "peertube::__ready") {
    if (params === "ping") tell("__ready", "pong");
    greeted = true;
  } else if (method === "peertube::seek") position = params;
  else if (method === "peertube::play") state = "playing";
  else if (method === "peertube::pause") state = "paused";
});
setInterval(() => {
  if (state === "playing") position += .5;
  if (stop && position >= stop) state = "paused";
  if (position >= DURATION) state = "ended";
  document.querySelector("output").textContent = position;
  if (greeted) tell("playbackStatusUpdate", { position, volume: 1, duration: DURATION, playbackState: state });
}, 500);
tell("__ready", "ping");
</script>"""
"""A player that shows nothing, but tells its page where it is, and does what it is told, as PeerTube's by `api=1`."""
SHOWN = (Privacy.PUBLIC, Privacy.UNLISTED)


def front(request: Request) -> Answer:
    """Answer with the front page, which names its platform."""
    accepted = request.headers.get("accept", "*/*")
    if "html" not in accepted and "*/*" not in accepted:
        return not_acceptable(request)
    body = "<h1>A sandbox that speaks like PeerTube</h1>"
    return _html_page(request.catalogue.name, body)


def watch(request: Request, text: str) -> Answer:
    """Answer with the page of a video."""
    return _video_page(request, text, "h1")


def embed(request: Request, text: str) -> Answer:
    """Answer with the player's page of a video, the one kind that may stand in a frame; `api=1` lets it be told."""
    video = request.catalogue.find_video(text)
    player = PLAYER.replace("DURATION", str(video.duration)) if video and "api" in request.query else ""
    return replace(_video_page(request, text, "h3", player), headers={"X-Frame-Options": ""})


def embed_playlist(request: Request, text: str) -> Answer:
    """Answer with the player's page of a playlist."""
    playlist = request.catalogue.find_playlist(text)
    if playlist is None or playlist.privacy not in SHOWN:
        return _html_page("Not found", "<h1>Not found</h1>", status=404)
    name = escape(playlist.name)
    return replace(_html_page(name, f"<h3>{name}</h3>"), headers={"X-Frame-Options": ""})


def robots(request: Request) -> Answer:
    """Answer with the robots file: PeerTube's default one, unless the catalogue has another."""
    return Answer(body=request.catalogue.robots.encode(), content_type="text/plain; charset=utf-8")


def pong(_request: Request) -> Answer:
    return html_answer("pong")


def unknown_api_path(_request: Request) -> Answer:
    """Answer to a path that the API doesn't have: 400 and nothing more."""
    return Answer(400, tagged=False)


def not_acceptable(_request: Request, *_parts: str) -> Answer:
    """Answer to a JSON reader that asks for a page, or to any unknown path."""
    return Answer(406, content_type="", tagged=False)


def image(request: Request, name: str) -> Answer:
    """Answer with a picture drawn after its name, if the catalogue has one of that name."""
    if not request.catalogue.has_asset(request.path):
        return _missing_file()
    kind, drawn = picture(name, request.catalogue.size_at(request.path))
    return _file(drawn, kind)


def caption_file(request: Request, name: str) -> Answer:
    """Answer with a WebVTT file, if the catalogue has one of that name."""
    if not request.catalogue.has_asset(request.path):
        return _missing_file()
    language = name.removesuffix(".vtt")[37:]
    cues = compose_cues(zlib.crc32(name.encode()), language)
    return _file(cues.encode(), "text/vtt; charset=UTF-8")


def _video_page(request: Request, text: str, heading: str, player: str = "") -> Answer:
    video = request.catalogue.find_video(text)
    if video is None or video.blocked or video.privacy not in SHOWN:
        return _html_page("Not found", "<h1>Not found</h1>", status=404)
    item = request.renderer.video_item(video)
    name, source = escape(video.name), escape(item["previewPath"])
    picture_tag = f'<img src="{source}" alt="" style="width:100%">'
    by = escape(video.channel.display_name)
    return _html_page(name, f"{picture_tag}<{heading}>{name}</{heading}><p>{by}</p>{player}")


def _html_page(title: str, body: str, status: int = 200) -> Answer:
    return html_answer(PAGE.format(title=title, body=body), status)


def _file(body: bytes, content_type: str) -> Answer:
    headers = {"Accept-Ranges": "bytes", "Cache-Control": TWO_DAYS}
    return Answer(body=body, content_type=content_type, headers=headers, bucket=UNLIMITED)


def _missing_file() -> Answer:
    return Answer(404, content_type="", bucket=UNLIMITED, tagged=False)
