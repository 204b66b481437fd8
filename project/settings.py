"""The site's settings, all from the environment. docs/settings.md lists the variables.

DEBUG is off unless asked for; without it, the site refuses to start without a SECRET_KEY and expects https.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dj_database_url
import django
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from peertube_sync.beat import BEAT_SCHEDULE
from peertube_sync.conf import TYPES

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "not-a-secret-good-for-debugging-only" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "Set SECRET_KEY to a long random string (python -c 'import secrets; print(secrets.token_urlsafe(50))'), "
        "or DEBUG=1 on your own machine."
    )
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",  # else runserver answers all of /static/, where homes have videos, too
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "peertube_sync",
]

MIDDLEWARE = [
    "peertube_sync.durations.RequestDurations",
    "django.middleware.security.SecurityMiddleware",
    "project.headers.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Databases

SQLITE_OPTIONS = {
    # Readers and one writer side by side; a transaction takes the write lock first, so it never fails half-way.
    "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
}


def database(url: str) -> dict[str, Any]:
    """Turn a database URL into an entry of DATABASES."""
    parsed: dict[str, Any] = {**dj_database_url.parse(url)}
    if parsed["ENGINE"] == "django.db.backends.sqlite3":
        return {**parsed, "OPTIONS": {**SQLITE_OPTIONS, **parsed.get("OPTIONS", {})}}
    # Of a pooler that gives each transaction another connection, no cursor outlives a transaction.
    pooling = {"DISABLE_SERVER_SIDE_CURSORS": env.bool("DATABASE_TRANSACTION_POOLING", False)}
    return {**parsed, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, **pooling}


DATABASES = {"default": database(env.str("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The mirror: every key of PEERTUBE_SYNC is read from PEERTUBE_SYNC_<KEY>

READERS: dict[type, Callable[[str], object]] = {str: env.str, bool: env.bool, int: env.int, float: env.float}
PREFIX = "PEERTUBE_SYNC_"
# Misspelt keys come along, so that the system checks can tell them.
PEERTUBE_SYNC = {
    key: READERS[TYPES.get(key, str)](PREFIX + key)
    for key in (name.removeprefix(PREFIX) for name in sorted(os.environ) if name.startswith(PREFIX))
}

PEERTUBE_SYNC.setdefault("PICTURES", "site")  # so that browsers ask no instance before somebody presses play

REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    PEERTUBE_SYNC.setdefault("REDIS_URL", REDIS_URL)

# Django's cache: of each process its own, or with CACHE_URL one for all, which keeps answers too

CACHE_URL = env.str("CACHE_URL", "")
if CACHE_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}
    PEERTUBE_SYNC.setdefault("KEEP_ANSWERS", 300)

# Celery: the schedule is in the rows, so beat and workers keep nothing of their own

CELERY_BROKER_URL = REDIS_URL or None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {**BEAT_SCHEDULE} if REDIS_URL else {}
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}

# Mails: of errors, and with PEERTUBE_SYNC_ALARM_MAILS of what a person has to look at

_admins: list[str] = env.list("ADMINS", [])
ADMINS = _admins if django.VERSION >= (6, 0) else [(address, address) for address in _admins]
SERVER_EMAIL = DEFAULT_FROM_EMAIL = env.str("SERVER_EMAIL", "root@localhost")
_smtp = {
    "host": env.str("EMAIL_HOST", "localhost"),
    "port": env.int("EMAIL_PORT", 25),
    "username": env.str("EMAIL_HOST_USER", ""),
    "password": env.str("EMAIL_HOST_PASSWORD", ""),
    "use_tls": env.bool("EMAIL_USE_TLS", False),
    "timeout": 30,
}
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": _smtp}}
else:
    EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_TIMEOUT = _smtp.values()

# Static files, served by WhiteNoise: what collectstatic has collected, the rest straight from the apps

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
STATIC_STORAGE = "django.contrib.staticfiles.storage.StaticFilesStorage"
HASHED_STATIC_STORAGE = "project.static.CollectedOrNot"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATIC_STORAGE if DEBUG else HASHED_STATIC_STORAGE},
    "peertube_pictures": {  # a folder that no web server publishes: who may see a picture is asked each time
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env.str("PICTURES_FOLDER", str(BASE_DIR / "pictures"))},
    },
}

# Security. Behind a proxy on another machine, tell gunicorn whom to believe: FORWARDED_ALLOW_IPS

HTTPS = env.bool("HTTPS", not DEBUG)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: this site doesn't speak for the other hosts of its domain
    "security.W021",  # HSTS preload: same
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# Words and time

LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en")
TIME_ZONE = "UTC"
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
