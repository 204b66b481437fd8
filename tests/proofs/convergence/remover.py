"""A process that opts an instance out, once a line on its standard input says so, unless it is killed before."""

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - behind setup()


def main(host: str) -> None:
    """Wait for the word, so that the time of starting isn't counted."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    call_command("peertube_optout", host, "--yes")


if __name__ == "__main__":
    main(sys.argv[1])
