"""Settings and system checks: what is read, what is refused, and how that is told."""

from dataclasses import FrozenInstanceError

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.test import override_settings

from peertube_sync.checks import ALL_CHECKS, DEPLOY_CHECKS, SQLITE_OPTIONS
from peertube_sync.conf import TYPES, Settings, get_settings
from project import settings as project_settings


def messages(**given: object) -> dict[str, str]:
    """All messages of the app's checks with these settings, by their ids."""
    with override_settings(PEERTUBE_SYNC=given):
        found = [message for message in run_checks(databases=[]) if (message.id or "").startswith("peertube_sync.")]
    return {str(message.id): f"{message.msg} {message.hint}" for message in found}


FINE = {"SITE_URL": "https://mirror.example", "CONTACT": "admin@mirror.example"}


@override_settings(PEERTUBE_SYNC={})
def test_without_settings_the_defaults_hold():
    assert get_settings() == Settings()
    assert Settings().rate_limit_share == 0.5


def test_without_the_dict_the_defaults_hold(settings):
    del settings.PEERTUBE_SYNC
    assert get_settings() == Settings()


def test_settings_are_read_live():
    with override_settings(PEERTUBE_SYNC={"HEAD_INTERVAL_MAX": 60}):
        assert get_settings().head_interval_max == 60
    with override_settings(PEERTUBE_SYNC={"HEAD_INTERVAL_MAX": 61}):
        assert get_settings().head_interval_max == 61


@override_settings(PEERTUBE_SYNC={"REQUEST_TIMEOUT": 5})
def test_a_whole_number_is_a_number():
    assert isinstance(get_settings().request_timeout, float)


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Settings().contact = "somebody@else.example"  # type: ignore[misc]


def test_defaults_are_valid():
    given = {key: getattr(Settings(), key.lower()) for key in TYPES}
    with override_settings(PEERTUBE_SYNC=given):
        assert get_settings() == Settings()


BAD_VALUES = [
    ("SITE_URL", "mirror.example"),
    ("SITE_URL", "https://"),
    ("SITE_URL", "https://[mirror"),
    ("SITE_URL", None),
    ("CONTACT", "admin@mirror.example\r\nX-Evil: 1"),
    ("CONTACT", "Zoë"),
    ("ALLOW_PRIVATE_HOSTS", "0"),
    ("ALLOW_PRIVATE_HOSTS", 1),
    ("RATE_LIMIT_SHARE", 0),
    ("RATE_LIMIT_SHARE", 1.01),
    ("RATE_LIMIT_SHARE", float("nan")),
    ("RATE_LIMIT_SHARE", True),
    ("REQUEST_TIMEOUT", 0),
    ("REQUEST_TIMEOUT", "30"),
    ("SLICE_SECONDS", -1),
    ("LEASE_SECONDS", float("inf")),
    ("HEAD_INTERVAL_MAX", None),
    ("HOSTS_AT_ONCE", 0),
    ("MASS_LOSS_NUMBER", -1),
    ("SEARCH_ENGINES", "yes"),
    ("MASS_LOSS_NUMBER", 1.5),
    ("MASS_LOSS_SHARE", 2),
    ("TRUSTED_PROXIES", "0"),
    ("TRUSTED_PROXIES", "21"),
    ("TRUSTED_PROXIES", "10.0.0.0/33"),
    ("TRUSTED_PROXIES", "proxy.example"),
    ("TRUSTED_PROXIES", 1),
    ("STATEMENT_TIMEOUT", 0),
]


@pytest.mark.parametrize(("key", "value"), BAD_VALUES)
def test_a_bad_value_is_refused_with_its_key_its_value_and_the_way_out(key, value):
    with (
        override_settings(PEERTUBE_SYNC={key: value}),
        pytest.raises(ImproperlyConfigured, match=f'PEERTUBE_SYNC\\["{key}"\\] is ') as refused,
    ):
        get_settings()
    assert repr(value) in str(refused.value)
    assert "for the default" in str(refused.value)
    assert key in messages(**FINE | {key: value})["peertube_sync.E002"]


def test_the_limits_are_told():
    text = messages(**FINE, RATE_LIMIT_SHARE=2)["peertube_sync.E002"]
    assert "it must be a number over 0 and at most 1" in text


