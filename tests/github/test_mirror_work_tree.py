"""A commit's files on disk: exactly its tree, whatever stood there before."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from github_app.github.calls import CallCounter
from github_app.github.mirror import Mirrors
from github_app.github.mirror.work_tree import WorkTree
from plugin.errors import Refusal, Temporary
from tests.github.git_server import git


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    place = tmp_path / "data" / "1.git"
    place.mkdir(parents=True)
    git(place, "init", "--quiet", "--bare")
    return place


@pytest.fixture
def work_tree(bare: Path, tmp_path: Path) -> Iterator[WorkTree]:
    mirrors = Mirrors(tmp_path / "data", CallCounter(), {"PATH": os.environ["PATH"]})
    yield mirrors.of(1).work_tree(tmp_path / "tree")
    mirrors.close()


def commit(bare: Path, files: Mapping[str, bytes | tuple[str, str]]) -> str:
    """A commit of files: bytes, or (mode, object) outright."""
    index = {"GIT_INDEX_FILE": str(bare / "test-index")}
    lines = b""
    for path, value in files.items():
        mode, oid = ("100644", _blob(bare, value)) if isinstance(value, bytes) else value
        lines += f"{mode} {oid}\t{path}\0".encode()
    Path(index["GIT_INDEX_FILE"]).unlink(missing_ok=True)
    git(bare, "update-index", "-z", "--index-info", data=lines, more=index)
    tree = git(bare, "write-tree", more=index)
    return git(bare, "commit-tree", tree, "-m", "Say something", at=1_700_000_000)


def _blob(bare: Path, content: bytes) -> str:
    return git(bare, "hash-object", "-w", "--stdin", data=content)


def found(tree: WorkTree) -> dict[str, bytes | str]:
    """Every file with its bytes, every link with its target."""
    every: dict[str, bytes | str] = {}
    for one in sorted(tree.files.rglob("*")):
        path = str(one.relative_to(tree.files))
        if one.is_symlink():
            every[path] = str(one.readlink())
        elif one.is_file():
            every[path] = one.read_bytes()
    return every


def show(tree: WorkTree, oid: str, files: Mapping[str, bytes | None] | None = None) -> None:
    tree.show(tree.laid_over(oid, files or {}))


def test_one_commit_after_another(bare: Path, work_tree: WorkTree) -> None:
    first = commit(bare, {"a/x": b"1", "b": b"same", "c/d/e": b"2"})
    second = commit(bare, {"a": b"a file now", "b": b"same", "c/d/f": b"3\r\n\0"})
    for _ in range(2):
        show(work_tree, first)
        assert found(work_tree) == {"a/x": b"1", "b": b"same", "c/d/e": b"2"}
        show(work_tree, second)
        assert found(work_tree) == {"a": b"a file now", "b": b"same", "c/d/f": b"3\r\n\0"}


def test_files_are_laid_over_and_taken_off_again(bare: Path, work_tree: WorkTree) -> None:
    oid = commit(bare, {"a/x": b"1", "a/y": b"2", "b": b"3"})
    odd = 'd/new\n"line" é'
    show(work_tree, oid, {"a/x": b"new\xff", "a/y": None, odd: b"", "b/c": b"below"})
    assert found(work_tree) == {"a/x": b"new\xff", odd: b"", "b/c": b"below"}
    show(work_tree, oid)
    assert found(work_tree) == {"a/x": b"1", "a/y": b"2", "b": b"3"}


def test_equal_trees_have_equal_names(bare: Path, work_tree: WorkTree) -> None:
    one, other = commit(bare, {"a": b"1", "b": b"2"}), commit(bare, {"a": b"0", "b": b"2"})
    assert work_tree.laid_over(other, {"a": b"1"}) == work_tree.laid_over(one, {})


def test_what_somebody_changed_there_is_put_right(bare: Path, work_tree: WorkTree) -> None:
    oid = commit(bare, {"a": b"1", "b/c": b"2"})
    show(work_tree, oid)
    (work_tree.files / "a").write_bytes(b"!")
    (work_tree.files / "b" / "c").unlink()
    show(work_tree, oid)
    assert found(work_tree) == {"a": b"1", "b/c": b"2"}


def test_a_killed_git_leaves_a_lock_and_nothing_is_lost(bare: Path, work_tree: WorkTree) -> None:
    oid = commit(bare, {"a": b"1"})
    show(work_tree, oid)
    (work_tree.files.parent / "git" / "index.lock").touch()
    show(work_tree, oid, {"a": b"2"})
    assert found(work_tree) == {"a": b"2"}


def test_links_are_links_and_nothing_is_written_through_them(
    bare: Path, work_tree: WorkTree, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = git(bare, "hash-object", "-w", "--stdin", data=str(outside).encode())
    linked = commit(bare, {"way": ("120000", link)})
    show(work_tree, linked)
    assert found(work_tree) == {"way": str(outside)}
    show(work_tree, commit(bare, {"way/file": b"1"}))
    assert found(work_tree) == {"way/file": b"1"}
    show(work_tree, linked, {"way/file": b"2"})
    assert found(work_tree) == {"way/file": b"2"}
    assert list(outside.iterdir()) == []


def test_a_submodule_is_an_empty_directory(bare: Path, work_tree: WorkTree) -> None:
    show(work_tree, commit(bare, {"a": b"1", "module": ("160000", "1" * 40)}))
    assert found(work_tree) == {"a": b"1"}
    assert list((work_tree.files / "module").iterdir()) == []


@pytest.mark.parametrize("path", ["../out", "/out", ".git/config", "a/.git/hooks/x", "a//b", ""])
def test_a_path_that_is_none_is_refused(bare: Path, work_tree: WorkTree, path: str) -> None:
    oid = commit(bare, {"a": b"1"})
    with pytest.raises(Refusal):
        show(work_tree, oid, {path: b"!"})
    assert not list(work_tree.files.parent.parent.glob("out"))
    show(work_tree, oid)
    assert found(work_tree) == {"a": b"1"}


def test_filters_of_the_repository_start_nothing(bare: Path, work_tree: WorkTree) -> None:
    attributes = b"* filter=evil text eol=lf ident\n"
    show(work_tree, commit(bare, {".gitattributes": attributes, "a": b"1\n"}))
    assert found(work_tree)["a"] == b"1\n"


def test_what_was_not_fetched_is_for_later(bare: Path, work_tree: WorkTree) -> None:
    commit(bare, {"a": b"1"})
    with pytest.raises(Temporary):
        work_tree.laid_over("1" * 40, {})


def test_the_mirror_is_not_written_to(bare: Path, work_tree: WorkTree) -> None:
    oid = commit(bare, {"a": b"1"})
    before = {one for one in bare.rglob("*") if one.is_file()}
    show(work_tree, oid, {"a": b"2", "b": b"3"})
    assert {one for one in bare.rglob("*") if one.is_file()} == before
