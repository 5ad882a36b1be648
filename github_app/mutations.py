"""Actions as GitHub's mutations: pure, one function per thing that is written."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from github_app.actions import SetDeployment
from github_app.gates import Button, Check, Conclusion
from github_app.github.writing import Mutation
from github_app.markdown import plain
from github_app.picture import RepositoryPicture
from github_app.pull_request import Text
from github_app.pulls import PostedCheck, PullRequest, Review
from plugin.pipeline_file import Mistake

HEADS = "refs/heads/"
NO_COMMIT = "0" * 40
SCRATCH = "towline-scratch"
_LABEL_COLOUR = "1f6feb"
_LONGEST = 60_000


def commit(
    repository: str, branch: str, parent: str, files: Mapping[str, str | None], headline: str
) -> Mutation:
    """One commit of these files (None: delete) on exactly this parent, signed by GitHub.

    https://docs.github.com/graphql/reference/mutations#createcommitonbranch
    """
    additions = [
        {"path": path, "contents": base64.b64encode(_bytes(text)).decode()}
        for path, text in files.items()
        if text is not None
    ]
    deletions = [{"path": path} for path, text in files.items() if text is None]
    return Mutation(
        "createCommitOnBranch",
        {
            "branch": {"repositoryNameWithOwner": repository, "branchName": branch},
            "expectedHeadOid": parent,
            "message": {"headline": headline},
            "fileChanges": {"additions": additions, "deletions": deletions},
        },
        "commit { oid }",
    )


def _bytes(text: str) -> bytes:
    """Bytes that are no text travel in a text as lone surrogates."""
    return text.encode("utf-8", "surrogateescape")


def create_branch(picture: RepositoryPicture, branch: str, oid: str) -> Mutation:
    """A new branch at a commit; refused by GitHub if it exists."""
    return Mutation("createRef", {"repositoryId": picture.node, "name": HEADS + branch, "oid": oid})


def move(branch: str, to: str, expected: str | None) -> dict[str, Any]:
    """A branch's move, made only if it stands at `expected`; to NO_COMMIT deletes it."""
    update: dict[str, Any] = {"name": HEADS + branch, "afterOid": to, "force": True}
    return update | ({"beforeOid": expected} if expected else {})


def move_branches(picture: RepositoryPicture, moves: Iterable[Mapping[str, Any]]) -> Mutation:
    """All the moves or none (https://docs.github.com/graphql/reference/mutations#updaterefs)."""
    return Mutation("updateRefs", {"repositoryId": picture.node, "refUpdates": list(moves)})


def open_pull(picture: RepositoryPicture, base: str, head: str, text: Text) -> Mutation:
    """A new pull request; refused by GitHub if the head has an open one already."""
    return Mutation(
        "createPullRequest",
        {
            "repositoryId": picture.node,
            "baseRefName": base,
            "headRefName": head,
            "title": text.title,
            "body": text.body,
            "draft": text.draft,
        },
        "pullRequest { id number url }",
    )


def describe(pull: PullRequest, text: Text, base: str) -> Mutation:
    """A pull request's title and body, and the branch it is for where that is another one."""
    change = {"pullRequestId": pull.node, "title": text.title, "body": text.body}
    if pull.base != base:
        # https://docs.github.com/graphql/reference/input-objects#updatepullrequestinput
        change["baseRefName"] = base
    return Mutation("updatePullRequest", change)


def close(pull: PullRequest, reason: str) -> Iterator[Mutation]:
    """Close a pull request, with a comment that says why."""
    yield Mutation("addComment", {"subjectId": pull.node, "body": f"Closed: {plain(reason)}."})
    yield Mutation("closePullRequest", {"pullRequestId": pull.node})


def merge(pull: str, head_oid: str, method: str) -> Mutation:
    """Merge exactly this head."""
    return Mutation(
        "mergePullRequest",
        {"pullRequestId": pull, "expectedHeadOid": head_oid, "mergeMethod": method},
        "pullRequest { merged mergeCommit { oid } }",
    )


def enqueue(pull: str, head_oid: str) -> Mutation:
    """Put exactly this head into the base's merge queue."""
    return Mutation("enqueuePullRequest", {"pullRequestId": pull, "expectedHeadOid": head_oid})


