"""Whose requests are counted: no header makes another visitor of who sends it, unless a proxy of ours wrote it."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from peertube_sync.faces.visitors import visitor

OURS = "10.0.0.1"
FACES = ("/api/health/", "/api/v1/config", "/oembed/?format=xml")
LIMITS = {"API_REQUESTS_PER_MINUTE": 5, "SITE_REQUESTS_PER_MINUTE": 5, "COMPAT_RATE_LIMIT": 5}


@pytest.fixture
def trusted(settings: Any) -> Any:
    def trust(proxies: str, **others: Any) -> None:
        settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "TRUSTED_PROXIES": proxies, **others}

    return trust


def seen(forwarded: str, nearest: str = OURS) -> str:
    return visitor(RequestFactory().get("/", headers={"x-forwarded-for": forwarded}, REMOTE_ADDR=nearest))


@pytest.mark.one_database  # who a visitor is, and how often they asked, is in their requests and the cache
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("proxies", ["", "1", "10.0.0.0/8"])
def test_a_thousand_forged_addresses_are_one_visitor(
    client: Client, db: None, trusted: Any, face: str, proxies: str
) -> None:
    trusted(proxies, **LIMITS)
    refused = 0
    for number in range(1_000):
        forged = f"198.51.{number // 256}.{number % 256}"
        passed = f"{forged}, 203.0.113.7" if proxies else forged
        refused += client.get(face, headers={"x-forwarded-for": passed}, REMOTE_ADDR=OURS).status_code == 429
    assert refused >= 985  # a minute or ten seconds may begin anew meanwhile
    if proxies:
        other = client.get(face, headers={"x-forwarded-for": "203.0.113.8"}, REMOTE_ADDR=OURS)
        assert other.status_code != 429


def test_nobody_is_believed_unless_told(trusted: Any) -> None:
    trusted("")
    assert seen("203.0.113.7") == OURS


def test_as_many_proxies_are_believed_as_there_are(trusted: Any) -> None:
    trusted("1")
    assert seen("198.51.100.1, 203.0.113.7") == "203.0.113.7"
    trusted("2")
    assert seen("198.51.100.1, 203.0.113.7, 10.0.0.2") == "203.0.113.7"
    assert seen("203.0.113.7") == "203.0.113.7"
    assert seen("") == OURS


def test_networks_are_believed_from_the_nearest_on(trusted: Any) -> None:
    trusted("10.0.0.0/8, 2001:db8:1::/48")
    assert seen("198.51.100.1, 203.0.113.7, 10.0.0.2") == "203.0.113.7"
    assert seen("203.0.113.7", nearest="2001:db8:1::9") == "203.0.113.7"
    assert seen("203.0.113.7", nearest="192.0.2.1") == "192.0.2.1"
    assert seen("10.0.0.3, 10.0.0.2") == "10.0.0.3"
    assert seen("203.0.113.7, nonsense") == ""


def test_an_address_is_the_same_however_it_is_written(trusted: Any) -> None:
    trusted("1")
    assert {
        seen(one) for one in ("203.0.113.7", "203.0.113.7:4711", "::ffff:203.0.113.7", "[::ffff:203.0.113.7]:1")
    } == {"203.0.113.7"}


def test_all_addresses_of_a_network_of_ipv6_are_one_visitor(trusted: Any) -> None:
    trusted("1")
    assert seen("2001:db8::1") == seen("2001:0db8::ffff:ffff:ffff:ffff") == "2001:db8::/64"
    assert seen("2001:db8:0:1::1") != seen("2001:db8::1")
    assert seen("fe80::1%eth0") == seen("fe80::2%eth1") == "fe80::/64"
