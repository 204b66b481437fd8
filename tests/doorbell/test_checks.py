"""A doorbell that can't work is told before anything runs."""

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from django.test import override_settings

GOOD = {
    "SITE_URL": "https://mirror.example",
    "CONTACT": "admin@mirror.example",
    "TOKEN_KEYS": Fernet.generate_key().decode(),
    "DOORBELL": True,
}


def hints(urls: str = "tests.doorbell.urls", **changed: object) -> str:
    with override_settings(PEERTUBE_SYNC={**GOOD, **changed}, ROOT_URLCONF=urls):
        return " ".join(str(one.hint) for one in run_checks(databases=[]) if one.id == "peertube_sync.E005")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ""),
        ({"SITE_URL": "http://mirror.example"}, "https://"),
        ({"SITE_URL": ""}, "https://"),
        ({"SITE_URL": "http://127.0.0.1:8000", "ALLOW_PRIVATE_HOSTS": True}, ""),
        ({"TOKEN_KEYS": ""}, "TOKEN_KEYS"),
        ({"DOORBELL": False, "TOKEN_KEYS": ""}, ""),
    ],
)
def test_settings(changed: dict[str, object], told: str) -> None:
    found = hints(**changed)
    assert told in found
    assert bool(told) == bool(found)


def test_urls() -> None:
    assert "peertube_sync.doorbell.urls" in hints("peertube_sync.site.urls")


@pytest.mark.parametrize(
    ("changed", "is_told"), [({}, True), ({"TRUSTED_PROXIES": "1"}, False), ({"DOORBELL": False}, False)]
)
def test_proxies_are_to_be_thought_of(changed: dict[str, object], is_told: bool) -> None:
    with override_settings(PEERTUBE_SYNC={**GOOD, **changed}, ROOT_URLCONF="tests.doorbell.urls"):
        found = run_checks(databases=[], include_deployment_checks=True)
    assert ("peertube_sync.W008" in {one.id for one in found}) is is_told
