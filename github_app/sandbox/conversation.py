"""What people add to a pull request: labels, comments, reviews and requests for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from github_app.sandbox.pulls import demand_body
from github_app.sandbox.refs import tell
from github_app.sandbox.refused import Refused, invalid
from github_app.sandbox.state import Comment, Label, PullRequest, Repository, Review
from github_app.sandbox.world import Actor, Happening, World

_REVIEW_STATES = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
}


def create_label(
    world: World, repository: Repository, name: str, color: str = "ededed", description: str = ""
) -> Label:
    """The new label; 422 if there is one of that name, whatever its case."""
    repository = world.repositories[repository.id]
    if name.lower() in repository.labels:
        error = {"resource": "Label", "code": "already_exists", "field": "name"}
        raise Refused(422, "Validation Failed", errors=(error,))
    label = Label(world.new_id("label"), name, color, description or None)
    labels = {**repository.labels, name.lower(): label}
    world.keep(replace(repository, labels=labels))
    return label


def label_named(world: World, repository: Repository, name: str) -> Label:
    """The label of that name; an unknown one is created, grey, as GitHub does."""
    known = world.repositories[repository.id].labels.get(name.lower())
    return known or create_label(world, repository, name)


def add_labels(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, names: Sequence[str]
) -> PullRequest:
    """The pull request with these labels too."""
    for name in names:
        label = label_named(world, repository, name)
        if label.name not in pull.labels:
            pull = world.keep_pull(replace(pull, labels=(*pull.labels, label.name)))
            world.note(pull, "labeled", actor.login, label.name)
            tell(world, repository, pull, "labeled", actor, {"label": label})
    return pull


def remove_label(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, name: str
) -> PullRequest:
    """The pull request without that label; 404 if it had none such."""
    held = next((have for have in pull.labels if have.lower() == name.lower()), None)
    if held is None:
        raise Refused(404, "Label does not exist")
    label = label_named(world, repository, held)
    kept = tuple(have for have in pull.labels if have != held)
    pull = world.keep_pull(replace(pull, labels=kept))
    world.note(pull, "unlabeled", actor.login, held)
    tell(world, repository, pull, "unlabeled", actor, {"label": label})
    return pull


def comment(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, body: str
) -> Comment:
    """The new comment."""
    if not body.strip():
        raise invalid("IssueComment", "Body can't be blank", field="body")
    demand_body("IssueComment", body)
    now = world.now()
    made = Comment(world.new_id("comment"), pull.number, actor.login, body, now, now)
    world.of(repository).comments[made.id] = made
    world.keep_pull(pull)
    world.note(pull, "commented", actor.login, str(made.id))
    detail = {"comment": made}
    world.emit(Happening("issue_comment", "created", repository.id, actor.account, pull, detail))
    return made


def edit_comment(
    world: World, repository: Repository, made: Comment, actor: Actor, body: str
) -> Comment:
    """The comment with another text."""
    demand_body("IssueComment", body)
    edited = replace(made, body=body, updated_at=world.now())
    world.of(repository).comments[made.id] = edited
    pull = world.pull(repository, made.number)
    detail = {"comment": edited, "changes": {"body": {"from": made.body}}}
    world.emit(Happening("issue_comment", "edited", repository.id, actor.account, pull, detail))
    return edited


def delete_comment(world: World, repository: Repository, made: Comment, actor: Actor) -> None:
    """The comment is gone."""
    del world.of(repository).comments[made.id]
    pull = world.pull(repository, made.number)
    detail = {"comment": made}
    world.emit(Happening("issue_comment", "deleted", repository.id, actor.account, pull, detail))


def review(
    world: World,
    repository: Repository,
    pull: PullRequest,
    actor: Actor,
    event: str,
    body: str = "",
) -> Review:
    """The new review; `event` is APPROVE, REQUEST_CHANGES or COMMENT.

    Raises Refused (422): nobody approves, or asks for changes to, what is their own.
    """
    if event not in _REVIEW_STATES:
        raise invalid("PullRequestReview", f"{event} is not a review event", field="event")
    if actor.login == pull.author and event != "COMMENT":
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise Refused(
            422, "Unprocessable Entity", errors=(f"Review Can not {verb} your own pull request",)
        )
    demand_body("PullRequestReview", body)
    made = Review(
        world.new_id("review"),
        pull.number,
        actor.login,
        _REVIEW_STATES[event],
        body,
        pull.head_sha,
        world.now(),
    )
    world.of(repository).reviews[made.id] = made
    asked = tuple(login for login in pull.requested_reviewers if login != actor.login)
    world.keep_pull(replace(pull, requested_reviewers=asked))
    world.note(pull, "reviewed", actor.login, made.state)
    detail = {"review": made}
    happening = Happening(
        "pull_request_review", "submitted", repository.id, actor.account, pull, detail
    )
    world.emit(happening)
    return made


def request_reviews(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, logins: Sequence[str]
) -> PullRequest:
    """The pull request with these people asked for a review.

    Raises Refused (422): the author, or someone who cannot read the repository.
    """
    for login in logins:
        known = world.accounts.get(login.lower())
        if known is None or known.login == pull.author:
            raise Refused(
                422,
                "Reviews may only be requested from collaborators. "
                f"One or more of the users or teams you specified is not a collaborator of the "
                f"{repository.full_name} repository.",
            )
        if known.login in pull.requested_reviewers:
            continue
        asked = (*pull.requested_reviewers, known.login)
        pull = world.keep_pull(replace(pull, requested_reviewers=asked))
        world.note(pull, "review_requested", actor.login, known.login)
        tell(world, repository, pull, "review_requested", actor, {"reviewer": known})
    return pull
