"""Clients that are generated of our own OpenAPI document compile under strict types, and read what the API answers."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
from django.core.management import call_command

from tests.clients.conftest import Pair

pytestmark = [pytest.mark.clients, pytest.mark.one_database]

STRICT = {
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
    "noEmit": False,
    "skipLibCheck": False,
    "types": [],
    "lib": ["es2022", "dom", "dom.iterable"],
    "module": "nodenext",
    "moduleResolution": "nodenext",
    "target": "es2022",
    "outDir": "out",
}
FRONT_END = """
import createClient from "openapi-fetch";
import type { paths, components } from "./api.d.ts";

type Video = components["schemas"]["Video"];
const client = createClient<paths>({ baseUrl: process_argv() });

function process_argv(): string {
  return (globalThis as unknown as { process: { argv: string[] } }).process.argv[2] ?? "";
}

function line(video: Video): string {
  const page: string = video.page_url ?? video.watch_url;
  const channel: string = video.channel.display_name.toUpperCase();
  const said: string = (video.language_label ?? "").toUpperCase();
  return [video.uuid, page, channel, said, video.duration.toFixed(0), video.nsfw].join(" ");
}

const seen: string[] = [];
let cursor: string | null = null;
do {
  const query: { page_size: number; cursor?: string } = cursor === null ? { page_size: 7 } : { page_size: 7, cursor };
  const { data, error } = await client.GET("/api/videos/", { params: { query } });
  if (data === undefined) throw new Error(JSON.stringify(error));
  for (const video of data.results) { line(video); seen.push(video.uuid); }
  cursor = data.next ? new URL(data.next).searchParams.get("cursor") : null;
} while (cursor !== null);

const first: string = seen[0] ?? "";
const { data: whole } = await client.GET("/api/videos/{uuid}/", { params: { path: { uuid: first } } });
if (whole === undefined) throw new Error("no details");
const tags: string[] = whole.tags ?? [];
const captions: string[] = (whole.captions ?? []).map((one) => one.language_id);
const chapters: number[] = (whole.chapters ?? []).map((one) => one.timecode);
console.log(JSON.stringify({ seen, tags, captions, chapters, page: whole.page_url }));
"""


@pytest.fixture(scope="session")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The OpenAPI document as a file."""
    path = tmp_path_factory.mktemp("document") / "schema.yaml"
    call_command("spectacular", file=str(path))
    return path


def listed(pair: Pair) -> dict[str, Any]:
    """Return the API's videos by uuid, asked for plainly."""
    answer = requests.get(f"{pair.site}/api/videos/", {"page_size": 100}, timeout=30).json()
    return {row["uuid"]: row for row in answer["results"]}


def run(*line: str, cwd: Path) -> str:
    done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


def test_a_typescript_client_compiles_under_strict_and_runs(pair: Pair, node: Path, document: Path) -> None:
    folder = node / "front-end"
    folder.mkdir(exist_ok=True)
    run("npx", "openapi-typescript", str(document), "-o", str(folder / "api.d.ts"), cwd=node)
    (folder / "main.ts").write_text(FRONT_END)
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT, "files": ["main.ts"]}))
    run("npx", "tsc", "-p", str(folder), cwd=node)
    found = json.loads(run("node", str(folder / "out" / "main.js"), pair.site, cwd=node))
    rows = listed(pair)
    assert len(found["seen"]) == len(set(found["seen"]))
    assert rows.keys() <= set(found["seen"])
    assert found["page"] == rows[found["seen"][0]]["page_url"]


@pytest.fixture(scope="session")
def generated(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The client that openapi-python-client makes; each warning of its is an error."""
    pytest.importorskip("openapi_python_client", reason="needs the package openapi-python-client")
    folder = tmp_path_factory.mktemp("client")
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n")
    target = folder / "our_generated_client"
    options = ("--path", str(document), "--meta", "none", "--output-path", str(target), "--config", str(config))
    run(sys.executable, "-m", "openapi_python_client", "generate", *options, "--fail-on-warning", cwd=folder)
    sys.path.insert(0, str(folder))
    yield importlib.import_module(target.name)
    sys.path.remove(str(folder))


def test_a_python_client_is_well_typed_and_reads_every_video(pair: Pair, generated: ModuleType) -> None:
    folder = Path(str(generated.__file__)).parent
    strictly = ("--strict", "--no-incremental", "--config-file", "/dev/null")
    run(sys.executable, "-m", "mypy", *strictly, "-p", folder.name, cwd=folder.parent)
    one_list = importlib.import_module(f"{folder.name}.api.videos.videos_list")
    one_video = importlib.import_module(f"{folder.name}.api.videos.videos_retrieve")
    rows = listed(pair)
    with generated.Client(base_url=pair.site) as client:
        page = one_list.sync(client=client, page_size=100)
        whole = {uuid: one_video.sync(uuid, client=client).to_dict() for uuid in rows}
    assert {str(one.uuid): one.page_url for one in page.results} == {
        uuid: row["page_url"] for uuid, row in rows.items()
    }
    for uuid, read in whole.items():
        assert read.keys() == requests.get(f"{pair.site}/api/videos/{uuid}/", timeout=30).json().keys()
