"""What is known of a channel, an account or an instance, and the texts it publishes besides its description."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peertube_sync.site.markdown import to_html
from peertube_sync.site.source_presenters import ActorPresenter, InstancePresenter

INSTANCE_TEXTS = {
    "terms": gettext_lazy("Terms"),
    "codeOfConduct": gettext_lazy("Code of conduct"),
    "moderationInformation": gettext_lazy("How it is moderated"),
    "administrator": gettext_lazy("Who runs it"),
    "creationReason": gettext_lazy("Why it was made"),
}
"""Texts of an instance, by their names in its "about" answer."""
COUNTS = {
    "videos_count": gettext_lazy("Videos here"),
    "channels_count": gettext_lazy("Channels here"),
    "accounts_count": gettext_lazy("Accounts here"),
    "playlists_count": gettext_lazy("Playlists here"),
}


@dataclass(frozen=True)
class Fact:
    """A fact in words, and where it leads, "" for nowhere."""

    label: str
    text: str
    address: str = ""


@dataclass(frozen=True)
class Text:
    label: str
    html: SafeString


def facts(presented: ActorPresenter | InstancePresenter) -> list[Fact]:
    """Return what is known of it."""
    row: Any = presented.row
    known = [*(_facts_of_actor(presented) if isinstance(presented, ActorPresenter) else _facts_of_instance(presented))]
    counts = ((label, getattr(row, name, None)) for name, label in COUNTS.items())
    known += [Fact(str(label), str(number_format(number, force_grouping=True))) for label, number in counts if number]
    if newest := getattr(row, "last_published_at", None):
        known.append(Fact(_("Newest video"), date_format(newest, "DATE_FORMAT")))
    return known


def texts(presented: ActorPresenter | InstancePresenter) -> list[Text]:
    """Return what it publishes besides its description."""
    if isinstance(presented, InstancePresenter):
        published = [(label, presented.answered(name)) for name, label in INSTANCE_TEXTS.items()]
    else:
        published = [(gettext_lazy("Support"), getattr(presented.row, "support", None) or "")]
    texts_as_html = (Text(str(label), to_html(text)) for label, text in published)
    return [text for text in texts_as_html if text.html]


def _facts_of_actor(actor: ActorPresenter) -> Iterator[Fact]:
    row: Any = actor.row
    owner = getattr(row, "owner_account", None)
    if owner and owner.removed_at is None and not owner.private:
        account = ActorPresenter(owner)
        yield Fact(_("Account"), account.name, account.page)
    yield Fact(_("Instance"), actor.host, actor.instance.page)
    if actor.followers:
        yield Fact(_("Followers"), actor.followers)
    if row.created_at:
        yield Fact(_("There since"), date_format(row.created_at, "DATE_FORMAT"))


def _facts_of_instance(instance: InstancePresenter) -> Iterator[Fact]:
    row = instance.row
    yield Fact(_("Instance"), row.host, instance.source)
    if row.version:
        yield Fact("PeerTube", row.version)
    yield Fact(_("Mirrored since"), date_format(row.added_at, "DATE_FORMAT"))
