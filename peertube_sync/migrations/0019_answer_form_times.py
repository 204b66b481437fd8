"""When parts of each form were last queued, so that a setting that is changed back has its parts written again."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = (("peertube_sync", "0018_search_words"),)

    operations = (
        migrations.AddField(
            model_name="answerform",
            name="made_at",
            field=models.DateTimeField(db_default=Now(), editable=False),
        ),
    )
