"""One picture of a repository: what observe saw and plan decides on. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from github_app.arrivals import Posted
from github_app.brought import Found, Need, Origin
from github_app.difference.values import Rendering, RenderKey
from github_app.discovery import Discovery
from github_app.ledger import EMPTY, Ledger
from github_app.notes import Reported
from github_app.pulls import PostedCheck, PullRequest, Said
from github_app.results import Deployed, Result
from github_app.source_commits.values import Between, SourceCommits
from plugin.freight import Freight, FreightId
from plugin.holding import Holding
from plugin.pipeline import Project, Stage
from plugin.pipeline_file import Mistake


@dataclass(frozen=True, slots=True)
class Spoken:
    """A command on one of our pull requests, open or closed: a comment, or a button `pressed`.

    A button's command is the text of `said`, whose `node` names the delivery. `carried` is the
    freight that the pull request carries, or carried when it was closed.
    """

    pull: PullRequest
    said: Said
    carried: tuple[FreightId, ...] = ()
    pressed: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A promotion's branch as it stands.

    `on` is the commit where it left the base; `files` are the texts of every path in which it
    differs from there (None: deleted). `ours` is false as soon as anybody else's change is on it;
    `who` then names the author.
    """

    oid: str
    on: str
    freight: Freight | None
    files: Mapping[str, str | None]
    ours: bool
    who: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """One continuous stay of freight in a stage, from the commit that brought it.

    Of a step, `towards` is the freight that it leads to.
    """

    freight: FreightId
    since: datetime
    commit: str
    until: datetime | None = None
    towards: FreightId | None = None


@dataclass(frozen=True, slots=True)
class Base:
    """The branch a stage lives on: its tip, and what its protection asks for.

    `protected` says that a rule of any kind holds on it, `has_queue` that it is merged into through
    a queue only.
    """

    branch: str
    oid: str
    requires_towline: bool = False
    protected: bool = False
    has_queue: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """An entry of a branch's merge queue: a pull request, and the commit it would be merged as.

    `oid` holds everything in front of it as well.
    """

    number: int
    oid: str
    base: str
    check: PostedCheck | None = None
    diff: PostedCheck | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody may do in a repository.

    `permission` is GitHub's role: admin, maintain, write, triage, read or none; `teams` are of the
    form "org/slug".
    """

    login: str
    permission: str = "none"
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MissingPlace:
    """The branch or directory of a stage is not there; `begin` is a branch that we may begin."""

    reason: str
    begin: str | None = None


@dataclass(frozen=True, slots=True)
class LinePicture:
    """One warehouse's freight in one stage, as the repository has it.

    `results` are those of the commits that hold the record: the one that brought it, the tip.
    `last` is the latest closed or merged pull request of the head branch, `brought` the one whose
    merge brought what the line holds now, if one did and GitHub still shows it among the last.
    `deployments` are ours in the stage's environment, of the commits that the head's last pull
    requests became. `last_towards` is what `last_freight` leads to, if it is a step. `blobs` are
    all files of the branch, where the stage's files come from elsewhere, and `merged` those when
    `last` was merged.
    """

    stage: str
    warehouse: str
    base: Base | MissingPlace
    directory: str
    holding: Holding
    files: Mapping[str, str] = field(default_factory=dict)
    stays: tuple[Stay, ...] = ()
    changed_by: str = ""
    results: tuple[Result, ...] = ()
    head: Head | None = None
    open: PullRequest | None = None
    last: PullRequest | None = None
    last_freight: FreightId | None = None
    last_towards: FreightId | None = None
    brought: PullRequest | None = None
    deployments: tuple[Deployed, ...] = ()
    blobs: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProjectPicture:
    """A project with everything that bears on its promotions.

    `posted` are custom artifacts by warehouse, and `assembled` freight that people asked for, each
    of which arrived since the last round; `refused_posts` says of others why they were not taken.
    `reported` is by stage what Argo CD told since then; `polled`: it tells nothing by itself.
    `rendered` is what promotions make of their stages, as far as anybody renders. `origin` is the
    repository itself, and `brought` what was found there of the files that stages ask for.
    """

    project: Project
    lines: Mapping[tuple[str, str], LinePicture]
    discoveries: Mapping[str, Discovery]
    ledger: Ledger = EMPTY
    posted: Mapping[str, tuple[Posted, ...]] = field(default_factory=dict)
    assembled: Mapping[str, Discovery] = field(default_factory=dict)
    refused_posts: tuple[str, ...] = ()
    reported: Mapping[str, tuple[Reported, ...]] = field(default_factory=dict)
    polled: bool = False
    commits: Mapping[Between, SourceCommits] = field(default_factory=dict)
    rendered: Mapping[RenderKey, Rendering] = field(default_factory=dict)
    origin: Origin | None = None
    brought: Mapping[Need, Found] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BrokenProject:
    """A pipeline file on the default branch that cannot be read."""

    file: str
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class ForeignPull:
    """An open pull request that is no promotion, with the pipeline files it touches.

    `mistakes` are those of its own version of the files: a person sees them before merging.
    `records` are those it brings that were never on its base: merging them would promote past
    every gate.
    """

    pull: PullRequest
    pipeline_files: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepositoryPicture:
    """Everything seen of one repository in one round.

    `ledger_oid` is the ledger's tip. `ledger_repair` undoes what others wrote to it (path -> the
    trusted text, None: delete); `ledger_alarm` says why the ledger is refused altogether.
    `renders` says that differences are shown, so that `towline/diff` may be required everywhere.
    `labels` are the repository's: name -> node id. `nodes` are the node ids of people and teams
    ("org/slug") whom the pipeline file names, in lower case. `strays` are our open pull requests
    whose stage is gone. `queue` are the entries of merge queues, front first; `people` those whose
    word counts here, by login in lower case; `codeowners` is the text of each base branch's file.
    `spoken` are commands that nobody may have answered yet.
    `leftovers` are the heads of `strays` on which everything is ours, with their tips.
    `targets` are other repositories that stages live in, by their names in lower case, each with
    those stages alone, and no ledger.
    """

    name: str
    node: str
    url: str
    default_branch: str
    default_oid: str
    projects: tuple[ProjectPicture, ...] = ()
    broken: tuple[BrokenProject, ...] = ()
    foreign: tuple[ForeignPull, ...] = ()
    strays: tuple[PullRequest, ...] = ()
    default_check: PostedCheck | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    merge_method: str = "MERGE"
    ledger_oid: str | None = None
    ledger_alarm: str | None = None
    ledger_repair: Mapping[str, str | None] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)
    queue: tuple[Queued, ...] = ()
    people: Mapping[str, Person] = field(default_factory=dict)
    auto_merge_allowed: bool = False
    codeowners: Mapping[str, str] = field(default_factory=dict)
    spoken: tuple[Spoken, ...] = ()
    leftovers: Mapping[str, str] = field(default_factory=dict)
    renders: bool = False
    targets: Mapping[str, RepositoryPicture] = field(default_factory=dict)

    def where(self, stage: Stage) -> RepositoryPicture:
        """The repository that the stage lives in; this one where that other is not to be had."""
        return self.targets.get((stage.repo or "").lower(), self)
