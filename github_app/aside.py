"""What a round does beside its promotions: talk, deployments, branches that go. Values only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, assert_never

from github_app import mutations
from github_app.actions import (
    Answer,
    Assign,
    DeleteBranch,
    DismissReview,
    RequestReviews,
    Say,
    SetDeployment,
    SetDraft,
)
from github_app.picture import RepositoryPicture
from github_app.steps import Step

Talk: TypeAlias = SetDraft | DismissReview | RequestReviews | Assign | Answer | Say
Aside: TypeAlias = Talk | DeleteBranch | SetDeployment


def aside(picture: RepositoryPicture, action: Aside) -> Iterator[Step]:
    """The steps of one action; none where it concerns nobody whom the repository knows."""
    match action:
        case DeleteBranch(branch, oid):
            # Somebody may have been first, or a rule keeps branches: neither is worth a hurry.
            gone = mutations.move(branch, mutations.NO_COMMIT, oid)
            yield Step({"branch": mutations.move_branches(picture, [gone])}, blocked=True)
        case SetDeployment():
            yield Step({"deployment": mutations.report(action)}, blocked=True)
        case _:
            yield from _talk(picture, action)


def _talk(picture: RepositoryPicture, action: Talk) -> Iterator[Step]:
    """What is said to people, and what they are asked for."""
    match action:
        case SetDraft(pull, draft):
            yield Step({"draft": mutations.set_draft(pull, draft)})
        case DismissReview(review, message):
            yield Step({"review": mutations.dismiss(review, message)})
        case RequestReviews(pull, reviewers):
            yield from asked(picture, pull.node, reviewers)
        case Assign(pull, assignees):
            yield from assigned(picture, pull.node, assignees)
        case Answer():
            yield _answer(action)
        case Say(node, body):
            yield Step({"comment": mutations.say(node, body)})
        case _:
            assert_never(action)


def _answer(action: Answer) -> Step:
    """The reply first: a comment with our reaction is never looked at again."""
    reply = {"reply": mutations.say(action.pull, action.body)} if action.body else {}
    reaction = "THUMBS_UP" if action.accepted else "CONFUSED"
    return Step(reply | {"reaction": mutations.react(action.comment, reaction)})


def asked(picture: RepositoryPicture, pull: str, reviewers: Sequence[str]) -> Iterator[Step]:
    """Ask for reviews, of teams as "org/slug"; whom the repository does not know is not asked."""
    known = [one for one in reviewers if one.lower() in picture.nodes]
    users = [picture.nodes[one.lower()] for one in known if "/" not in one]
    teams = [picture.nodes[one.lower()] for one in known if "/" in one]
    if known:
        yield Step({"reviews": mutations.request_reviews(pull, users, teams)})


def assigned(picture: RepositoryPicture, pull: str, assignees: Sequence[str]) -> Iterator[Step]:
    """Assign those whom the repository knows."""
    nodes = picture.nodes
    if found := [nodes[one.lower()] for one in assignees if one.lower() in nodes]:
        yield Step({"assignees": mutations.assign(pull, found)})
