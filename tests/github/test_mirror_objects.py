"""The mirror answers from Git objects: files, trees, commits, merges, the history of records."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from github_app.github.calls import CallCounter
from github_app.github.mirror import (
    Change,
    Conflicts,
    Entry,
    EntryKind,
    Mirror,
    Mirrors,
    RecordChange,
)
from plugin.errors import Refusal, Temporary
from tests.github.git_server import git

START = 1_700_000_000
ODD = ["a b", 'quo"te', "new\nline", "tab\t", "naïve/日本.yaml", ":(glob)x", "-x", "100644 blob"]


@dataclass
class Story:
    """A mirror whose repository is written into directly: fetching is another test's business."""

    bare: Path
    mirror: Mirror
    now: int = START
    blobs: dict[bytes, str] = field(default_factory=dict)

    def blob(self, text: bytes) -> str:
        if text not in self.blobs:
            self.blobs[text] = git(self.bare, "hash-object", "-w", "--stdin", data=text)
        return self.blobs[text]

    def tree(self, files: Mapping[str, bytes | tuple[str, str]]) -> str:
        """A tree of paths with bytes, or with (mode, object) outright."""
        index = {"GIT_INDEX_FILE": str(self.bare / "towline-test-index")}
        lines = b""
        for path, value in files.items():
            mode, oid = ("100644", self.blob(value)) if isinstance(value, bytes) else value
            lines += f"{mode} {oid}\t".encode() + os.fsencode(path) + b"\0"
        Path(index["GIT_INDEX_FILE"]).unlink(missing_ok=True)
        git(self.bare, "update-index", "-z", "--index-info", data=lines, more=index)
        return git(self.bare, "write-tree", more=index)

    def commit(
        self,
        files: Mapping[str, bytes | tuple[str, str]],
        *parents: str,
        message: str = "Say something\n\nwhy",
    ) -> str:
        self.now += 60
        flags = [word for parent in parents for word in ("-p", parent)]
        tree = self.tree(files)
        return git(self.bare, "commit-tree", tree, *flags, "-m", message, at=self.now)

    def when(self, commits: int) -> datetime:
        """The time of the n-th commit of the story."""
        return datetime.fromtimestamp(START + 60 * commits, UTC)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    mirrors = Mirrors(tmp_path / "data", CallCounter(), {"PATH": os.environ["PATH"]}, largest=1000)
    bare = tmp_path / "data" / "1.git"
    bare.mkdir()
    git(bare, "init", "--quiet", "--bare")
    yield Story(bare, mirrors.of(1))
    mirrors.close()


# Files and trees


def test_a_file_is_read_to_the_byte(story: Story) -> None:
    raw = b"\xef\xbb\xbfa: 1\r\n\0\xff\n\n"
    commit = story.commit({"stages/dev/a.yaml": raw, "empty": b""})
    assert story.mirror.read(commit, "stages/dev/a.yaml") == raw
    assert story.mirror.read(commit, "empty") == b""
    assert story.mirror.blob(story.blob(raw)) == raw


@pytest.mark.parametrize("path", ["none", "stages/none", "stages/dev/a/b", "../a", "/a", "a/", ""])
def test_nothing_at_a_path_is_none(story: Story, path: str) -> None:
    commit = story.commit({"stages/dev/a": b"1", "a": b"2"})
    assert story.mirror.read_many(commit, ["a", path or "none"])["a"] == b"2"
    assert story.mirror.read(commit, path) is None


def test_odd_paths_are_only_paths(story: Story) -> None:
    files = {path: f"{at}".encode() for at, path in enumerate(ODD)}
    commit = story.commit({**files, "under/new\nline": b"deep"})
    assert story.mirror.read_many(commit, ODD) == files
    found = {entry.path: entry for entry in story.mirror.tree(commit)}
    assert set(found) == {*ODD, "under/new\nline"}
    assert story.mirror.tree(commit, "under") == (
        Entry("under/new\nline", EntryKind.FILE, story.blob(b"deep")),
    )


