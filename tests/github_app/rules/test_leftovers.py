"""Which head branches are only left over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.actions import DeleteBranch
from github_app.picture import Head, LinePicture
from github_app.pulls import Closer, PullState
from github_app.rules.availability import Passed, Pending
from github_app.rules.decision import Decision, Promote, Waiting
from github_app.rules.leftovers import closed_head, deleted_head
from plugin.promotion import Changes
from tests.github_app.shop import A, B, at, line, pull

OID = "h" * 40
IDLE = Waiting(Pending("nothing new"))
DAY = 24 * 60


def left(
    state: PullState, closer: Closer | None = None, *, ours: bool = True, oid: str = OID
) -> LinePicture:
    """The line's last pull request was over at minute 10, and its branch is still there."""
    last = replace(pull("dev"), state=state, closed_by=closer, closed_at=at(10))
    return replace(line("dev", A), last=last, head=Head(oid, "c" * 40, B, {}, ours))


def gone(seen: LinePicture, minute: float = 11, decision: Decision = IDLE) -> bool:
    found = list(deleted_head(seen, decision, at(minute)))
    assert found in ([], [DeleteBranch("towline/shop/dev/web", OID)])
    return bool(found)


@pytest.mark.parametrize("closer", [Closer.APP, Closer.GITHUB])
def test_what_we_or_github_closed_goes(closer: Closer) -> None:
    assert gone(left(PullState.CLOSED, closer))


def test_what_was_merged_goes_whoever_committed_there() -> None:
    assert gone(left(PullState.MERGED))
    assert gone(left(PullState.MERGED, ours=False))


def test_what_a_person_closed_stays_for_a_day() -> None:
    closed = left(PullState.CLOSED, Closer.PERSON)
    assert not gone(closed)
    assert not gone(closed, DAY + 9)
    assert gone(closed, DAY + 10)


def test_somebody_s_own_commit_is_never_deleted() -> None:
    for closer in Closer:
        assert not gone(left(PullState.CLOSED, closer, ours=False), 2 * DAY)


def test_a_branch_that_went_on_since_stays() -> None:
    assert not gone(left(PullState.MERGED, oid="9" * 40))


def test_a_branch_in_use_stays() -> None:
    merged = left(PullState.MERGED)
    assert not gone(replace(merged, open=pull("dev", number=2)))
    promote = Promote(B, Changes({}, ()), Passed("verified"))
    assert not gone(merged, decision=promote)


def test_what_github_keeps_is_tried_for_a_day_only() -> None:
    assert gone(left(PullState.MERGED), DAY + 9)
    assert not gone(left(PullState.MERGED), DAY + 11)


def test_a_pull_request_that_is_closed_now_takes_its_branch_along() -> None:
    head = Head(OID, "c" * 40, B, {}, ours=True)
    seen = replace(line("dev", A), open=pull("dev"), head=head)
    assert list(closed_head(seen)) == [DeleteBranch("towline/shop/dev/web", OID)]
    assert list(closed_head(replace(seen, head=replace(head, ours=False)))) == []
    assert list(closed_head(replace(seen, head=replace(head, oid="9" * 40)))) == []
