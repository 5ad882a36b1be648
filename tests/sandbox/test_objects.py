"""Loose objects and trees: what is written here, Git reads, and the other way round."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from github_app.sandbox.git_store import GitStore, RefMove, Stale
from github_app.sandbox.objects import (
    DIRECTORY,
    EXECUTABLE,
    REGULAR,
    Entry,
    Signature,
    commit_bytes,
    parse_commit,
    parse_signature,
    signed_commit_bytes,
)
from github_app.sandbox.trees import Leaf, edited, entry_at, walk, with_files

WHO = Signature("Ann O'Nym", "ann@example.org", datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def git(tmp_path: Path) -> GitStore:
    return GitStore(tmp_path / "repo.git")


def committed(git: GitStore, tree: str, *parents: str, message: str = "m\n") -> str:
    return git.write("commit", commit_bytes(tree, parents, WHO, WHO, message))


def test_git_reads_what_was_written(git: GitStore) -> None:
    tree = with_files(git, None, {"a/b": b"1\n", "a.c": "2\n", "ä": b"\x00\xff"})
    sha = committed(git, tree)
    git.move([RefMove("refs/heads/main", None, sha)])
    assert git.git("show", "main:a/b").stdout == b"1\n"
    assert git.git("fsck", "--strict", "--full").returncode == 0
    listed = git.git("ls-tree", "-r", "--name-only", "main").stdout.decode().split()
    assert listed == ["a.c", "a/b", "ä"]


def test_packed_objects_are_read_too(git: GitStore) -> None:
    sha = committed(git, with_files(git, None, {"a": "1"}))
    git.move([RefMove("refs/heads/main", None, sha)])
    git.git("repack", "-adq")
    found = GitStore(git.path).commit(sha)
    assert found is not None
    assert found.message == "m\n"
    assert git.read("1" * 40) is None


def test_a_signed_commit_keeps_its_signed_part(git: GitStore) -> None:
    unsigned = commit_bytes("4b825dc642cb6eb9a060e54bf8d69288fbee4904", (), WHO, WHO, "m\n\nb")
    signed = signed_commit_bytes(unsigned, "-----BEGIN\n\nabc\n-----END")
    commit = parse_commit("1" * 40, signed)
    assert commit.gpgsig == "-----BEGIN\n\nabc\n-----END"
    assert commit.signed_part == unsigned
    assert commit.message == "m\n\nb"


def test_time_zones_survive() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    line = Signature("A", "a@b", at).line()
    assert line.endswith("-0330")
    assert parse_signature(line).at == at


def test_trees_are_edited_by_path(git: GitStore) -> None:
    run = git.write("blob", b"#!/bin/sh\n")
    base = git.write_tree([Entry(EXECUTABLE, "run", run)])
    tree = with_files(git, base, {"run": b"changed", "a/b/c": b"1", "a/d": b"2"})
    entry = entry_at(git, tree, "run")
    assert entry is not None
    assert entry.mode == EXECUTABLE
    gone = edited(git, tree, {"a/b/c": None})
    assert gone is not None
    assert [path for path, _ in walk(git, gone)] == ["a", "a/d", "run"]
    assert edited(git, base, {"run": None}) is None


def test_a_file_can_take_a_directorys_place(git: GitStore) -> None:
    tree = with_files(git, None, {"a/b": b"1"})
    blob = git.write("blob", b"2")
    new = edited(git, tree, {"a": Leaf(REGULAR, blob)})
    assert new is not None
    assert [(p, e.mode) for p, e in walk(git, new)] == [("a", REGULAR)]
    back = with_files(git, new, {"a/c": b"3"})
    assert [(p, e.mode) for p, e in walk(git, back)] == [("a", DIRECTORY), ("a/c", REGULAR)]


def test_refs_are_swapped_together(git: GitStore) -> None:
    one = committed(git, with_files(git, None, {"a": "1"}))
    two = committed(git, with_files(git, None, {"a": "2"}), one)
    git.move([RefMove("refs/heads/a", None, one), RefMove("refs/heads/b", None, one)])
    moves = [RefMove("refs/heads/a", one, two), RefMove("refs/heads/b", two, one)]
    with pytest.raises(Stale):
        git.move(moves)
    assert git.branches() == {"a": one, "b": one}
    git.move([RefMove("refs/heads/a", one, None)])
    assert git.branches() == {"b": one}


def test_differences(git: GitStore) -> None:
    text = "".join(f"{n}\n" for n in range(20))
    old = with_files(git, None, {"keep": "1", "old": text, "edit": "a\nb\n", "bin": b"\0"})
    new = with_files(git, old, {"old": None, "new": text, "edit": "a\nc\n", "bin": b"\0\1"})
    found = {change.path: change for change in git.changes(old, new)}
    assert {path: c.status for path, c in found.items()} == {
        "bin": "modified",
        "edit": "modified",
        "new": "renamed",
    }
    assert found["new"].previous == "old"
    assert found["bin"].patch is None
    edit = found["edit"]
    assert (edit.additions, edit.deletions) == (1, 1)
    assert edit.patch is not None
    assert edit.patch.startswith("@@ -1,2 +1,2 @@")
    removed = git.changes(new, git.write_tree([]))
    assert {change.status for change in removed} == {"removed"}
