"""What the warehouses of a project are offered in one round: asked for, posted, assembled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from github_app.argocd.hearing import Applications, Hearing
from github_app.arrivals import Posted
from github_app.discovery import Discovery, Undiscovered
from github_app.events import ApplicationReported, ArtifactPosted, FreightAsked, Told
from github_app.ledger import Ledger
from github_app.picture import RepositoryPicture
from github_app.ports import Known, Objects, Registries
from github_app.rules.arrivals import with_new_post
from github_app.rules.posts import Posts, posts_to
from plugin.artifact import Watched
from plugin.errors import Refusal, Temporary
from plugin.pipeline import Project, Warehouse


@dataclass(frozen=True, slots=True)
class Offers:
    """By warehouse: what its sources offer, what was posted, and what people asked for.

    `refused` says of posts why they were not taken.
    """

    discoveries: Mapping[str, Discovery]
    posted: Mapping[str, tuple[Posted, ...]]
    assembled: Mapping[str, Discovery]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """One round's questions; `posts` are what was posted to the repository since the last one.

    `applications` are Argo CD's, if it can be asked.
    """

    registries: Registries
    now: datetime
    posts: tuple[Told, ...] = ()
    applications: Applications | None = None

    def offers(self, project: Project, repository: str, ledger: Ledger) -> Offers:
        """What each warehouse of `repository`, `owner/name`, is offered.

        One in trouble stops no other.
        """
        posts = [one for one in self.posts if isinstance(one, ArtifactPosted | FreightAsked)]
        came = posts_to(project, repository, posts, self.now)
        known = {one.name: self._known(one.name, ledger, came) for one in project.warehouses}
        discoveries = {
            one.name: _answer(partial(self.registries.discover, one, known[one.name], self.now))
            for one in project.warehouses
        }
        assembled = {
            name: self._assembled(project.warehouse(name), versions, known[name])
            for name, versions in came.asked.items()
        }
        unmade = (
            f"{project.file}: freight of warehouse {name} was asked for: {answer.reason}"
            for name, answer in assembled.items()
            if isinstance(answer, Undiscovered)
        )
        return Offers(discoveries, came.posted, assembled, (*came.refused, *unmade))

    def hearing(self, objects: Objects) -> Hearing:
        """What Argo CD told of the repository's Applications, or can be asked."""
        told = tuple(one for one in self.posts if isinstance(one, ApplicationReported))
        return Hearing(objects, told, self.applications, self.now)

    def _assembled(
        self, warehouse: Warehouse, versions: Mapping[str, str], known: Known
    ) -> Discovery:
        """What somebody asked for once; who is busy now is asked again with the same claim."""
        try:
            return self.registries.assemble(warehouse, versions, known, self.now)
        except Refusal as refusal:
            return Undiscovered(str(refusal))

    def _known(self, warehouse: str, ledger: Ledger, came: Posts) -> Known:
        arrivals, seen = ledger.arrived(warehouse), ledger.seen(warehouse)
        for post in came.posted.get(warehouse, ()):
            arrivals = with_new_post(arrivals, post, Known(seen))
        return Known(seen, arrivals)


def _answer(question: Callable[[], Discovery]) -> Discovery:
    try:
        return question()
    except (Refusal, Temporary) as error:
        return Undiscovered(str(error))


def watched_in(picture: RepositoryPicture) -> frozenset[Watched]:
    """Everything that warehouses watch."""
    return frozenset(
        subject.plain
        for one in picture.projects
        for warehouse in one.project.warehouses
        for subject in warehouse.carries
    )


def without_freight(picture: RepositoryPicture) -> Iterator[str]:
    """Why warehouses have nothing to offer, if any has not."""
    for one in picture.projects:
        for found in one.discoveries.values():
            if isinstance(found, Undiscovered):
                yield f"{one.project.file}: {found.reason}"
