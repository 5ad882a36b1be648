"""Links for reviewers: each forge's own form, and none where nothing is known."""

from __future__ import annotations

import pytest

from github_app.body.links import commit_page, compare_page, links_of, registry_page
from github_app.body.origins import NOWHERE, Origin, SourceRepository
from plugin.artifact import Artifact, Chart, ChartName, Image, Repository
from tests.github_app.shop import image

OLD, NEW = "1" * 40, "2" * 40
WEB = SourceRepository("github.com", "acme/web")


@pytest.mark.parametrize(
    ("host", "compare", "commit"),
    [
        ("github.com", f"compare/{OLD}...{NEW}", f"commit/{NEW}"),
        ("codeberg.org", f"compare/{OLD}...{NEW}", f"commit/{NEW}"),
        ("gitlab.com", f"-/compare/{OLD}...{NEW}", f"-/commit/{NEW}"),
        ("bitbucket.org", f"branches/compare/{NEW}..{OLD}", f"commits/{NEW}"),
    ],
)
def test_every_forge_has_its_form(host: str, compare: str, commit: str) -> None:
    source = SourceRepository(host, "acme/web")
    assert compare_page(source, OLD, NEW) == f"https://{host}/acme/web/{compare}"
    assert commit_page(source, NEW) == f"https://{host}/acme/web/{commit}"


def words(new: Origin, old: Origin = NOWHERE, artifact: Artifact | None = None) -> list[str]:
    private = image("1.1.0", Repository.parse("registry.example.com/web"))
    return [str(one) for one in links_of(artifact or private, new, old)]


def test_changes_lie_between_two_known_revisions_of_one_source() -> None:
    new, old = Origin(WEB, NEW, "1.1.0"), Origin(WEB, OLD, "1.0.0")
    releases = "[release](https://github.com/acme/web/releases?q=1.1.0)"
    changes = f"[changes](https://github.com/acme/web/compare/{OLD}...{NEW})"
    assert words(new, old) == [changes, releases]
    commit = f"[source](https://github.com/acme/web/commit/{NEW})"
    for other in (NOWHERE, Origin(WEB), Origin(WEB, NEW), Origin(SourceRepository("x.io", "a/b"))):
        assert words(new, other) == [commit, releases]


def test_of_an_unknown_forge_there_is_the_page_alone() -> None:
    source = SourceRepository("git.example.org", "a/b")
    link = "[source](https://git.example.org/a/b)"
    assert words(Origin(source, NEW, "1.0"), Origin(source, OLD)) == [link]


def test_a_maker_s_page_is_called_by_its_host() -> None:
    assert words(Origin(page="https://acme.example/web")) == [
        "[`acme.example`](https://acme.example/web)"
    ]


def test_of_what_says_nothing_there_is_no_link() -> None:
    assert words(NOWHERE) == []


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("nginx", "https://hub.docker.com/_/nginx"),
        ("grafana/grafana", "https://hub.docker.com/r/grafana/grafana"),
        ("ghcr.io/acme/web", "https://ghcr.io/acme/web"),
        ("quay.io/acme/web", "https://quay.io/repository/acme/web"),
        ("public.ecr.aws/acme/web", "https://gallery.ecr.aws/acme/web"),
        ("registry.example.com/web", ""),
    ],
)
def test_registries_with_pages_for_people(name: str, page: str) -> None:
    digest = "sha256:" + "a" * 64
    assert registry_page(Image(Repository.parse(name), "1.0", digest)) == page


def test_a_chart_in_a_registry_has_its_page() -> None:
    chart = Chart(ChartName("oci://ghcr.io/acme/charts", "web"), "1.0.0")
    assert registry_page(chart) == "https://ghcr.io/acme/charts/web"
    assert registry_page(Chart(ChartName("oci://ghcr.io/Acme", "Web"), "1.0.0")) == ""
    assert registry_page(Chart(ChartName("https://charts.acme.io", "web"), "1.0.0")) == ""
