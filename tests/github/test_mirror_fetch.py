"""The mirror fetches: branches, the ledger, pull requests; the token stays out of sight."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from github_app.github.calls import CallCounter
from github_app.github.mirror import Mirror, Mirrors, Rewound, TokenRefused
from github_app.github.mirror.bounds import Bounds
from github_app.github.mirror.git import Access, Git
from plugin.errors import Refusal, Temporary
from tests.github.git_server import GitServer, git, serving

TOKEN = "ghs_" + "1234567_" + "eyJhbGciOiJSUzI1NiJ9." * 20


class TokenList:
    """Credentials that hand out one token after the other."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.forgotten: list[str] = []

    def token(self) -> str:
        return self.tokens[0]

    def forget(self, token: str) -> None:
        self.forgotten.append(token)
        self.tokens.remove(token)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with serving(GitServer(tmp_path / "host")) as running:
        yield running


@pytest.fixture
def bare(server: GitServer) -> Path:
    return server.repository("acme/shop")


@pytest.fixture
def mirrors(tmp_path: Path) -> Iterator[Mirrors]:
    made = Mirrors(tmp_path / "data", CallCounter(), {"PATH": os.environ["PATH"]})
    yield made
    made.close()


@pytest.fixture
def mirror(mirrors: Mirrors) -> Mirror:
    return mirrors.of(42)


def commit(bare: Path, branch: str, files: dict[str, str], parent: str | None = None) -> str:
    """The id of a new commit with exactly these files, now the tip of the branch."""
    lines = b"".join(
        b"100644 blob "
        + git(bare, "hash-object", "-w", "--stdin", data=text.encode()).encode()
        + b"\t"
        + path.encode()
        + b"\0"
        for path, text in files.items()
    )
    tree = git(bare, "mktree", "-z", data=lines)
    parents = ["-p", parent] if parent else []
    oid = git(bare, "commit-tree", tree, *parents, "-m", "Say something", at=1_700_000_000)
    git(bare, "update-ref", f"refs/heads/{branch}", oid)
    return oid


def test_an_empty_repository_has_no_branches(server: GitServer, bare: Path, mirror: Mirror) -> None:
    assert not mirror.has("0" * 40)
    found = mirror.fetch(server.address("acme/shop"))
    assert (dict(found.heads), found.ledger) == ({}, None)


def test_branches_follow_the_repository(server: GitServer, bare: Path, mirror: Mirror) -> None:
    one = commit(bare, "main", {"a": "1"})
    commit(bare, "gone", {"a": "2"}, one)
    assert set(mirror.fetch(server.address("acme/shop")).heads) == {"main", "gone"}
    forced = commit(bare, "main", {"a": "3"})
    git(bare, "branch", "-D", "gone")
    under = commit(bare, "gone/deeper", {"a": "4"}, one)
    found = mirror.fetch(server.address("acme/shop"))
    assert found.heads == {"main": forced, "gone/deeper": under}
    assert mirror.has(one)


@pytest.mark.parametrize(
    "name",
    ["-x", "--upload-pack=touch", "naïve/日本", "a'b\"c", "$(id)", "x;y", "@", "%41", "a\u202eb"],
)
def test_any_branch_name_is_only_a_name(
    server: GitServer, bare: Path, mirror: Mirror, name: str
) -> None:
    oid = commit(bare, name, {"a": "1"})
    assert mirror.fetch(server.address("acme/shop")).heads == {name: oid}


def test_tags_are_not_fetched(server: GitServer, bare: Path, mirror: Mirror) -> None:
    git(bare, "tag", "--", "v1;rm", commit(bare, "main", {"a": "1"}))
    assert set(mirror.fetch(server.address("acme/shop")).heads) == {"main"}


def test_the_ledger_moves_forward(server: GitServer, bare: Path, mirror: Mirror) -> None:
    first = commit(bare, "towline-ledger", {"a": "1"})
    assert mirror.fetch(server.address("acme/shop")).ledger == first
    second = commit(bare, "towline-ledger", {"a": "2"}, first)
    assert mirror.fetch(server.address("acme/shop")).ledger == second
    assert mirror.fetch(server.address("acme/shop")).ledger == second