def merge_when_ready(pull: str, head_oid: str, method: str) -> Mutation:
    """Have GitHub merge this head once everything the base's rules require is met."""
    return Mutation(
        "enablePullRequestAutoMerge",
        {"pullRequestId": pull, "expectedHeadOid": head_oid, "mergeMethod": method},
    )


def set_draft(pull: PullRequest, draft: bool) -> Mutation:
    """Make a pull request a draft, or ready for review."""
    name = "convertPullRequestToDraft" if draft else "markPullRequestReadyForReview"
    return Mutation(name, {"pullRequestId": pull.node})


def dismiss(review: Review, message: str) -> Mutation:
    """Take a review off the count."""
    return Mutation(
        "dismissPullRequestReview", {"pullRequestReviewId": review.node, "message": message}
    )


def request_reviews(pull: str, users: Iterable[str], teams: Iterable[str]) -> Mutation:
    """Ask people and teams, by their node ids, in addition to those asked before."""
    asked = {"userIds": list(users), "teamIds": list(teams)}
    return Mutation("requestReviews", {"pullRequestId": pull, "union": True} | asked)


def assign(pull: str, users: Iterable[str]) -> Mutation:
    """Assign people, by their node ids, in addition to those assigned before."""
    return Mutation("addAssigneesToAssignable", {"assignableId": pull, "assigneeIds": list(users)})


def report(status: SetDeployment) -> Mutation:
    """A deployment's new status; which earlier deployments are over is ours to say."""
    said = {
        "deploymentId": status.deployment,
        "state": status.state,
        "description": status.description,
        "autoInactive": False,
    }
    where = {"environmentUrl": status.address, "logUrl": status.log}
    return Mutation(
        "createDeploymentStatus", said | {key: url for key, url in where.items() if url}
    )


def say(pull: str, body: str) -> Mutation:
    """A comment on a pull request."""
    return Mutation("addComment", {"subjectId": pull, "body": body})


def react(comment: str, reaction: str) -> Mutation:
    """Our reaction to a comment; `reaction` is a word of GitHub's enum ReactionContent."""
    return Mutation("addReaction", {"subjectId": comment, "content": reaction})


def create_label(picture: RepositoryPicture, name: str) -> Mutation:
    """A label of the repository."""
    return Mutation(
        "createLabel",
        {"repositoryId": picture.node, "name": name, "color": _LABEL_COLOUR},
        "label { id name }",
    )


def add_labels(pull: str, labels: Iterable[str]) -> Mutation:
    """Labels, by their node ids, on a pull request."""
    return Mutation("addLabelsToLabelable", {"labelableId": pull, "labelIds": list(labels)})


def post_check(
    picture: RepositoryPicture, oid: str, check: Check, posted: PostedCheck | None = None
) -> Mutation:
    """A check run of a commit, new or in place of the posted one."""
    waiting = check.conclusion is Conclusion.WAITING
    content: dict[str, Any] = {
        "repositoryId": picture.node,
        "name": check.name,
        "externalId": check.key,
        "status": "IN_PROGRESS" if waiting else "COMPLETED",
        "output": _output(check),
    }
    if not waiting:
        content["conclusion"] = check.conclusion.value
    if check.actions or posted is not None:
        content["actions"] = [_button(one) for one in check.actions]
    if posted is None or waiting:
        # A completed run cannot go back to waiting: a new one takes its place.
        return Mutation("createCheckRun", content | {"headSha": oid}, "checkRun { id }")
    return Mutation("updateCheckRun", content | {"checkRunId": posted.node}, "checkRun { id }")


def _output(check: Check) -> dict[str, Any]:
    output: dict[str, Any] = {"title": check.title, "summary": check.summary[:_LONGEST]}
    if check.text:
        output["text"] = check.text[:_LONGEST]
    if check.annotations:
        output["annotations"] = [_annotation(one) for one in check.annotations]
    return output


def _button(button: Button) -> dict[str, str]:
    return {
        "label": button.label,
        "description": button.description,
        "identifier": button.identifier,
    }


def _annotation(mistake: Mistake) -> dict[str, Any]:
    return {
        "path": mistake.file,
        "location": {"startLine": mistake.line, "endLine": mistake.line},
        "annotationLevel": "FAILURE",
        "title": mistake.what[:250],
        "message": f"{mistake.what}; {mistake.instead}",
    }


def scratch_of(head: str) -> str:
    """Where the next commit of a head is made before the head is moved to it."""
    return f"{SCRATCH}/{head.partition('/')[2]}"
