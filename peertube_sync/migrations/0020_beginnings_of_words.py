"""The index of words finds beginnings on PostgreSQL, too, whatever its collation; none is added."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("peertube_sync", "0019_answer_form_times")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="searchword", name="search_word"),
        migrations.AddConstraint(
            model_name="searchword",
            constraint=models.UniqueConstraint(
                fields=("word", "language"), name="search_word", opclasses=["text_pattern_ops", "text_pattern_ops"]
            ),
        ),
    ]
