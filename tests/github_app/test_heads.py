"""Whether everything on a promotion's branch is ours."""

from __future__ import annotations

import pytest

from github_app.github.pull_facts import Made
from github_app.heads import head_of_line
from github_app.picture import Head
from plugin.record import write_record
from tests.github_app.commits import Commits
from tests.github_app.shop import A, record

PATH = "stages/dev/.freight/web.yaml"
RECORD = write_record(record(A, "dev"))


def git() -> Commits:
    """A base of two commits and, on the first, a promotion."""
    made = Commits()
    made.add("one", (), a="1")
    made.add("two", ("one",), a="1", b="2")
    made.add("ours", ("one",), a="1", stages__dev__kustomization="new")
    made.trees["ours"][PATH] = RECORD
    return made


def head(made: Commits, tip: str, *ours: str, who: str = "bob") -> Head:
    commits = {oid: Made(oid, oid in ours, "towline" if oid in ours else who) for oid in made.trees}
    return head_of_line(made, "two", commits[tip], commits, PATH)


def test_one_commit_of_ours_is_ours() -> None:
    found = head(git(), "ours", "ours")
    assert (found.oid, found.on, found.freight, found.ours) == ("ours", "one", A, True)
    assert found.files == {"stages/dev/kustomization": "new", PATH: RECORD}


def test_a_branch_at_the_base_carries_nothing() -> None:
    assert head(git(), "one", "ours") == Head("one", "one", None, {}, True)


def test_a_commit_that_github_did_not_sign_for_us_is_somebody_s() -> None:
    found = head(git(), "ours")
    assert (found.ours, found.who) == (False, "bob")


def test_a_commit_on_top_or_below_is_somebody_s() -> None:
    on_top = git()
    on_top.add("more", ("ours",), a="1", notes="x")
    assert head(on_top, "more", "ours").who == "bob"
    below = Commits()
    below.add("one", (), a="1")
    below.add("two", ("one",), a="1", b="2")
    below.add("theirs", ("one",), a="evil")
    below.add("ours", ("theirs",), a="evil", c="3")
    assert not head(below, "ours", "ours").ours


def updated(tree: dict[str, str]) -> Commits:
    """GitHub's *Update branch*: the base merged into the promotion, in a person's name."""
    made = git()
    made.parents_of["merge"] = ("ours", "two")
    made.trees["merge"] = tree
    return made


def test_merging_the_base_adds_nothing_foreign() -> None:
    made = updated({**git().trees["ours"], "b": "2"})
    found = head(made, "merge", "ours")
    assert (found.ours, found.on, found.freight) == (True, "two", A)


def test_a_merge_that_adds_something_is_somebody_s() -> None:
    made = updated({**git().trees["ours"], "b": "2", "evil": "x"})
    assert not head(made, "merge", "ours").ours


def test_a_branch_without_common_history_is_somebody_s() -> None:
    made = git()
    made.add("elsewhere", (), z="1")
    found = head(made, "elsewhere", "elsewhere")
    assert (found.ours, found.files) == (False, {})


@pytest.mark.parametrize("text", ["not a record", "format: 9\n"])
def test_a_record_that_cannot_be_read_is_no_freight(text: str) -> None:
    made = git()
    made.trees["ours"][PATH] = text
    assert head(made, "ours", "ours").freight is None


def test_what_is_too_large_to_read_counts_as_changed() -> None:
    made = git()
    made.trees["ours"]["big"] = "B" * 10
    made.too_large.add("B" * 10)
    assert head(made, "ours", "ours").files["big"] == ""


def test_files_from_elsewhere_may_come_without_a_change_of_the_record() -> None:
    made = Commits()
    made.add("two", (), **{PATH: RECORD, "base/a": "1"})
    made.add("ours", ("two",), **{PATH: RECORD, "base/a": "2"})
    made.add("without", ("two",), **{"base/a": "2"})
    commits = {oid: Made(oid, True, "towline") for oid in made.trees}
    found = head_of_line(made, "two", commits["ours"], commits, PATH, brings=True)
    assert (found.freight, dict(found.files)) == (A, {"base/a": "2"})
    assert head_of_line(made, "two", commits["ours"], commits, PATH).freight is None
    gone = head_of_line(made, "two", commits["without"], commits, PATH, brings=True)
    assert gone.freight is None
