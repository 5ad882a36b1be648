"""What the check run `towline/diff` says, whatever is in the manifests."""

from __future__ import annotations

import re

import pytest

from github_app.difference.check import (
    NOTHING_TO_RENDER,
    SHOWN_ON_PULL_REQUESTS,
    difference_check,
    gate_of,
)
from github_app.difference.compare import compared, of_new
from github_app.difference.values import Unrendered, Why
from github_app.gates import Check, Conclusion, GateState
from tests.github_app.difference.printed import config, deployment, manifests

# Each of summary and text.
# https://docs.github.com/rest/checks/runs#create-a-check-run
_GITHUB_TAKES = 65_535


def check_of(before: bytes, after: bytes) -> Check:
    """The check of a difference, which GitHub takes."""
    check = difference_check(compared(before, after))
    assert len(check.summary.encode()) < _GITHUB_TAKES
    assert len(check.text.encode()) < _GITHUB_TAKES
    return check


def test_counts_come_first_then_names_sums_and_differences() -> None:
    before = manifests(config("gone", a="1"), deployment())
    after = manifests(config("come", a="1"), deployment(tag="2"))
    check = check_of(before, after)
    assert check.name == "towline/diff"
    assert check.conclusion is Conclusion.SUCCESS
    assert check.title == "1 removed, 1 changed, 1 added, 1 restart"
    assert check.summary.startswith("**1 removed, 1 changed, 1 added, 1 restart**, 0 resources")
    assert "* removed: `ConfigMap shop/gone`" in check.summary
    assert "* changed, its pods restart: `Deployment shop/web`" in check.summary
    for digest in (compared(before, after).base_sha256, compared(before, after).sha256):
        assert digest in check.summary
    assert "#### removed: `ConfigMap shop/gone`\n\n```diff\n-apiVersion: v1\n" in check.text


def test_nothing_that_changes_is_said() -> None:
    check = check_of(manifests(deployment()), manifests(deployment()))
    assert check.title == "Nothing changes in the manifests"
    assert check.text == ""


def test_the_same_difference_has_the_same_key() -> None:
    before, after = manifests(deployment()), manifests(deployment(tag="2"))
    assert check_of(before, after).key == check_of(before, after).key
    assert check_of(before, after).key != check_of(after, before).key


def test_what_is_too_long_is_named_and_counted() -> None:
    large = {f"key{number}": "x" * 90 for number in range(700)}
    before = manifests(*(config(f"c{n}", a="1") for n in range(2000)), config("big"))
    after = manifests(*(config(f"c{n}", a="2") for n in range(2000)), config("big", **large))
    check = check_of(before, after)
    assert check.title == "2,001 changed"
    assert "Not shown below" in check.summary
    named = len(re.findall(r"^\* changed: ", check.summary, re.MULTILINE))
    mores = [
        int(one.replace(",", ""))
        for one in re.findall(r"^\* ([\d,]+) more", check.summary, re.MULTILINE)
    ]
    assert named + sum(mores) == 2001
    assert check.text.count("```diff") > 100


def test_no_fence_in_a_value_ends_ours() -> None:
    hostile = config("x", a="|-\n    ```\n    ````\n    # <img src=x> @everyone [x](javascript:1)")
    check = check_of(b"", manifests(hostile))
    fence = re.search(r"^(`+)diff$", check.text, re.MULTILINE)
    assert fence
    assert len(fence[1]) > 4
    assert check.text.endswith(fence[1])
    assert len(re.findall(rf"^{fence[1]}", check.text, re.MULTILINE)) == 2


def test_what_nobody_sees_becomes_visible() -> None:
    check = check_of(b"", manifests(config("x", a='"\u202eevil\u200b\u2066"', b="caf\u00e9")))
    assert "<U+202E>evil<U+200B><U+2066>" in check.text
    assert "caf\u00e9" in check.text


def test_hostile_names_stay_in_their_code_span() -> None:
    name = "x`](javascript:alert(1)) --> @all | <b>"
    check = check_of(b"", b"---\nkind: X\nmetadata: {name: '%b'}\n" % name.encode())
    assert "``X x`](javascript:alert(1)) --> @all \\| <b>``" in check.summary


def test_names_without_end_leave_room_for_the_rest() -> None:
    every = (config(f"{'é' * 300}{number}", a="1") for number in range(400))
    check = check_of(b"", manifests(*every))
    assert "| merge result |" in check.summary


def test_a_base_that_fails_is_told_with_its_words() -> None:
    check = difference_check(of_new(manifests(deployment()), "web: kustomize refused: ```no```"))
    assert check.conclusion is Conclusion.SUCCESS
    assert "````\nweb: kustomize refused: ```no```\n````" in check.summary
    assert "| base |" not in check.summary


@pytest.mark.parametrize(
    ("why", "conclusion"),
    [
        (Why.FAILED, Conclusion.FAILURE),
        (Why.BOTH, Conclusion.NEUTRAL),
        (Why.UNABLE, Conclusion.NEUTRAL),
        (Why.LATER, Conclusion.WAITING),
    ],
)
def test_what_cannot_be_rendered_says_so(why: Why, conclusion: Conclusion) -> None:
    check = difference_check(Unrendered(why, "stages/dev: kustomize refused: \x1b[31mno such file"))
    assert check.conclusion is conclusion
    assert (why is Why.LATER) or "kustomize refused: <U+001B>[31mno such file" in check.summary


def test_only_a_promotion_that_breaks_the_render_blocks_it() -> None:
    gate = gate_of(Unrendered(Why.FAILED, "stages/dev: kustomize refused: x\nand more"))
    assert gate is not None
    assert gate.state is GateState.FAILED
    assert gate.text == "the merge result cannot be rendered: stages/dev: kustomize refused: x"
    waiting = gate_of(Unrendered(Why.LATER))
    assert waiting is not None
    assert waiting.state is GateState.WAITING
    assert gate_of(Unrendered(Why.BOTH, "x")) is None
    assert gate_of(Unrendered(Why.UNABLE, "x")) is None
    assert gate_of(compared(b"", b"")) is None


def test_other_peoples_pull_requests_pass() -> None:
    assert NOTHING_TO_RENDER.conclusion is Conclusion.SUCCESS
    assert NOTHING_TO_RENDER.name == "towline/diff"


def test_groups_of_a_merge_queue_pass() -> None:
    assert SHOWN_ON_PULL_REQUESTS.conclusion is Conclusion.SUCCESS
    assert SHOWN_ON_PULL_REQUESTS.name == "towline/diff"
