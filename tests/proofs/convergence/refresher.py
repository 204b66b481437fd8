"""A process that does nothing but refresh a login, over and over, until it is killed."""

import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402 - behind setup()

from peertube_sync.conf import get_settings  # noqa: E402
from peertube_sync.models import Instance, Login, Source  # noqa: E402
from peertube_sync.sync.slices import run_slice  # noqa: E402


def main() -> None:
    """Let the access token end before each slice, so that each one refreshes it."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        Login.objects.update(access_until=timezone.now())
        Source.objects.update(sweep_due_at=timezone.now())
        Instance.objects.update(lease_until=None, lease_token=None)
        run_slice(Instance.objects.get(), get_settings())


if __name__ == "__main__":
    main()
