"""The Django app: its name, its kind of primary key, its system checks."""

from django.apps import AppConfig
from django.core.checks import register

from peertube_sync.checks import ALL_CHECKS


class PeerTubeSyncConfig(AppConfig):
    """Put `"peertube_sync"` into INSTALLED_APPS."""

    name = "peertube_sync"
    verbose_name = "PeerTube sync"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        for check in ALL_CHECKS:
            register(check)
