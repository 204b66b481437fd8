"""A site made with Wagtail, beside all that the example site has."""

from tests.settings import *  # noqa: F403

INSTALLED_APPS = [
    *INSTALLED_APPS,  # noqa: F405
    "peertube_sync.contrib.wagtail",
    "tests.hosts.wagtail",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
]
MIDDLEWARE = [*MIDDLEWARE, "wagtail.contrib.redirects.middleware.RedirectMiddleware"]  # noqa: F405
ROOT_URLCONF = "tests.hosts.wagtail.urls"
WAGTAIL_SITE_NAME = "Our town"
WAGTAILADMIN_BASE_URL = "https://mirror.example"
WAGTAILEMBEDS_FINDERS = [
    {"class": "peertube_sync.contrib.wagtail.embeds"},
    {"class": "wagtail.embeds.finders.oembed"},
]
