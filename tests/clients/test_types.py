"""Answers against PeerTube's own types, by the compiler that its clients are made with."""

import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.clients.answers import key_paths, questions
from tests.clients.conftest import Pair

pytestmark = [pytest.mark.clients, pytest.mark.one_database]

IMPORTED = (
    *("About", "Account", "ActorFollow", "ResultList", "ServerConfig", "ServerStats", "Video", "VideoCaption"),
    *("VideoChannel", "VideoChapter", "VideoDetails", "VideoPlaylist", "VideoPlaylistElement"),
)
BEGIN = 'import type {{ {} }} from "@peertube/peertube-types"'
OPTIONS = {
    "strict": True,
    "strictNullChecks": False,
    "skipLibCheck": True,
    "types": [],
    "noEmit": True,
    "module": "nodenext",
    "moduleResolution": "nodenext",
    "target": "es2022",
}
"""PeerTube's types know no null, where a PeerTube often answers it."""
ERROR = re.compile(r"^answers\.ts\((\d+),\d+\): error TS\d+: .*\n((?: .*\n)*)", re.MULTILINE)
PLACE = re.compile(r"Types of property '(\w+)' are incompatible")

NOT_TOLD = {
    "ServerStats .videosRedundancy[]": "nothing is stored here for others",
    "ServerConfig .instance.logo[]": "the site's pages aren't PeerTube's",
    "ServerConfig .theme.builtIn[]": "the site's pages aren't PeerTube's",
}
"""Keys of rows of which there are none here, and why."""

Compile = Callable[..., set[str]]


@pytest.fixture
def compile_answers(node: Path, tmp_path: Path) -> Compile:
    """Write each answer as a constant of its type; what the compiler says of it."""

    def told(typed: Sequence[tuple[str, Any]]) -> set[str]:
        folder = node / "answers"
        folder.mkdir(exist_ok=True)
        (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "files": ["answers.ts"]}))
        lines = [
            f"declare const given{n}: {json.dumps(answer)}; export const answer{n}: {kind} = given{n}"
            for n, (kind, answer) in enumerate(typed)
        ]
        (folder / "answers.ts").write_text("\n".join([BEGIN.format(", ".join(IMPORTED)), *lines]))
        done = subprocess.run(["npx", "tsc", "-p", folder], cwd=folder, capture_output=True, text=True, check=False)
        errors = ERROR.findall(done.stdout)
        assert bool(errors) == bool(done.returncode), done.stdout[:2000]
        return {f"{typed[int(line) - 2][0]}{one}" for line, chain in errors for one in wrong(chain)}

    return told


def wrong(chain: str) -> Iterator[str]:
    """Yield where an answer isn't as its type, and what is wrong there, without the values."""
    place = "".join(f".{name}" for name in PLACE.findall(chain))
    last = chain.rstrip().rpartition("\n")[2].strip()
    missing = re.search(r"(?:missing the following properties from type .*: |Property ')([\w, ]+)", last)
    yield from (f"{place}.{name}: missing" for name in missing[1].split(", ")) if missing else [f"{place}: {last}"]


def test_answers_are_of_peertubes_types(pair: Pair, compile_answers: Compile) -> None:
    asked = list(questions(pair))
    assert len(asked) >= 60
    answers = [question.answers(pair) for question in asked]
    there, here = (
        compile_answers([(one.type, told[side]) for one, told in zip(asked, answers, strict=True)]) for side in (0, 1)
    )
    # Of an answer the compiler tells one error alone, so that of older versions only what is missing can be compared.
    assert {one.rpartition(".")[2] for one in here} <= {one.rpartition(".")[2] for one in there}
    if pair.sandbox.catalogue.version.startswith("8.2"):
        assert here == set()


def test_no_key_is_missing_that_the_home_tells(pair: Pair) -> None:
    there, here = defaultdict(set), defaultdict(set)
    for question in questions(pair):
        for keys, answer in zip((there, here), question.answers(pair), strict=True):
            keys[question.type].update(key_paths(answer))
    missing = {f"{kind} {place}" for kind in there for place in there[kind] - here[kind] if not known(kind, place)}
    assert missing == set()


def known(kind: str, place: str) -> bool:
    return any(f"{kind} {place}".startswith(one) for one in NOT_TOLD)
