"""What the pages tell of names, defaults and choices, held against the code."""

import re
from argparse import ArgumentParser
from dataclasses import fields
from importlib import import_module
from inspect import getmembers, isfunction
from pathlib import Path
from typing import get_args

import pytest
from django.core.management import load_command_class
from django.dispatch import Signal
from django.urls import URLPattern, URLResolver, get_resolver

from peertube_sync.conf import Settings
from peertube_sync.testing import Catalogue
from peertube_sync.testing.__main__ import _parser
from peertube_sync.testing.faults import Kind
from peertube_sync.testing.users import Users
from tests.support.markdown import CONTRIBUTING, LINK, PAGES, links, table
from tests.support.paths import ROOT

COMMANDS = sorted(path.stem for path in (ROOT / "peertube_sync" / "management" / "commands").glob("peertube_*.py"))
LISTS = {"videos": "Video", "channels": "Channel", "accounts": "Account", "playlists": "Playlist"}
READ = re.compile(r'env\.\w+\("([A-Z_]+)"')
READS = {"local_videos", "details", "video", "channel", "renderer"}
"""Methods of a catalogue that change nothing."""


def first(page: str, heading: str) -> list[str]:
    return [row[0] for row in table(page, heading)]


def test_every_key_is_told_with_its_default():
    told = {row[0]: row[1] for row in table("docs/settings.md", "Keys")}
    assert told == {key.name.upper(): repr(key.default).replace("'", '"') for key in fields(Settings)}


def test_every_migration_is_told():
    files = (ROOT / "peertube_sync" / "migrations").glob("0*.py")
    assert first("docs/upgrading.md", "Migrations") == sorted(path.stem for path in files)[1:]


def test_every_signal_is_told():
    signals = import_module("peertube_sync.signals")
    found = [name for name, value in vars(signals).items() if isinstance(value, Signal)]
    assert first("docs/signals.md", "Signals") == found


def test_every_system_check_is_told():
    texts = [path.read_text() for path in (ROOT / "peertube_sync").glob("**/checks.py")]
    found = {f"peertube_sync.{number}" for text in texts for number in re.findall(r'"""([EW]\d{3}):', text)}
    assert set(first("docs/settings.md", "System checks")) == found


@pytest.mark.parametrize(("heading", "file"), [("The site in project", "settings.py"), ("The demo", "demo.py")])
def test_every_variable_of_the_environment_is_told(heading, file):
    read = set(READ.findall((ROOT / "project" / file).read_text()))
    assert set(first("docs/settings.md", heading)) == read


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_told(name):
    section = PAGES["docs/commands.md"].read_text().split(f"\n## {name}\n")[1].split("\n## ")[0]
    parser = ArgumentParser(add_help=False)
    load_command_class("peertube_sync", name).add_arguments(parser)
    options = {option for action in parser._actions for option in action.option_strings}
    usage = section.split("`")[1]
    assert set(re.findall(r"--\w[\w-]*", usage)) == options
    assert set(re.findall(r"--\w[\w-]*", section)) == options


def described(name: str) -> set[str]:
    """Return the names in the tables of keys below the heading of a command."""
    return {row[0] for row in table("docs/commands.md", name) if re.fullmatch(r"[a-z_]+", row[0])}


@pytest.mark.django_db
def test_every_key_of_json_is_told():
    totals = import_module("peertube_sync.sync.drain").Totals
    status = import_module("peertube_sync.sync.operations.status").SourceStatus
    problem = import_module("peertube_sync.sync.operations.problems").Problem
    plan = import_module("peertube_sync.sync.operations.add").AddPlan
    move = import_module("peertube_sync.sync.operations.move").MovePlan
    discovery = import_module("peertube_sync.sync.operations.discover").Discovery
    assert described("peertube_discover") == {one.name for one in fields(discovery)}
    assert described("peertube_sync") == {one.name for one in fields(totals)}
    known = {one.name for kind in (status, problem) for one in fields(kind)}
    assert described("peertube_status") == known | {"moves"}
    assert described("peertube_move") == {one.name for one in fields(move)} | {"moved"}
    assert described("peertube_add") == {one.name for one in fields(plan)} | {"what", "added", "error", "state"}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> set[str]:
    """Return the addresses of the API, in the form of its page."""
    found = set()
    for one in patterns:
        assert isinstance(one, URLPattern)
        path = re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", str(one.pattern)).strip("^$").removesuffix(r"\Z")
        if "format" not in path:
            found.add(f"/api/{path}")
    return found - {"/api/"}


