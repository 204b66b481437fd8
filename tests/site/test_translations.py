"""The words of the site in other languages."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.utils import translation

import peertube_sync
from tests.support.page import Page

PACKAGE = Path(peertube_sync.__file__).parent
LANGUAGES = ("de", "fr")
OF_THE_SITE = ("site/", "templates/peertube_sync/", "catalogue/", "templatetags/")
NO_GETTEXT = "no gettext: xgettext and msgfmt are not on the PATH"

needs_gettext = pytest.mark.skipif(not shutil.which("xgettext"), reason=NO_GETTEXT)


def is_of_the_site(place: str) -> bool:
    """The admin may stay in English; what visitors read may not."""
    return place.removeprefix("./").startswith(OF_THE_SITE) and "/admin/" not in place


def compiled(language: str) -> GNUTranslations:
    with (PACKAGE / "locale" / language / "LC_MESSAGES/django.mo").open("rb") as file:
        return GNUTranslations(file)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package in which the messages were just collected."""
    copy = tmp_path_factory.mktemp("messages") / "peertube_sync"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "testing"))
    collect = [sys.executable, "-m", "django", "makemessages", "--no-wrap", "--add-location", "file"]
    subprocess.run([*collect, "-l", "de", "-l", "fr"], cwd=copy, check=True, capture_output=True)
    return copy


def messages(file: Path) -> dict[str, tuple[str, str]]:
    """Return the messages of a file: where each comes from, and what it is translated to."""
    found = {}
    for block in file.read_text().split("\n\n")[1:]:
        if "#~" not in block and (named := re.search(r'^msgid "(.*)"$', block, re.MULTILINE)):
            said = "" if "fuzzy" in block else "".join(re.findall(r'^msgstr.* "(.*)"$', block, re.MULTILINE))
            found[named[1]] = (" ".join(re.findall(r"^#: (.*)$", block, re.MULTILINE)), said)
    return found


@needs_gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_site_is_translated(collected: Path, language: str) -> None:
    file = f"locale/{language}/LC_MESSAGES/django.po"
    there = messages(collected / file)
    assert there.keys() == messages(PACKAGE / file).keys(), "run `make messages`"
    untranslated = {text: places.split() for text, (places, said) in there.items() if not said}
    assert [text for text, places in untranslated.items() if any(map(is_of_the_site, places))] == []


@needs_gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_words_are_those_that_were_written(language: str, tmp_path: Path) -> None:
    written = PACKAGE / f"locale/{language}/LC_MESSAGES/django.po"
    subprocess.run(["msgfmt", "--check-format", "-o", str(tmp_path / "django.mo"), str(written)], check=True)
    with (tmp_path / "django.mo").open("rb") as file:
        assert GNUTranslations(file)._catalog == compiled(language)._catalog, "run `make messages`"


@pytest.mark.parametrize(("language", "words"), [("de", "Hier ist noch nichts"), ("fr", "encore rien ici")])
def test_the_site_speaks_the_language_of_its_settings(
    look: Callable[..., Page], db: None, language: str, words: str
) -> None:
    with translation.override(language):
        page = look("/")
    assert page.all("html")[0].attributes["lang"] == language
    assert words in page.source
