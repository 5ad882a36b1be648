"""After the story each change of a pull request is one sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from github_app.sandbox.demo.watching import changes
from github_app.sandbox.state import PullRequest

AT = datetime(2026, 1, 1, tzinfo=UTC)
OPEN = PullRequest(
    id=1,
    number=5,
    repository="acme/shop",
    title="Promote web",
    body="",
    head_ref="towline/shop/dev/web",
    head_sha="a" * 40,
    base_ref="main",
    base_sha="b" * 40,
    author="towline[bot]",
    created_at=AT,
    updated_at=AT,
)
CLOSED = replace(OPEN, state="closed", closed_by="alice", closed_at=AT)
MERGED = replace(CLOSED, merged_at=AT, merged_by="alice")
MOVED = replace(OPEN, head_sha="c" * 40)


def told(before: PullRequest | None, now: PullRequest) -> list[str]:
    was = {5: before} if before else {}
    return [text for _, text in changes(was, {5: now})]


def test_each_change_has_its_sentence() -> None:
    assert told(None, OPEN) == ["#5 is opened: Promote web"]
    assert told(OPEN, MOVED) == ["#5 is updated: Promote web"]
    assert told(OPEN, CLOSED) == ["#5 is closed by alice: Promote web"]
    assert told(CLOSED, OPEN) == ["#5 is reopened: Promote web"]
    assert told(OPEN, MERGED) == ["#5 is merged by alice: Promote web"]
    assert told(None, MERGED) == ["#5 is merged by alice: Promote web"]


def test_what_stays_is_not_told() -> None:
    assert told(OPEN, OPEN) == told(MERGED, MERGED) == []
    assert told(MERGED, replace(MERGED, title="Another")) == []


def test_the_oldest_comes_first() -> None:
    two = {7: replace(OPEN, number=7), 5: OPEN}
    assert [number for number, _ in changes({}, two)] == [5, 7]
