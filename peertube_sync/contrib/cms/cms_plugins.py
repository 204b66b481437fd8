"""What django CMS finds here by itself: the plugins."""

from typing import Any

from cms.plugin_base import CMSPluginBase
from cms.plugin_pool import plugin_pool
from django.db.models import ForeignKey
from django.forms import Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from peertube_sync.contrib.cms.models import VideoGridPlugin, VideoPlugin
from peertube_sync.forms import PlaylistChoiceField, VideoChoiceField
from peertube_sync.models import Playlist, Video
from peertube_sync.site.shown import show_video

FIELDS: dict[Any, type[Field]] = {Video: VideoChoiceField, Playlist: PlaylistChoiceField}


class ChoosingPlugin(CMSPluginBase):
    """One whose videos and playlists are chosen by title or address."""

    module = "PeerTube"
    cache = False
    """What is hidden or removed at its source is gone from pages at once."""

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> object:
        found = FIELDS.get(db_field.remote_field.model)
        if found is None:
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        field: Field = found(required=not db_field.blank, label=db_field.verbose_name, help_text=db_field.help_text)
        return field


@plugin_pool.register_plugin
class VideoPublisher(ChoosingPlugin):
    model = VideoPlugin
    name = _("PeerTube video")
    render_template = "peertube_sync/parts/video.html"

    def render(self, context: Any, instance: VideoPlugin, placeholder: Any) -> object:
        """Add what `show_video` gives of the chosen video; a `video` of None where none is chosen."""
        context = super().render(context, instance, placeholder)
        context.update(show_video(instance.video) if instance.video else {"video": None})
        return context


@plugin_pool.register_plugin
class VideoGridPublisher(ChoosingPlugin):
    model = VideoGridPlugin
    name = _("PeerTube videos")
    render_template = "peertube_sync/parts/headed_grid.html"

    def render(self, context: Any, instance: VideoGridPlugin, placeholder: Any) -> object:
        """Add the `heading`, and the videos as `items`."""
        context = super().render(context, instance, placeholder)
        context.update({"heading": instance.heading, "items": instance.grid.items()})
        return context
