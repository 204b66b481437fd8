"""A site below a path, as a server tells Django; Django's test client doesn't."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import override_settings
from django.urls import clear_script_prefix, set_script_prefix


@contextmanager
def below(path: str) -> Iterator[None]:
    """Let addresses of this site begin with `path` while the block runs; it begins and ends with a slash.

    Django keeps the address of static files once it was asked for. A setting that changes, as here before and after,
    has it worked out anew: else pages of later tests would have their files below `path`.
    """
    with override_settings(STATIC_URL=settings._wrapped.STATIC_URL):  # type: ignore[misc]  # without any prefix
        set_script_prefix(path)
        try:
            yield
        finally:
            clear_script_prefix()
