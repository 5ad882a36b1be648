"""One consistent picture of a repository: GitHub's facts, Git's objects, the registries' news.

GitHub is asked once, and the Git objects are fetched until they include every commit that the
answer names, so all parts of the picture are of one moment (see ARCHITECTURE.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from github_app.brought import Origin
from github_app.chained import chained, upstream_first
from github_app.declared import Declared, declared
from github_app.github.facts import RepositoryFacts
from github_app.ledger import Ledger
from github_app.ledger_branch import trusted_ledger
from github_app.ledger_files import read_ledger
from github_app.lines import LineReader
from github_app.offers import Asking
from github_app.other_pulls import foreign, strays
from github_app.picture import Person, ProjectPicture, RepositoryPicture
from github_app.ports import GitHub, Objects
from github_app.reviewers import approvers, code_owners, named_people
from github_app.spoken import Listener
from plugin.errors import Refusal, Temporary
from plugin.pipeline import Project

_TRIES = 3


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
            alarm, ledgers = _read_ledgers(known, ledger.files)
        projects = self._projects(known, objects, facts, ledgers) if alarm is None else ()
        gone = tuple(strays(facts, known))
        listener = Listener(self.github, objects, self.asking.posts, self.asking.now)
        heard = listener.heard(facts.name, projects)
        return RepositoryPicture(
            name=facts.name,
            node=facts.node,
            url=facts.url,
            default_branch=facts.default_branch,
            default_oid=facts.default_oid,
            projects=projects,
            broken=known.broken,
            foreign=tuple(foreign(facts, known, objects, renders=self.renders)),
            renders=self.renders,
            strays=tuple(one.pull for one in gone),
            leftovers={
                one.pull.head: one.pull.head_oid
                for one in gone
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
            people={**heard.people, **self._approvers(facts.name, projects)},
            spoken=heard.spoken,
            auto_merge_allowed=facts.auto_merge_allowed,
            codeowners=code_owners(known.projects, facts.tips, objects),
        )

    def _approvers(
        self, repository: str, projects: Sequence[ProjectPicture]
    ) -> Mapping[str, Person]:
        """Those whose approvals may count, as they stand now."""
        approved = approvers(projects)
        return self.github.people(repository, approved, teams=True) if approved else {}

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


def _read_ledgers(
    known: Declared, files: Mapping[str, str]
) -> tuple[str | None, dict[str, Ledger]]:
    """Every project's ledger, or why they are refused altogether."""
    try:
        return None, {one.name: read_ledger(one.name, files) for one in known.projects}
    except Refusal as refusal:
        return str(refusal), {}


def _complete(facts: RepositoryFacts, objects: Objects) -> bool:
    """Whether every commit that GitHub named is here."""
    named = [branch.oid for branch in facts.branches.values()]
    named += [made.oid for made in facts.heads.values()]
    named += [made.oid for made in facts.ledger[:1]]
    return all(objects.has(oid) for oid in named)
