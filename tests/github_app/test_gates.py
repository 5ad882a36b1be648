"""Gates and the one check that shows them."""

from __future__ import annotations

from github_app.gates import (
    Conclusion,
    Gate,
    GateState,
    all_passed,
    pipeline_check,
    promotion_check,
    table,
)
from plugin.pipeline_file import Mistake
from tests.github_app.shop import at

PASSED = Gate("upstream", GateState.PASSED, "verified in dev")
WAITING = Gate("upstream", GateState.WAITING, "brave-otter soaks in dev", at(40))
FAILED = Gate("hold", GateState.FAILED, "held by @gina: freeze")


def test_a_check_is_as_bad_as_its_worst_gate() -> None:
    assert promotion_check([PASSED]).conclusion is Conclusion.SUCCESS
    assert promotion_check([PASSED, WAITING]).conclusion is Conclusion.WAITING
    assert promotion_check([WAITING, FAILED]).conclusion is Conclusion.ACTION_REQUIRED
    assert all_passed([PASSED])
    assert not all_passed([PASSED, WAITING])


def test_titles_say_what_is_missing() -> None:
    assert promotion_check([PASSED]).title == "Ready to promote"
    assert promotion_check([PASSED, WAITING]).title == "Waiting for upstream"
    assert promotion_check([FAILED]).title == "hold: held by @gina: freeze"
    long = Gate("pins", GateState.FAILED, "x" * 1000)
    assert len(promotion_check([long]).title) == 250


def test_rows_name_the_moment_and_mention_nobody() -> None:
    assert table([WAITING, FAILED]).splitlines()[2:] == [
        "| ⏳ waiting | upstream | brave-otter soaks in dev (until 2026-01-01T00:40:00Z) |",
        "| ❌ failed | hold | held by `@gina:` freeze |",
    ]


def test_the_key_changes_with_everything_people_see() -> None:
    keys = {promotion_check(gates).key for gates in ([PASSED], [WAITING], [FAILED], [])}
    assert len(keys) == 4
    later = Gate("upstream", GateState.WAITING, WAITING.text, at(41))
    assert promotion_check([later]).key != promotion_check([WAITING]).key
    assert promotion_check([PASSED]).key == promotion_check([PASSED]).key


def test_mistakes_become_annotations_fifty_at_most() -> None:
    mistakes = [Mistake("towline.yaml", one, 1, "unknown key 'x'", "drop it") for one in range(60)]
    check = pipeline_check(["towline.yaml"], mistakes)
    assert check.conclusion is Conclusion.FAILURE
    assert check.title == "60 mistakes in the pipeline file"
    assert len(check.annotations) == 50
    assert "nothing of this project is promoted until it is mended" in check.summary
    proposed = pipeline_check(["towline.yaml"], mistakes, merged=False)
    assert "merging this stops the project until it is mended" in proposed.summary
    assert pipeline_check(["towline.yaml"], mistakes[:1]).title == "1 mistake in the pipeline file"
    assert pipeline_check(["towline.yaml"], []).conclusion is Conclusion.SUCCESS
