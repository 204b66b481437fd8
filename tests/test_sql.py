"""No input becomes SQL or a command: where SQL of our own is, and what attacks by parameters get."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

import peertube_sync
from tests.support.catalogue import mirror_lists

PACKAGE = Path(peertube_sync.__file__).parent
OWN_SQL = {
    *("budget_stores/database.py", "faces/deadline.py", "ingest/search_documents.py", "ingest/twins.py"),
    *("catalogue/counting.py", "catalogue/prepared_queries.py", "catalogue/totals.py", "ingest/vocabulary.py"),
    *("ingest/answers.py", "ingest/changes.py", "ingest/held.py", "ingest/tags.py"),
    *("models/prepared.py", "models/revision_triggers.py", "models/triggers.py"),
    "sync/bulk_removal.py",
}
SQL = {"RawSQL", "raw", "extra", "cursor", "executescript"}
COMMANDS = {"subprocess", "pickle", "marshal", "shelve", "pty", "popen", "system", "eval", "exec"}
ATTACKS = (
    "' OR 1=1 --",
    "'; DROP TABLE peertube_sync_video; --",
    '") OR "a"="a',
    "1) UNION SELECT password FROM auth_user --",
    "%' AND 1=CAST(version() AS int) --",
    '" NEAR/1 * : ^ {name} (',
    "a' & !b | <-> :* \\",
    "$$ || pg_sleep(9) || $$",
)
PARAMETERS = ("q", "tag", "channel", "ordering", "category", "language", "cursor", "fields", "published_after")
PATHS = ("/videos/", "/feeds/json/", "/api/videos/", "/api/channels/", "/api/tags/")
SEARCHED = (("/videos/", "q"), ("/api/videos/", "q"), ("/api/v1/search/videos", "search"))
THEIR_PATHS = ("/api/v1/videos", "/api/v1/search/videos")
THEIRS = ("search", "sort", "tagsOneOf", "categoryOneOf", "host", "start", "startDate")


def modules() -> Iterator[tuple[str, set[str]]]:
    """Yield the modules of the app, and the names that each of them calls or imports."""
    for file in PACKAGE.rglob("*.py"):
        name = file.relative_to(PACKAGE).as_posix()
        if name.startswith(("testing/", "migrations/")):
            continue
        yield name, {found for node in ast.walk(ast.parse(file.read_text())) for found in names(node)}


def names(node: ast.AST) -> list[str]:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return [name]
        case ast.Import(names=found) | ast.ImportFrom(names=found):
            return [one.name.partition(".")[0] for one in found]
    return []


@pytest.mark.one_database
def test_sql_of_our_own_is_in_few_places_and_no_command_is_run() -> None:
    found = dict(modules())
    assert {name for name, called in found.items() if called & SQL} == OWN_SQL
    assert {name for name, called in found.items() if called & COMMANDS} == set()


def test_attacks_by_parameters_find_nothing_and_break_nothing(client: Client, db: None) -> None:
    mirror_lists()
    before = client.get("/api/v1/videos").json()["total"]
    asked = [(path, name, attack) for attack in ATTACKS for path, name in SEARCHED]
    asked += [(path, name, " ".join(ATTACKS)) for path in PATHS for name in PARAMETERS]
    asked += [(path, name, " ".join(ATTACKS)) for path in THEIR_PATHS for name in THEIRS]
    for path, name, attack in asked:
        answer = client.get(path, {name: attack})
        assert answer.status_code in {200, 400}, (path, name)
        assert b"syntax error" not in answer.content
    assert client.get("/api/v1/videos").json()["total"] == before > 0
