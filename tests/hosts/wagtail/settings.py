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
MIDDLEWARE = [
    *(name for name in MIDDLEWARE if name != "project.headers.Headers"),  # noqa: F405  whose policy Wagtail's admin breaks
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
ROOT_URLCONF = "tests.hosts.wagtail.urls"
WAGTAIL_SITE_NAME = "Our town"
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # a browser that looks at the admin asks nobody else
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_AUTOSAVE_INTERVAL = 0  # it would race with who presses Publish at once
WAGTAILADMIN_BASE_URL = "https://mirror.example"
WAGTAILEMBEDS_FINDERS = [
    {"class": "peertube_sync.contrib.wagtail.embeds"},
    {"class": "wagtail.embeds.finders.oembed"},
]
