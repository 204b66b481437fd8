"""Signs that an instance has moved to another host: noticed by slices, shown to people, believed by nobody.

There are two. It named another host as its home: by a redirect, which whoever holds an expired domain can send, or by
its own name. Or another instance has videos of the same uuids, which anybody can publish. A person decides, and then
`sync/operations/move.py` carries it out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peertube_sync.client.errors import CallsItself, Moved, PeerTubeError
from peertube_sync.client.hosts import host_of
from peertube_sync.models import PUBLIC, Instance, NamedHow, Video
from peertube_sync.models.base import NAME
from peertube_sync.models.video import VideoQuerySet

HALF_A_SAMPLE = 50
"""Videos of each end of a catalogue that are compared: a home that moved has the oldest too, and new ones beside."""
SHARE = 10
"""One in so many of them makes a twin; a single video that somebody published again doesn't."""
OFFERS_SHOWN = 20
"""Offers that are shown at once."""

UNNAMED: dict[str, Any] = {"named_home": "", "named_home_how": "", "named_home_at": None}


@dataclass(frozen=True)
class Alike:
    """`alike` of the `compared` videos of an instance are at another one too, by their uuids."""

    alike: int
    compared: int


@dataclass(frozen=True)
class Offer:
    """A move that a person may want: `how` and `named_at` are of the naming, empty where `old` named nothing.

    `alike` is None and `new_name` "" where the new host isn't mirrored: nobody has asked it anything.
    """

    old: Instance
    new_host: str
    how: str = ""
    named_at: datetime | None = None
    alike: Alike | None = None
    new_name: str = ""

    @property
    def command(self) -> str:
        """The command that shows what the move would do, and writes nothing."""
        return f"manage.py peertube_move {self.old.host} {self.new_host} --dry-run"

    @property
    def headline(self) -> str:
        return _("%(old)s may have moved to %(new)s") % {"old": self.old.host, "new": self.new_host}

    @property
    def evidence(self) -> list[str]:
        """The evidence, a sentence each; the last one says how much it is worth."""
        sentences = []
        if self.named_at:
            when = f"{timezone.localtime(self.named_at):%Y-%m-%d %H:%M}"
            told = {"old": self.old.host, "new": self.new_host, "time": when}
            redirected = _("%(old)s redirected to %(new)s when it was last asked, on %(time)s.")
            named = _("%(old)s called itself %(new)s when it was last asked, on %(time)s.")
            sentences.append((redirected if self.how == NamedHow.REDIRECT else named) % told)
        if self.alike:
            words = ngettext(
                "%(alike)d of %(number)d video compared is at both, by its uuid.",
                "%(alike)d of %(number)d videos compared are at both, by their uuids.",
                self.alike.compared,
            )
            sentences.append(words % {"alike": self.alike.alike, "number": self.alike.compared})
            names = {"old": self.old.host, "own": self.old.name, "new": self.new_host, "other": self.new_name}
            sentences.append(_("%(old)s calls itself “%(own)s”, %(new)s calls itself “%(other)s”.") % names)
        else:
            sentences.append(_("%s isn't mirrored here; it is asked when you move.") % self.new_host)
        return [*sentences, _("Each of these can be made up by others: look at both before you move.")]

    def as_dict(self) -> dict[str, object]:
        return {
            "old": self.old.host,
            "new": self.new_host,
            "named_how": self.how,
            "named_at": self.named_at and self.named_at.isoformat(),
            "alike": self.alike and self.alike.alike,
            "compared": self.alike and self.alike.compared,
            "old_name": self.old.name,
            "new_name": self.new_name,
            "command": self.command,
        }


def named_home(instance: Instance, error: PeerTubeError | None, answers: int) -> dict[str, object]:
    """Return the columns about another home, after a slice; the last one stays until the instance answers again."""
    if error is None and answers:
        return UNNAMED
    if not isinstance(error, Moved):
        return {}
    try:
        host = host_of(urljoin(f"{instance.url}/", error.location))
    except ValueError:
        return {}
    if host in {"", instance.host} or len(host) > NAME:
        return {}
    how = NamedHow.NAME if isinstance(error, CallsItself) else NamedHow.REDIRECT
    return {"named_home": host, "named_home_how": how, "named_home_at": timezone.now()}


def notice_twins(instance: Instance) -> None:
    """Write down which instance has videos of the same uuids, on the one that was added later; three small queries."""
    uuids = _ends(Video.objects.filter(instance=instance))  # tombstones too
    others = Video.objects.by_uuids(uuids).exclude(instance=instance).order_by().values("instance")
    twin = others.annotate(number=Count("uuid", distinct=True)).order_by("-number", "instance").first()
    if twin and twin["number"] * SHARE >= len(uuids):
        first, later = sorted((instance.pk, twin["instance"]))
        Instance.objects.filter(pk=later).exclude(twin_of=first).update(twin_of=first)
    elif instance.twin_of_id and not _compare_uuids(instance.twin_of_id, instance.pk).alike:
        Instance.objects.filter(pk=instance.pk).update(twin_of=None)


def offers(instances: Collection[Instance] | None = None) -> list[Offer]:
    """Return the moves that there are signs of, of all or that concern `instances`; `OFFERS_SHOWN` at the most."""
    signs = Instance.objects.exclude(named_home="", twin_of=None).select_related("twin_of").order_by("host")
    if instances is not None:
        pks, hosts = [instance.pk for instance in instances], [instance.host for instance in instances]
        signs = signs.filter(Q(pk__in=pks) | Q(twin_of__in=pks) | Q(named_home__in=hosts))
    by_hosts: dict[tuple[int, str], Offer] = {}
    for sign in signs[:OFFERS_SHOWN]:
        older = sign.twin_of
        if sign.named_home:
            new = Instance.objects.filter(host=sign.named_home).first()
            unknown = Offer(sign, sign.named_home, sign.named_home_how, sign.named_home_at)
            by_hosts[sign.pk, sign.named_home] = _offer(sign, new) if new else unknown
        if older and older.host != sign.named_home:
            by_hosts.setdefault((older.pk, sign.host), _offer(older, sign))
    return list(by_hosts.values())[:OFFERS_SHOWN]


def public_sample(instance: Instance) -> list[UUID]:
    """Return the uuids of some living public videos: what another host may be asked for."""
    return _ends(Video.objects.filter(instance=instance, removed_at=None, privacy_id=PUBLIC))


def _offer(old: Instance, new: Instance) -> Offer:
    named = old.named_home == new.host
    how, at = (old.named_home_how, old.named_home_at) if named else ("", None)
    return Offer(old, new.host, how, at, _compare_uuids(old.pk, new.pk), new.name)


def _compare_uuids(old: int, new: int) -> Alike:
    uuids = _ends(Video.objects.filter(instance=old))
    return Alike(Video.objects.by_uuids(uuids).filter(instance=new).count(), len(uuids))


def _ends(rows: VideoQuerySet) -> list[UUID]:
    """Return the uuids of the first and the last rows by creation; all of an instance's are two ends of one index."""
    uuids = rows.order_by("created_at").values_list("uuid", flat=True)
    return list(dict.fromkeys([*uuids[:HALF_A_SAMPLE], *uuids.reverse()[:HALF_A_SAMPLE]]))
