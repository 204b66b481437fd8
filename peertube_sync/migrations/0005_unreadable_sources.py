from typing import Any

from django.db import migrations, models
from django.utils import timezone


def close_open_runs(apps: Any, _schema_editor: Any) -> None:
    """Begin walks anew whose cursors lack what they tell now."""
    runs = apps.get_model("peertube_sync", "SyncRun").objects.filter(state="running").exclude(cursor={})
    runs.update(state="failed", error="left unfinished by an older version", cursor={}, finished_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("peertube_sync", "0004_twins"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="unread",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="source",
            name="state",
            field=models.CharField(
                choices=[
                    ("active", "active"),
                    ("paused", "paused by a person"),
                    ("suspended", "inside a broader source"),
                    ("suspicious", "too much would vanish: a person has to look"),
                    ("unreadable", "shows what can't be read"),
                ],
                default="active",
                max_length=10,
            ),
        ),
        migrations.RunPython(close_open_runs, migrations.RunPython.noop, elidable=True),
    ]
