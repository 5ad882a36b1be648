"""Versions as sources offer them, for the tests of what is chosen among them."""

from __future__ import annotations

from datetime import UTC, datetime

from github_app.warehouse.candidate import Candidate
from plugin.artifact import Chart, ChartName, GitRepository, Image, Repository, Revision

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)


def image(name: str, tag: str, *, created: datetime | None = None, **facts: str) -> Candidate:
    """An image of ghcr.io/acme."""
    repository = Repository.parse(f"ghcr.io/acme/{name}")
    return Candidate(Image(repository, tag, f"sha256:{'a' * 64}"), created, tuple(facts.items()))


def images(name: str, *tags: str) -> list[Candidate]:
    """Images in the order of the tags."""
    return [image(name, tag) for tag in tags]


def charts(name: str, *versions: str) -> list[Candidate]:
    """Charts of an HTTP repository."""
    chart = ChartName("https://charts.acme.io", name)
    return [Candidate(Chart(chart, version)) for version in versions]


def commits(name: str, *letters: str) -> list[Candidate]:
    """Commits whose id is one letter."""
    repository = GitRepository.parse(f"github.com/acme/{name}")
    return [Candidate(Revision(repository, one * 40, one * 40)) for one in letters]
