"""Where artifacts come from: what their sources say, as far as it is plainly an address."""

from __future__ import annotations

import pytest

from github_app.body.origins import NOWHERE, Forge, Origin, SourceRepository, forge_of, origin_of
from plugin.artifact import Chart, ChartName, GitRepository, Revision
from tests.github_app.shop import image

OCI = "org.opencontainers.image."
COMMIT = "1" * 40


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://github.com/acme/web", "https://github.com/acme/web"),
        ("https://github.com/acme/web.git", "https://github.com/acme/web"),
        ("https://GitHub.com/acme/web/", "https://github.com/acme/web"),
        ("https://github.com/acme/mono/tree/main/web", "https://github.com/acme/mono"),
        ("https://github.com/acme/web/pull/7", "https://github.com/acme/web"),
        ("https://gitlab.com/acme/team/web", "https://gitlab.com/acme/team/web"),
        ("https://gitlab.com/acme/web/-/tree/main", "https://gitlab.com/acme/web"),
        ("https://git.lan.example:8443/a/b", "https://git.lan.example:8443/a/b"),
    ],
)
def test_a_repository_is_taken_out_of_an_address(address: str, url: str) -> None:
    found = SourceRepository.parse(address)
    assert found is not None
    assert found.url == url


@pytest.mark.parametrize(
    "address",
    [
        "http://github.com/acme/web",
        "git@github.com:acme/web.git",
        "javascript:alert(1)",
        "https://github.com",
        "https://github.com/acme",
        "https://localhost/acme/web",
        "https://user:secret@github.com/acme/web",
        "https://github.com/acme/web](javascript:alert(1))",
        "https://github.com/acme/web) [x](https://evil.example",
        "https://github.com/acme/web?tab=readme",
        "https://github.com/acme/web#readme",
        "https://github.com/../../evil",
        "https://github.com/acme/..",
        "https://github.com/acme/we b",
        "https://github.com/acme/web\n",
        "https://github.com/acme/wéb",
        "https://g\u0131thub.com/acme/web",
        "https://github.com/acme/<img src=x>",
        "https://github.com/a|b/c",
        "https://github.com/" + "a/" * 300,
        "",
    ],
)
def test_what_is_not_plainly_one_is_none(address: str) -> None:
    assert SourceRepository.parse(address) is None


def test_pages_are_known_by_the_host() -> None:
    wanted = {
        "github.com": Forge.GITHUB,
        "acme.ghe.com": Forge.GITHUB,
        "github.acme.example": Forge.GITHUB,
        "gitlab.com": Forge.GITLAB,
        "gitlab.acme.example:8443": Forge.GITLAB,
        "codeberg.org": Forge.GITEA,
        "gitea.com": Forge.GITEA,
        "forgejo.acme.example": Forge.GITEA,
        "bitbucket.org": Forge.BITBUCKET,
        "evil-github.com": Forge.OTHER,
        "notghe.com": Forge.OTHER,
    }
    assert {host: forge_of(host) for host in wanted} == wanted


def test_an_image_says_it_in_labels() -> None:
    said = {
        "source": "https://github.com/acme/web",
        "revision": COMMIT,
        "version": "1.1.0",
        "url": "https://acme.example/web",
    }
    facts = tuple((f"{OCI}{name}", text) for name, text in said.items())
    source = SourceRepository("github.com", "acme/web")
    assert origin_of(image("1.1.0"), facts) == Origin(
        source, COMMIT, "1.1.0", "https://acme.example/web"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("revision", "main"),
        ("revision", "../../issues/1"),
        ("revision", "1234567) [x](https://evil.example"),
        ("version", "-->"),
        ("version", "1.0 (beta)"),
        ("url", "javascript:alert(1)"),
        ("url", "http://acme.example"),
        ("url", "https://github.com/victim/repo/issues/1"),
        ("url", "https://acme.example/?q=[x](y)"),
    ],
)
def test_labels_of_another_form_say_nothing(name: str, text: str) -> None:
    assert origin_of(image("1.1.0"), ((f"{OCI}{name}", text),)) == NOWHERE


def test_a_revision_is_its_own_origin() -> None:
    repository = GitRepository.parse("https://github.com/acme/config")
    source = SourceRepository("github.com", "acme/config")
    assert origin_of(Revision(repository, "v1.0.0", COMMIT), ()) == Origin(source, COMMIT, "v1.0.0")
    assert origin_of(Revision(repository, COMMIT, COMMIT), ()) == Origin(source, COMMIT)


def test_a_chart_names_several_sources() -> None:
    chart = Chart(ChartName("https://charts.acme.io", "web"), "1.0.0")
    facts = (("sources", "ssh://x https://github.com/acme/charts https://gitlab.com/a/b"),)
    assert origin_of(chart, facts) == Origin(SourceRepository("github.com", "acme/charts"))
