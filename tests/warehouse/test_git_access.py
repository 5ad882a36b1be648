"""The way to a watched repository: addresses, whose token, which login, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_app.github.host import Host
from github_app.github.mirror.asking import Way
from github_app.warehouse.git_access import GitLogins, Ways
from plugin.artifact import GitRepository
from plugin.errors import Refusal
from plugin.subscriptions import GitSubscription


class Key:
    """Credentials of an installation."""

    def token(self) -> str:
        return "ghs_token"

    def forget(self, token: str) -> None:
        pass


KEY = Key()
INSTALLED = {"acme/config": KEY}


def way(
    address: str,
    *,
    github: str = "https://github.com",
    logins: Path | None = None,
    insecure: frozenset[str] = frozenset(),
) -> Way:
    ways = Ways(Host(github), INSTALLED.get, GitLogins(logins), insecure)
    return ways.way(GitSubscription("config", GitRepository.parse(address), address))


@pytest.mark.parametrize(
    "address",
    [
        "acme/config",
        "https://github.com/acme/config",
        "https://github.com/acme/config.git",
        "https://github.com:443/acme/config/",
        "https://ann:secret@github.com/acme/config",
        "git@github.com:acme/config.git",
        "ssh://git@ssh.github.com:443/acme/config.git",
        "git::https://github.com/acme/config",
    ],
)
def test_the_app_s_own_repositories_are_read_with_its_token(address: str) -> None:
    assert way(address) == Way("https://github.com/acme/config.git", KEY)


def test_what_the_app_is_not_installed_in_is_read_by_nobody() -> None:
    assert way("https://github.com/other/config") == Way("https://github.com/other/config.git")
    assert way("https://git.example.org/a/b.git") == Way("https://git.example.org/a/b.git")


def test_a_server_of_one_s_own() -> None:
    found = way("git@ghes.lan:acme/config", github="https://ghes.lan/")
    assert found == Way("https://ghes.lan/acme/config.git", KEY)
    local = way("http://127.0.0.1:8000/acme/config.git", github="http://127.0.0.1:8000")
    assert local == Way("http://127.0.0.1:8000/acme/config.git", KEY)
    elsewhere = way("https://github.com/acme/config", github="https://ghes.lan")
    assert elsewhere == Way("https://github.com/acme/config")
    assert way("git@x.ghe.com:a/b", github="https://ghes.lan") == Way("https://x.ghe.com/a/b")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("git@gitlab.com:acme/config.git", "write https://gitlab.com/acme/config"),
        ("ssh://git@git.lan:2222/a/b", "write https://git.lan/a/b"),
        ("git://git.lan/a/b", "needs a key or a port of its own"),
        ("http://git.lan/a/b", "name git.lan in TOWLINE_INSECURE_REGISTRIES"),
    ],
)
def test_what_cannot_be_read_safely_is_refused(address: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        way(address)


def test_plain_http_is_for_this_machine_and_named_hosts() -> None:
    assert way("http://localhost:3000/a/b").url == "http://localhost:3000/a/b"
    assert way("http://git.lan/a/b", insecure=frozenset({"git.lan"})).url == "http://git.lan/a/b"


@pytest.fixture
def logins(tmp_path: Path) -> Path:
    file = tmp_path / "git-credentials"
    lines = [
        "https://ann:p%40ss@git.example.org",
        "https://bob:secret@git.example.org/team/private",
        "https://eve:other@git.example.org/team/private",
        "http://plain:text@git.example.org",
        "https://nobody@git.example.org/x",
        "https://[broken",
        "",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("path", "user", "password"),
    [
        ("any/repository", "ann", "p@ss"),
        ("team/private", "bob", "secret"),
        ("team/private.git", "bob", "secret"),
        ("team/private/below", "bob", "secret"),
        ("team/privateer", "ann", "p@ss"),
        ("x", "ann", "p@ss"),
    ],
)
def test_a_login_is_that_of_the_nearest_place(
    logins: Path, path: str, user: str, password: str
) -> None:
    found = way(f"https://git.example.org/{path}", logins=logins)
    assert found.credentials is not None
    assert (found.user, found.credentials.token()) == (user, password)
    assert password not in repr(found)


def test_a_login_stays_with_its_host(logins: Path) -> None:
    for address in ("https://git.example.org:8443/a", "https://git.example.com/a"):
        assert way(address, logins=logins) == Way(address)


def test_logins_may_change_while_we_run(logins: Path) -> None:
    known = GitLogins(logins)
    logins.write_text("https://ann:new@git.example.org\n", encoding="utf-8")
    found = known("https://git.example.org/a/b")
    assert found is not None
    assert found.password == "new"


def test_logins_that_cannot_be_read_are_refused_without_being_quoted(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read: No such file"):
        way("https://git.example.org/a/b", logins=tmp_path / "gone")
    broken = tmp_path / "broken"
    broken.write_bytes(b"https://ann:s3cret\xff@git.example.org")
    with pytest.raises(Refusal, match="it is no UTF-8") as refused:
        way("https://git.example.org/a/b", logins=broken)
    assert "s3cret" not in str(refused.value)
