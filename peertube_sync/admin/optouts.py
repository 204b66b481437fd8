"""Opt-outs: who doesn't want to be mirrored. Added by pasting an address; deleting one takes it back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.actions import log_action, record_action
from peertube_sync.admin.base import BaseAdmin
from peertube_sync.client.errors import InvalidTarget
from peertube_sync.models import Action, Instance, OptOut, Video
from peertube_sync.sync.bulk_removal import AT_ONCE
from peertube_sync.sync.operations.optout import host_and_name, opt_out, undo_opt_out

HIDDEN = ngettext_lazy("%d video is gone from here.", "%d videos are gone from here.")


class OptOutForm(forms.ModelForm):  # type: ignore[type-arg]  # can't be subscripted at run time
    """Any host, handle, or address of an instance, account or channel. Nobody is asked."""

    what = forms.CharField(
        label=_("Who opts out"),
        max_length=2000,
        widget=AdminTextInputWidget(attrs={"placeholder": "video.example"}),
        help_text=_(
            "A host (video.example), an account or channel (name@video.example), or its address. Rows of an instance "
            "are deleted, those of an account or channel scrubbed and hidden, at once."
        ),
    )

    class Meta:
        model = OptOut
        fields = ("note",)

    def clean_what(self) -> str:
        what = str(self.cleaned_data["what"])
        try:
            self.instance.host, self.instance.name = host_and_name(what)
        except InvalidTarget as error:
            raise forms.ValidationError(str(error)) from error
        if OptOut.objects.of([self.instance.host], self.instance.name).exists():
            raise forms.ValidationError(gettext("%s has opted out before.") % self.instance)
        return what


@admin.register(OptOut)
class OptOutAdmin(BaseAdmin):
    export_columns = {name: name for name in ("host", "name", "note", "added_at")}
    list_display = ("__str__", "note", "added_at")
    search_fields = ("host", "name")
    readonly_fields = ("added_at",)

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  Django's
        """Take any address to add one; afterwards, only the note can be changed."""
        return super().get_form(request, obj, change, **kwargs) if obj else OptOutForm

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Show who it is once it is known."""
        return [(None, {"fields": ("note", "added_at") if obj else ("what", "note")})]

    def save_model(self, request: HttpRequest, obj: OptOut, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Hide what is here of who opts out."""
        if change:
            super().save_model(request, obj, form, change)
            record_action(request, Action.OPT_OUT_NOTED, [obj])
            return
        hidden = opt_out(obj.host, obj.name, obj.note, AT_ONCE)
        obj.pk = OptOut.objects.get(host=obj.host, name=obj.name).pk
        record_action(request, Action.OPTED_OUT, [obj])
        messages.success(request, HIDDEN % hidden)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        """Write down who takes it back."""
        record_action(request, Action.OPT_OUT_UNDONE, queryset)
        return super().log_deletions(request, queryset)

    def delete_model(self, request: HttpRequest, obj: OptOut) -> None:
        undo_opt_out(obj.host, obj.name)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[OptOut]) -> None:
        for row in queryset:
            undo_opt_out(row.host, row.name)


def opt_instances_out(
    model_admin: BaseAdmin, request: HttpRequest, queryset: QuerySet[Instance]
) -> HttpResponse | None:
    """Show what would go; once that is confirmed, opt the instances out and delete their rows."""
    instances = list(queryset)
    if "confirmed" not in request.POST:
        context = {
            **model_admin.admin_site.each_context(request),
            "title": gettext("Opt out and delete"),
            "instances": [(instance, Video.objects.filter(instance=instance).count()) for instance in instances],
            "opts": Instance._meta,
            "chosen": [instance.pk for instance in instances],
        }
        return TemplateResponse(request, "peertube_sync/admin/opt_out.html", context)
    log_action(request, Action.OPTED_OUT, instances)
    hidden = sum(opt_out(instance.host, most=AT_ONCE) for instance in instances)
    messages.success(request, HIDDEN % hidden)
    return None
