"""What tests need to log in at a sandbox: a password, and keys for tokens."""

from base64 import urlsafe_b64encode
from typing import Any

from django.conf import settings as django_settings
from django.test import override_settings

PASSWORD = "correct horse battery staple"
KEY, OTHER_KEY = (urlsafe_b64encode(bytes([number] * 32)).decode() for number in range(2))
"""The same in each process of the suite: one may have rows that another made."""


def with_keys(*keys: str) -> Any:
    return override_settings(PEERTUBE_SYNC={**django_settings.PEERTUBE_SYNC, "TOKEN_KEYS": ",".join(keys)})