def test_a_path_that_is_not_utf8_comes_back_as_it_was(story: Story) -> None:
    path = os.fsdecode(b"caf\xe9.yaml")
    commit = story.commit({path: b"1"})
    (entry,) = story.mirror.tree(commit)
    assert os.fsencode(entry.path) == b"caf\xe9.yaml"
    assert story.mirror.read(commit, entry.path) == b"1"


def test_links_and_submodules_are_marked_and_not_read(story: Story) -> None:
    commit = story.commit(
        {
            "run": ("100755", story.blob(b"#!/bin/sh")),
            "link": ("120000", story.blob(b"/etc/passwd")),
            "lib": ("160000", "1" * 40),
            "dir/a": b"1",
        }
    )
    kinds = {entry.path: entry.kind for entry in story.mirror.tree(commit)}
    assert kinds == {
        "run": EntryKind.EXECUTABLE,
        "link": EntryKind.SYMLINK,
        "lib": EntryKind.SUBMODULE,
        "dir/a": EntryKind.FILE,
    }
    assert story.mirror.read(commit, "run") == b"#!/bin/sh"
    assert story.mirror.read(commit, "link/passwd") is None
    for path, name in [("link", "symlink"), ("lib", "submodule"), ("dir", "tree")]:
        with pytest.raises(Refusal, match=f"'{path}' in {commit} is a {name}"):
            story.mirror.read(commit, path)


def test_a_directory_that_is_not_there_is_empty(story: Story) -> None:
    commit = story.commit({"stages/dev/a": b"1"})
    assert story.mirror.tree(commit, "stages/prod") == ()
    assert story.mirror.tree(commit, "stages/dev/a") == ()
    assert [entry.path for entry in story.mirror.tree(commit, "stages")] == ["stages/dev/a"]


def test_many_paths_of_many_trees_are_found_at_once(story: Story) -> None:
    one = story.mirror.commit(story.commit({"a/b/c": b"1", "a/d": b"2", "e": b"3"})).tree
    other = story.mirror.commit(
        story.commit({"a/b/c": b"4", "l": ("120000", story.blob(b"a"))})
    ).tree
    wanted = {
        one: ["a/b/c", "e", "a", "x", "e/f", "a/b/c/", ""],
        other: ["a/b/c", "l", "l/b", "\ud800"],
    }
    found = story.mirror.entries(wanted)
    assert {path: one.kind for path, one in found[one].items()} == {
        "a/b/c": EntryKind.FILE,
        "e": EntryKind.FILE,
        "a": EntryKind.TREE,
    }
    assert found[other] == {
        "a/b/c": Entry("a/b/c", EntryKind.FILE, story.blob(b"4")),
        "l": Entry("l", EntryKind.SYMLINK, story.blob(b"a")),
    }


def test_files_that_hold_a_word_are_found_whatever_their_bytes(story: Story) -> None:
    files: dict[str, bytes | tuple[str, str]] = {
        "plain.yaml": b"image: ghcr.io/acme/web\n",
        "deep/er/latin.yaml": b"# caf\xe9 web",
        "nul.json": b"\0\0web\0",
        "big.yaml": b"#" * 5000 + b"web",
        "dots.yaml": b"vXdisk",
        "none.yaml": b"image: api",
        "link": ("120000", story.blob(b"web")),
        ".gitattributes": b"* -text -diff binary\n",
        **{f"{path}.yaml": b"v.disk(1)" for path in ODD},
    }
    tree = story.mirror.commit(story.commit(files)).tree
    empty = story.mirror.commit(story.commit({"a": b"nothing"})).tree
    found = story.mirror.mentioning([tree, empty, tree], ["web", "v.disk(1)"])
    assert found[empty] == []
    assert sorted(found[tree]) == sorted(
        ["plain.yaml", "deep/er/latin.yaml", "nul.json", "big.yaml"]
        + [f"{one}.yaml" for one in ODD]
    )


@pytest.mark.parametrize(
    "word", ["a+b", "x|y", "a\\b", "^a$", "[a]", "a{2}", "(?i)A", "*", "-e", "\\d"]
)
def test_words_are_no_patterns(story: Story, word: str) -> None:
    tree = story.mirror.commit(
        story.commit({"has": f"1 {word} 2".encode(), "not": b"aab A xy"})
    ).tree
    assert story.mirror.mentioning([tree], [word, "never"]) == {tree: ["has"]}


