"""What a round may do to GitHub: values that plan makes and apply carries out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from github_app.gates import Check
from github_app.pull_request import Text
from github_app.pulls import PostedCheck, PullRequest, Review
from plugin.freight import FreightId


@dataclass(frozen=True, slots=True)
class Proposal:
    """The one commit of a promotion and what its pull request says.

    Of `files` None stands for one that goes; bytes that are no UTF-8 are surrogate escapes.
    `base_oid` is the commit it stands on; `expected_head` is the branch's present tip, None if
    the branch does not exist. `merge` asks to merge as soon as the check stands. `diff` is posted
    beside the check. `reviewers` (people, and teams as "org/slug") and `assignees` are asked once,
    when the pull request is opened.
    """

    project: str
    stage: str
    warehouse: str
    freight: FreightId
    head: str
    base: str
    base_oid: str
    expected_head: str | None
    files: Mapping[str, str | None]
    message: str
    text: Text
    check: Check
    merge: bool
    requires_towline: bool
    has_queue: bool = False
    diff: Check | None = None
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BeginBranch:
    """Make the branch of a stage, with nothing in it but a page that says what it is for."""

    branch: str
    readme: str


@dataclass(frozen=True, slots=True)
class OpenPromotion:
    """Make the head branch and open the pull request."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class UpdatePromotion:
    """Move the head of an open pull request to a new commit and say what it carries now."""

    pull: PullRequest
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class DescribePromotion:
    """Bring title and body of an open pull request up to date; the commit is right."""

    pull: PullRequest
    text: Text


@dataclass(frozen=True, slots=True)
class ClosePromotion:
    """Close a pull request that promotes nothing any more, saying why."""

    pull: PullRequest
    reason: str


@dataclass(frozen=True, slots=True)
class MergePromotion:
    """Merge exactly this head, or have GitHub merge it once everything else it requires is met.

    The latter where our check is required. `has_queue` says that the base is merged into through a
    queue only.
    """

    pull: PullRequest
    requires_towline: bool
    has_queue: bool = False


@dataclass(frozen=True, slots=True)
class PostCheck:
    """Put a check on a commit, in place of the one of that name posted before."""

    oid: str
    check: Check
    posted: PostedCheck | None


@dataclass(frozen=True, slots=True)
class SetDraft:
    """Make an open pull request a draft, or ready for review."""

    pull: PullRequest
    draft: bool


@dataclass(frozen=True, slots=True)
class DismissReview:
    """Take a review off the count, saying why."""

    review: Review
    message: str


@dataclass(frozen=True, slots=True)
class RequestReviews:
    """Ask people, and teams ("org/slug"), for their review, in addition to those asked before."""

    pull: PullRequest
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assign:
    """Assign people to a pull request, in addition to those assigned before."""

    pull: PullRequest
    assignees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Reply to a comment on a pull request, and put our reaction to it, which marks it answered.

    `pull` and `comment` are node ids. Without a body only the reaction is put.
    """

    pull: str
    comment: str
    body: str | None
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class Say:
    """Comment on the pull request with this node id."""

    pull: str
    body: str


@dataclass(frozen=True, slots=True)
class DeleteBranch:
    """Delete a branch, if it still stands at this commit."""

    branch: str
    oid: str


@dataclass(frozen=True, slots=True)
class SetDeployment:
    """A new status of a deployment: its node id, GitHub's word, ours, and where to look."""

    deployment: str
    state: str
    description: str
    address: str
    log: str


@dataclass(frozen=True, slots=True)
class Deploy:
    """Show a promotion's merge commit as deployed to an environment, with a first status."""

    oid: str
    environment: str
    production: bool
    description: str
    payload: Mapping[str, str]
    status: SetDeployment


@dataclass(frozen=True, slots=True)
class WriteLedger:
    """Commit these files (None: delete) to the ledger."""

    files: Mapping[str, str | None]
    message: str


Action: TypeAlias = (
    OpenPromotion
    | UpdatePromotion
    | DescribePromotion
    | ClosePromotion
    | MergePromotion
    | PostCheck
    | SetDraft
    | DismissReview
    | RequestReviews
    | Assign
    | Answer
    | Say
    | DeleteBranch
    | Deploy
    | SetDeployment
    | BeginBranch
    | WriteLedger
)

# What may not be done on news that nobody will remember: only once the ledger is written.
FINAL = (
    *(ClosePromotion, MergePromotion, PostCheck, DismissReview, Answer, Say, DeleteBranch),
    *(Deploy, SetDeployment),
)


def goes_last(action: Action, recorded: bool) -> bool:
    """Whether it waits for a ledger that is `recorded` first, or simply takes its time.

    Deployments cost a request each: what people wait for goes out before them.
    """
    return isinstance(action, Deploy) or (recorded and isinstance(action, FINAL))
