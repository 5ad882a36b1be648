"""Real `git` clients: clone, push, refusals of protected branches, tokens."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import BaseWSGIServer, make_server

from github_app.sandbox.git_http import commands
from github_app.sandbox.git_store import ZERO, RefMove, git_environment
from github_app.sandbox.state import Protection, RequiredCheck
from tests.sandbox.conftest import SHOP, Place


@pytest.fixture
def live(place: Place) -> Iterator[str]:
    server: BaseWSGIServer = make_server("127.0.0.1", 0, place.stand_in.wsgi, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    place.stand_in.url = f"http://127.0.0.1:{server.server_port}"
    yield place.stand_in.url
    server.shutdown()
    thread.join()
    server.server_close()


def git(at: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    names = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org"}
    names |= {"GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.org"}
    return subprocess.run(
        ["git", "-c", "credential.helper=", *arguments],
        cwd=at,
        env={**git_environment(), **names, "GIT_TERMINAL_PROMPT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def remote(live: str, token: str) -> str:
    return f"{live.replace('http://', f'http://x-access-token:{token}@')}/{SHOP}.git"


@pytest.fixture
def clone(place: Place, live: str, tmp_path: Path) -> Path:
    done = git(tmp_path, "clone", "-q", remote(live, place.ann.token), "clone")
    assert done.returncode == 0, done.stderr
    return tmp_path / "clone"


def committed(clone: Path, text: str) -> str:
    (clone / "README.md").write_text(text)
    git(clone, "commit", "-qam", f"Say {text}")
    return git(clone, "rev-parse", "HEAD").stdout.strip()


def test_clone_has_what_the_api_shows(place: Place, clone: Path) -> None:
    assert (clone / "README.md").read_text() == "# Shop\n"
    assert git(clone, "rev-parse", "HEAD").stdout.strip() == place.tip()


def test_a_push_moves_the_branch_and_tells(place: Place, clone: Path) -> None:
    sha = committed(clone, "hello")
    done = git(clone, "push", "origin", "HEAD:refs/heads/topic")
    assert done.returncode == 0, done.stderr
    assert place.tip("topic") == sha
    assert place.delivered()[:2] == ["create", "push"]
    body = place.mail.last("push")
    assert (body["ref"], body["after"], body["before"]) == ("refs/heads/topic", sha, ZERO)
    assert [commit["id"] for commit in body["commits"]] == [sha]
    assert body["commits"][0]["modified"] == ["README.md"]
    assert body["pusher"]["name"] == "ann"


def test_a_pushed_commit_is_not_signed_by_github(place: Place, clone: Path) -> None:
    sha = committed(clone, "hello")
    git(clone, "push", "-q", "origin", "HEAD:topic")
    answer = place.ann.repo("GET", f"/git/commits/{sha}")
    assert answer.json["verification"]["verified"] is False
    assert answer.json["verification"]["reason"] == "unsigned"


def test_a_copied_signature_does_not_verify(place: Place, clone: Path) -> None:
    signed = git(clone, "cat-file", "commit", "HEAD").stdout
    assert "gpgsig" in signed
    (clone / "forged").write_text(signed.replace("Initial commit", "Forged"))
    sha = git(clone, "hash-object", "-t", "commit", "-w", "forged").stdout.strip()
    done = git(clone, "push", "origin", f"{sha}:refs/heads/forged")
    assert done.returncode == 0, done.stderr
    verification = place.ann.repo("GET", f"/git/commits/{sha}").json["verification"]
    assert (verification["verified"], verification["reason"]) == (False, "unknown_key")


def test_pull_requests_follow_a_push(place: Place, clone: Path) -> None:
    committed(clone, "one")
    git(clone, "push", "-q", "origin", "HEAD:topic")
    number = place.open("topic")
    sha = committed(clone, "two")
    git(clone, "push", "-q", "origin", "HEAD:topic")
    assert place.pull(number)["head"]["sha"] == sha
    fetched = git(clone, "ls-remote", "origin", f"refs/pull/{number}/head").stdout
    assert fetched.split()[0] == sha


def test_pushing_the_head_to_the_base_merges(place: Place, clone: Path) -> None:
    sha = committed(clone, "one")
    git(clone, "push", "-q", "origin", "HEAD:topic")
    number = place.open("topic")
    git(clone, "push", "-q", "origin", "HEAD:main")
    pull = place.pull(number)
    assert (pull["merged"], pull["merge_commit_sha"]) == (True, sha)
    assert pull["merged_by"]["login"] == "ann"


def test_protected_branches_refuse(place: Place, clone: Path) -> None:
    place.stand_in.protect(SHOP, "main", Protection())
    git(clone, "commit", "-q", "--amend", "-m", "Rewritten")
    forced = git(clone, "push", "--force", "origin", "HEAD:main")
    assert forced.returncode == 1
    assert "GH006: Protected branch update failed for refs/heads/main." in forced.stderr
    assert "Cannot force-push to this branch" in forced.stderr
    rules = Protection(required_checks=(RequiredCheck("ci"),))
    place.stand_in.protect(SHOP, "main", rules)
    git(clone, "reset", "-q", "--hard", "origin/main")
    committed(clone, "direct")
    direct = git(clone, "push", "origin", "HEAD:main")
    assert 'Required status check "ci" is expected.' in direct.stderr
    deleted = git(clone, "push", "origin", ":main")
    assert "Cannot delete this protected branch" in deleted.stderr or deleted.returncode == 1
    assert place.tip() == git(clone, "rev-parse", "origin/main").stdout.strip()


def test_tokens_decide(place: Place, live: str, tmp_path: Path) -> None:
    wrong = git(tmp_path, "clone", remote(live, "nonsense"), "wrong")
    assert "Authentication failed" in wrong.stderr
    place.stand_in.create_user("eve")
    eve = place.stand_in.create_user("mallory")
    hidden = git(tmp_path, "clone", remote(live, eve), "hidden")
    assert "not found" in hidden.stderr
    place.stand_in.add_collaborator(SHOP, "mallory", "read")
    assert git(tmp_path, "clone", remote(live, eve), "reader").returncode == 0
    committed(tmp_path / "reader", "evil")
    refused = git(tmp_path / "reader", "push", "origin", "HEAD:evil")
    assert "403" in refused.stderr
    assert "evil" not in place.stand_in.branches(SHOP)


def test_an_installation_token_fetches_and_pushes(place: Place, live: str, tmp_path: Path) -> None:
    done = git(tmp_path, "clone", "-q", remote(live, place.app.token), "app")
    assert done.returncode == 0, done.stderr
    committed(tmp_path / "app", "by the app")
    assert git(tmp_path / "app", "push", "origin", "HEAD:app").returncode == 0
    place.delivered()
    assert place.mail.last("push")["sender"]["login"] == "towline[bot]"


def test_the_repository_is_sound(place: Place, clone: Path) -> None:
    place.change("topic", README__md="# x\n", a__b__c="1")
    number = place.open("topic")
    place.stand_in.merge(SHOP, number, "ann", "rebase")
    done = git(place.stand_in.git_dir(SHOP), "fsck", "--full", "--strict")
    assert (done.returncode, "error" in done.stderr) == (0, False), done.stderr
    assert place.stand_in.calls.git > 0


def test_the_commands_of_a_push_are_read() -> None:
    old, new = "1" * 40, "2" * 40
    first = f"{old} {new} refs/heads/a\0report-status".encode()
    second = f"{ZERO} {new} refs/heads/b".encode()
    body = b"".join(f"{len(line) + 4:04x}".encode() + line for line in (first, second))
    expected = [RefMove("refs/heads/a", old, new), RefMove("refs/heads/b", None, new)]
    assert commands(body + b"0000PACK...") == expected
    assert commands(b"nonsense") == []