def test_a_rewound_ledger_is_told_until_it_is_put_right(
    server: GitServer, bare: Path, mirror: Mirror
) -> None:
    first = commit(bare, "towline-ledger", {"a": "1"})
    second = commit(bare, "towline-ledger", {"a": "2"}, first)
    mirror.fetch(server.address("acme/shop"))
    git(bare, "update-ref", "refs/heads/towline-ledger", first)
    for _ in range(2):
        assert mirror.fetch(server.address("acme/shop")).ledger == Rewound(second, first)
    git(bare, "update-ref", "-d", "refs/heads/towline-ledger")
    assert mirror.fetch(server.address("acme/shop")).ledger == Rewound(second, None)
    other = commit(bare, "towline-ledger", {"a": "forged"})
    assert mirror.fetch(server.address("acme/shop")).ledger == Rewound(second, other)
    git(bare, "update-ref", "refs/heads/towline-ledger", second)
    assert mirror.fetch(server.address("acme/shop")).ledger == second


def test_a_rewound_ledger_does_not_keep_the_branches_from_us(
    server: GitServer, bare: Path, mirror: Mirror
) -> None:
    commit(bare, "towline-ledger", {"a": "1"})
    mirror.fetch(server.address("acme/shop"))
    commit(bare, "towline-ledger", {"a": "2"})
    main = commit(bare, "main", {"a": "3"})
    assert mirror.fetch(server.address("acme/shop")).heads["main"] == main


def test_heads_of_pull_requests_come_when_asked_for(
    server: GitServer, bare: Path, mirror: Mirror
) -> None:
    oid = commit(bare, "main", {"a": "1"})
    git(bare, "update-ref", "refs/pull/7/head", oid)
    mirror.fetch(server.address("acme/shop"))
    assert mirror.pull_head(7) is None
    mirror.fetch(server.address("acme/shop"), pulls=[7])
    assert mirror.pull_head(7) == oid
    with pytest.raises(Refusal, match="has no pull request 8"):
        mirror.fetch(server.address("acme/shop"), pulls=[8])


def test_a_mirror_survives_its_process(
    server: GitServer, bare: Path, mirrors: Mirrors, tmp_path: Path
) -> None:
    first = commit(bare, "towline-ledger", {"a": "1"})
    mirrors.of(42).fetch(server.address("acme/shop"))
    for left_behind in ("packed-refs.lock", "refs/heads/main.lock"):
        (tmp_path / "data" / "42.git" / left_behind).touch()
    again = Mirrors(tmp_path / "data", CallCounter(), {})
    main = commit(bare, "main", {"a": "2"})
    git(bare, "update-ref", "-d", "refs/heads/towline-ledger")
    found = again.of(42).fetch(server.address("acme/shop"))
    assert (found.heads, found.ledger) == ({"main": main}, Rewound(first, None))


# The token


def lines_of_all_processes() -> bytes:
    found = b""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += entry.read_bytes()
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_the_token_is_in_no_command_line_and_on_no_disk(
    server: GitServer, bare: Path, mirror: Mirror, tmp_path: Path
) -> None:
    commit(bare, "main", {"a": "1"})
    server.tokens = {TOKEN}
    lines: list[bytes] = []
    server.on_request = lambda: lines.append(lines_of_all_processes())
    mirror.fetch(server.address("acme/shop"), TokenList(TOKEN))
    assert server.seen
    assert set(server.seen) == {TOKEN}
    assert any(b"--end-of-options" in some for some in lines)
    assert not any(TOKEN.encode() in some for some in lines)
    kept = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert kept
    assert not any(b"ghs_" in some or b"Authorization" in some for some in kept)


def test_git_sees_nothing_of_our_environment(tmp_path: Path, bare: Path, server: GitServer) -> None:
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout
    wrapper = tmp_path / "git"
    wrapper.write_text(f'#!/bin/sh\nenv >> {tmp_path}/env\nexec {real.strip()} "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    outside = {
        "PATH": os.environ["PATH"],
        "SECRET": "canary",
        "GIT_SSH_COMMAND": "canary",
        "GIT_TRACE_CURL": "canary",
        "GIT_DIR": "canary",
        "HTTPS_PROXY": "http://proxy.example",
    }
    made = Mirrors(tmp_path / "data", CallCounter(), outside, program=str(wrapper))
    made.of(1).fetch(server.address("acme/shop"))
    seen = (tmp_path / "env").read_text()
    assert "canary" not in seen
    assert "HTTPS_PROXY=http://proxy.example" in seen


