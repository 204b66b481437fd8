"""CSV of a list: streamed as it is read, safe to open in a spreadsheet, and written down in the admin's history."""

import csv
from array import array
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.text import capfirst

from peertube_sync.history import record_once
from peertube_sync.models import Action, Via, streamed

Columns = Mapping[str, str]
"""Heading of each column → the look-up that gives its value."""

CHUNK = 2_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection")."""


class _Line:
    """A file for `csv.writer` that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def harmless(value: object) -> object:
    """Return `value` for a cell: a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def exported(request: HttpRequest, rows: QuerySet[Any], columns: Columns) -> StreamingHttpResponse:
    """Return `rows` as a file, and log who took it."""
    options = rows.model._meta
    user: Any = request.user
    LogEntry.objects.create(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(rows.model),
        object_repr=str(capfirst(options.verbose_name_plural)),
        action_flag=CHANGE,
        change_message=str(Action.EXPORTED.label),
    )
    record_once(Action.EXPORTED, str(options.model_name), user=user, via=Via.ADMIN)
    name = f'attachment; filename="{options.model_name}.csv"'
    lines = _csv_lines(rows, columns)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _csv_lines(rows: QuerySet[Any], columns: Columns) -> Iterator[str]:
    """Yield a line for each row, in the list's order.

    All keys are read first, eight bytes each: no transaction stays open for as long as somebody takes to download.
    """
    writer: Any = csv.writer(_Line())
    yield writer.writerow(columns)
    keys = array("q", streamed(rows.select_related(None).defer(None).values_list("pk", flat=True)))
    found = rows.model._base_manager.values_list("pk", *columns.values())
    for begin in range(0, len(keys), CHUNK):
        chunk = keys[begin : begin + CHUNK]
        read = {pk: row for pk, *row in found.filter(pk__in=chunk)}
        yield from (writer.writerow(map(harmless, read[pk])) for pk in chunk if pk in read)
