"""One round over one repository: observe, plan, apply, and again at once after a merge."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, assert_never

from github_app.actions import Proposal
from github_app.apply import Applier
from github_app.argocd.hearing import Applications
from github_app.bringing import Answers, NeedReader, nobody_builds
from github_app.difference.values import Rendering, RenderKey, ToRender
from github_app.events import ArtifactPosted, FreightAsked, Told
from github_app.lines import LineReader
from github_app.logs import about
from github_app.observe import Observer
from github_app.offers import Asking, watched_in, without_freight
from github_app.outcome import Applied, Event, Merged, Opened, Trouble, Updated
from github_app.picture import RepositoryPicture
from github_app.plan import Plan
from github_app.ports import GitHub, Objects, Registries
from github_app.rendered_plans import Render, planned_with_differences, renders_left
from github_app.rules.posts import unknown
from github_app.source_commits.values import Between, SourceCommits
from github_app.source_commits.wanted import wanted, with_commits
from github_app.targets import Claims
from plugin.artifact import Watched

log = logging.getLogger(__name__)
# A pipeline with `merge: auto` in every stage merges once a look; longer ones go on next time.
_MOST_LOOKS = 20
_AGAIN = timedelta(seconds=10)
_READ_ON = timedelta(seconds=10)
_RENDERED_ON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A repository the App is installed in; `number` is GitHub's id for it."""

    installation: int
    repository: str
    number: int
    default_branch: str


class Forge(Protocol):
    """Where repositories are: GitHub's API and Git, by installation."""

    def github(self, place: Place) -> GitHub:
        """GitHub as the place's installation sees it."""

    def objects(self, place: Place) -> Objects:
        """The mirror of the place's repository."""


class Renders(Protocol):
    """Who renders stages, as the sidecar would."""

    def rendered(self, place: Place, wanted: Sequence[ToRender]) -> Mapping[RenderKey, Rendering]:
        """What becomes of every promotion in `wanted`; of some, that its turn is later."""

    def manifests(self, place: Place, directory: str, files: Mapping[str, str]) -> bytes:
        """What `directory` renders to in a tree of these files and no others; raises Refusal."""


class Histories(Protocol):
    """What was committed to source repositories, as far as one installation may read them."""

    def of(self, pairs: Sequence[Between]) -> Mapping[Between, SourceCommits]:
        """What is known now; asks nobody."""

    def read(self, pairs: Sequence[Between]) -> bool:
        """Read some of what is not known yet; whether anything new is known now."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a round leaves to its caller: when to look again, and what warehouses watch there.

    `without_freight` says of each warehouse that has none to offer why, and `unheard` why what was
    posted could not be judged, so that it must come again. `refresh` says that somebody wants what
    is watched asked about anew. `targets` are the ids of other repositories that stages live in.
    """

    wake_at: datetime | None
    watched: frozenset[Watched]
    plan: Plan | None
    applied: Applied
    without_freight: tuple[str, ...] = ()
    unheard: str = ""
    refresh: bool = False
    targets: frozenset[int] = frozenset()


def nobody(place: Place, name: str) -> Place | None:
    """For whoever knows one repository alone."""
    del place, name
    return None


