"""What INSTALLED_APPS names to have plugins for django CMS."""

from django.apps import AppConfig


class PeerTubeCMSConfig(AppConfig):
    """Put `"peertube_sync.contrib.cms"` into INSTALLED_APPS."""

    name = "peertube_sync.contrib.cms"
    label = "peertube_sync_cms"
    verbose_name = "PeerTube in django CMS"
    default_auto_field = "django.db.models.BigAutoField"
