"""The Celery app: `celery -A project worker` and `celery -A project beat`.

Celery's own processes import this module, and the web's where there is a broker: an instance that rings has a worker
woken. Nothing else on the web side sends a task: "sync now" only changes what is due, so that it works without a
broker too.
"""

import os

from celery import Celery
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

if not settings.CELERY_BROKER_URL:
    raise ImproperlyConfigured(
        "Celery needs REDIS_URL, for example redis://localhost:6379/0. "
        "Without Redis, `python manage.py peertube_sync --watch` does the same work in one process."
    )

app = Celery("project")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