@dataclass(frozen=True, slots=True)
class Rounds:
    """Runs rounds; every dependency is a port, so a simulator can drive it.

    `registries` are a repository's own: what it may read elsewhere goes by its installation.
    Without `renders` no difference is shown, and without `histories` no commits of sources;
    `applications` are Argo CD's, if it can be asked. `neighbour` finds another repository,
    `owner/name`, of a place's own installation: what another one has belongs to somebody else.
    """

    forge: Forge
    registries: Callable[[Place], Registries]
    reader: LineReader
    clock: Callable[[], datetime]
    told: Callable[[Applied], None]
    needs: NeedReader = field(default_factory=NeedReader, kw_only=True)
    renders: Renders | None = field(default=None, kw_only=True)
    histories: Callable[[Place], Histories] | None = field(default=None, kw_only=True)
    applications: Applications | None = field(default=None, kw_only=True)
    neighbour: Callable[[Place, str], Place | None] = field(default=nobody, kw_only=True)
    claims: Claims = field(default_factory=Claims, kw_only=True)

    def run(self, place: Place, posts: tuple[Told, ...] = ()) -> Report:
        """Bring one repository to where its pipeline files want it; `posts` came for it.

        Raises Temporary when GitHub or Git are busy. What GitHub refused is in the report: what may
        work next time is its caller's to try again.
        """
        github, registries = self.forge.github(place), self.registries(place)
        refresh = False
        for _ in range(_MOST_LOOKS):
            asking = Asking(registries, self.clock(), posts, self.applications)
            observer = Observer(
                github,
                asking,
                self.reader,
                self.renders is not None,
                partial(self._elsewhere, place),
                self.claims,
            )
            objects = self.forge.objects(place)
            picture = observer.observe(place.repository, objects)
            if picture is None:
                return Report(None, frozenset(), None, Applied())
            histories = self.histories(place) if self.histories else None
            if histories:
                picture = with_commits(picture, histories.of)
            build = partial(self.renders.manifests, place) if self.renders else nobody_builds
            answers = partial(self.needs.found, place.repository, objects, build)
            render = partial(self._rendered, self.renders, place) if self.renders else None
            report = self._round(github, picture, answers, render)
            refresh = refresh or report.refresh
            report = replace(
                report,
                unheard=_unheard(picture, posts),
                refresh=refresh,
                targets=frozenset(self._targets(place, picture)),
            )
            if not report.applied.merged() or report.applied.troubles():
                return self._read_on(report, picture, histories) if histories else report
        return report

    def _elsewhere(self, place: Place, name: str) -> Objects | None:
        other = self.neighbour(place, name)
        return None if other is None else self.forge.objects(other)

    def _rendered(
        self, renders: Renders, place: Place, repository: str, wanted: Sequence[ToRender]
    ) -> Mapping[RenderKey, Rendering]:
        there = self.neighbour(place, repository) if repository else place
        return {} if there is None else renders.rendered(there, wanted)

    def _targets(self, place: Place, picture: RepositoryPicture) -> Iterator[int]:
        """Those, too, in which nothing could be done: it may be otherwise after the next push."""
        for name in {one.repo for each in picture.projects for one in each.project.stages}:
            other = self.neighbour(place, name) if name else None
            if other is not None and other.number != place.number:
                yield other.number

    def _read_on(self, report: Report, picture: RepositoryPicture, histories: Histories) -> Report:
        """Now that promotions are made: what was committed to their sources, for the next look."""
        unknown = [pair for one in picture.projects for pair in wanted(one)]
        if not histories.read(unknown):
            return report
        soon = self.clock() + _READ_ON
        return replace(report, wake_at=min(report.wake_at or soon, soon))

    def _round(
        self, github: GitHub, seen: RepositoryPicture, answers: Answers, render: Render | None
    ) -> Report:
        now = self.clock()
        picture, made = planned_with_differences(seen, now, answers, render)
        for reason in (reason for one in picture.projects for reason in one.refused_posts):
            log.warning("not taken: %s", reason)
        if picture.ledger_alarm:
            log.error("ledger refused: %s", picture.ledger_alarm)
        elsewhere = {name: made.actions(name) for name in picture.targets}
        applied = Applier(github, picture).apply(made.actions(), elsewhere)
        self.told(applied)
        for event in applied.events:
            _log(event)
        wake_at = made.wake_at
        if any(isinstance(one, Trouble) for one in applied.events):
            wake_at = min(wake_at or now + _AGAIN, now + _AGAIN)
        if renders_left(picture):
            wake_at = min(wake_at or now + _RENDERED_ON, now + _RENDERED_ON)
        without = tuple(without_freight(picture))
        return Report(wake_at, watched_in(picture), made, applied, without, refresh=made.refresh)


def _unheard(picture: RepositoryPicture, posts: tuple[Told, ...]) -> str:
    """Why posts got no answer: nobody knows what the pipeline says, or what is in the ledger."""
    if not posts:
        return ""
    if picture.ledger_alarm:
        return f"what was posted waits for the ledger: {picture.ledger_alarm}"
    if picture.broken:
        return f"what was posted waits until {picture.broken[0].file} can be read"
    projects = [one.project for one in picture.projects]
    asked = [one for one in posts if isinstance(one, ArtifactPosted | FreightAsked)]
    for reason in unknown(projects, picture.name, asked):
        log.warning("not taken: %s", reason)
    return ""


def _log(event: Event) -> None:
    match event:
        case Opened(proposal, number):
            _log_promotion("opened", proposal, number)
        case Updated(proposal, number):
            _log_promotion("updated", proposal, number)
        case Merged(head, commit):
            _, project, stage, _ = head.split("/")
            with about(project=project, stage=stage):
                log.info("merged %s as %s", head, commit)
        case Trouble(what, blocked):
            log.warning("%s: %s", "not yet" if blocked else "refused", what)
        case _:
            assert_never(event)


def _log_promotion(what: str, proposal: Proposal, number: int) -> None:
    with about(project=proposal.project, stage=proposal.stage, freight=proposal.freight):
        log.info("%s #%d: %s to %s", what, number, proposal.warehouse, proposal.stage)