def test_a_refused_token_is_replaced_once(server: GitServer, bare: Path, mirror: Mirror) -> None:
    server.tokens = {"new"}
    credentials = TokenList("old", "new")
    mirror.fetch(server.address("acme/shop"), credentials)
    assert credentials.forgotten == ["old"]
    hopeless = TokenList("bad", "worse", "worst")
    with pytest.raises(TokenRefused) as refused:
        mirror.fetch(server.address("acme/shop"), hopeless)
    assert hopeless.forgotten == ["bad"]
    assert "worse" not in str(refused.value)


def test_the_token_is_not_shown_by_what_holds_it() -> None:
    access = Access("https://github.com/acme/shop.git", TOKEN)
    assert TOKEN not in repr(access)
    (value,) = (value for _, value in access.configuration())
    assert access.redacted(f"sent {TOKEN} as {value}") == "sent *** as Authorization: Basic ***"


# What goes wrong


def test_a_repository_that_is_not_there_is_refused(server: GitServer, mirror: Mirror) -> None:
    with pytest.raises(Refusal, match="is not there, or the App may not read it"):
        mirror.fetch(server.address("acme/none"))


def test_a_redirect_is_not_followed(server: GitServer, bare: Path, mirror: Mirror) -> None:
    server.status = 301
    with pytest.raises(Refusal, match="redirects elsewhere"):
        mirror.fetch(server.address("acme/shop"), TokenList(TOKEN))
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_busy_server_is_asked_again_later(
    server: GitServer, bare: Path, mirror: Mirror, status: int
) -> None:
    server.status = status
    with pytest.raises(Temporary, match="could not be fetched"):
        mirror.fetch(server.address("acme/shop"))
    server.status = 0
    assert mirror.fetch(server.address("acme/shop")).heads == {}


def test_a_cut_connection_leaves_the_mirror_as_it_was(
    server: GitServer, bare: Path, mirror: Mirror
) -> None:
    first = commit(bare, "main", {"a": "1"})
    mirror.fetch(server.address("acme/shop"))
    second = commit(bare, "main", {"a": "x" * 5000 + str(os.urandom(20000))}, first)
    server.cut_after = 400
    with pytest.raises(Temporary):
        mirror.fetch(server.address("acme/shop"))
    assert not mirror.has(second)
    server.cut_after = None
    assert mirror.fetch(server.address("acme/shop")).heads == {"main": second}


def test_nobody_listening_is_temporary(mirror: Mirror) -> None:
    with pytest.raises(Temporary):
        mirror.fetch("http://127.0.0.1:9/acme/shop.git")


@pytest.mark.parametrize(
    "address",
    ["file:///etc", "/etc", "ssh://host/x.git", "ext::sh -c id", "https://u:p@host/x.git", "-u"],
)
def test_only_http_without_a_name_in_it_is_fetched(mirror: Mirror, address: str) -> None:
    with pytest.raises(Refusal, match="not an address"):
        mirror.fetch(address)


def test_fetches_are_counted(server: GitServer, bare: Path, tmp_path: Path) -> None:
    calls = CallCounter()
    mirror = Mirrors(tmp_path / "data", calls, {}).of(1)
    mirror.fetch(server.address("acme/shop"))
    mirror.fetch(server.address("acme/shop"))
    assert calls.calls().git == 2


# The program


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_an_old_or_missing_git_is_refused(tmp_path: Path) -> None:
    old = script(tmp_path / "git", 'echo "git version 2.37.9 (Apple Git-143)"')
    with pytest.raises(Refusal, match=r"needs git 2\.38 or newer, this is 'git version 2\.37\.9"):
        Mirrors(tmp_path / "data", CallCounter(), {}, program=old)
    with pytest.raises(Refusal, match=r"git is not installed: .*; install git 2\.38 or newer"):
        Mirrors(tmp_path / "data", CallCounter(), {}, program=str(tmp_path / "none"))


def test_a_git_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    hanging = script(tmp_path / "git", f'sleep 600 & echo $! > "{tmp_path}/child"; wait')
    with pytest.raises(Temporary, match=r"git fetch took longer than 0\.5 s") as late:
        Git(tmp_path, {}, hanging).run("fetch", bounds=Bounds(seconds=0.5))
    assert late.value.after > timedelta(0)
    child = int((tmp_path / "child").read_text())
    wait_until_dead(child)


def wait_until_dead(process: int) -> None:
    """A killed process needs a moment; pytest's own timeout ends the wait for an immortal."""
    state = Path(f"/proc/{process}/stat")
    while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
