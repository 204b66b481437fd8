"""The Django app: its name, its kind of primary key, its system checks."""

from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_delete, post_migrate, post_save, pre_migrate
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from peertube_sync.checks import ALL_CHECKS, DEPLOY_CHECKS


class PeerTubeSyncConfig(AppConfig):
    """Put `"peertube_sync"` into INSTALLED_APPS."""

    name = "peertube_sync"
    verbose_name = _("PeerTube sync")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, and what completes the tables after they are migrated."""
        for check in ALL_CHECKS:
            register(check)
        for check in DEPLOY_CHECKS:
            register(check, deploy=True)
        import_string("peertube_sync.ingest.answers.declared_in")(
            "peertube_sync.api.parts", "peertube_sync.peertube_api.parts"
        )
        # Models can't be imported before the apps are ready.
        for signal in (post_save, post_delete):
            signal.connect(
                import_string("peertube_sync.ingest.search_documents.index_curated"), sender="peertube_sync.Curation"
            )
            for model in ("SiteLook", "SiteLink", "HomeSection"):
                signal.connect(
                    import_string("peertube_sync.models.site_look.write_snapshot"), sender=f"peertube_sync.{model}"
                )
        for module in ("search_triggers", "answer_triggers", "revision_triggers", "picture_triggers"):
            pre_migrate.connect(import_string(f"peertube_sync.models.{module}.drop_triggers"), sender=self)
            post_migrate.connect(import_string(f"peertube_sync.models.{module}.install_triggers"), sender=self)
