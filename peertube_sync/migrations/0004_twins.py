"""Rows of several instances with one uuid: the first is shown, the others become doubles of it."""

from typing import ClassVar

from django.db import migrations, models

FILL = """
UPDATE {table} SET double = TRUE WHERE id IN (
    SELECT id FROM (
        SELECT id, ROW_NUMBER() OVER (
            PARTITION BY uuid ORDER BY CASE removed_reason WHEN 'out_of_scope' THEN 1 ELSE 0 END, id
        ) AS place
        FROM {table} WHERE uuid IN (SELECT uuid FROM {table} GROUP BY uuid HAVING COUNT(*) > 1)
    ) AS twins WHERE place > 1
)
"""
"""Only rows that have a twin are sorted and written."""
FORGET = "INSERT INTO peertube_sync_searchdue (video_id) SELECT id FROM peertube_sync_video WHERE double"
"""Doubles leave the search with the next slice; the triggers that would say so are made after migrations."""
FIRST = models.Q(("double__lt", True))
LISTED = models.Q(("delisted_at__isnull", True), ("privacy_id", 1), ("removed_at__isnull", True))


class Migration(migrations.Migration):
    """The column, filled, and what keeps two rows of a uuid from being shown."""

    dependencies: ClassVar = [("peertube_sync", "0003_search_documents")]

    operations: ClassVar = [
        migrations.RemoveIndex(model_name="video", name="video_listed"),
        migrations.RemoveIndex(model_name="video", name="video_number_of_instance"),
        migrations.AddField(
            model_name="playlist", name="double", field=models.BooleanField(default=False, editable=False)
        ),
        migrations.AddField(
            model_name="video", name="double", field=models.BooleanField(default=False, editable=False)
        ),
        migrations.RunSQL(
            [FILL.format(table="peertube_sync_video"), FILL.format(table="peertube_sync_playlist"), FORGET],
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="video",
            index=models.Index(
                condition=models.Q(*LISTED.children, ("double", False)),
                fields=["-published_at", "-id", "nsfw"],
                name="video_listed",
            ),
        ),
        migrations.AddIndex(
            model_name="video",
            index=models.Index(
                condition=LISTED, fields=["instance", "double", "nsfw", "id"], name="video_number_of_instance"
            ),
        ),
        migrations.AddIndex(
            model_name="video",
            index=models.Index(
                condition=models.Q(("double", True)), fields=["-published_at", "-id"], name="video_double"
            ),
        ),
        migrations.AddConstraint(
            model_name="playlist",
            constraint=models.UniqueConstraint(condition=FIRST, fields=("uuid",), name="playlist_first"),
        ),
        migrations.AddConstraint(
            model_name="video",
            constraint=models.UniqueConstraint(condition=FIRST, fields=("uuid",), name="video_first"),
        ),
    ]
