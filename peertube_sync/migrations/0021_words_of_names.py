"""The words of the names of channels and playlists, which come into the queue of parts of answers once more."""

from typing import ClassVar

from django.db import migrations, models

QUEUE = "INSERT INTO peertube_sync_answerdue (kind, row_id) SELECT {}, id FROM peertube_sync_{}"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("peertube_sync", "0020_beginnings_of_words")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="NameKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.TextField(editable=False)),
                ("kind", models.SmallIntegerField(editable=False)),
                ("row_id", models.BigIntegerField(editable=False)),
            ],
            options={
                "indexes": [models.Index(fields=["row_id", "kind"], name="name_key_row")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "kind", "row_id"),
                        name="name_key",
                        opclasses=["text_pattern_ops", "int2_ops", "int8_ops"],
                    )
                ],
            },
        ),
        migrations.RunSQL([QUEUE.format(2, "channel"), QUEUE.format(4, "playlist")], migrations.RunSQL.noop),
    ]
