"""What moves `updatedAt`, and what that costs: every view, and an edit that no list shows."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
import time_machine
from django.utils import timezone

from peertube_sync.models import Video
from peertube_sync.testing import Catalogue, Sandbox
from tests.support.mirror import Mirror

VIEWS, DAYS, SWEEPS_A_DAY = 1000, 3, 4


@pytest.mark.django_db
def test_a_thousand_views_cost_one_question_per_video_and_day() -> None:
    random = Random(1)
    with Sandbox(Catalogue.generate(videos=6, seed=1), limit=None) as sandbox:
        mirror = Mirror(sandbox)
        mirror.add()
        mirror.sync()
        Video.objects.update(details_due_at=None)
        uuids = [item["uuid"] for item in mirror.listed()]
        began = timezone.now() + timedelta(minutes=1)
        for day in range(DAYS):
            asked = len(sandbox.log)
            for sweep in range(SWEEPS_A_DAY):
                with time_machine.travel(began + timedelta(days=day, hours=24 // SWEEPS_A_DAY * sweep)):
                    for _ in range(VIEWS // DAYS // SWEEPS_A_DAY):
                        sandbox.catalogue.view(random.choice(uuids))
                    assert mirror.sync(full=True).errors == []
            questions = Counter(path for path in mirror.asked(asked) if path.rpartition("/")[2] in uuids)
            assert set(questions.values()) <= {1}
            assert sum(questions.values()) == (len(uuids) if day else 0)
        assert mirror.differences() == ""


@pytest.mark.django_db
def test_new_tags_among_the_views_arrive_with_the_rotation() -> None:
    with Sandbox(Catalogue.generate(videos=6, seed=1), limit=None) as sandbox:
        mirror = Mirror(sandbox)
        mirror.add()
        mirror.sync()
        alone, viewed = (item["uuid"] for item in mirror.listed()[:2])
        sandbox.catalogue.set_tags(alone, ["onion"])
        sandbox.catalogue.set_tags(viewed, ["soup"])
        sandbox.catalogue.view(viewed)
        mirror.sync(full=True)
        assert [tag.name for tag in mirror.row(alone).tags.all()] == ["onion"]
        with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
            mirror.sync(full=True)
        assert [tag.name for tag in mirror.row(viewed).tags.all()] == ["soup"]
        assert mirror.differences() == ""
