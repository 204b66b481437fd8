"""Adding a source in two steps: its server is asked what an address stands for, and what was recognised is saved."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_protect

from peertube_sync.admin.actions import record_action
from peertube_sync.admin.base import BaseAdmin
from peertube_sync.admin.display import number, roughly
from peertube_sync.admin.forms import AddSourceForm
from peertube_sync.client.errors import InvalidTarget
from peertube_sync.models import Action, Instance, Source, SourceState
from peertube_sync.models.rules import RULES
from peertube_sync.sync.operations.add import AddPlan, add_source
from peertube_sync.sync.operations.optout import refuse_opted_out
from peertube_sync.sync.scope import broader_source

SALT = "peertube_sync.admin.adding"
GOOD_FOR = 3600
"""Seconds for which what was recognised may be saved."""


class AddingAdmin(BaseAdmin):
    @method_decorator(csrf_protect)
    @non_atomic_requests
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask the server about what was pasted, outside of any transaction; show what it is; add it once confirmed."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if "planned" in request.POST:
            return self._confirmed(request)
        form = AddSourceForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._recognised(request, form.planned, form.rules())
        return self.render_change_form(request, self._add_context(request, form), add=True, form_url=form_url)

    def _recognised(self, request: HttpRequest, planned: AddPlan, rules: dict[str, Any]) -> HttpResponse:
        """Show the plan, signed, so that what is saved is what was shown."""
        here = Source.objects.filter(instance__host=planned.host, kind=planned.kind, name=planned.name).first()
        if here:
            messages.warning(request, _("%s was added before.") % here)
            return self.response_post_save_add(request, here)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add this source?"),
            "opts": Source._meta,
            "facts": [
                *plan_rows(planned),
                *inside_rows(planned),
                *(
                    (name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
                    for name, value in rules.items()
                ),
            ],
            "planned": signing.dumps({"plan": planned.as_dict(), "rules": rules}, salt=SALT, compress=True),
            "media": self.media,
        }
        return TemplateResponse(request, "peertube_sync/admin/add_source.html", context)

    def _confirmed(self, request: HttpRequest) -> HttpResponse:
        try:
            signed = signing.loads(request.POST["planned"], salt=SALT, max_age=GOOD_FOR)
            planned = AddPlan(**signed["plan"])
            refuse_opted_out(planned.host, planned.name)
        except (signing.BadSignature, InvalidTarget) as error:
            known = isinstance(error, InvalidTarget)
            messages.error(request, str(error) if known else _("That was too long ago: paste the address again."))
            form = AddSourceForm()
            return self.render_change_form(request, self._add_context(request, form), add=True)
        source, new = add_source(planned, signed["rules"])
        if new:
            record_action(request, Action.ADDED, [source])
            self.log_addition(request, source, [{"added": {}}])
            follows = _("The first sync is due now.")
            if source.state == SourceState.SUSPENDED:
                follows = _("It is suspended, as it lies inside %s, which does its work.") % broader_source(source)
            messages.success(request, _("Added: %(source)s. %(next)s") % {"source": source, "next": follows})
        else:
            messages.warning(request, _("%s was added before.") % source)
        return self.response_post_save_add(request, source)

    def _add_context(self, request: HttpRequest, form: AddSourceForm) -> dict[str, object]:
        description = _("Only videos that keep all of these are mirrored. Leave them empty to mirror all.")
        rules = {"fields": tuple(RULES), "description": description, "classes": ("collapse",)}
        fieldsets = [(None, {"fields": ("what",)}), (_("Rules"), rules)]
        return self.form_context(request, _("Add a source"), form, fieldsets)


def inside_rows(planned: AddPlan) -> list[tuple[str, str]]:
    """Return that another source covers it already, if one does."""
    instance = Instance.objects.filter(host=planned.host).first()
    wanted = Source(instance=instance, kind=planned.kind, name=planned.name) if instance else None
    broader = broader_source(wanted) if wanted else None
    if broader is None:
        return []
    words = _("%s, which is mirrored already: this one would be suspended until that one goes")
    return [(_("Lies inside"), words % broader)]


def plan_rows(planned: AddPlan) -> list[tuple[str, str]]:
    """Return what was recognised and what mirroring it costs, as pairs of words."""
    kinds = {
        "instance": _("a whole instance"),
        "channel": _("a channel"),
        "account": _("an account"),
        "playlist": _("a playlist"),
        "video": _("a video"),
    }
    at = f"{planned.name}@{planned.host}" if planned.name else planned.host
    videos = ngettext("%s video", "%s videos", planned.videos) % number(planned.videos)
    requests = ngettext("%s request", "%s requests", planned.requests) % number(planned.requests)
    return [
        (_("Recognised as"), kinds[planned.kind]),
        (_("Name"), planned.title),
        (_("Address"), at),
        (_("Software"), f"PeerTube {planned.version}" if planned.version else _("PeerTube of unknown version")),
        (_("Has"), videos),
        (_("Costs its server"), requests),
        (_("Takes"), _("about %s at the allowed pace") % roughly(planned.seconds)),
        (_("Needs"), _("about %s MB of database") % f"{planned.size / 1e6:.1f}"),
    ]
