"""The forms of a source: one field that takes any address to add one, its state to change one."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils.translation import ngettext

from peertube_sync.admin.display import number, roughly
from peertube_sync.client.errors import PeerTubeError
from peertube_sync.conf import get_settings
from peertube_sync.models import Source, SourceState
from peertube_sync.models.rules import EXAMPLE, RULES
from peertube_sync.sync.add import Plan, plan


class AddSourceForm(forms.Form):
    """Any host, handle or PeerTube address; once valid, `planned` is what its server says of it.

    Asks that server: never validate it inside a transaction.
    """

    planned: Plan

    what = forms.CharField(
        label="What to mirror",
        max_length=2000,
        widget=AdminTextInputWidget(attrs={"autofocus": True, "placeholder": "video.example"}),
        help_text=(
            "A host (video.example), a channel or account (name@video.example), or the address of an instance, "
            "channel, account, playlist or video. Its server is asked about it at once, which may take some seconds; "
            "nothing is mirrored before the next sync."
        ),
    )

    def clean_what(self) -> str:
        """Ask the server; what it is refused for goes beside the field."""
        what = str(self.cleaned_data["what"])
        try:
            self.planned = plan(what, get_settings())
        except PeerTubeError as error:
            raise forms.ValidationError(str(error)) from error
        return what


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]  # can't be subscripted at run time
    """The state, as far as it is a person's to set, and the rules: other states come from a sync alone."""

    class Meta:
        model = Source
        fields = ("state", "rules")
        help_texts = {"rules": f"Which of its videos are wanted, like {EXAMPLE}. Rules: {', '.join(RULES)}."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the states that a sync sets only to leave them as they are."""
        super().__init__(*args, **kwargs)
        if "state" in self.fields:
            offered = {SourceState.ACTIVE, SourceState.PAUSED, self.instance.state}
            choices = [choice for choice in SourceState.choices if choice[0] in offered]
            self.fields["state"].choices = choices  # type: ignore[attr-defined]


def described(planned: Plan) -> str:
    """Say what was recognised and what mirroring it costs."""
    at = f"{planned.name}@{planned.host}" if planned.name else planned.host
    videos = ngettext("%s video", "%s videos", planned.videos) % number(planned.videos)
    requests = ngettext("%s request", "%s requests", planned.requests) % number(planned.requests)
    version = f"PeerTube {planned.version}" if planned.version else "PeerTube of unknown version"
    cost = f"{videos}, {requests}, about {roughly(planned.seconds)} at the allowed pace, {planned.size / 1e6:.1f} MB"
    return f"Added: {planned.kind} {at} “{planned.title}” ({version}): {cost} of database. The first sync is due now."
