"""A condition on keys that stays one parameter, however many keys: Django works through every item of `__in`."""

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigAutoField
from django.db.models.lookups import Lookup


@BigAutoField.register_lookup
class Among(Lookup):
    """`key__among=[…]`: rows whose key is one of a list of whole numbers."""

    lookup_name = "among"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the keys as one value: an array, or JSON for SQLite."""
        keys = list(value)
        return "%s", (keys if connection.vendor == "postgresql" else json.dumps(keys),)

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the condition of SQLite."""
        return self._condition("{} IN (SELECT value FROM json_each({}))", compiler, connection)

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the condition of PostgreSQL."""
        return self._condition("{} = ANY({}::bigint[])", compiler, connection)

    def _condition(self, form: str, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        (left, given), (right, keys) = self.process_lhs(compiler, connection), self.process_rhs(compiler, connection)
        return form.format(left, right), (*given, *keys)
