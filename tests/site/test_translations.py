"""The words of the site in other languages."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from gettext import GNUTranslations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

import peertube_sync
from peertube_sync.models.constant_names import ENGLISH, NAMES, name_of
from tests.support.page import Page

if TYPE_CHECKING:
    from peertube_sync.models import Video

PACKAGE = Path(peertube_sync.__file__).parent
LANGUAGES = ("de", "fr", "es")
NO_GETTEXT = "no gettext: xgettext and msgfmt are not on the PATH"

needs_gettext = pytest.mark.skipif(not shutil.which("xgettext"), reason=NO_GETTEXT)


def compiled(language: str) -> GNUTranslations:
    with (PACKAGE / "locale" / language / "LC_MESSAGES/django.mo").open("rb") as file:
        return GNUTranslations(file)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package in which the messages were just collected."""
    copy = tmp_path_factory.mktemp("messages") / "peertube_sync"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "testing"))
    collect = [sys.executable, "-m", "django", "makemessages", "--no-wrap", "--add-location", "file"]
    of = [option for language in LANGUAGES for option in ("-l", language)]
    subprocess.run([*collect, *of], cwd=copy, check=True, capture_output=True)
    return copy


def messages(file: Path, *which: str) -> set[str]:
    """Return the messages of a file, as they stand in it: of all, or of those that msgattrib selects with `which`."""
    selected = ["msgattrib", "--no-obsolete", "--no-location", "--no-wrap", *which, str(file)]
    found = subprocess.run(selected, check=True, capture_output=True, text=True).stdout
    return set(re.findall(r'^msgid (".*"(?:\n".*")*)$', found, re.MULTILINE)) - {'""'}


@needs_gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated(collected: Path, language: str) -> None:
    file = f"locale/{language}/LC_MESSAGES/django.po"
    there = messages(collected / file)
    assert there == messages(PACKAGE / file), "run `make messages`"
    assert messages(PACKAGE / file, "--untranslated") == set()
    assert messages(PACKAGE / file, "--only-fuzzy") == set()


@needs_gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_words_are_those_that_were_written(language: str, tmp_path: Path) -> None:
    written = PACKAGE / f"locale/{language}/LC_MESSAGES/django.po"
    subprocess.run(["msgfmt", "--check", "-o", str(tmp_path / "django.mo"), str(written)], check=True)
    with (tmp_path / "django.mo").open("rb") as file:
        assert GNUTranslations(file)._catalog == compiled(language)._catalog, "run `make messages`"


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Hier ist noch nichts"), ("fr", "encore rien ici"), ("es", "todavía no hay nada")]
)
def test_the_site_speaks_the_language_of_its_settings(
    look: Callable[..., Page], db: None, language: str, words: str
) -> None:
    with translation.override(language):
        page = look("/")
    assert page.all("html")[0].attributes["lang"] == language
    assert words in page.source


def test_constants_are_translated_by_the_names_that_peertube_gives_them() -> None:
    with translation.override("en"):
        named = {kind: {key: str(name) for key, name in names.items()} for kind, names in NAMES.items()}
    assert named == ENGLISH


@pytest.mark.parametrize(
    ("kind", "key", "label", "words"),
    [
        ("category", 1, "Music", "Musik"),
        ("category", 1, "Unknown", "Musik"),
        ("category", 1, "Music of the sea", "Music of the sea"),
        ("category", 101, "Maths", "Maths"),
        ("category", None, "Unknown", "Unbekannt"),
        ("category", None, None, ""),
        ("licence", 7, "Public Domain Dedication", "Gemeinfrei (Verzicht auf alle Rechte)"),
        ("privacy", 2, "Unlisted", "Nicht gelistet"),
        ("language", "de", "Deutsch", "Deutsch"),
        ("language", "fr", "French", "Französisch"),
        ("language", "x-dolphin", "Dolphin", "Dolphin"),
        ("language", "x-dolphin", None, "x-dolphin"),
    ],
)
def test_peertubes_own_constants_are_named_in_the_readers_language(
    kind: str, key: object, label: str | None, words: str
) -> None:
    with translation.override("de"):
        assert name_of(kind, key, label) == words


def test_pages_name_constants_in_the_visitors_language(full: "Video", look: Callable[..., Page]) -> None:
    with translation.override("de"):
        page, list_ = look(f"/videos/{full.uuid}/"), look("/videos/")
        named = [name_of(kind, getattr(full, f"{kind}_id"), None) for kind in ("category", "licence", "language")]
    facts = [one.text for name in ("li", "a") for one in page.all(name)]
    assert set(named) <= set(facts)
    assert not {full.category_label, full.licence_label, full.language_label} & set(facts)
    assert any(option.text.startswith(named[2]) for option in list_.all("option"))
