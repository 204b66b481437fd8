from typing import ClassVar

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.blocks import RichTextBlock
from wagtail.embeds.blocks import EmbedBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from peertube_sync.contrib.wagtail.blocks import VideoBlock, VideoGridBlock
from peertube_sync.models import Video


class TownPage(Page):
    """A page with all that editors can put a video into."""

    text = RichTextField(blank=True)
    body = StreamField(
        [
            ("text", RichTextBlock()),
            ("embed", EmbedBlock()),
            ("video", VideoBlock()),
            ("videos", VideoGridBlock()),
        ],
        blank=True,
    )
    trailer = models.ForeignKey(Video, models.SET_NULL, null=True, blank=True, related_name="+")
    template = "town.html"
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("text"), FieldPanel("body"), FieldPanel("trailer")]
