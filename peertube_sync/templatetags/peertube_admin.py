"""The tag of the overview's template: `{% peertube_overview as overview %}`."""

from django import template
from django.template.context import Context

from peertube_sync.admin.overview import Overview, overview

register = template.Library()


@register.simple_tag(takes_context=True)
def peertube_overview(context: Context) -> Overview:
    """Return the figures that the user of the request may see."""
    return overview(context["request"])
