"""Conditions that each database has its own form for."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigAutoField
from django.db.models.lookups import Lookup


class FormedLookup(Lookup):
    """A condition as `forms` has it by the vendor of the database, with places for column and value."""

    prepare_rhs = False
    forms: ClassVar[Mapping[str, str]]

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the condition, and its values."""
        (left, given), (right, value) = self.process_lhs(compiler, connection), self.process_rhs(compiler, connection)
        return self.forms[connection.vendor].format(left, right), (*given, *value)


@BigAutoField.register_lookup
class Among(FormedLookup):
    """`key__among=[…]`: rows whose key is one of a list of whole numbers.

    The list stays one value, however long it is: Django works through every item of `__in`.
    """

    lookup_name = "among"
    forms: ClassVar[Mapping[str, str]] = {
        "postgresql": "{} = ANY({}::bigint[])",
        "sqlite": "{} IN (SELECT value FROM json_each({}))",
    }

    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the keys as one value: an array, or JSON for SQLite."""
        keys = list(value)
        return "%s", (keys if connection.vendor == "postgresql" else json.dumps(keys),)