def test_a_git_without_perls_patterns_searches_all_the_same(story: Story, tmp_path: Path) -> None:
    program = tmp_path / "git"
    program.write_text(
        '#!/bin/sh\ncase "$*" in *--perl-regexp*) echo "fatal: no PCRE" >&2; exit 128;; esac\n'
        'exec git "$@"\n'
    )
    program.chmod(0o755)
    root, env = story.bare.parent, {"PATH": os.environ["PATH"]}
    mirrors = Mirrors(root, CallCounter(), env, program=str(program))
    tree = story.mirror.commit(story.commit({"a": b"x.y", "b": b"xzy"})).tree
    assert mirrors.of(1).mentioning([tree], ["x.y"]) == {tree: ["a"]}
    mirrors.close()


def test_a_search_in_what_is_not_here_is_to_be_fetched(story: Story) -> None:
    with pytest.raises(Temporary, match="cannot search"):
        story.mirror.mentioning(["1" * 40], ["web"])


def test_what_is_too_large_is_left_out_where_that_is_asked_for(story: Story) -> None:
    small, large = story.blob(b"x" * 1000), story.blob(b"x" * 1001)
    assert story.mirror.readable([small, large, small]) == {small: b"x" * 1000}
    with pytest.raises(Temporary):
        story.mirror.readable(["1" * 40])


def test_a_huge_file_is_refused_before_it_is_read(story: Story) -> None:
    commit = story.commit({"big": b"x" * 1001, "most": b"x" * 1000})
    assert story.mirror.read(commit, "most") == b"x" * 1000
    with pytest.raises(Refusal, match="has 1001 bytes, Towline reads files up to 1000"):
        story.mirror.read(commit, "big")


def test_a_thousand_files_come_in_one_go(story: Story) -> None:
    texts = [f"{at}".encode() * 100 for at in range(1000)]
    lines = b"".join(b"blob\ndata %d\n%s\n" % (len(text), text) for text in texts)
    git(story.bare, "fast-import", "--quiet", data=lines)
    oids = [
        hashlib.sha1(b"blob %d\0%s" % (len(text), text), usedforsecurity=False).hexdigest()
        for text in texts
    ]
    assert story.mirror.blobs(oids) == dict(zip(oids, texts, strict=True))


def test_what_is_not_here_is_to_be_fetched(story: Story) -> None:
    commit = story.commit({"a": b"1"})
    assert story.mirror.has(commit)
    assert not story.mirror.has("1" * 40)
    for ask in (story.mirror.blob, story.mirror.commit, story.mirror.tree):
        with pytest.raises(Temporary, match="is not in the mirror"):
            ask("1" * 40)
    with pytest.raises(Temporary):
        story.mirror.is_ancestor("1" * 40, commit)


def test_the_wrong_kind_of_object_is_refused(story: Story) -> None:
    commit = story.commit({"a": b"1"})
    with pytest.raises(Refusal, match="is a commit, not a file"):
        story.mirror.blob(commit)
    with pytest.raises(Refusal, match="is a blob, not a commit"):
        story.mirror.commit(story.blob(b"1"))


@pytest.mark.parametrize("oid", ["--all", "HEAD", "main\n", "A" * 40, "1" * 39, "1" * 40 + "\n"])
def test_only_object_ids_get_to_git(story: Story, oid: str) -> None:
    for ask in (story.mirror.has, story.mirror.blob, story.mirror.commit, story.mirror.tree):
        with pytest.raises(ValueError, match="is not an object id"):
            ask(oid)
    with pytest.raises(ValueError, match="is not an object id"):
        story.mirror.record_history(oid)
    with pytest.raises(ValueError, match="is not an object id"):
        story.mirror.is_ancestor(oid, "1" * 40)


def test_a_reader_that_died_or_rests_is_started_again(story: Story) -> None:
    commit = story.commit({"a": b"1"})
    assert story.mirror.read(commit, "a") == b"1"
    process = story.mirror._objects._process
    assert process is not None
    process.kill()
    process.wait()
    assert story.mirror.read(commit, "a") == b"1"
    story.mirror.rest()
    assert story.mirror.read(commit, "a") == b"1"