def test_every_address_is_told():
    patterns = get_resolver("peertube_sync.api.urls").url_patterns
    assert set(first("docs/api.md", "Resources")) == addresses(patterns)


def test_every_page_of_the_site_is_told():
    patterns = get_resolver("peertube_sync.site.urls").url_patterns
    told = {(row[0], row[1].strip("`")) for row in table("docs/site.md", "Mount it")}
    assert told == {("/watch/" + str(one.pattern).replace("<int:", "<"), one.name) for one in patterns}


def test_every_template_tag_is_told():
    library = import_module("peertube_sync.templatetags.peertube").register
    assert set(first("docs/site.md", "Tags")) == {*library.tags}


@pytest.mark.parametrize("name", LISTS)
def test_every_filter_is_told(name):
    filters = getattr(import_module("peertube_sync.catalogue.filters"), f"{LISTS[name]}Filters").base_filters
    assert set(first("docs/api.md", f"Of {name}")) == {*filters}


def test_every_privacy_is_told():
    filters = import_module("peertube_sync.catalogue.filters")
    assert [*first("docs/api.md", "What isn't public")] == [filters.NOT_PUBLIC, *filters.PRIVACIES]


@pytest.mark.parametrize("name", [*LISTS, "instances"])
def test_every_ordering_is_told(name):
    view = {prefix: view for prefix, view, _name in import_module("peertube_sync.api.urls").router.registry}[name]
    told = {row[0]: row[1:] for row in table("docs/api.md", "Ordering")}
    names, default = told[name]
    assert (tuple(re.findall(r"\w+", names)), default) == (view.ordering_fields, view.ordering)


@pytest.mark.parametrize(
    ("heading", "choices"),
    [
        ("States of a source", "SourceState"),
        ("States of an instance", "InstanceState"),
        ("What disappears, and when", "Reason"),
        ("Alarms", "Cause"),
    ],
)
def test_every_state_is_told(heading, choices):
    values = getattr(import_module("peertube_sync.models"), choices).values
    assert first("docs/operations.md", heading) == values


def test_every_rule_is_told():
    assert first("docs/operations.md", "Rules") == [*import_module("peertube_sync.models.rules").RULES]


def test_every_option_of_the_sandbox_is_told():
    told = {row[0]: row[1] for row in table("docs/testing.md", "In a shell")}
    actions = [action for action in _parser()._actions if action.dest != "help"]
    assert told == {one.option_strings[0]: str(one.default).replace("None", "none") for one in actions}


def test_every_fault_is_told():
    assert first("docs/testing.md", "Faults") == [*get_args(Kind)]


def test_every_change_is_told():
    methods = {name for name, _ in getmembers(Catalogue, isfunction) if name in {**vars(Users), **vars(Catalogue)}}
    assert set(first("docs/testing.md", "Changes")) == {name for name in methods - READS if name[0] != "_"}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for link in links(page):
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (PAGES[page].parent / path).resolve() if path else PAGES[page]
            assert target.is_file(), link
            assert not anchor or anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_files_that_are_named_are_there(page):
    named = re.findall(r"`((?:peertube_sync|project|tests|docs)/[\w./]*)`", PAGES[page].read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", ["docs/architecture.md", CONTRIBUTING])
def test_names_of_code_in_the_house_are_there(page):
    code = "".join(path.read_text() for path in (ROOT / "peertube_sync").rglob("*.py"))
    named = re.findall(r"`(?:\w+\.)?([a-zA-Z_]{4,})`", PAGES[page].read_text())
    unknown = [name for name in named if not re.search(rf"\b{name}\b", code, re.IGNORECASE)]
    assert [name for name in unknown if not (ROOT / name).exists()] == []


def test_pictures_are_small_and_shown() -> None:
    shown = {path.name for page in PAGES.values() for path in map(Path, LINK.findall(page.read_text()))}
    for picture in (ROOT / "docs" / "images").iterdir():
        assert picture.stat().st_size <= 150_000, picture.name
        assert picture.name in shown
