"""What the owner of the site decides about its look: a row, its links, the sections of the front page."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Three tables, empty until somebody decides something."""

    dependencies: ClassVar = [
        ('peertube_sync', '0022_words_as_one'),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='SiteLook',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=100)),
                ('logo', models.BinaryField(null=True)),
                ('logo_version', models.CharField(blank=True, editable=False, max_length=16)),
                ('logo_width', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('logo_height', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('show_name', models.BooleanField(default=True)),
                ('accent', models.CharField(blank=True, max_length=7)),
                ('accent_dark', models.CharField(blank=True, max_length=7)),
                ('page_links', models.BooleanField(default=True)),
                ('footer_text', models.TextField(blank=True, max_length=5000)),
                ('snapshot', models.TextField(default='{}', editable=False)),
            ],
            options={
                'verbose_name': 'look of the site',
                'verbose_name_plural': 'look of the site',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_site_look')],
            },
        ),
        migrations.CreateModel(
            name='SiteLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(choices=[('menu', 'menu'), ('footer', 'footer')], default='menu', max_length=10)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('label', models.CharField(max_length=60)),
                ('address', models.CharField(max_length=500)),
                ('look', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='peertube_sync.sitelook')),
            ],
            options={
                'ordering': ('place', 'position', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='HomeSection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('kind', models.CharField(choices=[('featured', 'featured videos'), ('live', 'videos that are live now'), ('latest', 'latest videos'), ('most_watched', 'most watched videos'), ('channel', 'videos of a channel'), ('category', 'videos of a category'), ('tag', 'videos with a tag'), ('playlist', 'videos of a playlist'), ('channels', 'channels, as faces'), ('instances', 'instances, as faces')], default='latest', max_length=20)),
                ('subject', models.CharField(blank=True, max_length=500)),
                ('heading', models.CharField(blank=True, max_length=100)),
                ('number', models.PositiveSmallIntegerField(default=12)),
                ('look', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sections', to='peertube_sync.sitelook')),
            ],
            options={
                'ordering': ('position', 'pk'),
            },
        ),
    ]
