"""The Django app."""

from django.apps import AppConfig


class PeerTubeCMSConfig(AppConfig):
    """Put `"peertube_sync.contrib.cms"` into INSTALLED_APPS."""

    name = "peertube_sync.contrib.cms"
    label = "peertube_sync_cms"
    verbose_name = "PeerTube in django CMS"
    default_auto_field = "django.db.models.BigAutoField"
