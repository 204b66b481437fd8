"""Words are folded in another way: search documents and the words of names come into their queues, captions are folded.

Only Japanese captions change.
"""

from typing import Any, ClassVar

from django.db import migrations

from peertube_sync.models.folding import words

BATCH = 500
VIDEOS = "INSERT INTO peertube_sync_searchdue (video_id) SELECT id FROM peertube_sync_video ORDER BY id"
NAMES = "INSERT INTO peertube_sync_answerdue (kind, row_id) SELECT {}, id FROM peertube_sync_{}"


def fold_captions(apps: Any, schema_editor: Any) -> None:
    """Fold the lines of captions in Japanese, some at a time, as searches for moments fold what they look for."""
    rows = apps.get_model("peertube_sync", "Transcript")._default_manager.using(schema_editor.connection.alias)
    japanese, last = rows.filter(caption__language_id__startswith="ja"), 0
    while some := list(japanese.filter(pk__gt=last).order_by("pk").only("text")[:BATCH]):
        for row in some:
            row.folded = "\n".join(" ".join(words(line)) for line in row.text.split("\n"))
        rows.bulk_update(some, ["folded"])
        last = some[-1].pk


class Migration(migrations.Migration):
    dependencies: ClassVar = [("peertube_sync", "0021_words_of_names")]

    operations: ClassVar = [
        migrations.RunPython(fold_captions, migrations.RunPython.noop),
        migrations.RunSQL([VIDEOS, NAMES.format(2, "channel"), NAMES.format(4, "playlist")], migrations.RunSQL.noop),
    ]
