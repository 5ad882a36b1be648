"""Mirrors of watched repositories: branches, tags and history over real HTTP, without files."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from github_app.github.calls import CallCounter
from github_app.github.mirror import watched
from github_app.github.mirror.asking import Absent, Way
from github_app.github.mirror.past import Past
from github_app.github.mirror.steps import Touched
from github_app.github.mirror.watched import Head, WatchedMirror
from github_app.github.mirror.watched_mirrors import WatchedMirrors
from plugin.errors import Refusal, Temporary
from tests.github.git_server import GitServer, git, serving
from tests.github.test_mirror_fetch import TokenList, commit

TOKEN = "ghs_" + "x" * 60


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with serving(GitServer(tmp_path / "host")) as running:
        yield running


@pytest.fixture
def bare(server: GitServer) -> Path:
    made = server.repository("acme/shop")
    git(made, "config", "uploadpack.allowFilter", "true")
    return made


@pytest.fixture
def mirrors(tmp_path: Path) -> WatchedMirrors:
    return WatchedMirrors(tmp_path / "data", CallCounter(), {"PATH": os.environ["PATH"]})


@pytest.fixture
def mirror(mirrors: WatchedMirrors) -> WatchedMirror:
    return mirrors.of("https://host/acme/shop")


@pytest.fixture
def way(server: GitServer) -> Way:
    return Way(server.address("acme/shop"))


def place(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "data").glob("*.git")
    return found


def line(past: Past, tip: str) -> list[str]:
    return [one.commit for one in past.steps(tip)]


def test_a_branch_is_followed_wherever_it_goes(bare: Path, mirror: WatchedMirror, way: Way) -> None:
    one = commit(bare, "main", {"a": "1"})
    two = commit(bare, "main", {"a": "2"}, one)
    assert mirror.head(way, "main") == Head("main", two)
    assert line(mirror.past, two) == [two, one]
    forced = commit(bare, "main", {"a": "3"})
    assert mirror.head(way, "main") == Head("main", forced)
    assert line(mirror.past, forced) == [forced]
    assert mirror.past.commits([one, two, "0" * 40]) == {one, two}


def test_a_branch_may_be_replaced_by_a_directory_of_them(
    bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    oid = commit(bare, "release", {"a": "1"})
    git(bare, "tag", "v1", oid)
    mirror.head(way, "release")
    mirror.bring_tags(way, mirror.tags(way))
    git(bare, "branch", "-D", "release")
    git(bare, "tag", "-d", "v1")
    deeper = commit(bare, "release/1", {"a": "2"})
    git(bare, "tag", "v1/0", deeper)
    assert mirror.head(way, "release/1").commit == deeper
    mirror.bring_tags(way, mirror.tags(way))
    assert list(mirror.past.dated(mirror.tags(way))) == ["v1/0"]
    with pytest.raises(Absent, match="has no refs/heads/release"):
        mirror.head(way, "release")


@pytest.mark.parametrize("name", ["--upload-pack=touch", "naïve/日本", "$(id)", "x;y", "@", "-x"])
def test_any_name_is_only_a_name(bare: Path, mirror: WatchedMirror, way: Way, name: str) -> None:
    oid = commit(bare, name, {"a": "1"})
    git(bare, "update-ref", f"refs/tags/{name}", oid)
    assert mirror.head(way, name) == Head(name, oid)
    (tag,) = mirror.tags(way)
    mirror.bring_tags(way, [tag])
    assert set(mirror.past.dated([tag])) == {name}


def test_the_default_branch_is_what_the_server_says(
    bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    with pytest.raises(Refusal, match="has no commit yet"):
        mirror.head(way, None)
    main = commit(bare, "main", {"a": "1"})
    assert mirror.head(way, None) == Head("main", main)
    trunk = commit(bare, "trunk", {"a": "2"})
    git(bare, "symbolic-ref", "HEAD", "refs/heads/trunk")
    assert mirror.head(way, None) == Head("trunk", trunk)
    git(bare, "branch", "-m", "trunk", "stem")
    git(bare, "symbolic-ref", "HEAD", "refs/heads/stem")
    assert mirror.head(way, None) == Head("stem", trunk)
    git(bare, "update-ref", "--no-deref", "HEAD", main)
    assert mirror.head(way, None) == Head("", main)


def test_a_sha_256_repository(tmp_path: Path, server: GitServer, mirror: WatchedMirror) -> None:
    bare = tmp_path / "host" / "acme" / "shop.git"
    bare.mkdir(parents=True)
    git(bare, "init", "--quiet", "--bare", "--initial-branch=main", "--object-format=sha256")
    way = Way(server.address("acme/shop"))
    one = commit(bare, "main", {"a": "1"})
    two = commit(bare, "main", {"b": "1"}, one)
    git(bare, "tag", "v1", two)
    assert len(two) == 64
    assert mirror.head(way, None) == Head("main", two)
    mirror.bring_tags(way, mirror.tags(way))
    assert mirror.past.differences(one, None)[0].after == ""
    assert {path.path for path in mirror.past.differences(one, two)} == {"a", "b"}


def test_a_repository_made_anew_in_another_format(
    tmp_path: Path, server: GitServer, bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    commit(bare, "main", {"a": "1"})
    mirror.head(way, "main")
    bare.rename(tmp_path / "away")
    bare.mkdir()
    git(bare, "init", "--quiet", "--bare", "--initial-branch=main", "--object-format=sha256")
    again = commit(bare, "main", {"a": "1"})
    assert mirror.head(way, "main").commit == again


def test_a_tag_that_is_no_commit_spoils_no_other(
    server: GitServer, bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    oid = commit(bare, "main", {"a": "1", "b": "2"})
    for number in range(5):
        git(bare, "tag", f"v{number}", oid)
    git(bare, "tag", "file", git(bare, "rev-parse", f"{oid}:a"))
    git(bare, "tag", "tree", git(bare, "rev-parse", f"{oid}^{{tree}}"))
    git(bare, "tag", "-a", "-m", "A file", "noted", git(bare, "rev-parse", f"{oid}:b"))
    tags = mirror.tags(way)
    mirror.bring_tags(way, tags)
    good = [one for one in tags if one.name.startswith("v")]
    assert set(mirror.past.dated(tags)) >= {one.name for one in good}
    assert mirror.past.commits(one.commit for one in tags) == {oid}
    server.requests.clear()
    mirror.bring_tags(way, tags)
    assert server.requests == []


def test_a_tag_of_a_tag_means_the_commit_at_last(
    bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    oid = commit(bare, "main", {"a": "1"})
    git(bare, "tag", "-a", "-m", "One", "one", oid)
    git(bare, "tag", "-a", "-m", "Two", "two", "one")
    assert {one.commit for one in mirror.tags(way)} == {oid}


def test_a_moved_tag_is_fetched_again(bare: Path, mirror: WatchedMirror, way: Way) -> None:
    one, two = commit(bare, "main", {"a": "1"}), commit(bare, "other", {"a": "2"})
    git(bare, "tag", "v1", one)
    mirror.bring_tags(way, mirror.tags(way))
    git(bare, "tag", "--force", "v1", two)
    (moved,) = mirror.tags(way)
    assert mirror.past.dated([moved]) == {}
    mirror.bring_tags(way, [moved])
    assert set(mirror.past.dated([moved])) == {"v1"}


def test_files_come_where_the_server_cannot_leave_them_out(
    server: GitServer, mirror: WatchedMirror
) -> None:
    bare = server.repository("acme/plain")
    git(bare, "config", "uploadpack.allowFilter", "false")
    oid = commit(bare, "main", {"a": "1"})
    assert mirror.head(Way(server.address("acme/plain")), None).commit == oid
    assert line(mirror.past, oid) == [oid]
    mirror.maintain()


def test_packing_keeps_what_was_fetched(bare: Path, mirror: WatchedMirror, way: Way) -> None:
    one = commit(bare, "main", {"a": "1"})
    two = commit(bare, "main", {"a": "2"}, one)
    mirror.head(way, "main")
    mirror.maintain()
    assert line(mirror.past, two) == [two, one]
    three = commit(bare, "main", {"a": "3"}, two)
    assert mirror.head(way, "main").commit == three


def test_long_histories_are_cut_off(
    bare: Path, mirror: WatchedMirror, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "MOST_STEPS", 3)
    made = [commit(bare, "main", {"a": "0"})]
    for number in range(1, 9):
        made.append(commit(bare, "main", {"a": str(number)}, made[-1]))
    mirror.head(way, "main")
    assert line(mirror.past, made[-1]) == made[:-5:-1]
    last = list(mirror.past.steps(made[-1]))[-1]
    assert (last.cut, last.parent, last.touched) == (True, None, ())
    assert not mirror.past.commits([made[0]])
    assert mirror.bring_commit(way, made[0])
    assert [one.path for one in mirror.past.differences(made[0], made[-1])] == ["a"]
    newer = commit(bare, "main", {"a": "new"}, made[-1])
    assert mirror.head(way, "main").commit == newer
    assert line(mirror.past, newer) == [newer, *made[:-5:-1]]


def test_a_commit_that_is_nowhere_is_asked_for_once(
    server: GitServer, bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    commit(bare, "main", {"a": "1"})
    for gone in ("1" * 40, "1" * 64):
        assert not mirror.bring_commit(way, gone)
        server.requests.clear()
        assert not mirror.bring_commit(way, gone)
        assert server.requests == []


def test_a_refused_token_is_replaced_once(
    server: GitServer, bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    oid = commit(bare, "main", {"a": "1"})
    server.tokens = {TOKEN}
    keys = TokenList("old", TOKEN)
    assert mirror.head(Way(way.url, keys), "main").commit == oid
    assert keys.forgotten == ["old"]


def test_a_password_that_is_refused_is_shown_once(
    server: GitServer, bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    class Password:
        def token(self) -> str:
            return "hunter22"

        def forget(self, token: str) -> None:
            pass

    server.tokens = {TOKEN}
    with pytest.raises(Refusal, match="does not let 'ann' read it") as refused:
        mirror.tags(Way(way.url, Password(), "ann"))
    assert "hunter22" not in str(refused.value)
    assert server.seen.count("hunter22") == 1


def test_one_mirror_shows_nobody_what_the_server_would_not(
    server: GitServer, bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    commit(bare, "main", {"a": "1"})
    server.tokens = {TOKEN}
    mirror.head(Way(way.url, TokenList(TOKEN)), None)
    for branch in (None, "main"):
        with pytest.raises(Refusal, match="TOWLINE_GIT_CREDENTIALS"):
            mirror.head(way, branch)
    with pytest.raises(Refusal, match="not to be read by anybody"):
        mirror.tags(way)


def test_the_token_stays_out_of_the_mirror(
    tmp_path: Path, server: GitServer, bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    commit(bare, "main", {"a": "1"})
    server.tokens = {TOKEN}
    mirror.head(Way(way.url, TokenList(TOKEN)), "main")
    files = [one for one in place(tmp_path).rglob("*") if one.is_file()]
    assert files
    assert [one for one in files if TOKEN.encode() in one.read_bytes()] == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (302, "redirects elsewhere: write that address"),
        (404, "is not there"),
        (403, "is not there"),
    ],
)
@pytest.mark.usefixtures("bare")
def test_what_the_server_refuses_is_said(
    server: GitServer, mirror: WatchedMirror, way: Way, status: int, said: str
) -> None:
    server.status = status
    with pytest.raises(Refusal, match=said):
        mirror.head(way, "main")
    with pytest.raises(Refusal, match=said):
        mirror.tags(way)


def test_a_server_in_trouble_is_asked_later(
    server: GitServer, mirror: WatchedMirror, way: Way
) -> None:
    server.status = 500
    with pytest.raises(Temporary, match="could not be read"):
        mirror.head(way, "main")


def test_what_a_killed_process_left_is_no_obstacle(
    tmp_path: Path, bare: Path, mirrors: WatchedMirrors, mirror: WatchedMirror, way: Way
) -> None:
    one = commit(bare, "main", {"a": "1"})
    mirror.head(way, "main")
    for lock in ("shallow.lock", "packed-refs.lock", "config.lock"):
        (place(tmp_path) / lock).touch()
    two = commit(bare, "main", {"a": "2"}, one)
    again = WatchedMirrors(tmp_path / "data", CallCounter(), {"PATH": os.environ["PATH"]})
    assert again.of("https://host/acme/shop").head(way, "main").commit == two


def test_an_answer_that_breaks_off_is_asked_for_again(
    server: GitServer, bare: Path, mirror: WatchedMirror, way: Way
) -> None:
    oid = commit(bare, "main", {"a": "1"})
    server.cut_after = 200
    with pytest.raises(Temporary):
        mirror.head(way, "main")
    server.cut_after = None
    assert mirror.head(way, "main").commit == oid


def test_many_may_ask_at_once(bare: Path, mirrors: WatchedMirrors, way: Way) -> None:
    oid = commit(bare, "main", {"a": "1"})
    git(bare, "tag", "v1", oid)
    found: list[str] = []

    def ask() -> None:
        one = mirrors.of("https://host/acme/shop")
        found.append(one.head(way, None).commit)
        one.bring_tags(way, one.tags(way))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [oid] * 4


def test_mirrors_that_nobody_asks_for_go(
    tmp_path: Path, bare: Path, mirrors: WatchedMirrors, way: Way
) -> None:
    oid = commit(bare, "main", {"a": "1"})
    mirrors.of("kept").head(way, "main")
    mirrors.of("left").head(way, "main")
    (tmp_path / "data" / "42.git").mkdir()
    mirrors.tidy()
    assert len(list((tmp_path / "data").glob("*.git"))) == 3
    mirrors.of("kept").head(way, "main")
    mirrors.tidy()
    assert len(list((tmp_path / "data").glob("*.git"))) == 2
    assert (tmp_path / "data" / "42.git").is_dir()
    assert mirrors.of("left").head(way, "main").commit == oid


def test_a_mirror_that_was_taken_away_is_fetched_again(
    bare: Path, mirrors: WatchedMirrors, mirror: WatchedMirror, way: Way
) -> None:
    oid = commit(bare, "main", {"a": "1"})
    mirror.head(way, None)
    mirrors.tidy()
    mirrors.tidy()
    assert mirror.head(way, None) == Head("main", oid)


def test_odd_commits_are_read_as_they_are(bare: Path, mirror: WatchedMirror, way: Way) -> None:
    one = commit(bare, "main", {"a": "1", ":100644 x": "1", "b\nc": "1"})
    tree = git(bare, "rev-parse", f"{one}^{{tree}}")
    empty = git(bare, "commit-tree", tree, "-p", one, data=b"\xff\xfe odd \xe9\n\nKey: value\n")
    silent = git(bare, "commit-tree", tree, "-p", empty, "-m", "\n")
    other = commit(bare, "main", {"b\nc": "2", "a": "1"}, silent)
    mirror.head(way, "main")
    steps = list(mirror.past.steps(other))
    assert [step.commit for step in steps] == [other, silent, empty, one]
    assert [newer.parent == older.commit for newer, older in pairwise(steps)] == [True] * 3
    assert [len(step.touched) for step in steps] == [2, 0, 0, 3]
    assert {path.path for path in steps[3].touched} == {"a", ":100644 x", "b\nc"}
    assert steps[0].touched[0] == Touched(":100644 x", steps[0].touched[0].before, "")
    assert steps[2].trailers == ("Key: value",)
    described = mirror.past.described([empty, one])
    assert described == {empty: steps[2], one: replace(steps[3], touched=())}
