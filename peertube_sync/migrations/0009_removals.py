"""Marks of what is hidden and still to be removed; what keeps the newest skipped items."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

REASONS = [
    ("deleted", "deleted at the source"),
    ("private", "not public any more"),
    ("password", "behind a password"),
    ("unlisted", "unlisted by its owner"),
    ("blocked", "blocked by its instance"),
    ("opted_out", "opted out of being mirrored here"),
    ("out_of_scope", "not wanted by any source here"),
]
LISTED = models.Q(("delisted_at__isnull", True), ("privacy_id", 1), ("removed_at__isnull", True), ("double", False))


class Migration(migrations.Migration):
    """The tables of marks, and an index of what is listed that tells whose it is."""

    dependencies: ClassVar = [("peertube_sync", "0008_tallies_and_alarms")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Leaving",
            fields=[
                (
                    "instance",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="leaving",
                        serialize=False,
                        to="peertube_sync.instance",
                    ),
                ),
                ("whole", models.BooleanField(default=False, editable=False)),
                ("reason", models.CharField(blank=True, choices=REASONS, editable=False, max_length=20)),
                ("since", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="LeavingVideo",
            fields=[
                ("video_id", models.BigIntegerField(editable=False, primary_key=True, serialize=False)),
                (
                    "instance",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leaving_videos",
                        to="peertube_sync.instance",
                    ),
                ),
                ("reason", models.CharField(choices=REASONS, editable=False, max_length=20)),
            ],
        ),
        migrations.RemoveIndex(model_name="video", name="video_listed"),
        migrations.AddIndex(
            model_name="video",
            index=models.Index(
                condition=LISTED, fields=["-published_at", "-id", "nsfw", "instance"], name="video_listed"
            ),
        ),
        migrations.AddIndex(
            model_name="skippeditem",
            index=models.Index(fields=["instance", "-last_seen_at", "-id"], name="skipped_newest"),
        ),
    ]
