"""Logins: which user is logged in to which instance. The password is sent to that instance, and kept nowhere."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from peertube_sync.admin.actions import log_action, may, record_action
from peertube_sync.admin.base import INSTANCE_LONG, MirroredAdmin, section, under
from peertube_sync.admin.display import BAD, GOOD, badge, moment
from peertube_sync.client.errors import PeerTubeError
from peertube_sync.client.secret import Secret
from peertube_sync.conf import get_settings
from peertube_sync.models import Action, Login, Source
from peertube_sync.sync.operations.logins import add_own, log_in, log_out

SECRETS = ("password", "otp")
TOKENS = ("access_token", "refresh_token")


class LoginForm(forms.Form):
    """A name and a password; once valid, `login` is the row. Asks the instance: never validate it in a transaction."""

    login: Login

    host = forms.CharField(
        label=_("Instance"), max_length=500, widget=AdminTextInputWidget(attrs={"placeholder": "video.example"})
    )
    username = forms.CharField(label=_("User name or e-mail"), max_length=500, widget=AdminTextInputWidget())
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Sent to the instance, and kept nowhere."),
    )
    otp = forms.CharField(
        label=_("One-time password"),
        required=False,
        max_length=20,
        widget=AdminTextInputWidget(attrs={"autocomplete": "one-time-code"}),
        help_text=_("Where the account has a second factor."),
    )
    own = forms.BooleanField(
        label=_("Mirror what isn't public"),
        required=False,
        help_text=_(
            "The owner's private, internal, unlisted and password-protected videos, for users here who have the "
            "permission to see them."
        ),
    )

    def clean(self) -> None:
        """Log in, if all is well so far."""
        if self.errors:
            return
        cleaned = self.cleaned_data
        try:
            secret = Secret(cleaned.pop("password"))
            self.login = log_in(cleaned["host"], cleaned["username"], secret, get_settings(), cleaned.pop("otp"))
        except PeerTubeError as error:
            self.add_error(None, str(error))


@admin.register(Login)
class LoginAdmin(MirroredAdmin):
    """Log in and out; tokens are on no page."""

    list_display = ("__str__", "standing", "logged_in", "good_until")
    list_select_related = ("instance",)
    list_defer = (*TOKENS, *under("instance", INSTANCE_LONG))
    actions = ("mirror_own", "log_out")
    fieldsets = (
        section(None, "instance", "username", "standing"),
        section(_("Time"), "logged_in_at", "access_until", "refresh_until", "refreshing_since"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, "add", Login)

    def has_log_out_permission(self, request: HttpRequest) -> bool:
        """Allow it to whom Django's permission allows to delete logins."""
        return may(request, "delete", Login)

    def has_mirror_permission(self, request: HttpRequest) -> bool:
        """Allow it to whom Django's permission allows to add sources."""
        return may(request, "add", Source)

    @method_decorator(sensitive_post_parameters(*SECRETS))
    @method_decorator(csrf_protect)
    @non_atomic_requests
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Log in to the instance, outside of any transaction."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = LoginForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            fieldsets = [(None, {"fields": tuple(form.fields)})]
            context = self.form_context(request, gettext("Log in to an instance"), form, fieldsets)
            return self.render_change_form(request, context, add=True, form_url=form_url)
        record_action(request, Action.LOGGED_IN, [form.login])
        self.log_addition(request, form.login, [{"added": {}}])
        messages.success(request, gettext("Logged in as %s.") % form.login)
        if form.cleaned_data["own"] and self.has_mirror_permission(request):
            self._add_own(request, form.login)
        return self.response_post_save_add(request, form.login)

    @admin.action(description=_("Mirror what isn't public of theirs"), permissions=["mirror"])
    def mirror_own(self, request: HttpRequest, queryset: QuerySet[Login]) -> None:
        for login in queryset.select_related("instance"):
            self._add_own(request, login)

    @admin.action(description=_("Log out"), permissions=["log_out"])
    def log_out(self, request: HttpRequest, queryset: QuerySet[Login]) -> None:
        """Revoke the tokens, and forget them."""
        for login in queryset.select_related("instance"):
            record_action(request, Action.LOGGED_OUT, [login])
            self.log_deletions(request, Login.objects.filter(pk=login.pk))
            name, trouble = str(login), log_out(login, get_settings())
            if trouble:
                words = gettext("%(login)s is logged out here; its server could not be told: %(trouble)s")
                messages.warning(request, words % {"login": name, "trouble": trouble})
            else:
                messages.success(request, gettext("%s is logged out.") % name)

    @admin.display(description=_("state"))
    def standing(self, login: Login) -> str:
        """Show whether a person has to log in again, and why."""
        return badge(
            gettext("login needed") if login.needed else gettext("logged in"),
            BAD if login.needed else GOOD,
            login.needed,
        )

    @admin.display(description=_("since"), ordering="logged_in_at")
    def logged_in(self, login: Login) -> str:
        return moment(login.logged_in_at)

    @admin.display(description=_("good without use until"), ordering="refresh_until")
    def good_until(self, login: Login) -> str:
        """Show until when it can be renewed; every use moves that."""
        return moment(login.refresh_until)

    def _add_own(self, request: HttpRequest, login: Login) -> None:
        source, new = add_own(login)
        if new:
            log_action(request, Action.ADDED, [source])
        words = (
            gettext("What isn't public of %s is a source now, due at once.")
            if new
            else gettext("What isn't public of %s was a source before.")
        )
        messages.success(request, words % login)
