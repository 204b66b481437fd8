"""System checks: settings and databases that can't work are told before anything runs. One function, one fact."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004  the names of Django's check messages
from django.db import connections, router

from peertube_sync.conf import Problem, bad_values, unknown_keys, wrong_container

SUPPORTED_VENDORS = {"postgresql", "sqlite"}


def check_container(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E003: `PEERTUBE_SYNC` isn't a dict."""
    return _errors(wrong_container(_given()), "E003")


def check_unknown_keys(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E001: a key that isn't one, most often misspelt."""
    return _errors(unknown_keys(_given()), "E001")


def check_values(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E002: a value of the wrong type or out of range."""
    return _errors(bad_values(_given()), "E002")


def check_databases(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E004: a database that the app's models go to and that the app can't work with."""
    return [
        Error(
            f"The database {alias!r} is {connections[alias].display_name}, which peertube_sync doesn't support.",
            hint="Use PostgreSQL or SQLite, if need be for this app alone by a database router.",
            id="peertube_sync.E004",
        )
        for alias in connections
        if connections[alias].vendor not in SUPPORTED_VENDORS and _keeps_models(alias)
    ]


def check_site_url(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W001: PeerTube administrators can't see which site asks them."""
    return _missing("SITE_URL", "the site's public URL", "W001")


def check_contact(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W002: PeerTube administrators have nobody to write to but a block list."""
    return _missing("CONTACT", "a URL or an e-mail address", "W002")


ALL_CHECKS = (check_container, check_unknown_keys, check_values, check_databases, check_site_url, check_contact)


def _given() -> object:
    return getattr(settings, "PEERTUBE_SYNC", {})


def _errors(problems: Iterable[Problem], number: str) -> list[CheckMessage]:
    return [Error(problem.message, hint=problem.hint, id=f"peertube_sync.{number}") for problem in problems]


def _missing(key: str, what: str, number: str) -> list[CheckMessage]:
    given = _given()
    if isinstance(given, dict) and given.get(key):
        return []
    return [
        Warning(
            f'PEERTUBE_SYNC["{key}"] is empty: the instances that you mirror can\'t tell who asks.',
            hint=f"Set it to {what}; it is sent in the User-Agent.",
            id=f"peertube_sync.{number}",
        )
    ]


def _keeps_models(alias: str) -> bool:
    models = apps.get_app_config("peertube_sync").get_models()
    return any(router.allow_migrate_model(alias, model) for model in models)
