"""What host projects hear of."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.dispatch import Signal

from peertube_sync import signals
from tests.support.mirror import Mirror

NAMES = ("video_created", "video_updated", "video_removed", "video_restored", "sync_finished")


@pytest.fixture
def heard() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    receivers = []
    for name in NAMES:
        signal: Signal = getattr(signals, name)

        def receive(name: str = name, **arguments: Any) -> None:
            found.append((name, {key: value for key, value in arguments.items() if key not in {"signal", "sender"}}))

        signal.connect(receive, weak=False)
        receivers.append((signal, receive))
    yield found
    for signal, receive in receivers:
        signal.disconnect(receive)


@pytest.mark.django_db(transaction=True)
def test_each_change_is_told_once_after_its_commit(mirror: Mirror, heard: list[tuple[str, dict[str, Any]]]) -> None:
    uuids = [item["uuid"] for item in mirror.listed()[:3]]
    fresh = mirror.catalogue.add_video(name="Fresh")
    mirror.catalogue.edit_video(uuids[0], name="Edited")
    mirror.catalogue.set_tags(uuids[1], ["one"])
    mirror.catalogue.hide(uuids[2])
    mirror.sync(full=True)
    told = {(name, str(facts["uuid"])): facts for name, facts in heard if "uuid" in facts}
    assert ("video_created", fresh) in told
    assert "name" in told["video_updated", uuids[0]]["changed"]
    assert "tags" in told["video_updated", uuids[1]]["changed"]
    assert told["video_removed", uuids[2]] == {
        "video_id": mirror.row(uuids[2]).pk,
        "uuid": mirror.row(uuids[2]).uuid,
        "reason": "private",
    }
    assert ("sync_finished", {"instance_id": mirror.instance.pk, "error": ""}) in heard
    heard.clear()
    mirror.catalogue.publish(uuids[2])
    mirror.sync()
    assert [name for name, facts in heard if str(facts.get("uuid")) == uuids[2] and name == "video_restored"] == [
        "video_restored"
    ]


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_fails_stops_nothing(mirror: Mirror) -> None:
    def fail(**_arguments: Any) -> None:
        raise ValueError("no")

    signals.video_created.connect(fail, weak=False)
    try:
        mirror.catalogue.add_video(name="Fresh")
        assert mirror.sync().errors == []
    finally:
        signals.video_created.disconnect(fail)
    assert mirror.differences() == ""
