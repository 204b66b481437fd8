"""Words are folded in another way: captions anew, and all search documents are put into the queue."""

from typing import Any, ClassVar

from django.db import migrations

from peertube_sync.models.folding import words

BATCH = 500
QUEUE = "INSERT INTO peertube_sync_searchdue (video_id) SELECT id FROM peertube_sync_video ORDER BY id"


def fold_captions(apps: Any, schema_editor: Any) -> None:
    """Fold the lines of captions, some at a time, as searches for moments fold what they look for."""
    rows = apps.get_model("peertube_sync", "Transcript")._default_manager.using(schema_editor.connection.alias)
    last = 0
    while some := list(rows.filter(pk__gt=last).order_by("pk").only("text")[:BATCH]):
        for row in some:
            row.folded = "\n".join(" ".join(words(line)) for line in row.text.split("\n"))
        rows.bulk_update(some, ["folded"])
        last = some[-1].pk


class Migration(migrations.Migration):
    dependencies: ClassVar = [("peertube_sync", "0016_ring_tallies")]

    operations: ClassVar = [
        migrations.RunPython(fold_captions, migrations.RunPython.noop),
        migrations.RunSQL([QUEUE], reverse_sql=[QUEUE]),
    ]
