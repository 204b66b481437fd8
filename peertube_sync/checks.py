"""System checks: settings and databases that can't work are reported before anything runs. One function, one fact."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004  the names of Django's check messages
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.urls import NoReverseMatch, Resolver404, get_resolver, get_script_prefix, resolve, reverse
from django.utils.module_loading import import_string

from peertube_sync.conf import SettingProblem, bad_values, unknown_keys, wrong_container

API = "peertube_sync_api"
DOORBELL = "peertube_sync_doorbell"
PICTURES = "peertube_sync_pictures"
APPS_OF_THE_API = ("rest_framework", "django_filters", "drf_spectacular", "drf_spectacular_sidecar")
ENTRANCES = {
    "peertube_sync.site": "peertube_sync_site:home",
    "peertube_sync.api": "peertube_sync_api:root",
}
"""The URL name of each package's first address."""
STYLES = "peertube_sync/admin.css"
SUPPORTED_VENDORS = {"postgresql", "sqlite"}
SQLITE_OPTIONS = {
    "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
}
"""The options of a SQLite database that docs/install.md tells people to set."""


def check_container(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E003: `PEERTUBE_SYNC` isn't a dict."""
    return _as_errors(wrong_container(_configured()), "E003")


def check_unknown_keys(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E001: a key that isn't one, most often misspelt."""
    return _as_errors(unknown_keys(_configured()), "E001")


def check_setting_values(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E002: a value of the wrong type or out of range."""
    return _as_errors(bad_values(_configured()), "E002")


def check_apps_of_the_api(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W004: the API is there, and an app whose templates it shows to people isn't."""
    is_mounted = getattr(settings, "ROOT_URLCONF", None) and API in get_resolver().app_dict
    missing = [name for name in APPS_OF_THE_API if not apps.is_installed(name)] if is_mounted else []
    if not missing:
        return []
    return [
        Warning(
            f"peertube_sync.api.urls is included, but INSTALLED_APPS lacks {', '.join(missing)}: browsers that look "
            "at the API, or at its documentation, get errors.",
            hint=f"Add {', '.join(map(repr, missing))} to INSTALLED_APPS.",
            id="peertube_sync.W004",
        )
    ]


def check_order_of_addresses(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W009: what comes before our addresses takes them, as the pages of a content management system do."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    return [
        Warning(
            f"{package}.urls is included, but {path} leads to {view}: an address before it takes all that comes.",
            hint=f'Put path(…, include("{package}.urls")) at the beginning of urlpatterns.',
            id="peertube_sync.W009",
        )
        for package, name in ENTRANCES.items()
        if (found := _led_astray(name))
        for path, view in [found]
    ]


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


def check_sqlite(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W003: a SQLite file without the options that let a site and a sync share it."""
    return [
        Warning(
            f"The database {alias!r} is SQLite without {' and '.join(missing)}: while a sync writes, "
            "the site will meet 'database is locked'.",
            hint=f"Set its OPTIONS to {SQLITE_OPTIONS}.",
            id="peertube_sync.W003",
        )
        for alias in connections
        if connections[alias].vendor == "sqlite" and _keeps_models(alias)
        if (missing := _missing_options(connections[alias].settings_dict))
    ]


def check_site_url(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W001: PeerTube administrators can't see which site asks them."""
    return _missing_setting("SITE_URL", "the site's public URL", "W001")


def check_contact(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W002: PeerTube administrators have nobody to write to but a block list."""
    return _missing_setting("CONTACT", "a URL or an e-mail address", "W002")


def check_private_hosts(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W005: with `check --deploy`, private networks and plain http may be asked."""
    configured = _configured()
    if not (isinstance(configured, dict) and configured.get("ALLOW_PRIVATE_HOSTS") is True):
        return []
    return [
        Warning(
            'PEERTUBE_SYNC["ALLOW_PRIVATE_HOSTS"] is True: whoever may add a source can make this server ask machines '
            "of its own network, over plain http too, and pages show their addresses to visitors.",
            hint="Leave it out on a public site. Where the site and all that it mirrors are in one closed network, "
            'silence this: SILENCED_SYSTEM_CHECKS = ["peertube_sync.W005"].',
            id="peertube_sync.W005",
        )
    ]


def check_static_files(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W006: with `check --deploy`, the storage of static files doesn't know those of this app."""
    if not apps.is_installed("django.contrib.staticfiles"):
        return []
    try:
        staticfiles_storage.url(STYLES)
    except (ImproperlyConfigured, ValueError) as error:
        return [
            Warning(
                f"The static files of this app aren't collected: pages and the admin answer 500 ({error}).",
                hint="Run manage.py collectstatic, after each upgrade too, and start the web server again.",
                id="peertube_sync.W006",
            )
        ]
    return []


def check_alarm_mails(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W007: alarms are to be mailed, and there is nobody to mail them to."""
    configured = _configured()
    if settings.ADMINS or not (isinstance(configured, Mapping) and configured.get("ALARM_MAILS")):
        return []
    return [
        Warning(
            'PEERTUBE_SYNC["ALARM_MAILS"] is on, but ADMINS is empty: nobody gets these mails.',
            hint="Set Django's ADMINS to whoever looks after the site, and its MAILERS, before 6.1 its EMAIL_…, to "
            "what sends mails.",
            id="peertube_sync.W007",
        )
    ]


def check_doorbell(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E005: the doorbell is on, and something that it needs is missing: an address, a key in TOKEN_KEYS, its urls."""
    configured = _configured()
    if not isinstance(configured, Mapping) or configured.get("DOORBELL") is not True:
        return []
    plain = configured.get("ALLOW_PRIVATE_HOSTS") is True and "http"
    scheme = str(configured.get("SITE_URL", "")).partition("://")[0]
    lacking = {
        "SITE_URL begins with https://: instances deliver to no other": scheme in {"https", plain},
        "TOKEN_KEYS has a key, by which its private key is encrypted": bool(configured.get("TOKEN_KEYS")),
        'path("", include("peertube_sync.doorbell.urls")) is among the urls': DOORBELL in get_resolver().app_dict,
    }
    return [
        Error(
            'PEERTUBE_SYNC["DOORBELL"] is on, and can\'t work.',
            hint=f"See to it that {need}.",
            id="peertube_sync.E005",
        )
        for need, is_met in lacking.items()
        if not is_met
    ]


def check_proxies(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W008: with `check --deploy`, the doorbell is on, and nothing says which proxies deliveries come through."""
    configured = _configured()
    if not (isinstance(configured, Mapping) and configured.get("DOORBELL") is True):
        return []
    if configured.get("TRUSTED_PROXIES"):
        return []
    return [
        Warning(
            'PEERTUBE_SYNC["DOORBELL"] is on, and TRUSTED_PROXIES is empty: behind a proxy, all deliveries come '
            "from one address, as it seems, and those who forge them can't be told from those who don't.",
            hint='Say how many proxies of yours a request comes through: TRUSTED_PROXIES = "1". Where there are none, '
            'silence this: SILENCED_SYSTEM_CHECKS = ["peertube_sync.W008"].',
            id="peertube_sync.W008",
        )
    ]


def check_pictures(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E006: pictures are to come from this site, and something that this needs isn't there."""
    configured = _configured()
    if not (isinstance(configured, Mapping) and configured.get("PICTURES") == "site"):
        return []
    lacking = {
        "Pillow isn't installed, which makes them": (
            None if find_spec("PIL") else 'Run: pip install "django-peertube-sync[pictures]"'
        ),
        "their addresses aren't in the URLconf": (
            None
            if PICTURES in get_resolver().app_dict
            else 'Add path("pictures/", include("peertube_sync.pictures.urls")) to its urlpatterns.'
        ),
        "there is no place to keep them": _no_place_for_pictures(),
    }
    return [
        Error(
            f'PEERTUBE_SYNC["PICTURES"] is "site", but {what}: pages show no pictures.',
            hint=hint,
            id="peertube_sync.E006",
        )
        for what, hint in lacking.items()
        if hint
    ]


def check_extras(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E007: settings ask for Celery or Redis, which come with an extra that isn't installed."""
    configured = _configured()
    watch = "`manage.py peertube_sync --watch` does its work without a broker"
    asked = [
        ("CELERY_BROKER_URL", "celery", "Celery", watch, getattr(settings, "CELERY_BROKER_URL", None)),
        ("CELERY_BEAT_SCHEDULE", "celery", "Celery", watch, _schedules_us()),
        (
            'PEERTUBE_SYNC["REDIS_URL"]',
            "redis",
            "redis",
            "the database keeps the rate budget then",
            isinstance(configured, Mapping) and configured.get("REDIS_URL"),
        ),
        ("CACHES", "redis", "redis", "Django's cache in local memory is enough for one process", _caches_in_redis()),
    ]
    return [
        Error(
            f"{name} asks for {package}, which isn't installed.",
            hint=f'Run: pip install "django-peertube-sync[celery]". Or leave the setting out: {otherwise}.',
            id="peertube_sync.E007",
        )
        for name, module, package, otherwise, is_asked in asked
        if is_asked and not find_spec(module)
    ]


def _caches_in_redis() -> bool:
    """Tell whether one of Django's own caches is kept in Redis."""
    return any(str(cache.get("BACKEND")).endswith(".RedisCache") for cache in settings.CACHES.values())


def _schedules_us() -> bool:
    """Tell whether Celery beat is to send tasks of this app."""
    entries = (getattr(settings, "CELERY_BEAT_SCHEDULE", None) or {}).values()
    return any(isinstance(entry, Mapping) and str(entry.get("task")).startswith("peertube_sync.") for entry in entries)


def _no_place_for_pictures() -> str | None:
    try:
        import_string("peertube_sync.ingest.pictures.keeping.storage")()  # models can't be imported earlier
    except ImproperlyConfigured as error:
        return str(error)
    return None


ALL_CHECKS = (
    check_container,
    check_unknown_keys,
    check_setting_values,
    check_apps_of_the_api,
    check_order_of_addresses,
    check_databases,
    check_pictures,
    check_sqlite,
    check_site_url,
    check_contact,
    check_alarm_mails,
    check_doorbell,
    check_extras,
)
DEPLOY_CHECKS = (check_private_hosts, check_static_files, check_proxies)
"""The checks that only `check --deploy` runs."""


def _configured() -> object:
    return getattr(settings, "PEERTUBE_SYNC", {})


def _as_errors(problems: Iterable[SettingProblem], number: str) -> list[CheckMessage]:
    return [Error(problem.message, hint=problem.hint, id=f"peertube_sync.{number}") for problem in problems]


def _missing_setting(key: str, what: str, number: str) -> list[CheckMessage]:
    configured = _configured()
    if isinstance(configured, dict) and configured.get(key):
        return []
    return [
        Warning(
            f'PEERTUBE_SYNC["{key}"] is empty: the instances that you mirror can\'t tell who asks.',
            hint=f"Set it to {what}; it is sent in the User-Agent.",
            id=f"peertube_sync.{number}",
        )
    ]


def _led_astray(name: str) -> tuple[str, str] | None:
    """Return an address of ours and what it leads to instead, None where it is right or there is none."""
    try:
        path = reverse(name).removeprefix(get_script_prefix().rstrip("/"))
        match = resolve(path)
    except (NoReverseMatch, Resolver404):
        return None
    return None if match.view_name == name else (path, match._func_path)


def _missing_options(database: Mapping[str, Any]) -> list[str]:
    """Return the names of those that are needed and not given; a database in memory has one user and needs none."""
    options = database.get("OPTIONS") or {}
    enough = {
        "init_command": "wal" in str(options.get("init_command", "")).lower(),
        "transaction_mode": str(options.get("transaction_mode", "")).upper() in {"IMMEDIATE", "EXCLUSIVE"},
        "timeout": "timeout" in options,
    }
    in_memory = any(word in str(database["NAME"]) for word in (":memory:", "mode=memory"))
    return [] if in_memory else [name for name, given_well in enough.items() if not given_well]


def _keeps_models(alias: str) -> bool:
    models = apps.get_app_config("peertube_sync").get_models()
    return any(router.allow_migrate_model(alias, model) for model in models)
