"""What git may cost: printed bytes, time, memory and files; real commands, killed in time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.github.calls import CallCounter
from github_app.github.mirror import Mirror, Mirrors, trees
from github_app.github.mirror.bounds import MIB, Bounds, TooLong, TooMuch
from github_app.github.mirror.git import Git
from plugin.errors import Refusal
from tests.github.git_server import ENVIRONMENT, git
from tests.github.hostile_git import commit_of, tree_bomb
from tests.github.test_mirror_fetch import script


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "1.git"
    made.mkdir(parents=True)
    git(made, "init", "--quiet", "--bare", "--initial-branch=main")
    return made


@pytest.fixture
def mirror(tmp_path: Path, bare: Path) -> Iterator[Mirror]:
    made = Mirrors(tmp_path / "data", CallCounter(), {"PATH": os.environ["PATH"]})
    yield made.of(1)
    made.close()


def program(tmp_path: Path, text: str) -> Git:
    return Git(tmp_path, ENVIRONMENT, script(tmp_path / "git", text))


def test_who_prints_without_end_is_stopped(tmp_path: Path) -> None:
    talker = program(tmp_path, "yes")
    with pytest.raises(TooMuch, match="git log prints more than 2 MiB"):
        talker.run("-c", "a=b", "log", bounds=Bounds(printed=2 * MIB))


def test_only_the_last_complaints_are_kept(tmp_path: Path) -> None:
    moaner = program(tmp_path, "yes complaint | head -c 10000000 >&2; echo so much >&2; exit 1")
    ran = moaner.run("log")
    assert len(ran.complaint) <= 1 << 16
    assert ran.complaint.endswith("so much")


def test_much_may_be_asked_while_much_is_answered(tmp_path: Path) -> None:
    asked = os.urandom(1 << 20) * 5
    assert program(tmp_path, "cat").run("cat-file", data=asked).out == asked


def test_who_listens_to_nothing_is_no_obstacle(tmp_path: Path) -> None:
    ran = program(tmp_path, "exec <&-; echo done").run("cat-file", data=bytes(1 << 20))
    assert ran.out == b"done\n"


def test_silence_is_not_waited_for(tmp_path: Path) -> None:
    for silent in ("sleep 600", "exec >&- 2>&-; sleep 600"):
        with pytest.raises(TooLong, match=r"git log took longer than 0\.2 s") as late:
            program(tmp_path, silent).run("log", bounds=Bounds(seconds=0.2))
        assert late.value.after > timedelta(0)


def test_somebody_who_watches_may_end_it(tmp_path: Path) -> None:
    seen: list[str] = []

    def watch() -> None:
        seen.append("looked")
        if len(seen) == 3:
            raise TooMuch("enough")

    with pytest.raises(TooMuch, match="enough"):
        program(tmp_path, "sleep 600").run("fetch", watch=watch)


def test_git_s_own_memory_is_bounded(bare: Path, mirror: Mirror) -> None:
    one = commit_of(bare, {})
    two = commit_of(bare, {"bomb": tree_bomb(bare, 5)}, one)
    runner = Git(bare, {"PATH": os.environ["PATH"]})
    asked = ("diff-tree", "-r", "--raw", one, two)
    with pytest.raises(TooMuch, match="needs more than 16 MiB of memory"):
        runner.run(*asked, bounds=Bounds(memory=16 * MIB))
    assert runner.run(*asked).out.count(b"\n") == 100_000


def test_a_repository_of_200_000_files_is_read(bare: Path, mirror: Mirror) -> None:
    one = commit_of(bare, {})
    directory = tree_bomb(bare, 1, 1000)
    many = "".join(f"040000 tree {directory}\tteam-{at:03}\n" for at in range(200))
    two = commit_of(bare, {"apps": git(bare, "mktree", data=many.encode())}, one)
    files = mirror.tree(two)
    assert len(files) == 200_001
    assert files[-1].path == "apps/team-199/f999"
    assert len(mirror.tree(two, "apps/team-007")) == 1000
    assert len(mirror.changes(one, two)) == 200_000


def test_a_tree_of_too_many_paths_is_refused(
    bare: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = commit_of(bare, {"few": tree_bomb(bare, 1)})
    bomb = tree_bomb(bare, 7)
    two = commit_of(bare, {"few": tree_bomb(bare, 1), "bomb": bomb}, one)
    said = r"'bomb' has too many files to be read \(git ls-tree prints more than 64 MiB; at most"
    with pytest.raises(Refusal, match=said):
        mirror.tree(two, "bomb")
    assert len(mirror.tree(two, "few")) == 10
    monkeypatch.setattr(trees, "MOST_PATHS", 5)
    with pytest.raises(Refusal, match=r"'few' has too many files to be read .10; at most 5"):
        mirror.tree(two, "few")


def test_a_change_of_too_many_paths_is_refused(bare: Path, mirror: Mirror) -> None:
    one = commit_of(bare, {})
    wide = tree_bomb(bare, 1, 1000)
    many = "".join(f"040000 tree {wide}\t{'long-' * 10}{at:03}\n" for at in range(300))
    two = commit_of(bare, {"bomb": git(bare, "mktree", data=many.encode())}, one)
    with pytest.raises(Refusal, match=r"too many paths differ between .* smaller parts"):
        mirror.changes(one, two)


def test_an_object_that_is_too_large_is_refused(bare: Path, mirror: Mirror) -> None:
    head = git(bare, "cat-file", "commit", commit_of(bare, {})).encode()
    large = head + b"\n\n" + b"x" * (64 * MIB)
    oid = git(bare, "hash-object", "-t", "commit", "-w", "--stdin", data=large)
    with pytest.raises(Refusal, match="Towline reads up to 67108864"):
        mirror.commit(oid)
    assert mirror.commit(git(bare, "rev-parse", "main")).subject == "Say something"
