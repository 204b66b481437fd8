"""Parts of answers that are ready to be sent, and the queue of rows whose parts are out of date."""

from typing import Any, ClassVar

from django.db import migrations, models

KINDS = [
    (1, "Video"),
    (2, "Channel"),
    (3, "Account"),
    (4, "Playlist"),
    (5, "Channel Listed"),
    (6, "Account Listed"),
]


def drop_triggers(_apps: Any, editor: Any) -> None:
    """Drop what would write into a table that isn't there any more; the next `migrate` forward makes it again."""
    from peertube_sync.models.answer_triggers import MARKS  # noqa: PLC0415 - models can't be imported before

    for mark in MARKS:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP FUNCTION IF EXISTS {mark.name} CASCADE")
        elif editor.connection.vendor == "sqlite":
            editor.execute(f"DROP TRIGGER IF EXISTS {mark.name}")


class Migration(migrations.Migration):
    """The tables; the triggers come after every `migrate`."""

    dependencies: ClassVar = [("peertube_sync", "0010_revision")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="AnswerForm",
            fields=[("form", models.IntegerField(editable=False, primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name="AnswerDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.SmallIntegerField(choices=KINDS, editable=False)),
                ("row_id", models.BigIntegerField(editable=False)),
            ],
            options={"indexes": [models.Index(fields=["row_id", "kind"], name="answer_due_row")]},
        ),
        migrations.CreateModel(
            name="AnswerPart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "row_id", "form", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("form", models.IntegerField(editable=False)),
                ("row_id", models.BigIntegerField(editable=False)),
                ("text", models.TextField(editable=False)),
            ],
        ),
        migrations.RunPython(migrations.RunPython.noop, drop_triggers),
    ]
