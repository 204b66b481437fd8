"""The words of titles, tags and names, what they are looked up by, and all documents once more in the queue."""

from typing import ClassVar

from django.db import migrations, models

QUEUE = "INSERT INTO peertube_sync_searchdue (video_id) SELECT id FROM peertube_sync_video ORDER BY id"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("peertube_sync", "0017_search_folding")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="videosearch", name="said", field=models.TextField(default="", editable=False)
        ),
        migrations.CreateModel(
            name="SearchKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.TextField(editable=False)),
                ("word", models.TextField(editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "word"), name="search_key", opclasses=["text_pattern_ops", "text_pattern_ops"]
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.TextField(editable=False)),
                ("language", models.TextField(editable=False)),
                ("videos", models.PositiveIntegerField(editable=False)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("word", "language"), name="search_word")],
            },
        ),
        # All that is queued is among all videos.
        migrations.RunSQL(["DELETE FROM peertube_sync_searchdue", QUEUE], reverse_sql=migrations.RunSQL.noop),
    ]
