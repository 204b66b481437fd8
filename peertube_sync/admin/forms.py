"""The forms of a source: one field that takes any address to add one, its state to change one."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminTextInputWidget
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peertube_sync.admin.display import number
from peertube_sync.client.errors import PeerTubeError
from peertube_sync.conf import get_settings
from peertube_sync.models import Source, SourceState
from peertube_sync.models.rules import RULES, validate_rules
from peertube_sync.models.scope import hidden_by_rules
from peertube_sync.sync.operations.add import AddPlan, plan_source


class CommaSeparated(forms.CharField):
    """Texts separated by commas, in quotes if they have some themselves; a list of what `coerce` makes of each."""

    def __init__(self, *, coerce: Callable[[str], Any] = str, **options: Any) -> None:
        """Take what makes a value of a text; it raises ValueError for what isn't one."""
        super().__init__(required=False, max_length=2000, widget=AdminTextInputWidget(), **options)
        self.coerce = coerce

    def to_python(self, value: Any) -> Any:
        """Return the list; empty for nothing."""
        line = str(super().to_python(value)).replace("\n", " ")
        words = [word.strip() for row in csv.reader([line], skipinitialspace=True) for word in row if word.strip()]
        try:
            return [self.coerce(word) for word in words]
        except ValueError as error:
            raise forms.ValidationError(_("These are numbers, separated by commas.")) from error

    def prepare_value(self, value: Any) -> Any:
        """Show a list as it is read."""
        if not isinstance(value, list):
            return value
        line = StringIO()
        csv.writer(line, lineterminator="").writerow(value)
        return line.getvalue()


class DayField(forms.CharField):
    """A day or a time, kept as it is written."""

    def to_python(self, value: Any) -> Any:
        """Return the text; "" for nothing."""
        text = super().to_python(value)
        try:
            return text and RULES["since"].read(text) and text
        except (TypeError, ValueError) as error:
            raise forms.ValidationError(forms.DateField.default_error_messages["invalid"]) from error


class RulesForm(forms.Form):
    """A field per rule; what is left empty is no rule."""

    languages = CommaSeparated(label=_("languages"), help_text=_("In one of these languages: ids like fr, de."))
    exclude_languages = CommaSeparated(label=_("languages left out"), help_text=_("In none of these languages."))
    categories = CommaSeparated(
        label=_("categories"), coerce=int, help_text=_("In one of these categories: numbers like 1, 15.")
    )
    exclude_categories = CommaSeparated(
        label=_("categories left out"), coerce=int, help_text=_("In none of these categories.")
    )
    tags = CommaSeparated(label=_("tags"), help_text=_("With one of these tags."))
    exclude_tags = CommaSeparated(label=_("tags left out"), help_text=_("With none of these tags."))
    nsfw = forms.NullBooleanField(label=_("sensitive (NSFW)"), help_text=_("Yes: only these. No: none of these."))
    min_duration = forms.IntegerField(
        label=_("shortest"), required=False, min_value=0, help_text=_("At least so long, in seconds.")
    )
    since = DayField(
        label=_("published since"),
        required=False,
        widget=AdminDateWidget(),
        help_text=_("Published on that day or later."),
    )

    def rules(self) -> dict[str, object]:
        """Return the rules that were given, as a source keeps them."""
        rules = {name: self.cleaned_data.get(name) for name in RULES}
        return {name: value for name, value in rules.items() if value not in (None, [], "")}


class AddSourceForm(RulesForm):
    """Any host, handle or PeerTube address; once valid, `planned` is what its server says of it.

    Asks that server: never validate it inside a transaction.
    """

    planned: AddPlan

    what = forms.CharField(
        label=_("What to mirror"),
        max_length=2000,
        widget=AdminTextInputWidget(attrs={"autofocus": True, "placeholder": "video.example"}),
        help_text=_(
            "A host (video.example), a channel or account (name@video.example), or the address of an instance, "
            "channel, account, playlist or video. Its server is asked about it at once, which may take some seconds; "
            "what it says is shown before anything is added."
        ),
    )

    def clean(self) -> None:
        """Ask the server, if all is well so far; what it is refused for goes beside the field."""
        if self.errors:
            return
        try:
            self.planned = plan_source(str(self.cleaned_data["what"]), get_settings(), self.rules())
        except PeerTubeError as error:
            self.add_error("what", str(error))


class SourceForm(RulesForm, forms.ModelForm):  # type: ignore[type-arg]  # can't be subscripted at run time
    """The state, as far as it is a person's to set, and the rules: other states come from a sync alone."""

    class Meta:
        model = Source
        fields = ("state",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the rules, and offer the states that a sync sets only to leave them as they are."""
        instance: Source | None = kwargs.get("instance")
        before = dict(instance.rules) if instance else {}
        super().__init__(*args, **{**kwargs, "initial": {**before, **(kwargs.get("initial") or {})}})
        self.rules_before = before
        if "state" in self.fields:
            offered = {SourceState.ACTIVE, SourceState.PAUSED, self.instance.state}
            choices = [choice for choice in SourceState.choices if choice[0] in offered]
            self.fields["state"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        """Give the source the rules, if all is well."""
        cleaned = super().clean()
        if not self.errors:
            self.instance.rules = self.rules()
            validate_rules(self.instance.rules)
        return cleaned

    @property
    def rules_changed(self) -> bool:
        return bool(self.instance.rules != self.rules_before)


def hiding(source: Source) -> str:
    """Say how many of the videos here the rules of `source` hide; "" without rules."""
    if not source.rules:
        return ""
    broken, held = hidden_by_rules(source)
    found = {"hidden": number(broken.count()), "held": number(held.count())}
    return gettext("hides %(hidden)s of %(held)s held videos") % found
