"""Links for an artifact: what changed in its source, its releases, its registry's page. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never
from urllib.parse import quote, urlsplit

from github_app.body.origins import Forge, Origin, SourceRepository
from plugin.artifact import DOCKER_HUB, Artifact, Chart, Image, Repository
from plugin.errors import Refusal

_LIBRARY = "library/"
_HUB = "https://hub.docker.com"


@dataclass(frozen=True, slots=True)
class Link:
    """Words, and the address behind them, both of which are harmless as they stand."""

    words: str
    url: str

    def __str__(self) -> str:
        return f"[{self.words}]({self.url})"


def links_of(artifact: Artifact, new: Origin, old: Origin) -> tuple[Link, ...]:
    """Everything worth a click about `artifact`; `old` is the origin of what it replaces."""
    found = [*_source_links(new, old), *_page_link(new)]
    page = registry_page(artifact)
    return (*found, Link("registry", page)) if page else tuple(found)


def _source_links(new: Origin, old: Origin) -> Iterator[Link]:
    if new.source is None:
        return
    same = old.source == new.source and new.revision != old.revision
    known = same and new.revision and old.revision
    between = compare_page(new.source, old.revision, new.revision) if known else ""
    if between:
        yield Link("changes", between)
    else:
        commit = commit_page(new.source, new.revision) if new.revision else ""
        yield Link("source", commit or new.source.url)
    releases = _releases_page(new.source, new.version)
    if releases:
        yield Link("release", releases)


def _page_link(new: Origin) -> Iterator[Link]:
    if new.page:
        yield Link(f"`{urlsplit(new.page).netloc}`", new.page)


def compare_page(source: SourceRepository, old: str, new: str) -> str:
    """What lies between two revisions, '' where the host's pages are not known."""
    match source.forge:
        case Forge.GITHUB | Forge.GITEA:
            return f"{source.url}/compare/{old}...{new}"
        case Forge.GITLAB:
            return f"{source.url}/-/compare/{old}...{new}"
        case Forge.BITBUCKET:
            return f"{source.url}/branches/compare/{new}..{old}"
        case Forge.OTHER:
            return ""
        case _:
            assert_never(source.forge)


def commit_page(source: SourceRepository, revision: str) -> str:
    """One commit's page, '' where the host's pages are not known."""
    match source.forge:
        case Forge.GITHUB | Forge.GITEA:
            return f"{source.url}/commit/{revision}"
        case Forge.GITLAB:
            return f"{source.url}/-/commit/{revision}"
        case Forge.BITBUCKET:
            return f"{source.url}/commits/{revision}"
        case Forge.OTHER:
            return ""
        case _:
            assert_never(source.forge)


def _releases_page(source: SourceRepository, version: str) -> str:
    """Where the release of `version` would be.

    A label's version may lack the `v` that the tag has, so the releases are searched for it.
    """
    if not version:
        return ""
    match source.forge:
        case Forge.GITHUB:
            return f"{source.url}/releases?q={quote(version, safe='')}"
        case Forge.GITLAB:
            return f"{source.url}/-/releases"
        case Forge.GITEA:
            return f"{source.url}/releases"
        case Forge.BITBUCKET | Forge.OTHER:
            return ""
        case _:
            assert_never(source.forge)


def registry_page(artifact: Artifact) -> str:
    """The page that a registry has for people, '' where it is not known to have one."""
    match artifact:
        case Image(repository=repository):
            return _registry_page(repository)
        case Chart(subject=chart) if chart.in_registry:
            try:
                return _registry_page(Repository.parse(str(chart).removeprefix("oci://")))
            except Refusal:
                return ""
        case _:
            return ""


def _registry_page(repository: Repository) -> str:
    path = repository.path
    match repository.host:
        case host if host == DOCKER_HUB and path.startswith(_LIBRARY):
            return f"{_HUB}/_/{path.removeprefix(_LIBRARY)}"
        case host if host == DOCKER_HUB:
            return f"{_HUB}/r/{path}"
        case "ghcr.io":
            return f"https://ghcr.io/{path}"
        case "quay.io":
            return f"https://quay.io/repository/{path}"
        case "public.ecr.aws":
            return f"https://gallery.ecr.aws/{path}"
        case _:
            return ""
