"""What the owner of the site decides about its look: one row, with links of its own and the sections of the front page.

Pages show it all the time and it hardly ever changes. So what pages need of the three tables is kept as one JSON text,
`snapshot`. It is written anew after each change (`write_snapshot`), and read by `SNAPSHOT`, together with the statement
that every page begins with anyway.
"""

import json
from typing import Any, ClassVar

from django.db import models, router, transaction
from django.utils.translation import gettext_lazy as _

from peertube_sync.models.base import NAME

LABEL = 60
"""Characters of a link in the menu."""
MOST_VIDEOS = 24
"""The most videos, or faces, of a section."""
MOST_LINKS, MOST_SECTIONS = 20, 12
KEY = 1
"""The primary key of the one row."""


class Place(models.TextChoices):
    """Where a link stands."""

    MENU = "menu", _("menu")
    FOOTER = "footer", _("footer")


class SectionKind(models.TextChoices):
    """What a section of the front page shows."""

    FEATURED = "featured", _("featured videos")
    LIVE = "live", _("videos that are live now")
    LATEST = "latest", _("latest videos")
    MOST_WATCHED = "most_watched", _("most watched videos")
    CHANNEL = "channel", _("videos of a channel")
    CATEGORY = "category", _("videos of a category")
    TAG = "tag", _("videos with a tag")
    PLAYLIST = "playlist", _("videos of a playlist")
    CHANNELS = "channels", _("channels, as faces")
    INSTANCES = "instances", _("instances, as faces")


OF_SOMETHING = frozenset({SectionKind.CHANNEL, SectionKind.CATEGORY, SectionKind.TAG, SectionKind.PLAYLIST})
"""The kinds that need a subject."""


class SiteLook(models.Model):
    """Name, logo, colours, menu and footer; what is empty is as settings and style sheet have it.

    `logo` is a WebP of our own making, and `logo_version` sixteen characters that are others for every other one.
    Colours are written `#rrggbb`. `page_links`: whether the menu leads to our own pages, before the links of the owner.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=KEY, editable=False)
    name = models.CharField(max_length=100, blank=True)
    logo = models.BinaryField(null=True, editable=False)
    logo_version = models.CharField(max_length=16, blank=True, editable=False)
    logo_width = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_height = models.PositiveSmallIntegerField(default=0, editable=False)
    show_name = models.BooleanField(default=True)
    accent = models.CharField(max_length=7, blank=True)
    accent_dark = models.CharField(max_length=7, blank=True)
    page_links = models.BooleanField(default=True)
    footer_text = models.TextField(max_length=5_000, blank=True)
    snapshot = models.TextField(default="{}", editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "look of the site"
        constraints = (models.CheckConstraint(condition=models.Q(pk=KEY), name="one_site_look"),)

    def __str__(self) -> str:
        return str(_("Look of the site"))

    @classmethod
    def name_or(cls, default: str) -> str:
        """Return the name that the owner gave the site, else the one of its settings."""
        return cls.objects.filter(pk=KEY).values_list("name", flat=True).first() or default


class SiteLink(models.Model):
    """A link of the owner's; the least `position` comes first."""

    look = models.ForeignKey(SiteLook, models.CASCADE, related_name="links")
    place = models.CharField(max_length=10, choices=Place, default=Place.MENU)
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=LABEL)
    address = models.CharField(max_length=NAME)

    class Meta:
        ordering = ("place", "position", "pk")

    def __str__(self) -> str:
        return self.label


class HomeSection(models.Model):
    """A section of the front page: at most `number` videos or faces, of a `subject` where its kind needs one.

    A subject is spelt as the filters of the API take it: a handle, a category, a tag, the short uuid of a playlist.
    """

    look = models.ForeignKey(SiteLook, models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=20, choices=SectionKind, default=SectionKind.LATEST)
    subject = models.CharField(max_length=NAME, blank=True)
    heading = models.CharField(max_length=100, blank=True)
    number = models.PositiveSmallIntegerField(default=12)

    OF_SNAPSHOT: ClassVar = ("kind", "subject", "heading", "number")

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.heading or str(self.get_kind_display())


SNAPSHOT = f"SELECT max(snapshot) FROM {SiteLook._meta.db_table}"  # noqa: S608 - our own name
"""What reads all that pages show of the look, as JSON; NULL where the owner has decided nothing."""


def write_snapshot(**_signal: Any) -> None:
    """Write `snapshot` anew; receives Django's `post_save` and `post_delete` of the three models."""
    using = router.db_for_write(SiteLook)  # a router may send what reads to a copy that hasn't these rows yet
    with transaction.atomic(using=using):
        look = SiteLook.objects.using(using).select_for_update().defer("logo", "snapshot").filter(pk=KEY).first()
        if look is None:
            return
        shown = ("name", "logo_version", "logo_width", "logo_height", "show_name", "accent", "accent_dark")
        snapshot = {name: getattr(look, name) for name in (*shown, "page_links", "footer_text")}
        for place in Place:
            snapshot[place] = [*SiteLink.objects.using(using).filter(look=look, place=place).values("label", "address")]
        snapshot["sections"] = [*HomeSection.objects.using(using).filter(look=look).values(*HomeSection.OF_SNAPSHOT)]
        SiteLook.objects.using(using).filter(pk=KEY).update(snapshot=json.dumps(snapshot))
