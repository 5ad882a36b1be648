"""Whether a merge brought what its promotion said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_app.picture import LinePicture
from github_app.pulls import PullState
from github_app.rules.reading_back import AsPromoted, Differs, promotion_of, read_back
from plugin.holding import Empty, Unmanaged, Unreadable
from tests.github_app.shop import A, B, line, pull

MERGED = replace(pull("dev"), state=PullState.MERGED, merge_commit="merge-dev")


def promoted() -> LinePicture:
    return replace(line("dev", B), last=MERGED, brought=MERGED, last_freight=B.id)


def test_what_was_carried_is_there() -> None:
    assert read_back(promoted()) == AsPromoted()
    assert promotion_of(promoted()) == (MERGED, promoted().stays[0])


def test_what_came_otherwise_is_no_promotion() -> None:
    assert promotion_of(replace(promoted(), brought=None)) is None
    assert promotion_of(line("dev")) is None


def test_other_freight_than_was_carried_is_said() -> None:
    found = read_back(replace(promoted(), last_freight=A.id))
    assert found == Differs((f"{A.alias} was carried, and {B.alias} is there",))


def test_a_later_pull_request_s_freight_says_nothing_of_the_merge() -> None:
    closed = replace(pull("dev", number=2), state=PullState.CLOSED)
    assert read_back(replace(promoted(), last=closed, last_freight=A.id)) == AsPromoted()


def test_without_the_branch_s_commit_pins_and_record_must_agree() -> None:
    assert read_back(replace(promoted(), last_freight=None)) == AsPromoted()


@pytest.mark.parametrize(
    ("there", "reasons"),
    [
        (Unmanaged(None, (), ("web.yaml: 9.9.9",)), ("web.yaml: 9.9.9",)),
        (Unreadable(("no YAML",)), ("no YAML",)),
        (Empty(), ("its record is not there",)),
    ],
)
def test_what_does_not_agree_is_said(
    there: Unmanaged | Unreadable | Empty, reasons: tuple[str, ...]
) -> None:
    assert read_back(replace(promoted(), holding=there)) == Differs(reasons)
