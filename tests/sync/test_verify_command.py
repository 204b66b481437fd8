"""`peertube_verify`: what it prints, and when it fails."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from peertube_sync.models import Source, SourceState
from tests.support.mirror import Mirror, any_row
from tests.support.sandboxes import VIDEOS

pytestmark = pytest.mark.one_database


class TestCommand:
    def run(self, *arguments: str) -> tuple[str, str]:
        out = StringIO()
        try:
            call_command("peertube_verify", *arguments, stdout=out)
        except CommandError as error:
            return out.getvalue(), str(error)
        return out.getvalue(), ""

    def test_equal(self, mirror: Mirror) -> None:
        out, error = self.run(mirror.sandbox.host, "--sample", "3")
        assert f"{VIDEOS} videos compared, 3 of them with details: 0 missing, 0 ghosts, 0 differing" in out
        assert error == ""

    def test_differences_are_printed_and_fail_it(self, mirror: Mirror) -> None:
        row = any_row(name="Another name")
        out, error = self.run(mirror.sandbox.url, "--sample", "0")
        assert out.splitlines()[0].startswith(f"differs: video {row.uuid} name: held 'Another name'")
        assert "not equal to its source" in error

    def test_json_is_one_line(self, mirror: Mirror) -> None:
        row = any_row(name="Another name")
        out, error = self.run(mirror.sandbox.host, "--all", "--json")
        assert len(out.splitlines()) == 1
        found = json.loads(out)
        assert {"host", "checked", "details_checked", "missing", "ghosts", "differing", "requests"} <= found.keys()
        assert (found["details_checked"], found["differing"], found["error"]) == (VIDEOS, 1, "")
        assert found["seconds"] > 0
        assert found["differences"][0] | {"published": ""} == {
            "kind": "differs",
            "what": "video",
            "key": str(row.uuid),
            "field": "name",
            "held": "'Another name'",
            "published": "",
            "reason": "",
        }
        assert error

    def test_an_audit_that_is_not_complete_fails_it(self, mirror: Mirror) -> None:
        Source.objects.update(state=SourceState.PAUSED)
        out, error = self.run(mirror.sandbox.host, "--json")
        assert json.loads(out)["error"] in error
        assert "not complete" in error

    @pytest.mark.parametrize("arguments", [("video.example",), ("video.example", "--sample", "many")])
    def test_what_it_can_not_do_it_says(self, db: None, arguments: tuple[str, ...]) -> None:
        out, error = self.run(*arguments)
        assert out == ""
        assert "peertube_add video.example" in error or "not a number of videos" in error

    def test_status_shows_the_last_audit_coverage_and_lag(self, mirror: Mirror) -> None:
        out = StringIO()
        call_command("peertube_status", "--json", stdout=out)
        assert json.loads(out.getvalue())[0]["audited_at"] is None
        any_row().delete()
        self.run(mirror.sandbox.host, "--sample", "0")
        out = StringIO()
        source = mirror.source
        least = timezone.now() - max(source.head_at, source.sweep_at)  # type: ignore[type-var]
        call_command("peertube_status", "--json", stdout=out)
        most = timezone.now() - max(source.head_at, source.sweep_at)  # type: ignore[type-var]
        found = json.loads(out.getvalue())[0]
        assert (found["audit_differences"], found["coverage"]) == (1, round((VIDEOS - 1) / VIDEOS, 4))
        assert found["audited_at"] == mirror.instance.audited_at.isoformat()  # type: ignore[union-attr]
        assert least <= timedelta(seconds=found["lag_seconds"]) <= most
        out = StringIO()
        call_command("peertube_status", stdout=out)
        assert "1 difference " in out.getvalue()
        assert f"{(VIDEOS - 1) / VIDEOS:.1%}" in out.getvalue()
