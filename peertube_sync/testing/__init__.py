"""A sandbox PeerTube: a stand-in over real HTTP, with generated or recorded catalogues.

Plain Python on the standard library, msgspec and cryptography. It serves this project's tests, its demo, and the
tests of sites that use it; it imports nothing of the rest of the package.
"""

from __future__ import annotations

from peertube_sync.testing.catalogue import Catalogue
from peertube_sync.testing.faults import Fault
from peertube_sync.testing.respond import LoggedRequest
from peertube_sync.testing.server import Sandbox

__all__ = ["Catalogue", "Fault", "LoggedRequest", "Sandbox"]
