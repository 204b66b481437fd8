"""The site of project/ with a page of a host that looks like nothing of ours."""

from pathlib import Path

from project.settings import *  # noqa: F403

ROOT_URLCONF = "tests.proofs.browser.town.urls"
MIDDLEWARE = [name for name in MIDDLEWARE if name != "project.headers.Headers"]  # noqa: F405  the page has its style within
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]  # noqa: F405
