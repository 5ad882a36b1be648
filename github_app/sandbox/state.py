"""The values a GitHub is made of, all frozen: accounts, repositories, pull requests, gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from github_app.sandbox.rules import MergeMethod, Protection, RequiredCheck, Ruleset

__all__ = ["MergeMethod", "Protection", "RequiredCheck"]
AccountKind = Literal["User", "Organization", "Bot"]


@dataclass(frozen=True, slots=True)
class Account:
    """A person, an organization, or the bot of an App."""

    id: int
    login: str
    kind: AccountKind
    created_at: datetime
    name: str = ""
    email: str = ""

    @property
    def commit_email(self) -> str:
        """The address GitHub writes into commits: the private one when none is public."""
        return self.email or f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass(frozen=True, slots=True)
class App:
    """A registered GitHub App; `permissions` and `events` are what it asks of installations."""

    id: int
    slug: str
    client_id: str
    owner: str
    public_key: str
    created_at: datetime
    webhook_url: str = ""
    webhook_secret: str = ""
    permissions: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()

    @property
    def bot(self) -> str:
        """The login under which the App acts."""
        return f"{self.slug}[bot]"


@dataclass(frozen=True, slots=True)
class Installation:
    """An App installed on an account; `repositories` None means all of them."""

    id: int
    app: str
    account: str
    created_at: datetime
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    repositories: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The repository settings that decide how pull requests are merged."""

    merge_commit: bool = True
    squash: bool = True
    rebase: bool = True
    auto_merge: bool = False
    delete_branch_on_merge: bool = False
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository without its Git objects, which live in a bare repository on disk."""

    id: int
    owner: str
    name: str
    default_branch: str
    private: bool
    created_at: datetime
    pushed_at: datetime
    settings: Settings = Settings()
    protections: Mapping[str, Protection] = field(default_factory=dict)
    rulesets: Mapping[int, Ruleset] = field(default_factory=dict)
    collaborators: Mapping[str, str] = field(default_factory=dict)
    # What teams (slugs) may do here, and what that comes to for each person (lower case).
    teams: Mapping[str, str] = field(default_factory=dict)
    through_teams: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class AutoMerge:
    """Someone asked GitHub to merge as soon as every requirement is met."""

    method: MergeMethod
    by: str
    at: datetime
    title: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request; people are logins, and `base_sha` may be stale as on GitHub."""

    id: int
    number: int
    repository: str
    title: str
    body: str | None
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    author: str
    created_at: datetime
    updated_at: datetime
    state: Literal["open", "closed"] = "open"
    draft: bool = False
    labels: tuple[str, ...] = ()
    requested_reviewers: tuple[str, ...] = ()
    requested_teams: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    closed_at: datetime | None = None
    closed_by: str | None = None
    merged_at: datetime | None = None
    merged_by: str | None = None
    merge_sha: str | None = None
    auto_merge: AutoMerge | None = None

    @property
    def merged(self) -> bool:
        """Closed by a merge."""
        return self.merged_at is not None

    @property
    def open(self) -> bool:
        """Still to be decided."""
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a pull request's timeline."""

    id: int
    kind: str
    actor: str
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment below a pull request; `edited_by` last changed its text, if somebody did."""

    id: int
    number: int
    author: str
    body: str
    created_at: datetime
    updated_at: datetime
    edited_at: datetime | None = None
    edited_by: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A review; only the latest decision of each person counts.

    `teams` are those (slugs) it was asked for and given on behalf of.
    """

    id: int
    number: int
    author: str
    state: str
    body: str
    sha: str
    submitted_at: datetime
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckSuite:
    """All check runs of one App on one commit."""

    id: int
    app: str
    sha: str
    branch: str | None
    created_at: datetime
    updated_at: datetime
    before: str | None = None


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A gate reported by an App; statuses and conclusions are GitHub's lower-case words."""

    id: int
    suite: int
    name: str
    app: str
    sha: str
    status: str
    started_at: datetime
    conclusion: str | None = None
    completed_at: datetime | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    details_url: str | None = None
    external_id: str = ""
    annotations: tuple[Mapping[str, object], ...] = ()
    actions: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """A commit status; the newest of each context counts."""

    id: int
    sha: str
    context: str
    state: str
    creator: str
    created_at: datetime
    description: str | None = None
    target_url: str | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """A request to have a commit deployed to an environment."""

    id: int
    sha: str
    ref: str
    environment: str
    creator: str
    created_at: datetime
    task: str = "deploy"
    description: str | None = None
    payload: object = field(default_factory=dict)
    transient: bool = False
    production: bool = False


@dataclass(frozen=True, slots=True)
class DeploymentStatus:
    """How a deployment went."""

    id: int
    deployment: int
    state: str
    environment: str
    creator: str
    created_at: datetime
    description: str = ""
    target_url: str = ""
    log_url: str = ""
    environment_url: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that was, or is to be, sent; a redelivery has the guid of the first sending."""

    id: int
    guid: str
    app: str
    event: str
    action: str | None
    url: str
    request_headers: Mapping[str, str]
    request_body: bytes
    installation: int | None
    repository: int | None
    created_at: datetime
    redelivery: bool = False
    delivered_at: datetime | None = None
    status_code: int = 0
    status: str = "pending"
    response_body: str = ""
