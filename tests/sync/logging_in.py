"""What tests need to log in at a sandbox: a password, and keys for tokens."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.test import override_settings

PASSWORD = "correct horse battery staple"


KEY, OTHER_KEY = (Fernet.generate_key().decode() for _ in range(2))


def with_keys(*keys: str) -> Any:
    return override_settings(PEERTUBE_SYNC={**django_settings.PEERTUBE_SYNC, "TOKEN_KEYS": ",".join(keys)})
