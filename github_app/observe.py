"""One consistent picture of a repository: GitHub's facts, Git's objects, the registries' news.

GitHub is asked once, and the Git objects are fetched until they include every commit that the
answer names, so all parts of the picture are of one moment (see ARCHITECTURE.md).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from github_app.brought import Origin
from github_app.chained import chained, upstream_first
from github_app.github.facts import RepositoryFacts
from github_app.github.pull_facts import PullFacts
from github_app.ledger import Ledger
from github_app.ledger_branch import trusted_ledger
from github_app.ledger_files import read_ledger
from github_app.lines import LineReader
from github_app.offers import Asking
from github_app.picture import BrokenProject, ForeignPull, ProjectPicture, RepositoryPicture
from github_app.ports import GitHub, Objects
from github_app.pulls import PullRequest
from github_app.reviewers import approvers, code_owners, named_people
from github_app.spoken import Listener
from plugin.errors import Refusal, Temporary
from plugin.head import head_in
from plugin.pipeline import InBranch, Project
from plugin.pipeline_file import InvalidProject, Mistake, read_project_bytes

FILE_NAME = "towline.yaml"
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Declared:
    """The pipeline files of one commit: those that can be read, and those that cannot."""

    projects: tuple[Project, ...]
    broken: tuple[BrokenProject, ...]

    def branches(self, default: str) -> tuple[str, ...]:
        """The branches that stages live on, the default branch first."""
        own = {
            stage.place.branch
            for project in self.projects
            for stage in project.stages
            if isinstance(stage.place, InBranch)
        }
        return (default, *sorted(own - {default}))

    def heads(self) -> tuple[str, ...]:
        """The head branch of every line; the lines of a group share one."""
        found = (
            head_in(project.name, stage, line.warehouse)
            for project in self.projects
            for stage in project.stages
            if stage.place is not None
            for line in stage.lines
        )
        return tuple(dict.fromkeys(found))


def declared(objects: Objects, commit: str) -> Declared:
    """Every `towline.yaml` of a commit; two projects of one name are a mistake in the second."""
    found = [one for one in objects.files(commit, "") if one.path.rpartition("/")[2] == FILE_NAME]
    texts = objects.blobs(one.oid for one in found if one.plain)
    projects: dict[str, Project] = {}
    broken = []
    for entry in sorted(found, key=lambda one: one.path):
        try:
            project = _read(entry.path, texts.get(entry.oid), projects)
            projects[project.name] = project
        except InvalidProject as invalid:
            broken.append(BrokenProject(entry.path, invalid.mistakes))
    return Declared(tuple(projects.values()), tuple(broken))


def _read(path: str, content: bytes | None, others: Mapping[str, Project]) -> Project:
    if content is None:
        raise InvalidProject((_mistake(path, "it is a link, or too large", "make it a file"),))
    project = read_project_bytes(path, content)
    if project.name in others:
        raise InvalidProject((_same_name(path, others[project.name]),))
    return project


def _same_name(path: str, other: Project) -> Mistake:
    return _mistake(
        path,
        f"project '{other.name}' is already declared in {other.file}",
        "give one of them another name",
    )


def _mistake(path: str, what: str, instead: str) -> Mistake:
    return Mistake(path, 1, 1, what, instead)


@dataclass(frozen=True, slots=True)
class Observer:
    """Draws pictures; holds nothing but its ports. `renders`: differences are shown here."""

    github: GitHub
    asking: Asking
    texts: LineReader
    renders: bool = False

    def observe(self, repository: str, objects: Objects) -> RepositoryPicture | None:
        """The picture of `owner/name`; None if it is empty, gone or not ours to see."""
        rewound = objects.fetch()
        name = objects.default_branch()
        for _ in range(_TRIES):
            default = objects.branch(name)
            known = declared(objects, default) if default else Declared((), ())
            people = named_people(known.projects, repository.partition("/")[0])
            facts = self.github.look(repository, known.branches(name), known.heads(), people)
            if facts is None:
                return None
            if facts.default_oid == default and _complete(facts, objects):
                return self._picture(objects, known, facts, rewound)
            name = facts.default_branch
            rewound = objects.fetch() or rewound
        raise Temporary(
            f"{repository}: its branches moved faster than they could be read",
            timedelta(seconds=5),
        )

    def _picture(
        self, objects: Objects, known: Declared, facts: RepositoryFacts, rewound: str | None
    ) -> RepositoryPicture:
        ledger = trusted_ledger(facts.ledger, objects)
        alarm, ledgers = rewound or ledger.alarm, dict[str, Ledger]()
        if alarm is None:
            try:
                ledgers = {one.name: read_ledger(one.name, ledger.files) for one in known.projects}
            except Refusal as refusal:
                alarm = str(refusal)
        projects = self._projects(known, objects, facts, ledgers) if alarm is None else ()
        listener = Listener(self.github, objects, self.asking.posts, self.asking.now)
        heard = listener.heard(facts.name, projects)
        approved = approvers(projects)
        people = self.github.people(facts.name, approved, teams=True) if approved else {}
        return RepositoryPicture(
            name=facts.name,
            node=facts.node,
            url=facts.url,
            default_branch=facts.default_branch,
            default_oid=facts.default_oid,
            projects=projects,
            broken=known.broken,
            foreign=tuple(_foreign(facts, known, objects, renders=self.renders)),
            renders=self.renders,
            strays=tuple(one.pull for one in _strays(facts, known)),
            leftovers={
                one.pull.head: one.pull.head_oid
                for one in _strays(facts, known)
                if all(made.ours for made in one.commits)
            },
            default_check=facts.default_check,
            labels=facts.labels,
            merge_method=facts.merge_method,
            ledger_oid=facts.ledger[0].oid if facts.ledger else None,
            ledger_alarm=alarm,
            ledger_repair=ledger.repair,
            nodes=facts.nodes,
            queue=facts.queue,
            people={**heard.people, **people},
            spoken=heard.spoken,
            auto_merge_allowed=facts.auto_merge_allowed,
            codeowners=code_owners(known.projects, facts.tips, objects),
        )

    def _projects(
        self,
        known: Declared,
        objects: Objects,
        facts: RepositoryFacts,
        ledgers: Mapping[str, Ledger],
    ) -> tuple[ProjectPicture, ...]:
        """Every project as it is declared, seen behind those whose stages it watches."""
        names = [one.name for one in known.projects]
        seen: dict[str, ProjectPicture] = {}
        for one in upstream_first(known.projects):
            whole = chained(one, names, seen, self.asking.now)
            seen[one.name] = self._project(whole, objects, facts, ledgers[one.name])
        return tuple(seen[name] for name in names)

    def _project(
        self, project: Project, objects: Objects, facts: RepositoryFacts, ledger: Ledger
    ) -> ProjectPicture:
        project = self.texts.paths.filled(project, objects, facts.default_oid)
        lines = self.texts.lines(project, objects, facts)
        offers = self.asking.offers(project, facts.name, ledger)
        heard = self.asking.hearing(objects).heard(project, lines, ledger)
        return ProjectPicture(
            project,
            heard.lines,
            offers.discoveries,
            ledger,
            offers.posted,
            offers.assembled,
            offers.refused,
            reported=heard.reported,
            polled=heard.polled,
            origin=Origin.of(facts.url, facts.default_oid),
        )


def _complete(facts: RepositoryFacts, objects: Objects) -> bool:
    """Whether every commit that GitHub named is here."""
    named = [branch.oid for branch in facts.branches.values()]
    named += [made.oid for made in facts.heads.values()]
    named += [made.oid for made in facts.ledger[:1]]
    return all(objects.has(oid) for oid in named)


def _strays(facts: RepositoryFacts, known: Declared) -> Iterator[PullFacts]:
    """Open pull requests of ours whose stage or warehouse is gone from the pipeline file."""
    heads = set(known.heads())
    broken = {one.file for one in known.broken}
    for one in facts.open:
        if one.pull.ours and one.pull.head not in heads and not broken:
            yield one


def _foreign(
    facts: RepositoryFacts, known: Declared, objects: Objects, *, renders: bool
) -> Iterator[ForeignPull]:
    """Other people's pull requests that lack a check of ours on their head."""
    branches = set(known.branches(facts.default_branch))
    heads = set(known.heads())
    stages = any(project.stages for project in known.projects) or known.broken
    for one in facts.open:
        pull = one.pull
        promotion = pull.head in heads and not pull.fork
        checked = pull.check is not None and (pull.diff is not None or not renders)
        if not stages or promotion or checked or pull.base not in branches:
            continue
        base = facts.branches.get(pull.base)
        files = _pipeline_files(pull, base.oid, objects) if base else None
        if files is None:
            continue
        mistakes = tuple(
            mistake for path, content in files.items() for mistake in _mistakes(path, content)
        )
        yield ForeignPull(pull, tuple(files), mistakes)


def _pipeline_files(pull: PullRequest, base: str, objects: Objects) -> dict[str, bytes] | None:
    """The pipeline files a pull request changes; None if its head is not to be had now."""
    if not objects.has(pull.head_oid):
        with contextlib.suppress(Refusal):
            objects.fetch_pull(pull.number)
    if not objects.has(pull.head_oid):
        return None
    on = objects.merge_base(base, pull.head_oid)
    if on is None:
        return {}
    changed = {
        path: blob
        for path, blob in objects.changed(on, pull.head_oid).items()
        if path.rpartition("/")[2] == FILE_NAME and blob is not None
    }
    contents = objects.blobs(changed.values())
    return {path: contents.get(blob, b"") for path, blob in changed.items()}


def _mistakes(path: str, content: bytes) -> tuple[Mistake, ...]:
    try:
        read_project_bytes(path, content)
    except InvalidProject as invalid:
        return invalid.mistakes
    return ()
