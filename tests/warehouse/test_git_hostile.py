"""Watched repositories that mean harm: trees without end, packs without end, and their price."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from github_app.github.calls import CallCounter
from github_app.github.mirror import asking, past, steps
from github_app.github.mirror.asking import Way
from github_app.github.mirror.bounds import MIB, Bounds, TooLong, TooMuch
from github_app.github.mirror.watched import WatchedMirror
from github_app.github.mirror.watched_mirrors import WatchedMirrors
from plugin.errors import Refusal, Temporary
from plugin.subscriptions import GitSelection
from tests.clocks import Seconds
from tests.github.git_server import git
from tests.github.hostile_git import Endless, commit_of, endless, tree_bomb
from tests.warehouse.git_world import World, Written

SEMVER = GitSelection.SEMVER
# A tree of 10,000,000,000 files: nobody who looks at them comes to an end.
LEVELS = 10
MEASURED = """
import json, os, resource, sys
from pathlib import Path
from github_app.github.calls import CallCounter
from github_app.github.mirror.asking import Way
from github_app.github.mirror.watched_mirrors import WatchedMirrors
from plugin.errors import Refusal
mirror = WatchedMirrors(Path(sys.argv[1]), CallCounter(), os.environ).of("x")
head = mirror.head(Way(sys.argv[2]), "main")
try:
    next(mirror.past.steps(head.commit))
except Refusal as error:
    # Of this process alone: the other figure begins with that of its parent.
    ours = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    git_s = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps([str(error), int(ours), git_s]))
"""


def directory(bare: Path, text: str) -> str:
    blob = git(bare, "hash-object", "-w", "--stdin", data=text.encode())
    return git(bare, "mktree", data=f"100644 blob {blob}\tweb.yaml\n".encode())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for more than a second."""
    for module in (steps, past):
        monkeypatch.setattr(module, "_LOCAL", Bounds(seconds=1.0, memory=512 * MIB))
    monkeypatch.setattr(steps, "_CHANGES", Bounds(1.0, printed=MIB, memory=512 * MIB))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_the_memory_that_a_tree_without_end_costs(there: World, written: Written) -> None:
    """A million paths, by two commits of a few hundred bytes; a process of its own is measured."""
    one = commit_of(written.bare, {})
    commit_of(written.bare, {"bomb": tree_bomb(written.bare, 6)}, one)
    address = there.server.address("acme/config")
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(there.data), address],
        cwd=Path(__file__).parents[2],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said, ours, git_s = json.loads(done.stdout)
    assert "changes more paths than can be looked at" in said
    assert "name directories in 'include'" in said
    assert ours < 200 << 10, f"{ours} KiB"
    assert git_s < 600 << 10, f"{git_s} KiB"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "rules",
    [
        {"include": ("apps",)},
        {"include": ("glob:apps/**/*.yaml", "README.md")},
        {"exclude": ("./bomb/",)},
        {"include": ("apps", "bomb"), "exclude": ("bomb",)},
    ],
)
def test_what_is_not_included_costs_nothing(
    there: World, written: Written, rules: dict[str, Any]
) -> None:
    bare = written.bare
    # The test's own server would count the paths that a client already has.
    git(bare, "config", "pack.useSparse", "false")
    web, bomb = directory(bare, "1"), tree_bomb(bare, LEVELS)
    first = commit_of(bare, {"apps": web, "bomb": bomb})
    written.tag("v1.0.0", first)
    assert there.taken(**rules) == [first]
    assert there.taken(select=SEMVER, **rules) == ["v1.0.0"]
    other = commit_of(bare, {"apps": web, "bomb": tree_bomb(bare, LEVELS, 11)}, first)
    written.tag("v1.1.0", other)
    assert there.taken(there.at(first), **rules) == [first]
    last = there.at(first, "v1.0.0")
    assert there.taken(last, select=SEMVER, **rules) == ["v1.0.0"]
    third = commit_of(bare, {"apps": directory(bare, "2")}, other)
    written.tag("v1.2.0", third)
    assert there.taken(there.at(first), **rules) == [third, first]
    assert there.taken(last, select=SEMVER, **rules) == ["v1.2.0", "v1.0.0"]
    git(bare, "update-ref", "refs/heads/main", commit_of(bare, {"bomb": web, "apps": web}))
    assert there.taken(there.at(third), **rules)[0] == written.tip("main")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("rules", [{}, {"include": (r"regex:\.ya?ml$",)}, {"exclude": ("docs",)}])
