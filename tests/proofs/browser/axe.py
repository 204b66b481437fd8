"""What axe-core finds wrong with a page for people with disabilities."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

VIOLATIONS = """
    axe.run({resultTypes: ['violations']}).then(found => found.violations.map(one => [one.id, one.nodes[0].html]))
"""


def violations(page: Page) -> Any:
    """Return the violations of any level: each as the rule's id, and the HTML of the first element."""
    page.evaluate(AXE_SCRIPT)
    return page.evaluate(VIOLATIONS)
