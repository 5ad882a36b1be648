"""Revisions and charts in Argo CD's Applications and ApplicationSets."""

from __future__ import annotations

import pytest

from tests.plugin.pins.bumps import blocked, chart, found, new_lines, reasons, revision

COMMIT = "0123456789abcdef0123456789abcdef01234567"
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source:
    repoURL: https://github.com/acme/Web.git
    path: deploy
    targetRevision: %s
"""
SOURCES = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  sources:
  - repoURL: https://charts.acme.io
    chart: web
    targetRevision: 1.2.3
    helm: {valueFiles: [$values/web.yaml]}
  - repoURL: https://charts.acme.io
    chart: api
    targetRevision: 1.2.3
  - repoURL: ghcr.io/acme/charts   # a registry
    chart: db
    targetRevision: "1.2.3"
  - repoURL: oci://ghcr.io/acme/manifests/cache
    path: .
    targetRevision: 1.2.3
  - repoURL: git@github.com:acme/web.git
    targetRevision: HEAD
    ref: values
"""
SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: web}
spec:
  generators:
  - matrix:
      generators:
      - git:
          repoURL: https://github.com/acme/config
          revision: v1.0.0
          directories: [{path: "*"}]
      - merge:
          generators:
          - git: {repoURL: https://github.com/acme/more, revision: main}
          - clusters:
              template:
                spec:
                  source: {repoURL: https://charts.acme.io, chart: web, targetRevision: 1.2.3}
  template:
    spec:
      source:
        repoURL: https://github.com/acme/config
        targetRevision: v1.0.0
        path: '{{ .path }}'
"""


def test_a_tag_or_commit_of_an_application() -> None:
    text = APPLICATION % "v1.2.3"
    assert found("a.yaml", text) == ["argocd-revision https://github.com/acme/web v1.2.3"]
    wanted = revision(f"acme/web {COMMIT}")
    assert new_lines("a.yaml", text, wanted) == [f"    targetRevision: {COMMIT}"]
    wanted = revision("git@github.com:acme/web v2.0.0")
    assert new_lines("a.yaml", APPLICATION % COMMIT, wanted) == ["    targetRevision: v2.0.0"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("HEAD", "follows the branch 'HEAD'; write a tag such as v1.2.3 or a whole commit id"),
        ("main", "follows the branch 'main'"),
        ("release-1.2", "follows the branch 'release-1.2'"),
        ("", "follows the default branch"),
        ('""', "follows the default branch"),
        ("1.2.*", "is a range"),
        ("v1.x", "is a range"),
        ("'{{ .branch }}'", "is filled in by a template"),
    ],
)
def test_what_moves_is_refused(value: str, why: str) -> None:
    assert why in blocked("a.yaml", APPLICATION % value, revision("acme/web v1.3.0"))


def test_an_application_without_a_revision_follows_the_default_branch() -> None:
    text = APPLICATION.replace("    targetRevision: %s\n", "")
    assert "follows the default branch" in blocked("a.yaml", text, revision("acme/web v1.3.0"))


def test_sources_are_told_by_repository_and_chart() -> None:
    assert found("a.yaml", SOURCES) == [
        "argocd-revision https://charts.acme.io/web 1.2.3",
        "argocd-revision https://charts.acme.io/api 1.2.3",
        "argocd-revision oci://ghcr.io/acme/charts/db 1.2.3",
        "argocd-revision oci://ghcr.io/acme/manifests/cache 1.2.3",
    ]
    wanted = chart("oci://ghcr.io/acme/charts/db 1.3.0")
    assert new_lines("a.yaml", SOURCES, wanted) == ['    targetRevision: "1.3.0"']


def test_a_branch_does_not_block_a_chart_of_the_same_name() -> None:
    assert reasons("a.yaml", SOURCES)
    wanted = chart("https://charts.acme.io/web 1.3.0")
    assert new_lines("a.yaml", SOURCES, wanted) == ["    targetRevision: 1.3.0"]
    assert "HEAD" in blocked("a.yaml", SOURCES, revision("acme/web v1.3.0"))


def test_everything_of_an_application_set() -> None:
    assert found("s.yaml", SET) == [
        "argocd-revision https://github.com/acme/config v1.0.0",
        "argocd-revision https://charts.acme.io/web 1.2.3",
        "argocd-revision https://github.com/acme/config v1.0.0",
    ]
    assert new_lines("s.yaml", SET, revision("acme/config v1.1.0")) == [
        "          revision: v1.1.0",
        "        targetRevision: v1.1.0",
    ]
    assert "'main'" in blocked("s.yaml", SET, revision("acme/more v1.1.0"))


def test_the_source_of_a_hydrated_application() -> None:
    text = APPLICATION.replace("  source:", "  sourceHydrator:\n   drySource:") % "v1.2.3"
    assert new_lines("a.yaml", text, revision("acme/web v1.3.0")) == ["    targetRevision: v1.3.0"]


def test_who_is_no_argo_cd_is_left_alone() -> None:
    text = (APPLICATION % "v1.2.3").replace("argoproj.io", "app.k8s.io")
    assert not found("a.yaml", text)
    assert not reasons("a.yaml", text)


def test_a_source_that_is_written_elsewhere_is_told() -> None:
    text = (APPLICATION % "v1.2.3").replace("source:\n", "source: &web\n") + "  sources: [*web]\n"
    assert reasons("a.yaml", text) == ["'*web' is an alias; write the source here"]
    placeholder = APPLICATION.replace("https://github.com/acme/Web.git", "'{{ .repo }}'") % "v1.2.3"
    assert reasons("a.yaml", placeholder) == [
        "'{{ .repo }}' is filled in by a template; bump its source"
    ]
