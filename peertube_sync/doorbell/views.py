"""The addresses of the doorbell: its actor with empty collections, its inbox, and what WebFinger tells of it."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from peertube_sync.conf import get_settings
from peertube_sync.doorbell.inbox import NotTaken, receive
from peertube_sync.sync.doorbell.actor import Us, our_row

ACTIVITY = "application/activity+json; charset=utf-8"


@require_safe
def actor(_request: HttpRequest) -> HttpResponse:
    """Tell who follows, with its public key; 404 before anybody was followed, 410 once it is gone for good."""
    settings, row = get_settings(), our_row()
    if row is None or not settings.doorbell:
        raise Http404
    if row.gone_at:
        return HttpResponse(status=410)
    return JsonResponse(Us.of(settings).document(row.public_key, settings), content_type=ACTIVITY)


@require_safe
def collection(_request: HttpRequest, name: str) -> HttpResponse:
    """Tell that nobody follows us, that whom we follow is nobody's business, and that nothing is published."""
    settings = get_settings()
    if not settings.doorbell:
        raise Http404
    return JsonResponse(Us.of(settings).empty_collection(name), content_type=ACTIVITY)


@csrf_exempt
@require_POST
@transaction.non_atomic_requests
def inbox(request: HttpRequest) -> HttpResponse:
    """Take what instances deliver: 202 for what counts, waits or makes nothing due, else a status and the reason."""
    settings = get_settings()
    if not settings.doorbell:
        raise Http404
    try:
        receive(request, settings)
    except NotTaken as refusal:
        refused = HttpResponse(str(refusal), status=refusal.status, content_type="text/plain; charset=utf-8")
        refused._has_been_logged = True  # type: ignore[attr-defined]  # Django's own: no line for each stranger
        return refused
    return HttpResponse(status=202)


@require_safe
def webfinger(request: HttpRequest) -> HttpResponse:
    """Tell where the doorbell is, by the name that others know it by or by its address."""
    settings = get_settings()
    us = Us.of(settings)
    if not settings.doorbell or not us.is_meant_by(request.GET.get("resource", "")):
        raise Http404
    return JsonResponse(us.webfinger(), content_type="application/jrd+json; charset=utf-8")
