"""What is said of the groups of a merge queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from github_app.actions import PostCheck
from github_app.gates import Conclusion, Gate, GateState
from github_app.picture import Queued
from github_app.pulls import PostedCheck
from github_app.rules.queue import group_checks
from tests.github_app.shop import at

READY = (Gate("upstream", GateState.PASSED, "verified"),)
SHUT = (*READY, Gate("window", GateState.WAITING, "closed", at(5)))


def queue(*numbers: int, base: str = "main") -> tuple[Queued, ...]:
    return tuple(Queued(number, f"{base}-{number}", base) for number in numbers)


def said(
    waiting: Sequence[Queued], promotions: Mapping[int, Sequence[Gate]]
) -> dict[str, Conclusion]:
    return {one.oid: one.check.conclusion for one in group_checks(waiting, promotions)}


def test_other_peoples_pull_requests_pass() -> None:
    assert said(queue(7), {}) == {"main-7": Conclusion.SUCCESS}


def test_a_promotion_that_is_not_ready_takes_everything_behind_it_along() -> None:
    waiting = queue(1, 2, 3) + queue(4, base="prod")
    assert said(waiting, {1: READY, 2: SHUT, 4: READY}) == {
        "main-1": Conclusion.SUCCESS,
        "main-2": Conclusion.FAILURE,
        "main-3": Conclusion.FAILURE,
        "prod-4": Conclusion.SUCCESS,
    }


def test_the_reason_and_the_pull_request_are_named() -> None:
    (one,) = group_checks(queue(2), {2: SHUT})
    assert one.check.title == "#2: window: closed"
    assert "Pull request #2:" in one.check.summary


def test_of_gates_that_are_not_known_nothing_is_said() -> None:
    assert said(queue(1, 2, 3), {1: READY, 2: ()}) == {"main-1": Conclusion.SUCCESS}


def test_nothing_is_posted_twice() -> None:
    (first,) = group_checks(queue(1), {1: READY})
    assert isinstance(first, PostCheck)
    posted = Queued(1, "main-1", "main", PostedCheck("CR", first.check.key))
    assert said([posted], {1: READY}) == {}
    (again,) = group_checks([posted], {1: SHUT})
    assert again.posted == posted.check
