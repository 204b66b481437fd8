"""The look of the site: one page of the admin with name, logo, colours, menu, footer, and the front page's sections."""

from hashlib import blake2b
from importlib import import_module
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.base import BaseAdmin, section
from peertube_sync.catalogue.home_sections import BadSubject, checked_subject
from peertube_sync.faces.contrast import COLOUR, DARK_GROUNDS, LIGHT_GROUNDS, is_readable, readable
from peertube_sync.faces.pages import page
from peertube_sync.models import HomeSection, SiteLink, SiteLook
from peertube_sync.models.site_look import KEY, MOST_LINKS, MOST_SECTIONS, MOST_VIDEOS, OF_SOMETHING

LARGEST_LOGO = (480, 96)
"""Width and height in pixels: three times as many as a page shows."""
LAST = 9_999
"""The greatest position."""
SCHEMES = frozenset({"http", "https", "mailto"})


def link_address(text: str) -> str:
    """Return an address that a link of the owner's may lead to. Raises ValidationError."""
    try:
        parts = urlsplit(text)
        leads = bool(parts.netloc) if parts.scheme in {"http", "https"} else parts.scheme in SCHEMES
    except ValueError:
        leads = False
    here = text.startswith("/") and not text.startswith(("//", "/\\"))
    if text.isprintable() and " " not in text and (leads or here):
        return text
    message = gettext(
        "%(text)s leads nowhere. Give an https://, http:// or mailto: address, or a path that begins with /."
    )
    raise ValidationError(message % {"text": repr(text)})


