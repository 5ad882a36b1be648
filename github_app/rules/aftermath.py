"""What is left to do once a promotion's pull request is merged or closed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from github_app.actions import Action, ClosePromotion
from github_app.notes import Note
from github_app.picture import RepositoryPicture
from github_app.rules.decision import Decision
from github_app.rules.deployments import Deploying
from github_app.rules.leftovers import closed_head, deleted_head
from github_app.rules.line_rules import LineRules
from github_app.rules.outcomes import Outcome


def aftermath(
    of: LineRules, decision: Decision, actions: Sequence[Action], seen: RepositoryPicture
) -> Iterator[Action]:
    """Deployments, the word on what became of it, and the branch that is left over.

    `actions` are what else is done now; `seen` has the ledger without this round's news. The lines
    of a group have one pull request, which their first speaks for.
    """
    picture, now = of.rules.picture, of.rules.now
    if of.stage.group and of.line != of.stage.lines[0]:
        return
    notes = picture.ledger.notes(of.stage.name)
    deploying = Deploying(picture.project, of.stage, of.picture, notes, now)
    news = _news(of, seen)
    ends = deploying.ends()
    yield from Outcome(picture, of.stage, of.picture, notes, seen, now, news, ends).actions()
    yield from deploying.actions()
    yield from deleted_head(of.picture, decision, now)
    if any(isinstance(one, ClosePromotion) for one in actions):
        yield from closed_head(of.picture)


def _news(of: LineRules, seen: RepositoryPicture) -> frozenset[Note]:
    """What this round learned of the stage's verification."""
    name = of.rules.picture.project.name
    known = next(one.ledger for one in seen.projects if one.project.name == name)
    before, after = (one.notes(of.stage.name) for one in (known, of.rules.picture.ledger))
    return frozenset({*after.verified, *after.failed} - {*before.verified, *before.failed})
