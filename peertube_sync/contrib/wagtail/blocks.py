"""Blocks for StreamFields: a video (`VideoBlock`), and a grid of videos (`VideoGridBlock`)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from peertube_sync.contrib.wagtail import choosers
from peertube_sync.site.selection import ORDERINGS
from peertube_sync.site.shown import Grid, show_video

VideoChooserBlock = choosers.videos.get_block_class(name="VideoChooserBlock", module_path=__name__)
PlaylistChooserBlock = choosers.playlists.get_block_class(name="PlaylistChooserBlock", module_path=__name__)


class VideoBlock(VideoChooserBlock):  # type: ignore[valid-type,misc]
    """A video that an editor has chosen, click-to-play with its title; nothing where it may not be shown any more."""

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, object]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        return {**context, **(show_video(value) if value else {"video": None})}

    class Meta:
        template = "peertube_sync/parts/video.html"
        icon = "media"
        label = _("PeerTube video")


class VideoGridBlock(blocks.StructBlock):
    """Videos of a channel, of a playlist, or that words find: those that are there when somebody looks at the page."""

    heading = blocks.CharBlock(required=False, max_length=200, label=_("Heading"))
    channel = blocks.CharBlock(
        required=False, max_length=200, label=_("Channel"), help_text=_("Its handle, like cooking@video.example.")
    )
    playlist = PlaylistChooserBlock(required=False, label=_("Playlist"))
    words = blocks.CharBlock(required=False, max_length=200, label=_("Words"), help_text=_("What to search for."))
    ordering = blocks.ChoiceBlock(
        required=False,
        choices=[*ORDERINGS.items()],
        label=_("Order"),
        help_text=_("Else that of the playlist, or the newest first."),
    )
    count = blocks.IntegerBlock(min_value=1, max_value=100, default=6, label=_("How many"))

    def clean(self, value: Any) -> object:
        """Refuse what makes no sense: a handle that is none, an order by relevance without words."""
        cleaned = super().clean(value)
        if problems := _grid(cleaned).problems():
            errors = {name: ValidationError(why) for name, why in problems.items()}
            raise StructBlockValidationError(block_errors=errors)
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, object]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        return {**context, "heading": value.get("heading"), "items": _grid(value).items()}

    class Meta:
        template = "peertube_sync/parts/headed_grid.html"
        icon = "media"
        label = _("PeerTube videos")


def _grid(value: Any) -> Grid:
    return Grid(
        channel=value.get("channel") or "",
        playlist=value.get("playlist"),
        words=value.get("words") or "",
        ordering=value.get("ordering") or "",
        count=value.get("count") or 6,
    )
