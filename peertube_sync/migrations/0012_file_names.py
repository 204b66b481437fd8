"""By which paths of their homes rows are found."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The table; it is filled with the parts of answers, which this version makes anew."""

    dependencies: ClassVar = [("peertube_sync", "0011_answer_parts")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="FileName",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "row_id", "kind", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.BigIntegerField(editable=False)),
                ("kind", models.SmallIntegerField(editable=False)),
                ("row_id", models.BigIntegerField(editable=False)),
            ],
            options={"indexes": [models.Index(fields=["key"], name="file_name_key")]},
        ),
    ]
