"""One consistent picture of a repository: GitHub's facts, Git's objects, the registries' news.

GitHub is asked once, and the Git objects are fetched until they include every commit that the
answer names, so all parts of the picture are of one moment (see ARCHITECTURE.md). Other
repositories that stages live in are looked at in the same way, once each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from github_app.brought import Origin
from github_app.chained import chained, upstream_first
from github_app.declared import declared, living_in
from github_app.ledger import Ledger
from github_app.ledger_branch import Trusted, trusted_ledger
from github_app.ledger_files import read_ledger
from github_app.lines import LineReader
from github_app.offers import Asking
from github_app.other_pulls import Bystanders
from github_app.picture import LinePicture, ProjectPicture, RepositoryPicture, Spoken
from github_app.ports import GitHub, Objects
from github_app.reviewers import approvers, code_owners
from github_app.spoken import Listener
from github_app.targets import (
    Claims,
    Elsewhere,
    Looked,
    Missing,
    Targets,
    looked,
    missing_lines,
    nowhere,
    only_there,
    target_picture,
)
from plugin.errors import Refusal
from plugin.pipeline import Project


@dataclass(frozen=True, slots=True)
class Observer:
    """Draws pictures; holds nothing but its ports. `renders`: differences are shown here.

    `elsewhere` has the mirrors of the installation's other repositories, in which stages may live.
    """

    github: GitHub
    asking: Asking
    texts: LineReader
    renders: bool = False
    elsewhere: Elsewhere = nowhere
    claims: Claims = field(default_factory=Claims)

    def observe(self, repository: str, objects: Objects) -> RepositoryPicture | None:
        """The picture of `owner/name`; None if it is empty, gone or not ours to see."""
        own = looked(self.github, objects, repository, partial(declared, objects))
        if own is None:
            return None
        targets = Targets(self.github, self.elsewhere, self.claims).looked(own)
        return self._picture(own, targets)

    def _picture(self, own: Looked, targets: Sequence[Looked | Missing]) -> RepositoryPicture:
        facts, known = own.facts, own.known
        ledger = trusted_ledger(facts.ledger, own.objects)
        alarm, ledgers = _ledgers(own, ledger)
        projects = self._projects(own, targets, ledgers) if alarm is None else ()
        here = known.living_in("")
        names = {one.name for one in known.projects} | _remembered(ledger)
        aside = Bystanders(facts, own.objects, here, names)
        watched = any(project.stages for project in known.projects) or known.broken
        picture = RepositoryPicture(
            name=facts.name,
            node=facts.node,
            url=facts.url,
            default_branch=facts.default_branch,
            default_oid=facts.default_oid,
            projects=projects,
            broken=known.broken,
            foreign=tuple(aside.foreign(renders=self.renders)) if watched else (),
            renders=self.renders,
            strays=tuple(one.pull for one in aside.strays()),
            leftovers=aside.leftovers(),
            default_check=facts.default_check,
            labels=facts.labels,
            merge_method=facts.merge_method,
            ledger_oid=facts.ledger[0].oid if facts.ledger else None,
            ledger_alarm=alarm,
            ledger_repair=ledger.repair,
            nodes=facts.nodes,
            queue=facts.queue,
            auto_merge_allowed=facts.auto_merge_allowed,
            codeowners=code_owners(here.projects, facts.tips, own.objects),
            targets={
                one.repo: target_picture(one, projects, names, renders=self.renders)
                for one in targets
                if isinstance(one, Looked)
            },
        )
        return self._heard(picture, (own, *targets))

    def _heard(
        self, picture: RepositoryPicture, places: Sequence[Looked | Missing]
    ) -> RepositoryPicture:
        """With what was said on promotions, wherever they are, and who said it.

        Whoever commands may command stages elsewhere, too, and has other rights there.
        """
        spoken: dict[str, tuple[Spoken, ...]] = {}
        listeners: dict[str, Listener] = {}
        for place in places:
            if isinstance(place, Looked):
                listener = Listener(self.github, place.objects, self.asking.posts, self.asking.now)
                mine = [only_there(one, place.repo) for one in picture.projects]
                listeners[place.repo] = listener
                spoken[place.repo] = listener.spoken(place.facts.name, mine)
        everything = [one for said in spoken.values() for one in said]

        def heard(repo: str, seen: RepositoryPicture) -> RepositoryPicture:
            people = dict(listeners[repo].people(seen.name, everything, picture.projects))
            approved = approvers(only_there(one, repo) for one in picture.projects)
            if approved:
                people |= self.github.people(seen.name, approved, teams=True)
            return replace(seen, spoken=spoken[repo], people=people)

        targets = {repo: heard(repo, one) for repo, one in picture.targets.items()}
        return heard("", replace(picture, targets=targets))

    def _projects(
        self, own: Looked, targets: Sequence[Looked | Missing], ledgers: Mapping[str, Ledger]
    ) -> tuple[ProjectPicture, ...]:
        """Every project as it is declared, seen behind those whose stages it watches."""
        names = [one.name for one in own.known.projects]
        seen: dict[str, ProjectPicture] = {}
        for one in upstream_first(own.known.projects):
            whole = chained(one, names, seen, self.asking.now)
            seen[one.name] = self._project(whole, own, targets, ledgers[one.name])
        return tuple(seen[name] for name in names)

    def _project(
        self,
        project: Project,
        own: Looked,
        targets: Sequence[Looked | Missing],
        ledger: Ledger,
    ) -> ProjectPicture:
        facts = own.facts
        project = self.texts.paths.filled(project, own.objects, facts.default_oid)
        seen = ProjectPicture(project, {}, {}, origin=Origin.of(facts.url, facts.default_oid))
        for place in (own, *targets):
            seen = self._with_lines(seen, place, ledger)
        offers = self.asking.offers(project, facts.name, ledger)
        return replace(
            seen,
            discoveries=offers.discoveries,
            ledger=ledger,
            posted=offers.posted,
            assembled=offers.assembled,
            refused_posts=offers.refused,
        )

    def _with_lines(
        self, seen: ProjectPicture, place: Looked | Missing, ledger: Ledger
    ) -> ProjectPicture:
        """With the lines of the project's stages in one repository."""
        here = living_in(seen.project, place.repo)
        if isinstance(place, Missing):
            return replace(seen, lines={**seen.lines, **missing_lines(here, place)})
        lines: Mapping[tuple[str, str], LinePicture] = self.texts.lines(
            seen.project, place.objects, place.facts, here.stages, seen.origin
        )
        heard = self.asking.hearing(place.objects).heard(here, lines, ledger)
        return replace(
            seen,
            lines={**seen.lines, **heard.lines},
            reported={**seen.reported, **heard.reported},
            polled=seen.polled or heard.polled,
        )


def _ledgers(own: Looked, ledger: Trusted) -> tuple[str | None, dict[str, Ledger]]:
    """Why the ledger is refused, or every project's part of it."""
    alarm = own.rewound or ledger.alarm
    if alarm is not None:
        return alarm, {}
    try:
        return None, {one.name: read_ledger(one.name, ledger.files) for one in own.known.projects}
    except Refusal as refusal:
        return str(refusal), {}


def _remembered(ledger: Trusted) -> set[str]:
    """The projects that the ledger has something of."""
    return {path.partition("/")[0] for path in ledger.files if "/" in path}
