"""The documentation as a site: `make docs`. Its pages are the Markdown files that a forge shows, in their own places.

The source directory is that of the repository, so links between pages are the same on both.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

from peertube_sync import __version__

ROOT = Path(__file__).resolve().parents[1]

project = "django-peertube-sync"
author = project_copyright = "django-peertube-sync contributors"
version = release = __version__

extensions = ["myst_parser"]
root_doc = "README"
include_patterns = ["*.md", "docs/**.md"]
exclude_patterns = [".*", "build", "dist", "tests", "peertube_sync", "project", "deploy", "staticfiles", "**/images"]
myst_enable_extensions = ["linkify"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
suppress_warnings = ["misc.highlighting_failure"]  # some examples leave parts out with an ellipsis

html_theme = "furo"
html_title = f"{project} {release}"
html_additional_pages = {"index": "index.html"}
html_copy_source = False
html_show_sourcelink = False
templates_path = ["templates"]


def add_contents(_app: Sphinx, page: str, source: list[str]) -> None:
    """Put the pages that "Read on" lists into the menu; a forge would show the directive if it stood there."""
    if page == root_doc:
        listed = re.findall(r"\]\(([\w/.-]+\.md)", source[0].partition("## Read on")[2])
        source[0] += _toctree([*dict.fromkeys(listed), "CONTRIBUTING.md", "CHANGELOG.md"])
    if page == "docs/adr/README":
        source[0] += _toctree(sorted(path.name for path in (ROOT / "docs" / "adr").glob("0*.md")))


def _toctree(pages: list[str]) -> str:
    return "\n\n```{toctree}\n:hidden:\n\n" + "\n".join(pages) + "\n```\n"


def setup(app: Sphinx) -> None:
    """Let Sphinx call what is above."""
    app.connect("source-read", add_contents)
