"""Repositories that stages live in, looked at: the pipeline files' own, and others beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field, replace
from datetime import timedelta

from github_app.declared import Declared, declared, living_in, repo_of
from github_app.github.facts import RepositoryFacts
from github_app.lines import Lines
from github_app.other_pulls import Bystanders
from github_app.picture import LinePicture, MissingPlace, ProjectPicture, RepositoryPicture
from github_app.ports import GitHub, Objects
from github_app.reviewers import code_owners, named_people
from plugin import holding as holdings
from plugin.errors import Refusal, Temporary
from plugin.pipeline import Project

_TRIES = 3
Elsewhere = Callable[[str], Objects | None]
"""The mirror of another repository, `owner/name`; None unless the same installation has it."""


def nowhere(repository: str) -> Objects | None:
    """For whoever sees one repository alone."""
    del repository
    return None


@dataclass(frozen=True, slots=True)
class Looked:
    """One repository at one moment, with what is declared to live there.

    `declares` are the projects whose pipeline files are there. `rewound` says what the fetch said
    of the ledger.
    """

    repo: str
    known: Declared
    facts: RepositoryFacts
    objects: Objects
    rewound: str | None = None
    declares: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Missing:
    """A repository that cannot be had, and why."""

    repo: str
    reason: str


@dataclass(slots=True)
class Claims:
    """Which repositories have a project of a name with stages in another one.

    Head branches have the project's name and no repository's, so two would share them. It is the
    first by name that goes on, whatever replica looks.
    """

    _of: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def put(self, owner: str, known: Declared) -> None:
        """What the projects of `owner` say now."""
        self._of[owner.lower()] = frozenset(
            (repo_of(stage), project.name)
            for project in known.projects
            for stage in project.stages
            if repo_of(stage)
        )

    def before(self, owner: str, target: str, names: Iterable[str]) -> tuple[str, ...]:
        """Who else has such a project there, and goes first."""
        wanted = {(target, name) for name in names}
        return tuple(
            other
            for other, has in sorted(self._of.items())
            if other < owner.lower() and not wanted.isdisjoint(has)
        )


def looked(
    github: GitHub, objects: Objects, name: str, known_at: Callable[[str], Declared], repo: str = ""
) -> Looked | None:
    """What GitHub says of repository `name`, and its objects to the same moment.

    `known_at` tells what is declared at the default branch's commit, or anywhere else. None where
    the repository is empty, gone or not ours to see; raises Temporary while it moves.
    """
    rewound = objects.fetch()
    default = objects.default_branch()
    for _ in range(_TRIES):
        tip = objects.branch(default)
        known = known_at(tip) if tip else Declared(())
        here = known.living_in(repo)
        people = named_people(here.projects, name.partition("/")[0])
        facts = github.look(name, here.branches(default), here.heads(), people)
        if facts is None:
            return None
        if facts.default_oid == tip and _complete(facts, objects):
            return Looked(repo, known, facts, objects, rewound)
        default = facts.default_branch
        rewound = objects.fetch() or rewound
    raise Temporary(
        f"{name}: its branches moved faster than they could be read", timedelta(seconds=5)
    )


def _complete(facts: RepositoryFacts, objects: Objects) -> bool:
    """Whether every commit that GitHub named is here."""
    named = [branch.oid for branch in facts.branches.values()]
    named += [made.oid for made in facts.heads.values()]
    named += [made.oid for made in facts.ledger[:1]]
    return all(objects.has(oid) for oid in named)


@dataclass(frozen=True, slots=True)
class Targets:
    """Looks at the repositories that stages of one repository's projects live in."""

    github: GitHub
    elsewhere: Elsewhere
    claims: Claims

    def looked(self, own: Looked) -> tuple[Looked | Missing, ...]:
        """Each of them, by its name in lower case."""
        self.claims.put(own.facts.name, own.known)
        return tuple(self._looked(one, own) for one in own.known.targets())

    def _looked(self, repo: str, own: Looked) -> Looked | Missing:
        if repo == own.facts.name.lower():
            return Missing(repo, "is this repository itself; remove 'repo'")
        objects = self.elsewhere(repo)
        if objects is None:
            return Missing(
                repo,
                "is no repository that the App is installed in together with this one; "
                "install it there, or mend 'repo'",
            )
        try:
            found = looked(self.github, objects, repo, lambda _: own.known, repo)
        except Refusal as refusal:
            return Missing(repo, f"cannot be read: {refusal}")
        if found is None:
            return Missing(repo, "is empty or gone; give it a first commit, or mend 'repo'")
        return self._alone(replace(found, declares=_declared_in(found)), own)

    def _alone(self, found: Looked, own: Looked) -> Looked | Missing:
        """Refused where somebody else's promotions have the same head branches."""
        names = {one.name for one in found.known.living_in(found.repo).projects if one.stages}
        others = [found.repo] if names & found.declares else []
        others += (
            one
            for one in self.claims.before(own.facts.name, found.repo, names)
            if self.elsewhere(one) is not None
        )
        if not others:
            return found
        return Missing(
            found.repo,
            f"gets promotions of a project of the same name from {others[0]} already; "
            "give one of the projects another name",
        )


def _declared_in(found: Looked) -> frozenset[str]:
    """The names of the repository's own projects."""
    known = declared(found.objects, found.facts.default_oid)
    return frozenset(one.name for one in known.projects)


def missing_lines(project: Project, missing: Missing) -> Lines:
    """The lines of a repository that cannot be had."""
    there = living_in(project, missing.repo)
    return {
        (stage.name, line.warehouse): LinePicture(
            stage.name,
            line.warehouse,
            MissingPlace(f"{project.file}: {stage.repo} of stage {stage.name} {missing.reason}"),
            "",
            holdings.Empty(),
        )
        for stage in there.stages
        for line in stage.lines
    }


def only_there(picture: ProjectPicture, repo: str) -> ProjectPicture:
    """The project with its stages and lines in `repo` alone."""
    project = living_in(picture.project, repo)
    names = {one.name for one in project.stages}
    lines = {key: line for key, line in picture.lines.items() if key[0] in names}
    return replace(picture, project=project, lines=lines)


def target_picture(
    seen: Looked, projects: Iterable[ProjectPicture], names: Set[str], *, renders: bool
) -> RepositoryPicture:
    """What is seen of another repository but for what was said there."""
    facts, here = seen.facts, seen.known.living_in(seen.repo)
    aside = Bystanders(facts, seen.objects, here, names - seen.declares)
    parts = (only_there(one, seen.repo) for one in projects)
    return RepositoryPicture(
        name=facts.name,
        node=facts.node,
        url=facts.url,
        default_branch=facts.default_branch,
        default_oid=facts.default_oid,
        projects=tuple(one for one in parts if one.project.stages),
        foreign=tuple(aside.foreign(renders=renders)),
        strays=tuple(one.pull for one in aside.strays()),
        leftovers=aside.leftovers(),
        renders=renders,
        labels=facts.labels,
        merge_method=facts.merge_method,
        nodes=facts.nodes,
        queue=facts.queue,
        auto_merge_allowed=facts.auto_merge_allowed,
        codeowners=code_owners(here.projects, facts.tips, seen.objects),
    )
