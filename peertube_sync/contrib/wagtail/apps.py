"""What INSTALLED_APPS names to have choosers, blocks and a page of sources in Wagtail."""

from django.apps import AppConfig, apps
from django.core.checks import register

from peertube_sync.contrib.wagtail.checks import check_finder


class PeerTubeWagtailConfig(AppConfig):
    """Put `"peertube_sync.contrib.wagtail"` into INSTALLED_APPS."""

    name = "peertube_sync.contrib.wagtail"
    label = "peertube_sync_wagtail"
    verbose_name = "PeerTube in Wagtail"

    def ready(self) -> None:
        """Register the check, and keep Wagtail from noting which of the catalogue's rows refer to which.

        They are written in bulk, and there are too many of them to be noted one by one.
        """
        register(check_finder)
        for model in apps.get_app_config("peertube_sync").get_models():
            model.wagtail_reference_index_ignore = True  # type: ignore[attr-defined]
