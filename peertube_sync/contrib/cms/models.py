"""What editors have chosen for each plugin."""

from cms.models.pluginmodel import CMSPlugin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from peertube_sync.models import Playlist, Video
from peertube_sync.site.selection import ORDERINGS
from peertube_sync.site.shown import Grid


class VideoPlugin(CMSPlugin):
    """A video; it stays chosen while it may not be shown."""

    video = models.ForeignKey(Video, models.SET_NULL, null=True, related_name="+", verbose_name=_("video"))

    def __str__(self) -> str:
        return self.video.name if self.video else ""


class VideoGridPlugin(CMSPlugin):
    """Videos of a channel, of a playlist, or that words find."""

    heading = models.CharField(_("heading"), max_length=200, blank=True)
    channel = models.CharField(
        _("channel"), max_length=200, blank=True, help_text=_("Its handle, like cooking@video.example.")
    )
    playlist = models.ForeignKey(
        Playlist, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("playlist")
    )
    words = models.CharField(_("words"), max_length=200, blank=True, help_text=_("What to search for."))
    ordering = models.CharField(
        _("order"),
        max_length=20,
        blank=True,
        choices=[*ORDERINGS.items()],
        help_text=_("Else that of the playlist, or the newest first."),
    )
    count = models.PositiveSmallIntegerField(
        _("how many"), default=6, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    def __str__(self) -> str:
        return self.heading or self.channel or self.words

    @property
    def grid(self) -> Grid:
        """The videos that are selected, in the order that was chosen."""
        return Grid(self.channel, self.playlist, self.words, self.ordering, self.count)

    def clean(self) -> None:
        """Refuse what makes no sense: a handle that is none, an order by relevance without words."""
        super().clean()
        if problems := self.grid.problems():
            raise ValidationError(problems)