def test_a_misspelt_key_is_told_with_the_nearest_name():
    text = messages(**FINE, RATE_LIMT_SHARE=0.5)["peertube_sync.E001"]
    assert "Did you mean 'RATE_LIMIT_SHARE'?" in text
    with override_settings(PEERTUBE_SYNC={"rate_limit_share": 0.5}), pytest.raises(ImproperlyConfigured, match="'RATE"):
        get_settings()


def test_a_key_like_no_other_is_told_with_all_names():
    text = messages(**FINE, X=1)["peertube_sync.E001"]
    assert all(key in text for key in TYPES)


@override_settings(PEERTUBE_SYNC=["SITE_URL"])
def test_anything_but_a_dict_is_refused():
    with pytest.raises(ImproperlyConfigured, match="not a dict"):
        get_settings()
    assert "peertube_sync.E003" in {message.id for message in run_checks(databases=[])}


def test_good_settings_raise_no_message():
    assert messages(**FINE) == {}


def test_a_site_that_does_not_say_who_it_is_gets_warnings():
    assert messages().keys() == {"peertube_sync.W001", "peertube_sync.W002"}


def test_the_api_without_the_apps_that_show_it_is_told(settings):
    settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if name != "django_filters"]
    assert "Add 'django_filters' to INSTALLED_APPS" in messages(**FINE)["peertube_sync.W004"]
    settings.ROOT_URLCONF = "peertube_sync.site.urls"
    assert messages(**FINE) == {}


@pytest.fixture
def mysql(settings):
    """A second database whose backend calls itself MySQL."""
    connections.settings["other"] = connections.settings["default"] | {"ENGINE": "tests.mysql_backend"}
    yield
    del connections["other"]
    del connections.settings["other"]


@pytest.mark.usefixtures("mysql")
def test_mysql_is_not_supported():
    assert "'other' is MySQL" in messages(**FINE)["peertube_sync.E004"]


class ElsewhereRouter:
    """Keeps the app's tables out of every database but the default."""

    def allow_migrate(self, db, app_label, **hints):
        return db == "default"


@pytest.mark.usefixtures("mysql")
@override_settings(DATABASE_ROUTERS=["tests.test_conf.ElsewhereRouter"])
def test_mysql_is_fine_for_other_apps():
    assert messages(**FINE) == {}


@pytest.fixture
def file(tmp_path):
    """A second database in a file, with what `startproject` gives it; its settings."""
    given = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "db.sqlite3", "OPTIONS": {}}
    connections.settings["other"] = connections.settings["default"] | given
    yield connections.settings["other"]
    del connections["other"]
    del connections.settings["other"]


def test_sqlite_as_startproject_leaves_it_is_told_with_what_to_paste(file):
    text = messages(**FINE)["peertube_sync.W003"]
    assert "'other' is SQLite without init_command and transaction_mode and timeout" in text
    assert all(word in text for word in ("database is locked", "IMMEDIATE", "WAL", "'timeout': 30"))


def test_sqlite_with_what_was_told_to_paste_is_fine(file):
    file["OPTIONS"] = SQLITE_OPTIONS
    assert messages(**FINE) == {}
    assert SQLITE_OPTIONS == project_settings.SQLITE_OPTIONS


def test_sqlite_in_memory_has_one_user(file):
    file["NAME"] = ":memory:"
    assert messages(**FINE) == {}


def test_mails_that_nobody_gets_are_told(settings):
    settings.ADMINS = []
    assert "nobody gets these mails" in messages(**FINE, ALARM_MAILS=True)["peertube_sync.W007"]
    settings.ADMINS = ["ada@mirror.example"]
    assert messages(**FINE, ALARM_MAILS=True) == {}


def test_each_check_has_its_own_id():
    texts = [str(check.__doc__).split(":")[0] for check in (*ALL_CHECKS, *DEPLOY_CHECKS)]
    assert len(texts) == len(set(texts))
    assert apps.get_app_config("peertube_sync").verbose_name == "PeerTube sync"


@pytest.mark.parametrize("key", ["TOKEN_KEYS", "REDIS_URL"])
def test_a_secret_is_repeated_by_nobody(key):
    with override_settings(PEERTUBE_SYNC={key: "hush"}), pytest.raises(ImproperlyConfigured) as refused:
        get_settings()
    assert "hush" not in str(refused.value)
    assert "hush" not in messages(**{key: "hush"})["peertube_sync.E002"]
    assert "hush" not in repr(Settings(**{key.lower(): "hush"}))
