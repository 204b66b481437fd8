"""No kill leaves a picture that is shown and broken, or a file that stays behind for ever."""

from pathlib import Path
from random import Random

import pytest

from peertube_sync.testing import Catalogue, Sandbox
from tests.proofs.convergence import pictures

KILLS = 4


@pytest.mark.django_db(transaction=True)
def test_pictures_survive_kills(database_url: str, tmp_path: Path) -> None:
    with Sandbox(Catalogue.generate(videos=pictures.VIDEOS, seed=3), limit=None) as sandbox:
        pictures.prepare(sandbox)
        outcome = pictures.run(tmp_path, KILLS, Random(1), {"DATABASE_URL": database_url})
    assert (outcome.broken, outcome.orphans) == ([], [])
    assert outcome.looked
