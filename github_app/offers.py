"""What the warehouses of a project are offered in one round: asked for, posted, assembled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from github_app.arrivals import Posted
from github_app.events import Post
from github_app.ledger import Ledger
from github_app.picture import Discovery, Undiscovered
from github_app.ports import Known, Registries
from github_app.rules.posts import Posts, posts_to
from plugin.errors import Refusal, Temporary
from plugin.pipeline import Project


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
    """One round's questions; `posts` are what was posted to the repository since the last one."""

    registries: Registries
    now: datetime
    posts: tuple[Post, ...] = ()

    def offers(self, project: Project, repository: str, ledger: Ledger) -> Offers:
        """What each warehouse of `repository`, `owner/name`, is offered.

        One in trouble stops no other.
        """
        came = posts_to(project, repository, self.posts, self.now)
        known = {one.name: self._known(one.name, ledger, came) for one in project.warehouses}
        discoveries = {
            one.name: _answer(partial(self.registries.discover, one, known[one.name], self.now))
            for one in project.warehouses
        }
        assembled = {
            name: _answer(
                partial(self.registries.assemble, project.warehouse(name), versions, known[name])
            )
            for name, versions in came.asked.items()
        }
        unmade = (
            f"{project.file}: freight of warehouse {name} was asked for: {answer.reason}"
            for name, answer in assembled.items()
            if isinstance(answer, Undiscovered)
        )
        return Offers(discoveries, came.posted, assembled, (*came.refused, *unmade))

    def _known(self, warehouse: str, ledger: Ledger, came: Posts) -> Known:
        arrivals = ledger.arrived(warehouse)
        for post in came.posted.get(warehouse, ()):
            arrivals = arrivals.with_posted(post)
        return Known(ledger.seen(warehouse), arrivals)


def _answer(question: Callable[[], Discovery]) -> Discovery:
    try:
        return question()
    except (Refusal, Temporary) as error:
        return Undiscovered(str(error))
