"""PeerTube's questions for feeds: the newest videos of all, of a channel or of an account."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urljoin

from django.db.models import QuerySet
from django.http import HttpResponse

from peertube_sync.catalogue import queries, visibility
from peertube_sync.catalogue.answer_plan import AnswerPlan, Computed
from peertube_sync.catalogue.prepared_queries import ChosenColumns
from peertube_sync.faces.addresses import safe
from peertube_sync.models.base import Row
from peertube_sync.models.picture_shapes import ACCOUNT_AVATAR, CHANNEL_AVATAR
from peertube_sync.models.reading import HOME, home_url
from peertube_sync.peertube_api import feed_formats, readers, selection
from peertube_sync.peertube_api.comments import comments_feed
from peertube_sync.peertube_api.feed_formats import Feed, respond
from peertube_sync.peertube_api.feed_items import ITEM, actor_table
from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.problems import invalid, not_found
from peertube_sync.peertube_api.serializers import Json
from peertube_sync.peertube_api.server_info import SUMMARY, site_name
from peertube_sync.peertube_api.views import find_account, find_channel, find_video

LENGTH = 20
"""Videos in a feed."""
CHANNEL, ACCOUNT = ("videoChannelId", "videoChannelName"), ("accountId", "accountName")
"""The parameters that name whose videos are wanted: by our number, and by handle."""
ADDRESS_PARAMETERS = (*CHANNEL, *ACCOUNT, "sort", "nsfw", "nsfwFlagsIncluded", "nsfwFlagsExcluded", "isLocal")
"""What the address of a feed has of a question."""
CHAPTERS = "1.2.0"


@dataclass(frozen=True)
class Owner:
    """How it is asked for the videos of a kind of actor, and how one is found; `page` is PeerTube's path to them."""

    names: tuple[str, str]
    what: str
    every: Callable[[], QuerySet[Any]]
    find: Callable[..., Row]
    page: str
    avatar: str

    @cached_property
    def plan(self) -> AnswerPlan:
        """What a feed tells of the actor."""

        def page(scheme: str, host: str, name: str) -> str:
            return safe(f"{home_url(scheme, host)}{self.page.format(name)}")

        return AnswerPlan(
            {"pk": "pk", **actor_table(self.avatar), "text": "description", "page": Computed(page, *HOME, "name")}
        )


CHANNELS = Owner(CHANNEL, "Video channel", queries.channel_details, find_channel, "/c/{}/videos", CHANNEL_AVATAR)
ACCOUNTS = Owner(ACCOUNT, "Account", queries.account_details, find_account, "/a/{}/video-channels", ACCOUNT_AVATAR)


def video_feed(query: Query, ending: str) -> HttpResponse:
    """Return the newest videos, in the format of the `ending`."""
    return respond(_feed(query), *feed_formats.FORMATS[ending])


def podcast_feed(query: Query) -> HttpResponse:
    """Return the newest videos of a channel, or of an account, as a podcast."""
    if not any(query.text(name) for name in (*CHANNEL, *ACCOUNT)):
        raise invalid(CHANNEL[0], None, location=query.location)
    return respond(_feed(query), feed_formats.podcast, feed_formats.RSS)


def podcast_chapters(_query: Query, name: str) -> Json:
    """Tell the chapters of a video as podcasts want them."""
    chapters = readers.read_chapters(find_video(name)["pk"])
    return {
        "version": CHAPTERS,
        "chapters": [{"startTime": chapter["timecode"], "title": chapter["title"]} for chapter in chapters],
    }


def comment_feed(query: Query, ending: str) -> HttpResponse:
    """Lead to the comments of a video at its home; of no video in particular, there are none here."""
    if name := query.text("videoId"):
        return comments_feed(query, name, ending)
    here = f"{query.root}{query.path}"
    none = Feed(site_name(query), SUMMARY, query.root, here, query.root, "", None, [])
    return respond(none, *feed_formats.FORMATS[ending])


def _feed(query: Query) -> Feed:
    channel, account = _owner_of(query, CHANNELS), _owner_of(query, ACCOUNTS)
    of = {kind: owner["pk"] for kind, owner in (("channel", channel), ("account", account)) if owner}
    videos, _counted = selection.listed_videos(visibility.listed().filter(**of), query)
    items = [_with_whole_addresses(query, item) for item in readers.video_reader_by(ITEM)(videos[0:LENGTH])]
    whose = channel or account
    author = account or (items[0]["account"] if channel and items else None)
    asked = [(name, value) for name in ADDRESS_PARAMETERS for value in query.values.get(name, ())]
    here = f"{query.root}{query.path}" + (f"?{urlencode(asked)}" if asked else "")
    if whose is None:
        return Feed(site_name(query), SUMMARY, query.root, here, query.root, "", None, items)
    about = (whose["title"], whose["text"] or "", whose["page"] or query.root)
    return Feed(*about, here, query.root, whose["avatar"], author, items)


def _owner_of(query: Query, owner: Owner) -> Json | None:
    """Return the actor that one of two parameters names, None where neither is there. Raises Refusal 400, 404."""
    by_number, by_handle = owner.names
    number, handle, columns = query.number(by_number), query.without_our_host(query.text(by_handle)), owner.plan.columns
    if number is None and not handle:
        return None
    row = owner.find(handle, columns) if number is None else ChosenColumns(owner.every, columns).first(id=number)
    if row is None:
        raise not_found(owner.what)
    return _with_whole_addresses(query, owner.plan.answer(row))


def _with_whole_addresses(query: Query, item: Json) -> Json:
    """Return what is told of a video or actor with the whole addresses of pictures that this site has."""
    at_root = {name: urljoin(query.root, item[name]) for name in ("picture", "avatar") if item.get(name, "")[:1] == "/"}
    within = {name: _with_whole_addresses(query, item[name]) for name in ("channel", "account") if item.get(name)}
    return {**item, **at_root, **within}
