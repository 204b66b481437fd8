"""The tag of the overview's template: `{% peertube_overview as overview %}`."""

from django import template
from django.template.context import Context
from django.utils.module_loading import import_string

register = template.Library()


@register.simple_tag(takes_context=True)
def peertube_overview(context: Context) -> object:
    """Return the Overview that the user of the request may see.

    Django imports the libraries of all apps with the first template, also on a site that has no admin: so what the
    admin needs is imported here.
    """
    return import_string("peertube_sync.admin.overview.overview")(context["request"])