def test_who_looks_everywhere_is_told_before_long(
    there: World, written: Written, rules: dict[str, Any]
) -> None:
    one = commit_of(written.bare, {})
    commit_of(written.bare, {"bomb": tree_bomb(written.bare, LEVELS)}, one)
    with pytest.raises((TooLong, TooMuch)) as first:
        there.taken(**rules)
    with pytest.raises(Temporary, match="is asked again in 1 min, as it cost too much") as rest:
        there.taken(**rules)
    assert str(first.value) in str(rest.value)


@pytest.mark.usefixtures("impatient")
def test_whose_paths_are_near_does_not_wait_for_who_looks_everywhere(
    there: World, written: Written
) -> None:
    bomb = tree_bomb(written.bare, LEVELS)
    tip = commit_of(written.bare, {"apps": directory(written.bare, "1"), "bomb": bomb})
    for _ in range(2):
        with pytest.raises((TooLong, TooMuch, Temporary)):
            there.taken()
    assert there.taken(include=("apps",)) == [tip]


def test_commits_before_a_change_that_is_too_large_are_still_seen(
    there: World, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_CHANGES", Bounds(printed=100_000))
    last = commit_of(written.bare, {"bomb": tree_bomb(written.bare, 3)})
    made = []
    for number in range(30):
        last = commit_of(written.bare, {"apps": directory(written.bare, str(number))}, last)
        made.append(last)
    asked: dict[str, Any] = {"include": (r"regex:web\.yaml$",)}
    assert there.taken(**asked) == made[:-21:-1]
    with pytest.raises(TooMuch, match="changes more paths than can be looked at"):
        there.taken(limit=40, **asked)


def test_a_message_without_end_is_not_read(
    there: World, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_LOCAL", Bounds(printed=50_000))
    written.commit({"a": "1"}, "Say more\n\n" + "and more\n" * 10_000)
    made = [written.commit({"a": str(number)}) for number in range(3)]
    assert there.taken(limit=3) == made[::-1]
    with pytest.raises(TooMuch, match="git log prints more"):
        there.taken()


@pytest.mark.usefixtures("impatient")
def test_tags_that_swell_are_not_unpacked_again_and_again(
    there: World, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "_LOCAL", Bounds(seconds=20, memory=32 * MIB))
    written.tag("v1.0.0", written.commit({"a": "1"}))
    head = git(written.bare, "rev-parse", "main")
    text = f"object {head}\ntype commit\ntag v2.0.0\ntagger A <a@b.c> 1700000000 +0000\n\n"
    swollen = text.encode() + b"x" * (64 * MIB)
    oid = git(written.bare, "hash-object", "-t", "tag", "-w", "--stdin", data=swollen)
    git(written.bare, "update-ref", "refs/tags/v2.0.0", oid)
    with pytest.raises(TooMuch, match="for-each-ref needs more than 32 MiB of memory"):
        there.taken(select=SEMVER)
    with pytest.raises(Temporary, match="is asked again in 1 min"):
        there.taken(select=SEMVER)
    assert there.taken() == [head]


def test_long_histories_of_many_changes_are_looked_at_in_part(
    there: World, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "MOST_TOUCHED", 40)
    first = written.commit({"apps/a": "1"})
    for number in range(40):
        tip = written.commit({"docs/a": str(number), "docs/b": str(number)})
    rules: dict[str, Any] = {"include": (r"regex:^docs/",)}
    assert len(there.taken(limit=100, **rules)) == 40
    assert there.taken(there.at(first), **rules)[0] == tip
    assert there.taken(there.at(first), include=("regex:^apps/",)) == [first]


def test_a_promotion_of_a_stage_above_the_paths_is_still_ignored(
    there: World, written: Written
) -> None:
    first = written.commit({"stages/prod/web/pins.yaml": "1"})
    own = {"stages/prod/web/pins.yaml": "2", "stages/prod/.freight/main.yaml": "2"}
    promoted = written.commit(own)
    for include in ("stages/prod/web", "stages", "glob:stages/*/web/*"):
        assert there.taken(include=(include,)) == [first]
        assert there.taken(there.at(first), include=(include,)) == [first]
    assert there.taken(exclude=("stages/prod/.freight", "docs")) == [first]
    assert promoted in there.rules()


@pytest.mark.parametrize(
    "odd", ["../apps", "a\0b", "\ud800", "a\ufffdb", ".", ":(top)apps", "x" * 90_000]
)
def test_odd_paths_are_only_paths(there: World, written: Written, odd: str) -> None:
    tip = written.commit({"apps/a": "1", ":(top)apps/b": "1"})
    expected = [tip] if odd in {".", ":(top)apps"} else []
    assert there.taken(include=(odd,)) == expected
    assert there.taken(include=("apps", odd)) == [tip]
    if odd != ".":
        assert there.taken(exclude=(odd,)) == [tip]


# Packs


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def mirror(tmp_path: Path, clock: Seconds) -> WatchedMirror:
    mirrors = WatchedMirrors(tmp_path, CallCounter(), {"PATH": os.environ["PATH"]}, clock)
    return mirrors.of("https://host/acme/endless")


def large_files(below: Path) -> list[Path]:
    found = (one for one in below.rglob("*") if one.is_file())
    return [one for one in found if one.stat().st_size > 1 << 16]


def test_a_pack_without_end_is_given_up(
    tmp_path: Path, mirror: WatchedMirror, clock: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LARGEST", 4 * MIB)
    with endless(Endless()) as host:
        way = Way(host.url)
        for minutes in (1, 2, 4):
            with pytest.raises(Refusal, match=r"too large to be watched: .* more than 4 MiB"):
                mirror.head(way, "main")
            assert large_files(tmp_path) == []
            with pytest.raises(Temporary, match=rf"again in {minutes} min.*too large"):
                mirror.head(way, "main")
            clock.now += 60 * minutes
        assert host.fetches == 3
        assert host.sent < 200 * MIB


def test_words_without_end_are_not_kept(
    tmp_path: Path, mirror: WatchedMirror, clock: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_LONGEST", 1.0)
    with endless(Endless(words=True)) as host:
        with pytest.raises(TooLong, match="git fetch took longer than 1 s") as late:
            mirror.head(Way(host.url), "main")
        with pytest.raises(Temporary, match="is asked again in 1 min"):
            mirror.head(Way(host.url), "main")
        assert late.value.after.total_seconds() == 60
        assert host.fetches == 1
    assert large_files(tmp_path) == []


def test_a_repository_that_is_too_large_takes_no_room(
    tmp_path: Path, there: World, mirror: WatchedMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = there.write(filtering=False)
    small = written.commit({"a": "1"}, branch="small", parents=())
    written.commit({"a": os.urandom(1 << 19).hex()})
    monkeypatch.setattr(asking, "LARGEST", 200_000)
    way = Way(there.server.address("acme/config"))
    assert mirror.head(way, "small").commit == small
    with pytest.raises(Refusal, match="too large to be watched"):
        mirror.head(way, "main")
    assert large_files(tmp_path / "data") == []
    assert mirror.head(way, "small").commit == small


def test_a_mirror_that_cannot_be_tidied_is_fetched_anew(
    tmp_path: Path, there: World, written: Written
) -> None:
    tip = written.commit({"a": "1"})
    mirrors = there.revisions.mirrors
    assert there.taken() == [tip]
    (place,) = mirrors_of(there)
    (place / "config").write_text("[broken", encoding="utf-8")
    mirrors.tidy()
    assert mirrors_of(there) == []
    assert there.taken() == [tip]


def mirrors_of(there: World) -> list[Path]:
    return list((there.data / "watched").glob("*.git"))
