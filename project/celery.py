"""The Celery app: `celery -A project worker` and `celery -A project beat`.

Only Celery's own processes import this module, so it may load the apps first: the beat schedule stands beside
its tasks, and tasks need models. Nothing on the web side sends a task; "sync now" only changes what is due.
"""

import os

import django
from celery import Celery
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from peertube_sync.tasks import BEAT_SCHEDULE  # noqa: E402  the apps come first

if not settings.CELERY_BROKER_URL:
    raise ImproperlyConfigured(
        "Celery needs REDIS_URL, for example redis://localhost:6379/0. "
        "Without Redis, `python manage.py peertube_sync --watch` does the same work in one process."
    )

app = Celery("project")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {**BEAT_SCHEDULE}
app.autodiscover_tasks()
