"""The revision of the catalogue, by which answers that needn't be made are told."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The table; its triggers are made after every `migrate`."""

    dependencies: ClassVar = [("peertube_sync", "0009_removals")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(editable=False)),
            ],
        ),
    ]
