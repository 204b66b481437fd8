"""Where the fediverse finds an account or channel: at its home. Here is only the doorbell, which speaks for nobody."""

from urllib.parse import quote

from django.http import HttpResponse
from django.utils.html import format_html

from peertube_sync.conf import get_settings
from peertube_sync.models.base import Row
from peertube_sync.models.reading import HOME, home_url
from peertube_sync.peertube_api import views
from peertube_sync.peertube_api.parameters import Query
from peertube_sync.peertube_api.problems import Refusal, invalid, not_found
from peertube_sync.peertube_api.serializers import Json
from peertube_sync.sync.doorbell.actor import Us

ACCOUNT = "acct:"
BAD_RESOURCE = "Should have a valid webfinger resource"
HOST_META = """<?xml version="1.0" encoding="UTF-8"?>
<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">
  <Link rel="lrdd" type="application/xrd+xml" template="{}/.well-known/webfinger?resource={{uri}}"/>
</XRD>"""


def webfinger(query: Query) -> Json:
    """Tell where the actor of the `resource` (`acct:name@host`) is at home. The name is enough where the host is ours.

    The subject is the address at home: nobody is called otherwise because a catalogue shows them.
    Raises Refusal 400, 404.
    """
    resource, settings = query.text("resource"), get_settings()
    if settings.doorbell and (us := Us.of(settings)).is_meant_by(resource):
        return us.webfinger()
    name, _, host = resource.removeprefix(ACCOUNT).removeprefix("@").rpartition("@")
    if not resource.startswith(ACCOUNT) or not name or not host:
        raise invalid("resource", resource, BAD_RESOURCE)
    kind, row = _find_account_or_channel(query.without_our_host(f"{name}@{host}"))
    at_home = home_url(row["instance__scheme"], row["instance__host"])
    activity = f"{at_home}/{kind}/{quote(row['name'], safe='')}"
    return {
        "subject": f"acct:{row['name']}@{row['instance__host']}",
        "aliases": [activity],
        "links": [
            {"rel": "self", "type": "application/activity+json", "href": activity},
            {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": f"{at_home}/remote-interaction?uri={{uri}}"},
        ],
    }


def host_meta(query: Query) -> HttpResponse:
    """Tell where to ask for actors."""
    return HttpResponse(format_html(HOST_META, query.root), content_type="application/xml; charset=utf-8")


def _find_account_or_channel(handle: str) -> tuple[str, Row]:
    for kind, find in (("accounts", views.find_account), ("video-channels", views.find_channel)):
        try:
            return kind, find(handle, ("name", *HOME))
        except Refusal as error:
            if error.status != 404:
                raise
    raise not_found("Actor")
