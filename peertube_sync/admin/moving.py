"""Moving an instance to another host in two steps: the new host is asked, and what was shown is carried out."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peertube_sync.admin.actions import log_action, may
from peertube_sync.admin.base import BaseAdmin
from peertube_sync.admin.display import NOTHING, number
from peertube_sync.client.errors import PeerTubeError
from peertube_sync.conf import get_settings
from peertube_sync.models import Action, Instance
from peertube_sync.sync.operations.move import MovePlan, NewHome, look_at, move, plan_move
from peertube_sync.sync.operations.move_signs import Alike, offers

SALT = "peertube_sync.admin.moving"
GOOD_FOR = 3600
"""Seconds for which what the new host said may be acted on."""


class MoveForm(forms.Form):
    where = forms.CharField(
        label=gettext_lazy("New host"),
        max_length=2000,
        widget=AdminTextInputWidget(attrs={"placeholder": "video.example"}),
        help_text=gettext_lazy("Its server is asked what it is, and for some of the videos; nothing is written yet."),
    )


class MovingAdmin(BaseAdmin):
    """The view that moves an instance; `move` is the name of its address."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.move_view)
        return [path("<int:pk>/move/", view, name="peertube_sync_instance_move"), *super().get_urls()]

    @non_atomic_requests
    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask where to; ask that server, outside of any transaction, and show what a move comes to; move."""
        if not may_move(request):
            raise PermissionDenied
        instance = get_object_or_404(Instance, pk=pk)
        if "home" in request.POST:
            return self._moved(request, instance)
        form = MoveForm(request.POST or None, initial={"where": request.GET.get("to", "")})
        context: dict[str, Any] = {"form": form, "offers": offers([instance])}
        if request.method == "POST" and form.is_valid():
            try:
                home = look_at(instance, form.cleaned_data["where"], get_settings())
                planned = plan_move(instance, home.host)
            except PeerTubeError as error:
                form.add_error("where", str(error))
            else:
                signed = signing.dumps({**asdict(home), "old": instance.host}, salt=SALT)
                told = {"facts": _summary_rows(planned, home), "conflicts": planned.conflicts, "home": signed}
                context |= told
        title = _("Move %s to another host") % instance.host
        own = {"title": title, "opts": Instance._meta, "instance": instance, "media": self.media}
        every = {**self.admin_site.each_context(request), **own, **context}
        return TemplateResponse(request, "peertube_sync/admin/move.html", every)

    def _moved(self, request: HttpRequest, instance: Instance) -> HttpResponse:
        again = HttpResponseRedirect(move_address(instance))
        try:
            said = signing.loads(request.POST["home"], salt=SALT, max_age=GOOD_FOR)
        except signing.BadSignature:
            messages.error(request, _("That was too long ago: ask the new host again."))
            return again
        old, alike = said.pop("old"), said.pop("alike")
        if old != instance.host:
            messages.warning(request, _("%(old)s was moved to %(new)s before.") % {"old": old, "new": instance.host})
            return again
        try:
            move(instance, NewHome(**said, alike=Alike(**alike) if alike else None))
        except PeerTubeError as error:
            messages.error(request, str(error))
            return again
        facts = {"old": old, "new": instance.host}
        log_action(request, Action.MOVED, [instance])
        words = _("%(old)s is mirrored as %(new)s now; the next sync reads all of it anew.")
        messages.success(request, words % facts)
        return HttpResponseRedirect(reverse("admin:peertube_sync_instance_change", args=(instance.pk,)))


def may_move(request: HttpRequest) -> bool:
    """Return whether Django's permissions allow the user to change instances, and to delete one: a twin goes."""
    return may(request, "change", Instance) and may(request, "delete", Instance)


def move_address(instance: Instance, where: str = "") -> str:
    """Return the address of the view, with a host to begin with."""
    query = {"to": where} if where else None
    return reverse("admin:peertube_sync_instance_move", args=(instance.pk,), query=query)


def begin_move(request: HttpRequest, instances: QuerySet[Instance]) -> HttpResponse | None:
    """Lead to the view for the one that was chosen."""
    chosen = list(instances[:2])
    if len(chosen) == 1:
        return HttpResponseRedirect(move_address(chosen[0]))
    messages.warning(request, _("Choose one instance: each is moved by itself."))
    return None


def signs(instance: Instance) -> str:
    """Return what speaks for a move of `instance`, each offer with a link to the view."""
    link = _("Look at the move")
    rows = [
        (
            offer.headline,
            format_html_join("", "<li>{}</li>", ((sentence,) for sentence in offer.evidence)),
            move_address(offer.old, offer.new_host),
            link,
        )
        for offer in offers([instance])
    ]
    return format_html_join("", '<div>{}: <ul>{}</ul><a href="{}">{}</a></div>', rows) or NOTHING


def _summary_rows(planned: MovePlan, home: NewHome) -> list[tuple[str, str]]:
    """Return what the new host said and what a move comes to, as pairs of words."""
    alike = home.alike
    found = _("%(alike)s of %(number)s that it was asked for")
    shared = found % {"alike": alike.alike, "number": alike.compared} if alike else _("It doesn't tell.")
    return [
        (_("Old host"), planned.old),
        (_("New host"), planned.new),
        (_("Calls itself"), home.name),
        (_("Software"), f"PeerTube {home.version}" if home.version else _("PeerTube of unknown version")),
        (_("Has the videos"), shared),
        (_("Here twice, and once afterwards"), _numbers_by_name(planned.twins)),
        (_("At the new host only, and kept"), _numbers_by_name(planned.moving)),
        (_("Handed over"), _numbers_by_name(planned.handed)),
        (_("Logins that are dropped"), number(planned.logins)),
    ]


def _numbers_by_name(by_name: dict[str, int]) -> str:
    return ", ".join(f"{number(amount)} {name}" for name, amount in by_name.items() if amount) or NOTHING
