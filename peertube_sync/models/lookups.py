"""Conditions that each database has its own form for."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigAutoField, CharField, Field, TextField
from django.db.models.lookups import Lookup


class FormedLookup(Lookup):
    """A condition as `forms` has it by the vendor of the database, with places for column and value."""

    prepare_rhs = False
    forms: ClassVar[Mapping[str, str]]

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the condition, and its values."""
        (left, given), (right, value) = self.process_lhs(compiler, connection), self.process_rhs(compiler, connection)
        return self.forms[connection.vendor].format(left, right), (*given, *value)


class Keys(Field):  # type: ignore[type-arg]  # its types are for checkers alone
    """Many keys as one value: an array as PostgreSQL spells it, or JSON for SQLite."""

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> str:  # noqa: FBT001, FBT002 - as Django has it
        """Return it as the database reads it."""
        keys = ",".join(map(str, value))
        return f"{{{keys}}}" if connection.vendor == "postgresql" else f"[{keys}]"


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
        """Return the keys as one value."""
        return "%s", (Keys().get_db_prep_value(value, connection),)


@BigAutoField.register_lookup
class Outside(Among):
    """`key__outside=[…]`: rows whose key is none of a list, or null.

    Of `= ANY` PostgreSQL would guess for each value how many rows have it, which takes longer than to look.
    """

    lookup_name = "outside"
    forms: ClassVar[Mapping[str, str]] = {
        "postgresql": "({} IN (SELECT unnest({}::bigint[]))) IS NOT TRUE",
        "sqlite": "({} IN (SELECT value FROM json_each({}))) IS NOT TRUE",
    }


@CharField.register_lookup
@TextField.register_lookup
class SpeltAs(FormedLookup):
    """`name__spelt_as=[…]`: rows with one of a list of texts, in upper or lower case; the list is one value, too."""

    lookup_name = "spelt_as"
    forms: ClassVar[Mapping[str, str]] = {
        "postgresql": "LOWER({}) IN (SELECT LOWER(one) FROM json_array_elements_text({}::json) AS one)",
        "sqlite": "LOWER({}) IN (SELECT LOWER(value) FROM json_each({}))",
    }

    def get_db_prep_lookup(self, value: Any, _connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the texts as one value: JSON."""
        return "%s", (json.dumps([*value], ensure_ascii=False),)


@TextField.register_lookup
class Begins(FormedLookup):
    """`key__begins="tele"`: rows whose text begins so, letter by letter, out of an index; letters and marks only."""

    lookup_name = "begins"
    forms: ClassVar[Mapping[str, str]] = {"postgresql": "{} LIKE {}", "sqlite": "{} GLOB {}"}

    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the beginning of a text as LIKE (PostgreSQL) or GLOB (SQLite) writes it."""
        return "%s", (f"{value}{'%' if connection.vendor == 'postgresql' else '*'}",)
