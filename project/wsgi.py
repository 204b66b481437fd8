"""The site for WSGI servers: `gunicorn project.wsgi`."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

application = get_wsgi_application()
if settings.CELERY_BROKER_URL:
    import_module("project.celery")  # an instance that rings has a worker woken
