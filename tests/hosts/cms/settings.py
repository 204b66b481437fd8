"""A site made with django CMS, beside all that the example site has."""

from pathlib import Path

from tests.settings import *  # noqa: F403

INSTALLED_APPS = [
    *INSTALLED_APPS,  # noqa: F405
    "django.contrib.sites",
    "cms",
    "menus",
    "treebeard",
    "sekizai",
    "peertube_sync.contrib.cms",
]
MIDDLEWARE = [
    *MIDDLEWARE,  # noqa: F405
    "django.middleware.locale.LocaleMiddleware",
    "cms.middleware.user.CurrentUserMiddleware",
    "cms.middleware.page.CurrentPageMiddleware",
    "cms.middleware.toolbar.ToolbarMiddleware",
    "cms.middleware.language.LanguageCookieMiddleware",
]
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]  # noqa: F405
TEMPLATES[0]["OPTIONS"]["context_processors"] += [  # noqa: F405
    "django.template.context_processors.i18n",
    "sekizai.context_processors.sekizai",
    "cms.context_processors.cms_settings",
]
ROOT_URLCONF = "tests.hosts.cms.urls"
SITE_ID = 1
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
CMS_CONFIRM_VERSION4 = True
CMS_TEMPLATES = [("town.html", "Town")]
X_FRAME_OPTIONS = "SAMEORIGIN"
