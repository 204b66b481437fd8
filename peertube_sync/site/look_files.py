"""The owner's logo and colours as files: their addresses change with them, so browsers keep them for good."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from peertube_sync.faces.contrast import COLOUR
from peertube_sync.faces.pages import page
from peertube_sync.headers import policy
from peertube_sync.models import SiteLook

FOR_GOOD = "public, max-age=31536000, immutable"
HEADERS = {"Cache-Control": FOR_GOOD, "Content-Security-Policy": policy(form_action="'none'")}


def logo(_request: HttpRequest, version: str) -> HttpResponseBase:
    """Answer with the logo; the address of a former one leads to the present one. Raises Http404."""
    look = SiteLook.objects.exclude(logo=None).only("logo", "logo_version").first()
    if look is None or look.logo is None:
        message = "There is no logo."
        raise Http404(message)
    if look.logo_version != version:
        return HttpResponseRedirect(page("logo", look.logo_version), headers={"Cache-Control": "no-store"})
    return HttpResponse(bytes(look.logo), content_type="image/webp", headers=HEADERS)


def colours(_request: HttpRequest, light: str, dark: str) -> HttpResponse:
    """Answer with the style sheet of two colours, which the address names. Raises Http404."""
    if not (COLOUR.fullmatch(f"#{light}") and COLOUR.fullmatch(f"#{dark}")):
        message = "These are no colours."
        raise Http404(message)
    sheet = f".peertube-page {{ --peertube-accent: light-dark(#{light}, #{dark}); }}\n"
    return HttpResponse(sheet, content_type="text/css; charset=utf-8", headers=HEADERS)
