"""The rows that a first sync of a generated catalogue makes, kept so that a test gets them without the sync."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model


@dataclass(frozen=True)
class Snapshot:
    """All rows of the app, of one sandbox that called itself `host`."""

    host: str
    rows: list[tuple[type[Model], list[dict[str, Any]]]]

    @classmethod
    def take(cls, host: str) -> "Snapshot":
        """Read all rows."""
        return cls(host, [(model, list(model._default_manager.values())) for model in _models()])

    def clear(self) -> None:
        """Delete all rows."""
        with transaction.atomic():
            for model, _rows in self.rows:
                model._default_manager.all().delete()

    def restore(self, host: str) -> None:
        """Write the rows as those of a sandbox that calls itself `host`."""
        with transaction.atomic():
            for model, rows in self.rows:
                model._default_manager.bulk_create([model(**self._moved(row, host)) for row in rows])

    def _moved(self, value: Any, host: str) -> Any:
        match value:
            case str():
                return value.replace(self.host, host)
            case dict():
                return {name: self._moved(one, host) for name, one in value.items()}
            case list():
                return [self._moved(one, host) for one in value]
        return value


def _models() -> list[type[Model]]:
    return list(apps.get_app_config("peertube_sync").get_models(include_auto_created=True))