def test_maintenance_loses_nothing(story: Story) -> None:
    commit = story.commit({"a": b"1"})
    git(story.bare, "update-ref", "refs/heads/main", commit)
    assert story.mirror.read(commit, "a") == b"1"
    story.mirror.maintain()
    assert story.mirror.read(commit, "a") == b"1"
    later = story.commit({"a": b"2"}, commit)
    assert story.mirror.read(later, "a") == b"2"


# Commits


def test_a_commit_tells_who_when_and_what(story: Story) -> None:
    root = story.commit({"a": b"1"})
    commit = story.mirror.commit(story.commit({"a": b"2"}, root))
    assert commit.parents == (root,)
    assert (commit.author, commit.email) == ("Ann Müller", "ann@example.org")
    assert commit.committed_at == story.when(2)
    assert commit.subject == "Say something"
    assert story.mirror.commit(root).parents == ()
    assert commit.tree == story.tree({"a": b"2"})


def test_the_last_author_of_a_path_is_told(story: Story) -> None:
    one = story.commit({"dev/:(glob)*": b"1", "dev/a": b"1"})
    two = story.commit({"dev/:(glob)*": b"1", "dev/a": b"2"}, one)
    assert story.mirror.last_author(two, "dev/:(glob)*") == "Ann Müller <ann@example.org>"
    assert story.mirror.last_author(two, "") == "Ann Müller <ann@example.org>"
    assert story.mirror.last_author(two, "none") == ""


def test_branches_are_those_of_the_repository(story: Story) -> None:
    tip = story.commit({"a": b"1"})
    git(story.bare, "update-ref", "refs/heads/a/b", tip)
    git(story.bare, "update-ref", "refs/tags/v1", tip)
    assert story.mirror.branches() == {"a/b": tip}


