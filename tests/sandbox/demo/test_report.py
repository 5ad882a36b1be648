"""The report says what landed, and why that is not enough."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from github_app.github.calls import Calls
from github_app.sandbox.demo.checkout import Rendered
from github_app.sandbox.demo.gitops import Scenario
from github_app.sandbox.demo.report import Landed, Report
from plugin.artifact import Image, Repository
from plugin.errors import Refusal
from plugin.freight import Freight

OLD, NEW = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
FREIGHT = Freight("web", (Image(Repository("127.0.0.1:5000", "acme/web"), "1.1.0", NEW),))


def landed(digest: str) -> Landed:
    return Landed(FREIGHT.id, 3, "c" * 40, Rendered(f"127.0.0.1:5000/acme/web@{digest}", digest))


def report(**digests: str) -> Report:
    stages = {stage: landed(digest) for stage, digest in digests.items()}
    return Report(
        FREIGHT, stages, 4, {"start": 0.12345}, Calls(rest=8, graphql=22, git=12, mints=2)
    )


def test_all_stages_at_the_last_digest_is_enough() -> None:
    assert report(dev=NEW, staging=NEW, prod=NEW).shortcomings() == ()


def test_every_stage_that_falls_short_is_named() -> None:
    assert report(dev=NEW, staging=OLD).shortcomings() == (
        f"staging: renders 127.0.0.1:5000/acme/web@{OLD}, but {NEW} was pushed last",
        "prod: no freight has landed",
    )
    assert Report().shortcomings() == ("nothing was pushed",)


@pytest.mark.parametrize("equal", [True, False])
def test_a_record_gives_what_pins_would_or_it_falls_short(equal: bool) -> None:
    found = report(dev=NEW, staging=NEW, prod=NEW)
    found.stages["prod"] = replace(
        found.stages["prod"], rendered=Rendered(f"web@{NEW}", NEW, equals_pinned=equal)
    )
    found.scenario = Scenario.RECORD
    said = "prod: its record gives other manifests than pins would"
    assert found.shortcomings() == (() if equal else (said,))
    told = found.as_json()
    assert told["scenario"] == "record"
    assert told["stages"]["prod"]["equalsPinned"] is equal
    assert "equalsPinned" not in told["stages"]["dev"]


def test_the_file_holds_what_was_found_and_no_token_minting(tmp_path: Path) -> None:
    report(dev=NEW).write(tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == {
        "scenario": "pins",
        "freight": FREIGHT.id,
        "stages": {
            "dev": {
                "freight": FREIGHT.id,
                "pullRequest": 3,
                "mergedSha": "c" * 40,
                "rendered": {"image": f"127.0.0.1:5000/acme/web@{NEW}", "digest": NEW},
            }
        },
        "pullRequests": 4,
        "seconds": {"start": 0.123},
        "githubCalls": {"rest": 8, "graphql": 22, "git": 12},
    }


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="the report cannot be written to"):
        Report().write(tmp_path / "none" / "report.json")
