"""Only what the App itself committed to the ledger counts."""

from __future__ import annotations

from github_app.github.pull_facts import Made
from github_app.ledger_branch import Trusted, trusted_ledger
from tests.github_app.commits import Commits


def ours(oid: str) -> Made:
    return Made(oid, True, "towline")


def theirs(oid: str) -> Made:
    return Made(oid, False, "mallory")


def git() -> Commits:
    made = Commits()
    made.add("first", (), README="hello")
    made.add("second", ("first",), README="hello", a="1")
    made.add("evil", ("second",), README="hello", a="2", b="evil")
    made.add("third", ("evil",), README="hello", a="1", c="3")
    return made


def test_without_a_branch_the_ledger_is_empty() -> None:
    assert trusted_ledger((), git()) == Trusted()


def test_our_last_commit_is_the_ledger() -> None:
    found = trusted_ledger([ours("second"), ours("first")], git())
    assert found == Trusted({"README": "hello", "a": "1"})


def test_what_others_put_on_top_does_not_count_and_is_undone() -> None:
    found = trusted_ledger([theirs("evil"), ours("second"), ours("first")], git())
    assert found.files == {"README": "hello", "a": "1"}
    assert found.repair == {"a": "1", "b": None}
    assert found.alarm is None


def test_once_undone_it_is_history() -> None:
    found = trusted_ledger([ours("third"), theirs("evil"), ours("second")], git())
    assert found == Trusted({"README": "hello", "a": "1", "c": "3"})


def test_a_branch_we_never_wrote_is_refused() -> None:
    found = trusted_ledger([theirs("evil"), theirs("second")], git())
    assert found.files == {}
    assert found.alarm is not None
    assert "mallory" in found.alarm
    assert "nothing is promoted" in found.alarm


def test_a_ledger_too_large_to_be_read_is_refused() -> None:
    made = git()
    made.too_large.add("1")
    found = trusted_ledger([ours("second")], made)
    assert found.alarm == "a on towline-ledger is too large to be read: nothing is promoted"
