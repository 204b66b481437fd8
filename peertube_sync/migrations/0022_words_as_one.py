"""Words are folded in another way: search documents and the words of names come into their queues, captions are folded.

Only Japanese captions change.
"""

from typing import Any, ClassVar

from django.db import migrations

from peertube_sync.models.folding import words

VIDEOS = "INSERT INTO peertube_sync_searchdue (video_id) SELECT id FROM peertube_sync_video ORDER BY id"
NAMES = "INSERT INTO peertube_sync_answerdue (kind, row_id) SELECT {}, id FROM peertube_sync_{}"


def fold_captions(apps: Any, schema_editor: Any) -> None:
    """Fold the lines of captions in Japanese, one after another, as a text may have two million characters."""
    rows = apps.get_model("peertube_sync", "Transcript")._default_manager.using(schema_editor.connection.alias)
    japanese = rows.filter(caption__language_id__startswith="ja").values_list("pk", flat=True)
    for key in list(japanese):
        text = rows.values_list("text", flat=True).get(pk=key)
        rows.filter(pk=key).update(folded="\n".join(" ".join(words(line)) for line in text.split("\n")))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("peertube_sync", "0021_words_of_names")]

    operations: ClassVar = [
        migrations.RunPython(fold_captions, migrations.RunPython.noop),
        migrations.RunSQL([VIDEOS, NAMES.format(2, "channel"), NAMES.format(4, "playlist")], migrations.RunSQL.noop),
    ]
