"""What people add to a pull request: labels, assignees and comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from github_app.sandbox.access import at_least, role
from github_app.sandbox.pulls import demand_body
from github_app.sandbox.refs import tell
from github_app.sandbox.refused import Refused, invalid
from github_app.sandbox.state import Comment, Label, PullRequest, Repository
from github_app.sandbox.world import Actor, Happening, World

ASSIGNEES = 10


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


def assign(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, logins: Sequence[str]
) -> PullRequest:
    """The pull request with these assigned too; who may not write here is passed over silently.

    https://docs.github.com/rest/issues/assignees#add-assignees-to-an-issue
    """
    for login in logins:
        known = world.accounts.get(login.lower())
        if known is None or not at_least(role(repository, known.login), "write"):
            continue
        if known.login not in pull.assignees and len(pull.assignees) < ASSIGNEES:
            assignees = (*pull.assignees, known.login)
            pull = world.keep_pull(replace(pull, assignees=assignees))
            world.note(pull, "assigned", actor.login, known.login)
            tell(world, repository, pull, "assigned", actor, {"assignee": known})
    return pull


def unassign(
    world: World, repository: Repository, pull: PullRequest, actor: Actor, logins: Sequence[str]
) -> PullRequest:
    """The pull request with these assigned no more."""
    for login in [one for one in pull.assignees if one in logins]:
        kept = tuple(one for one in pull.assignees if one != login)
        pull = world.keep_pull(replace(pull, assignees=kept))
        world.note(pull, "unassigned", actor.login, login)
        tell(world, repository, pull, "unassigned", actor, {"assignee": world.account(login)})
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
    """The comment with another text, which shows who edited it and when."""
    demand_body("IssueComment", body)
    now = world.now()
    edited = replace(made, body=body, updated_at=now, edited_at=now, edited_by=actor.login)
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
