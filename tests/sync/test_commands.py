"""The commands as a person or a script runs them."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from peertube_sync.models import Instance, Source
from peertube_sync.testing import Fault, Sandbox


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
class TestCommands:
    def test_add_says_what_it_recognised_and_what_it_costs(self, peertube_sandbox: Sandbox) -> None:
        text = run("peertube_add", peertube_sandbox.url)
        assert f"Instance {peertube_sandbox.host}" in text
        assert "40 videos" in text
        assert "the list, which fills the pages with videos: 1 request, about 0:00:0" in text
        assert "with details, captions and chapters: 121 requests, about 0:00:" in text
        assert "was added before" in run("peertube_add", peertube_sandbox.url)

    def test_add_goes_on_after_what_it_can_not_add_and_fails_at_the_end(self, peertube_sandbox: Sandbox) -> None:
        with pytest.raises(CommandError, match="not a host"):
            run("peertube_add", "not a host", peertube_sandbox.url)
        assert Source.objects.count() == 1

    def test_add_in_json(self, peertube_sandbox: Sandbox) -> None:
        found = json.loads(run("peertube_add", peertube_sandbox.url, "--json"))
        assert (found["kind"], found["videos"], found["added"], found["error"]) == ("instance", 40, True, "")

    def test_sync_and_status_in_json(self, peertube_sandbox: Sandbox) -> None:
        run("peertube_add", peertube_sandbox.url)
        lines = run("peertube_sync", "--json").splitlines()
        totals = json.loads(lines[0])
        assert len(lines) == 1
        assert {
            "videos",
            "created",
            "updated",
            "unchanged",
            "removed",
            "skipped",
            "requests",
            "rate_limited",
        } <= totals.keys()
        assert {"waited_seconds", "seconds", "errors"} <= totals.keys()
        assert (totals["videos"], totals["created"]) == (40, 40)
        found = json.loads(run("peertube_status", "--json"))[0]
        assert (found["remote_total"], found["mirrored"], found["with_details"]) == (40, 40, 40)
        assert (found["state"], found["last_error"]) == ("active", "")
        assert found["lag_seconds"] < 60

    def test_sync_and_status_for_people(self, peertube_sandbox: Sandbox) -> None:
        assert "No source yet" in run("peertube_status")
        run("peertube_add", peertube_sandbox.url)
        assert "40 created" in run("peertube_sync", peertube_sandbox.url).replace("videos created", "created")
        assert peertube_sandbox.host in run("peertube_status")

    def test_status_of_some_hosts(self, peertube_sandbox: Sandbox) -> None:
        run("peertube_add", peertube_sandbox.url)
        other = Instance.objects.create(host="other.example")
        Source.objects.create(instance=other, kind="instance")
        assert len(json.loads(run("peertube_status", "--json"))) == 2
        (found,) = json.loads(run("peertube_status", "--json", "other.example"))
        assert found["host"] == "other.example"
        assert peertube_sandbox.host not in run("peertube_status", "https://other.example")
        other.sources.all().delete()
        assert "peertube_add other.example" in run("peertube_status", "other.example")
        with pytest.raises(CommandError, match=r"peertube_add nobody\.example"):
            run("peertube_status", "nobody.example")

    def test_sync_of_a_host_that_is_not_mirrored_says_how_to_add_it(self) -> None:
        with pytest.raises(CommandError, match=r"peertube_add video\.example"):
            run("peertube_sync", "video.example")

    def test_sync_fails_when_a_host_fails(self, peertube_sandbox: Sandbox) -> None:
        run("peertube_add", peertube_sandbox.url)
        peertube_sandbox.catalogue.videos.clear()
        peertube_sandbox.faults.add(Fault("html", "", times=None, status=403))
        with pytest.raises(CommandError, match=peertube_sandbox.host):
            run("peertube_sync")
