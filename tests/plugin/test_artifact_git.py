"""Git repositories: which addresses are one place, and which revisions stay what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.artifact import GitRepository, Revision
from plugin.artifact.git import is_fixed
from plugin.errors import Refusal

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HOSTILE = st.text(st.sampled_from("aZ09.-_/:@%?#&=+~[]{}'\"`$(\\)<>| \t\n\0é\u2028"), max_size=30)
STARTS = ("", "https://", "ssh://git@", "git@", "git::https://", "github.com/", "git@github.com:")


@pytest.mark.parametrize(
    "text",
    [
        "acme/web",
        "Acme/Web",
        "github.com/acme/web",
        "https://github.com/acme/web",
        "https://github.com/acme/web.git",
        "https://github.com/Acme/Web.git/",
        "HTTPS://GitHub.com/acme/web",
        "https://github.com:443/acme//web",
        "https://www.github.com/acme/web",
        "https://x-access-token@github.com/acme/web",
        "http://github.com:80/acme/web",
        "git::https://github.com/acme/web",
        "git@github.com:acme/web.git",
        "git@github.com:/acme/web.git",
        "git::git@github.com:acme/web",
        "github.com:acme/web",
        "ssh://git@github.com/acme/web.git",
        "ssh://git@github.com:22/acme/web.git",
        "ssh://git@ssh.github.com:443/acme/web.git",
        "git://github.com:9418/acme/web.git",
    ],
)
def test_one_repository_in_every_spelling(text: str) -> None:
    assert str(GitRepository.parse(text)) == "https://github.com/acme/web"


@pytest.mark.parametrize(
    ("text", "host", "path"),
    [
        ("https://gitlab.com/Acme/group/web.git", "gitlab.com", "Acme/group/web"),
        ("https://git.acme.io:8443/x/y", "git.acme.io:8443", "x/y"),
        ("git.acme.io:8443/x/y", "git.acme.io:8443", "x/y"),
        ("ssh://git@git.acme.io:2222/x/y.git", "git.acme.io", "x/y"),
        ("git@git.acme.io:2222/x/y.git", "git.acme.io", "2222/x/y"),
        ("https://dev.azure.com/o/p%20q/_git/web", "dev.azure.com", "o/p%20q/_git/web"),
        ("https://git.sr.ht/~acme/web", "git.sr.ht", "~acme/web"),
        ("http://[fd00::1]:3000/x/y", "[fd00::1]:3000", "x/y"),
    ],
)
def test_hosts_ports_and_paths(text: str, host: str, path: str) -> None:
    assert GitRepository.parse(text) == GitRepository(host, path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web",
        "../web",
        "https://github.com",
        "https://github.com/",
        "https://github.com/.git",
        "https://github.com/acme/../web",
        "https://github.com/acme/web?ref=v1",
        "https://github.com/acme/we b",
        "https://git.acme.io/$(id)/web",
        "{{ .repo }}",
        "file:///srv/web",
        "https://github.com/acme/wéb",
        "git@github.com:acme/web\0",
        "https://github.com/acme/web" + ".git" * 250_000,
    ],
)
def test_what_is_no_repository_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        GitRepository.parse(text)


@given(st.builds(str.__add__, st.sampled_from(STARTS), HOSTILE))
def test_parsing_refuses_or_finds_a_normal_form(text: str) -> None:
    try:
        repository = GitRepository.parse(text)
    except Refusal:
        return
    assert GitRepository.parse(str(repository)) == repository
    assert str(repository).isascii()
    assert not set(str(repository)) & set(" \t\n\0'\"`\\<>{}|#?&$()")


@pytest.mark.parametrize(
    "text",
    [
        *(COMMIT, COMMIT[:24] * 2 + COMMIT[:16]),
        *"v1.2.3 1.2 v1.2 v1.30.1+k3s2 1.2.3rc1 web-v1.2.3 charts/web/1.2.3 release-1.2.3".split(),
        *"cloudnative-pg-v0.14.0 v1.2.3.4 v1.0.0-rc.1 2024.01.02 web@1.2.3 v0.0.0-1_x".split(),
    ],
)
def test_tags_of_versions_and_commits_stay(text: str) -> None:
    assert is_fixed(text)
    assert str(Revision(GitRepository.parse("acme/web"), text)).endswith(f" {text}")


@pytest.mark.parametrize(
    "text",
    [
        *"HEAD main release-1.2 v1 1 1.x 1.2.x 1.2.* ~1.2.3 >=1.0.0 refs/heads/v1.2.3".split(),
        *("", "feature/1", COMMIT[:7], COMMIT.upper(), "v1.2.3 ", "1.2.3-" * 99, "stable"),
    ],
)
def test_whatever_may_be_a_branch_moves(text: str) -> None:
    assert not is_fixed(text)


@pytest.mark.parametrize("text", ["", "-v1", "a..b", "x.lock", "v1 ", "v1\n", "v1^", "a:b", "v1/"])
def test_what_git_refuses_is_no_revision(text: str) -> None:
    with pytest.raises(Refusal, match="is not a revision"):
        Revision(GitRepository.parse("acme/web"), text)
