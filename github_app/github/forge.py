"""The GitHub that observe and apply see: installations' APIs, and repositories' mirrors."""

from __future__ import annotations

from dataclasses import dataclass

from github_app.github import rest
from github_app.github.api import GitHubApi
from github_app.github.connections import Connections
from github_app.github.host import Host
from github_app.github.mirror.mirrors import Mirrors
from github_app.github.objects import FetchedObjects
from github_app.identity import Identity
from github_app.rounds import Place
from plugin.artifact import GitRepository


@dataclass(frozen=True, slots=True)
class GitHubForge:
    """Every repository the App is installed in."""

    host: Host
    connections: Connections
    mirrors: Mirrors
    us: Identity

    def places(self) -> tuple[Place, ...]:
        """The repositories of every installation that is not suspended, asked of GitHub now."""
        return tuple(place for one in self.installations() for place in self.places_of(one))

    def installations(self) -> tuple[int, ...]:
        """The installations that are not suspended, asked of GitHub now."""
        found = rest.installations(self.connections.app)
        return tuple(one.id for one in found if not one.suspended)

    def places_of(self, installation: int) -> tuple[Place, ...]:
        """The repositories of an installation that can be written to, asked of GitHub now."""
        return tuple(
            Place(installation, one.name, one.id, one.default_branch)
            for one in rest.repositories(self.connections.installation(installation))
            if not one.archived
        )

    def git(self, repository: str) -> GitRepository:
        """`owner/name` as a Git subscription names it."""
        return GitRepository.parse(self.host.repository(repository))

    def tidy(self, place: Place) -> None:
        """Pack the mirror of a repository."""
        self.mirrors.of(place.number).maintain()

    def github(self, place: Place) -> GitHubApi:
        """GitHub as the place's installation sees it."""
        return GitHubApi(self.connections.installation(place.installation), self.us)

    def objects(self, place: Place) -> FetchedObjects:
        """The mirror of the place's repository, read with a token for it alone."""
        return FetchedObjects(
            self.mirrors.of(place.number),
            place.default_branch,
            url=self.host.repository(place.repository),
            credentials=self.connections.credentials(place.installation, (place.number,)),
        )
