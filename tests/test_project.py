"""The site in project/: what it makes of its environment."""

import json
import os
import subprocess
import sys
from urllib.robotparser import RobotFileParser

import pytest
from django.db import connection, transaction

from tests.support.paths import ROOT

PRODUCTION = {
    "SECRET_KEY": "x9!" + "production-like-secret-" * 3,
    "ALLOWED_HOSTS": "mirror.example",
    "PEERTUBE_SYNC_SITE_URL": "https://mirror.example",
    "PEERTUBE_SYNC_CONTACT": "admin@mirror.example",
}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with nothing in its environment but this."""
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "SYSTEMROOT"}}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False
    )


def last_line(process: subprocess.CompletedProcess[str]) -> str:
    return process.stderr.strip().splitlines()[-1]


def test_production_without_a_secret_key_is_refused_with_the_way_out():
    refused = run("manage.py", "check")
    assert refused.returncode != 0
    assert "Set SECRET_KEY" in last_line(refused)
    assert "DEBUG=1" in last_line(refused)


def test_debugging_needs_no_environment_else():
    assert run("manage.py", "check", DEBUG="1").returncode == 0


def test_production_settings_leave_nothing_to_say():
    checked = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert "no issues" in checked.stdout, checked.stderr


SHOW = """
import dataclasses, django, json
django.setup()
from peertube_sync.conf import get_settings
print(json.dumps(dataclasses.asdict(get_settings())))
"""


def test_every_key_is_read_from_the_environment_with_its_type():
    given = {
        "site_url": "https://mirror.example",
        "contact": "admin@mirror.example",
        "site_name": "Vidéos du port",
        "allow_private_hosts": True,
        "redis_url": "redis://127.0.0.1:1/1",
        "nsfw_policy": "hide",
        "token_keys": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "rate_limit_share": 0.25,
        "request_timeout": 10.0,
        "slice_seconds": 11.0,
        "lease_seconds": 12.0,
        "hosts_at_once": 3,
        "head_interval_min": 13.0,
        "head_interval_max": 13.5,
        "sweep_interval": 14.0,
        "rotation_interval": 15.0,
        "tombstone_retention": 16.0,
        "action_retention": 16.5,
        "discovery": True,
        "discovery_adds": True,
        "discovery_index": "https://index.example",
        "mass_loss_share": 0.5,
        "mass_loss_number": 17,
        "caption_search": True,
        "read_through": False,
        "doorbell": True,
        "search_engines": "none",
        "pictures": "site",
        "pictures_bytes": 1_000_001,
        "pictures_per_second": 1.5,
        "pictures_bytes_per_second": 1_002,
        "pictures_sendfile": "X-Sendfile",
        "pictures_requests_per_minute": 1_003,
        "api_requests_per_minute": 18,
        "site_requests_per_minute": 19,
        "compat_rate_limit": 21,
        "metrics_token": "hush",
        "metrics_instances": 22,
        "alarm_mails": True,
        "alarm_failing_hours": 23.5,
        "run_retention": 24.5,
        "statement_timeout": 25.5,
        "trusted_proxies": "10.0.0.0/8",
        "keep_answers": 26,
        "public_max_age": 27,
    }
    environment = {f"PEERTUBE_SYNC_{key.upper()}": str(value) for key, value in given.items()}
    shown = run("-c", SHOW, DEBUG="1", DJANGO_SETTINGS_MODULE="project.settings", **environment)
    assert json.loads(shown.stdout) == given


CACHED = """
import django
django.setup()
from django.core.cache import caches
from peertube_sync.conf import get_settings
print(type(caches["default"]).__name__, get_settings().keep_answers)
"""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, "LocMemCache 0"),
        ({"CACHE_URL": "redis://127.0.0.1:1/0"}, "RedisCache 300"),
        ({"CACHE_URL": "redis://127.0.0.1:1/0", "PEERTUBE_SYNC_KEEP_ANSWERS": "0"}, "RedisCache 0"),
    ],
)
def test_a_cache_for_all_processes_keeps_answers(given, kept):
    shown = run("-c", CACHED, DEBUG="1", DJANGO_SETTINGS_MODULE="project.settings", **given)
    assert shown.stdout.strip() == kept


MAILED = """
import django
django.setup()
from django.core import mail
by = mail.mailers["default"] if django.VERSION >= (6, 1) else mail.get_connection()
print(by.host, by.port, by.username, by.password, by.use_tls, by.timeout)
"""


def test_the_mail_server_is_read_from_the_environment():
    given = {"HOST": "mail.example", "PORT": "587", "HOST_USER": "site", "HOST_PASSWORD": "secret", "USE_TLS": "1"}
    environment = {f"EMAIL_{name}": value for name, value in given.items()}
    shown = run("-W", "error", "-c", MAILED, DEBUG="1", DJANGO_SETTINGS_MODULE="project.settings", **environment)
    assert shown.stdout.strip() == "mail.example 587 site secret True 30", shown.stderr


def test_a_misspelt_variable_is_told():
    checked = run("manage.py", "check", DEBUG="1", PEERTUBE_SYNC_CONTCT="admin@mirror.example")
    assert checked.returncode != 0
    assert "Did you mean 'CONTACT'?" in checked.stderr


def test_a_variable_of_the_wrong_type_is_named():
    checked = run("manage.py", "check", DEBUG="1", PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS="perhaps")
    assert checked.returncode != 0
    assert "PEERTUBE_SYNC_ALLOW_PRIVATE_HOSTS" in last_line(checked)


def test_celery_without_redis_says_what_to_do():
    refused = run("-c", "import project.celery", DEBUG="1")
    assert "REDIS_URL" in last_line(refused)
    assert "peertube_sync --watch" in last_line(refused)


BEAT = """
from project.celery import app
app.loader.import_default_modules()
assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= app.tasks.keys()
print(*app.conf.beat_schedule)
"""


def test_beat_sends_tasks_that_workers_know():
    shown = run("-c", BEAT, DEBUG="1", REDIS_URL="redis://127.0.0.1:1/0")
    names = ["peertube-sync-due", "peertube-sync-alarms", "peertube-sync-discover", "peertube-sync-purge"]
    assert shown.stdout.split() == names, shown.stderr


@pytest.mark.django_db(transaction=True)
def test_sqlite_writes_ahead_and_locks_first():
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite alone")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
    with transaction.atomic(), connection.copy().cursor() as other:
        other.connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(other.db.Database.OperationalError, match="locked"):
            other.connection.execute("BEGIN IMMEDIATE")
        other.db.close()


@pytest.mark.django_db
def test_the_catalogue_is_in_front(client):
    assert client.get("/").status_code == 200
    assert client.get("/videos/").status_code == 200


def test_the_documentation_needs_no_foreign_host(client):
    page = client.get("/api/docs/").content.decode()
    assert "/static/drf_spectacular_sidecar/" in page
    assert "https://" not in page
    assert "//cdn" not in page


@pytest.mark.django_db
def test_pages_of_any_origin_may_read_the_api(client):
    answer = client.get("/api/videos/", headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_pages_of_other_origins_may_not_write(client):
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    assert client.options("/api/videos/", headers=asked)["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


def test_the_admin_is_not_for_other_origins(client):
    answer = client.get("/admin/login/", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize("whose", ["source", "site", "none"])
def test_robots_may_look_and_find_the_sitemap_of_a_site_that_is_to_be_found(client, settings, whose):
    settings.PEERTUBE_SYNC = {"SEARCH_ENGINES": whose}
    told = client.get("/robots.txt")
    assert told["Content-Type"] == "text/plain"
    read = RobotFileParser()
    read.parse(told.content.decode().splitlines())
    assert read.can_fetch("Googlebot", "/videos/1/")  # else it would never see that a page says noindex
    assert read.site_maps() == (["http://testserver/sitemap.xml"] if whose == "site" else None)


def test_browsers_find_an_icon(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
