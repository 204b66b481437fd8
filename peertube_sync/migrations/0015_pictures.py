"""Pictures that this site keeps."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The table, and when an instance is next asked for what lacks; both empty until `PICTURES` is "site"."""

    dependencies: ClassVar = [
        ('peertube_sync', '0014_doorbell'),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name='instance',
            name='pictures_due_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('of', models.CharField(editable=False, max_length=20)),
                ('row_id', models.BigIntegerField(editable=False)),
                ('instance_id', models.BigIntegerField(editable=False)),
                ('version', models.CharField(blank=True, editable=False, max_length=16)),
                ('state', models.CharField(choices=[('wanted', 'not fetched yet'), ('here', 'here'), ('dropped', 'thrown away, as nobody had seen it for longest'), ('failed', "couldn't be fetched"), ('refused', "no picture that can be kept"), ("none", "none at its source")], default='wanted', editable=False, max_length=10)),
                ('reason', models.TextField(blank=True, editable=False)),
                ('file', models.CharField(blank=True, editable=False, max_length=32)),
                ('sizes', models.JSONField(default=dict, editable=False)),
                ('bytes', models.BigIntegerField(default=0, editable=False)),
                ('tries', models.PositiveIntegerField(default=0, editable=False)),
                ('due_at', models.DateTimeField(editable=False, null=True)),
                ('wanted_at', models.DateTimeField(editable=False, null=True)),
                ('seen_at', models.DateTimeField(editable=False, null=True)),
                ('claim', models.CharField(blank=True, editable=False, max_length=32)),
                ('claimed_until', models.DateTimeField(editable=False, null=True)),
                ('stale', models.BooleanField(default=False, editable=False)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['instance_id', 'due_at'], name='picture_due'), models.Index(condition=models.Q(('stale', True)), fields=['stale'], name='picture_stale'), models.Index(condition=models.Q(('bytes__gt', 0)), fields=['seen_at', 'bytes'], name='picture_seen'), models.Index(condition=models.Q(('file', ''), _negated=True), fields=['file'], name='picture_file')],
                'constraints': [models.UniqueConstraint(fields=('row_id', 'of'), name='picture_once')],
            },
        ),
    ]
