"""The example site's settings, with an app that stands for a host project's own."""

from project.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.host_app"]  # noqa: F405
