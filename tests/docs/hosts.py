"""Projects as their owners begin them, each in a virtual environment of its own that pip fills from an index."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.docs.project import NAME, Project
from tests.support.markdown import Block, blocks

CMS_SETTINGS = """
INSTALLED_APPS += ["django.contrib.sites", "cms", "menus", "treebeard", "sekizai"]
MIDDLEWARE += [
    "django.middleware.locale.LocaleMiddleware",
    "cms.middleware.user.CurrentUserMiddleware",
    "cms.middleware.page.CurrentPageMiddleware",
    "cms.middleware.toolbar.ToolbarMiddleware",
    "cms.middleware.language.LanguageCookieMiddleware",
]
TEMPLATES[0]["DIRS"] = [BASE_DIR / "mysite" / "templates"]
TEMPLATES[0]["OPTIONS"]["context_processors"] += [
    "django.template.context_processors.i18n",
    "sekizai.context_processors.sekizai",
    "cms.context_processors.cms_settings",
]
SITE_ID = 1
LANGUAGES = [("en", "English")]
LANGUAGE_CODE = "en"
CMS_CONFIRM_VERSION4 = True
CMS_TEMPLATES = [("page.html", "Page")]
X_FRAME_OPTIONS = "SAMEORIGIN"
"""
CMS_URLS = """
from django.conf.urls.i18n import i18n_patterns
from django.urls import include

urlpatterns += i18n_patterns(path("", include("cms.urls")))
"""
CMS_TEMPLATE = "{% load cms_tags sekizai_tags %}<html><head>{% render_block 'css' %}</head><body>"
CMS_TEMPLATE += "{% placeholder 'content' %}{% render_block 'js' %}</body></html>"


@dataclass(frozen=True)
class Host:
    """A kind of project: how it is begun, the extra that it takes, and the page that goes on after the README."""

    begin: str
    extra: str = ""
    page: str = ""
    settings: str = f"{NAME}/settings.py"


HOSTS = {
    "django": Host(f"django-admin startproject {NAME} ."),
    "wagtail": Host(f"wagtail start {NAME} .", "[wagtail]", "docs/wagtail.md", f"{NAME}/settings/base.py"),
    "cms": Host(f"django-admin startproject {NAME} .", "[cms]", "docs/django-cms.md"),
}


def begin(kind: str, python: Path, wheel: Path, directory: Path, words: dict[str, str]) -> Project:
    """Make the environment, install the wheel with its extra, and begin a project of this kind in it."""
    host, environment = HOSTS[kind], directory / "environment"
    run(str(python), "-m", "venv", str(environment))
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(str(environment / "bin" / "python"), *pip, f"{wheel}{host.extra}")
    root = directory / "project"
    root.mkdir()
    project = Project(root, words, packages=None, programs=environment / "bin", settings=host.settings, patience=600)
    begun = project.shell(host.begin)
    assert begun.returncode == 0, begun.stdout
    if kind == "cms":
        _add(root / host.settings, CMS_SETTINGS)
        _add(root / NAME / "urls.py", CMS_URLS)
        (root / NAME / "templates").mkdir()
        (root / NAME / "templates" / "page.html").write_text(CMS_TEMPLATE)
    return project


def said(kind: str) -> list[Block]:
    """Return the blocks that somebody with such a project carries out, in their order."""
    page = HOSTS[kind].page
    return [*blocks("README.md"), *(blocks(page) if page else ())]


def pythons() -> list[Path]:
    """Return the Python of the suite, and the newest other one that noxfile.py finds."""
    from noxfile import FOUND

    newest = [path for _version, path in sorted(FOUND.items(), key=lambda one: [*map(int, one[0].split("."))])][-1:]
    return [Path(sys.executable), *newest]


def run(*line: str) -> None:
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _add(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)
