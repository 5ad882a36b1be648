"""What is left to do once a promotion's pull request is merged or closed. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from github_app.actions import Action
from github_app.rules.decision import Decision
from github_app.rules.deployments import Deploying
from github_app.rules.leftovers import deleted_head
from github_app.rules.line_rules import LineRules
from github_app.rules.outcomes import Outcome


def aftermath(of: LineRules, decision: Decision, repository: str) -> Iterator[Action]:
    """Deployments, the word on what became of it, and the branch that is left over.

    `repository` is the address of the repository's page. The lines of a group have one pull
    request, which their first speaks for.
    """
    picture, now = of.rules.picture, of.rules.now
    if of.stage.group and of.line != of.stage.lines[0]:
        return
    notes = picture.ledger.notes(of.stage.name)
    deploying = Deploying(picture.project, of.stage, of.picture, notes, now)
    ends = deploying.ends()
    yield from Outcome(picture, of.stage, of.picture, notes, repository, now, ends).actions()
    yield from deploying.actions()
    yield from deleted_head(of.picture, decision, now)