def test_a_commit_made_to_hurt_is_still_read(story: Story) -> None:
    raw = (
        f"tree {story.tree({'a': b'1'})}\nauthor < <e>\xff> 99999999999999999999 +0000\n"
        "committer x\ngpgsig -----BEGIN\n parent 1111\n tree 2222\n -----END\n\n\n\nlate subject"
    ).encode("latin-1")
    oid = git(story.bare, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", data=raw)
    commit = story.mirror.commit(oid)
    assert (commit.parents, commit.subject) == ((), "late subject")
    assert commit.committed_at == datetime.fromtimestamp(0, UTC)


def test_ancestors_and_merge_bases(story: Story) -> None:
    root = story.commit({"a": b"1"})
    one, two = story.commit({"a": b"2"}, root), story.commit({"a": b"3"}, root)
    other = story.commit({"b": b"1"})
    assert story.mirror.is_ancestor(root, one)
    assert story.mirror.is_ancestor(one, one)
    assert not story.mirror.is_ancestor(one, two)
    assert story.mirror.merge_base(one, two) == root
    assert story.mirror.merge_base(one, other) is None


def test_changes_name_both_sides(story: Story) -> None:
    one = story.commit({"same": b"0", "new\nname": b"1", "gone": b"2", "turned": b"3"})
    two = story.commit(
        {"same": b"0", "new\nname": b"9", ":100644": b"2", "turned": ("120000", story.blob(b"3"))},
        one,
    )
    found = {change.path: change for change in story.mirror.changes(one, two)}
    gone = Entry("gone", EntryKind.FILE, story.blob(b"2"))
    assert found["gone"] == Change("gone", gone, None)
    assert found[":100644"].before is None
    assert found["turned"].after == Entry("turned", EntryKind.SYMLINK, story.blob(b"3"))
    assert list(found) == [":100644", "gone", "new\nname", "turned"]
    assert story.mirror.changes(two, two) == ()


def test_a_merge_gives_gits_tree_or_its_conflicts(story: Story) -> None:
    root = story.commit({"a": b"1\n", "b": b"1\n", "c\nd": b"1\n"})
    one = story.commit({"a": b"2\n", "b": b"1\n", "c\nd": b"1\n"}, root)
    two = story.commit({"a": b"1\n", "b": b"2\n", "c\nd": b"1\n"}, root)
    merged = story.tree({"a": b"2\n", "b": b"2\n", "c\nd": b"1\n"})
    assert story.mirror.merge_tree(one, two) == merged
    clash = story.commit({"a": b"3\n", "b": b"1\n", "c\nd": b"4\n"}, root)
    both = story.commit({"a": b"4\n", "b": b"1\n", "c\nd": b"5\n"}, root)
    assert story.mirror.merge_tree(clash, both) == Conflicts(("a", "c\nd"))
    with pytest.raises(Refusal, match="no commit in common"):
        story.mirror.merge_tree(one, story.commit({"a": b"9"}))


# Records


def test_records_are_told_newest_first_by_the_branchs_own_line(story: Story) -> None:
    dev, odd, top = "stages/dev/.freight/web.yaml", "s/new\nline/.freight/w.yaml", ".freight/t.yaml"
    first = story.commit({dev: b"1", "stages/dev/other.yaml": b"x", top: b"t"})
    second = story.commit({dev: b"1", odd: b"o", "stages/dev/other.yaml": b"y", top: b"t"}, first)
    side = story.commit({dev: b"2", odd: b"o", top: b"t"}, second)
    third = story.commit({dev: b"1", odd: b"o", top: b"t", "unrelated": b"z"}, second)
    merge = story.commit({dev: b"2", odd: b"o", top: b"t", "unrelated": b"z"}, third, side)
    last = story.commit({odd: b"o", top: b"t", "unrelated": b"z"}, merge)
    assert story.mirror.record_history(last) == (
        RecordChange(last, story.when(6), dev, None),
        RecordChange(merge, story.when(5), dev, story.blob(b"2")),
        RecordChange(second, story.when(2), odd, story.blob(b"o")),
        RecordChange(first, story.when(1), top, story.blob(b"t")),
        RecordChange(first, story.when(1), dev, story.blob(b"1")),
    )


def test_a_merge_that_changes_no_record_is_not_told(story: Story) -> None:
    path = "s/.freight/w.yaml"
    first = story.commit({path: b"1"})
    one, two = story.commit({path: b"2"}, first), story.commit({path: b"1", "x": b""}, first)
    merge = story.commit({path: b"2", "x": b""}, one, two)
    assert [change.commit for change in story.mirror.record_history(merge)] == [one, first]


def test_the_history_can_be_cut_by_time_and_number(story: Story) -> None:
    path = "s/.freight/w.yaml"
    tips: list[str] = []
    for at in range(5):
        tips.append(story.commit({path: f"{at}".encode()}, *tips[-1:]))
    told = story.mirror.record_history(tips[-1], limit=2)
    assert [change.commit for change in told] == [tips[4], tips[3]]
    told = story.mirror.record_history(tips[-1], since=story.when(3))
    assert [change.commit for change in told] == [tips[4], tips[3], tips[2]]


def test_only_yaml_in_a_freight_directory_is_a_record(story: Story) -> None:
    paths = ["freight/a.yaml", ".freight/a.txt", ".freight/deep/a.yaml", "x.freight/a.yaml"]
    commit = story.commit(dict.fromkeys(paths, b"1"))
    assert story.mirror.record_history(commit) == ()


# Many mirrors


def test_mirrors_are_kept_apart_and_few_stay_awake(tmp_path: Path) -> None:
    mirrors = Mirrors(tmp_path / "data", CallCounter(), {})
    awake = []
    for number in range(20):
        bare = tmp_path / "data" / f"{number}.git"
        bare.mkdir()
        git(bare, "init", "--quiet", "--bare")
        oid = git(bare, "hash-object", "-w", "--stdin", data=f"{number}".encode())
        mirror = mirrors.of(number)
        assert mirror.blob(oid) == f"{number}".encode()
        awake.append(mirror)
    assert mirrors.of(3) is awake[3]
    assert sum(one._objects._process is not None for one in awake) <= 17
    mirrors.close()
    assert all(one._objects._process is None for one in awake)