class LookForm(forms.ModelForm):  # type: ignore[type-arg]  # can't be subscripted at run time
    """The row, with a picture that is made anew before it is kept, and colours that can be read."""

    new_logo = forms.FileField(
        label=_("logo"),
        required=False,
        help_text=_(
            "JPEG, PNG, WebP or GIF; it is made smaller where it is larger than 480 by 96 pixels. It has to be seen on "
            "light and dark pages. Where it is about as wide as high, it is the icon of the pages, too."
        ),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    accent = forms.CharField(
        label=_("colour"), required=False, help_text=_("Of links and buttons, like #1d5f8a. Empty: the usual one.")
    )
    accent_dark = forms.CharField(
        label=_("colour in the dark"),
        required=False,
        help_text=_("The same on dark pages. Empty: made of the other one."),
    )
    no_logo = forms.BooleanField(label=_("take the logo away"), required=False)

    class Meta:
        model = SiteLook
        fields = ("name", "show_name", "accent", "accent_dark", "page_links", "footer_text")
        help_texts: ClassVar = {
            "name": _("What pages, feeds and PeerTube's apps call the site. Empty: SITE_NAME of the settings."),
            "show_name": _("Turn it off where the logo has the name in it."),
            "page_links": _("Videos, channels, accounts, playlists and instances, before your own links."),
            "footer_text": _("Markdown: emphasis, lists, links. It stands above what the footer says anyway."),
        }

    def clean_name(self) -> str:
        """Return the name. Raises ValidationError for what no settings could have."""
        name = str(self.cleaned_data["name"])
        if not name.isprintable():
            message = gettext("%(text)s has characters that can't be shown. Type the name anew.")
            raise ValidationError(message % {"text": repr(name)})
        return name

    def clean_accent(self) -> str:
        return _colour(
            self.cleaned_data["accent"],
            LIGHT_GROUNDS,
            gettext("%(text)s can't be read well on light pages. The nearest that can: %(nearest)s."),
        )

    def clean_accent_dark(self) -> str:
        return _colour(
            self.cleaned_data["accent_dark"],
            DARK_GROUNDS,
            gettext("%(text)s can't be read well on dark pages. The nearest that can: %(nearest)s."),
        )

    def clean_new_logo(self) -> Any:
        """Return the logo as it is kept, with its size; None where there is no new one. Raises ValidationError."""
        file = self.cleaned_data["new_logo"]
        if not file:
            return None
        try:
            making = import_module("peertube_sync.ingest.pictures.making")
        except ImportError as error:
            message = gettext("Pictures need Pillow: pip install 'django-peertube-sync[pictures]'.")
            raise ValidationError(message) from error
        try:
            return making.make_logo(file.read(making.LARGEST_PICTURE + 1), LARGEST_LOGO)
        except making.Unfit as error:
            message = gettext("%(name)s can't be the logo: %(reason)s. Give a JPEG, PNG, WebP or GIF.")
            raise ValidationError(message % {"name": file.name, "reason": error}) from error

    def clean(self) -> dict[str, Any] | None:
        """Refuse a colour for dark pages alone, which would say nothing about light ones."""
        cleaned = super().clean() or {}
        if cleaned.get("accent_dark") and not cleaned.get("accent") and "accent" not in self.errors:
            self.add_error(
                "accent", gettext("Give a colour for light pages, too: that of dark ones is there beside it.")
            )
        return cleaned

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002  Django's
        """Save, with the logo that was sent or without the one that goes."""
        look = self.instance
        if self.cleaned_data.get("new_logo"):
            look.logo, look.logo_width, look.logo_height = self.cleaned_data["new_logo"]
            look.logo_version = blake2b(look.logo, digest_size=8).hexdigest()
        elif self.cleaned_data.get("no_logo"):
            look.logo, look.logo_width, look.logo_height, look.logo_version = None, 0, 0, ""
        return super().save(commit)


def _colour(text: str, grounds: tuple[str, ...], unreadable: str) -> str:
    """Return a colour in small letters, "" for none. Raises ValidationError for what is none, or can't be read."""
    colour = text.strip().lower()
    if not colour:
        return ""
    if not COLOUR.fullmatch(colour):
        message = gettext("%(text)s is no colour. Write it as #rrggbb, like #1d5f8a.")
        raise ValidationError(message % {"text": repr(text)})
    if not is_readable(colour, grounds):
        raise ValidationError(unreadable % {"text": colour, "nearest": readable(colour, grounds)})
    return colour


class PlacedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A link or section, with the place where it stands among its neighbours."""

    position = forms.IntegerField(label=_("position"), min_value=0, max_value=LAST, initial=0)


class LinkForm(PlacedForm):
    class Meta:
        model = SiteLink
        fields = ("place", "position", "label", "address")

    def clean_address(self) -> str:
        return link_address(str(self.cleaned_data["address"]))


class SectionForm(PlacedForm):
    """A section; its subject is looked up when it is given or changed, and kept as filters take it."""

    number = forms.IntegerField(label=_("number"), min_value=1, max_value=MOST_VIDEOS, initial=12)

    class Meta:
        model = HomeSection
        fields = ("position", "kind", "subject", "number", "heading")

    def clean(self) -> dict[str, Any] | None:
        """Look the subject up. Raises ValidationError beside it."""
        cleaned = super().clean() or {}
        kind, subject = cleaned.get("kind"), str(cleaned.get("subject") or "")
        if kind not in OF_SOMETHING:
            cleaned["subject"] = ""
        elif not subject:
            self.add_error("subject", gettext("Say which one this section is of."))
        elif {"kind", "subject"} & {*self.changed_data}:
            try:
                cleaned["subject"] = checked_subject(kind, subject)
            except BadSubject as error:
                self.add_error("subject", str(error))
        return cleaned


class OfTheLook(admin.TabularInline):  # type: ignore[type-arg]
    """Rows of the look, which who may change that may change too."""

    extra = 0

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **options: Any) -> Any:
        """Refuse more rows than there may be, instead of leaving some out.

        All of them may go in favour of new ones; of more than that, none is read.
        """
        bounds = {"validate_max": True, "absolute_max": 2 * (self.max_num or 0)}
        return super().get_formset(request, obj, **{**bounds, **options})

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def _may(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("peertube_sync.change_sitelook"))


class LinkInline(OfTheLook):
    model, form = SiteLink, LinkForm
    max_num = MOST_LINKS
    verbose_name_plural = _("links in menu and footer, the least position first")


class SectionInline(OfTheLook):
    model, form = HomeSection, SectionForm
    max_num = MOST_SECTIONS
    verbose_name_plural = _("sections of the front page, the least position first; without any it is as usual")


@admin.register(SiteLook)
class SiteLookAdmin(BaseAdmin):
    """One page: there is one look, made when it is first saved."""

    form = LookForm
    inlines = (SectionInline, LinkInline)
    actions = None
    readonly_fields = ("present_logo",)
    fieldsets = (
        section(None, "name", "present_logo", "new_logo", "no_logo", "show_name"),
        section(_("Colours"), "accent", "accent_dark"),
        section(_("Menu and footer"), "page_links", "footer_text"),
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the one page."""
        there = SiteLook.objects.filter(pk=KEY).exists()
        name = "admin:peertube_sync_sitelook_"
        return HttpResponseRedirect(reverse(f"{name}change", args=[KEY]) if there else reverse(f"{name}add"))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Lead to the row where there is one, as every page of the admin has a link to add one."""
        if SiteLook.objects.filter(pk=KEY).exists():
            if request.method == "POST":  # somebody else saved the first one meanwhile
                raise PermissionDenied
            return self.changelist_view(request)
        return super().add_view(request, form_url, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow the first one to whom further changes are allowed."""
        return bool(request.user.has_perm("peertube_sync.change_sitelook"))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Offer the page to who may only look at it from when there is something to look at."""
        may_look = super().has_view_permission(request, obj)
        return may_look and (self.has_add_permission(request) or SiteLook.objects.filter(pk=KEY).exists())

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("snapshot")

    def view_on_site(self, obj: SiteLook) -> str | None:
        """Return the front page, None where the pages aren't included."""
        return page("home") or None

    @admin.display(description=_("present logo"))
    def present_logo(self, look: SiteLook) -> str:
        address = page("logo", look.logo_version) if look.logo_version else ""
        if not address:
            return gettext("none")
        return format_html('<img src="{}" width="{}" height="{}" alt="">', address, look.logo_width, look.logo_height)
