"""Everything that was said on a repository's pull requests -> ledgers and answers. Pure.

A command is acted on exactly once: the ledger remembers its comment in the commit that has its
effects. The reply and our reaction follow that, and are repeated for a while where the reaction is
missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from github_app.actions import Action, Answer, Say
from github_app.commands.obeying import Reply, reply_to
from github_app.commands.verbs import Command, Verb
from github_app.commands.wish import Wish
from github_app.ledger import Ledger
from github_app.markdown import plain, shortened
from github_app.notes import MOST_NOTES, Answered, StageNotes
from github_app.picture import Person, ProjectPicture, RepositoryPicture, Spoken
from plugin.head import head_in
from plugin.pipeline import Line, Mode, Stage

REPEATED_AFTER = timedelta(minutes=1)
REPEATED_FOR = timedelta(hours=1)
"""How long an answer is repeated: a comment that cannot be reacted to is not answered for ever."""
MOST_OF_STRANGERS = 20
"""Answers of a stage within an hour after which nobody hears who only may read."""
_HOUR = timedelta(hours=1)
_MOST_REMEMBERED = 1_000
_REFUSED = " (not done)"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of all that was said: every project's ledger, the answers, and for whom to look."""

    ledgers: Mapping[str, Ledger]
    answers: tuple[Action, ...] = ()
    refresh: bool = False


def heard(picture: RepositoryPicture, ledgers: Mapping[str, Ledger], now: datetime) -> Heard:
    """The `ledgers`, by project, after every command was judged in the order they were given."""
    found = Heard(dict(ledgers))
    once = {
        one.said.node: (one, there)
        for there in (picture, *picture.targets.values())
        for one in there.spoken
    }
    for spoken, there in sorted(once.values(), key=lambda one: one[0].said.at):
        place = place_of(picture, spoken.pull.head)
        if place is None or place.stage.mode is Mode.SHADOW:
            continue
        # A branch of that name elsewhere is nothing of this stage's.
        if picture.where(place.stage) is there:
            found = _after(found, picture, place, spoken, now)
    return found


@dataclass(frozen=True, slots=True)
class Addressed:
    """The stage and the lines that a promotion's head branch belongs to."""

    project: ProjectPicture
    stage: Stage
    lines: tuple[Line, ...]


def place_of(picture: RepositoryPicture, head: str) -> Addressed | None:
    """Whose promotion a head branch is; None where its stage is gone."""
    for one in picture.projects:
        for stage in one.project.stages if one.project.name == _project(head) else ():
            lines = tuple(_lines(one.project.name, stage, head))
            if stage.place is not None and lines:
                return Addressed(one, stage, lines)
    return None


def _project(head: str) -> str:
    return head.split("/")[1] if "/" in head else ""


def _lines(project: str, stage: Stage, head: str) -> Iterator[Line]:
    return (line for line in stage.lines if head_in(project, stage, line.warehouse) == head)


def _after(
    found: Heard, picture: RepositoryPicture, place: Addressed, spoken: Spoken, now: datetime
) -> Heard:
    """What is heard once one more comment was."""
    name = place.project.project.name
    project = replace(place.project, ledger=found.ledgers[name])
    notes = project.ledger.notes(place.stage.name)
    before = answered(notes, spoken)
    if before is not None:
        return _again(found, spoken, before, now)
    if spoken.said.reacted or spoken.said.edited or spoken.said.bot or _forgotten(notes, spoken):
        return found
    login = spoken.said.author
    actor = picture.where(place.stage).people.get(login.lower(), Person(login))
    if _is_stranger(actor) and _too_much(notes, spoken, now):
        return found
    wish = Wish(
        Command(Verb.HELP),
        spoken,
        actor,
        picture,
        project,
        place.stage,
        place.lines,
        now,
    )
    reply = reply_to(wish)
    return found if reply is None else _replied(found, wish, reply)


def answered(notes: StageNotes, spoken: Spoken) -> Answered | None:
    """What was done about a comment, if anything was."""
    return next((one for one in notes.answered if one.comment == spoken.said.node), None)


def _forgotten(notes: StageNotes, spoken: Spoken) -> bool:
    """Whether it is so old that it may have been answered, and nobody would know."""
    known = notes.answered
    return len(known) >= MOST_NOTES and spoken.said.at <= known[0].at


def _is_stranger(actor: Person) -> bool:
    """Whether it may be anybody: whoever sees a public repository may comment there."""
    return actor.permission in {"none", "read"} and not actor.teams


def _too_much(notes: StageNotes, spoken: Spoken, now: datetime) -> bool:
    """Whether an answer to a stranger would help to flood us, and push out what counts.

    What was said long ago is not answered either, or the flood would only take longer.
    """
    lately = [one for one in notes.answered if now - one.at < _HOUR]
    return len(lately) >= MOST_OF_STRANGERS or now - spoken.said.at >= _HOUR


def _again(found: Heard, spoken: Spoken, before: Answered, now: datetime) -> Heard:
    """The answer once more where it may not have arrived, without its effects.

    Not at once: GitHub may take a moment to show our reaction.
    """
    late = REPEATED_AFTER <= now - before.at <= REPEATED_FOR
    if spoken.said.reacted or spoken.pressed or not late:
        return found
    accepted = not before.verb.endswith(_REFUSED)
    answer = Answer(spoken.pull.node, spoken.said.node, before.said or None, accepted)
    return replace(found, answers=(*found.answers, answer))


def _replied(found: Heard, wish: Wish, reply: Reply) -> Heard:
    said, project = wish.spoken.said, wish.project.project.name
    remembered = shortened(reply.body, _MOST_REMEMBERED)
    verb = reply.verb + ("" if reply.accepted else _REFUSED)
    note = Answered(said.node, wish.now, said.author, verb, remembered)
    notes = reply.ledger.notes(wish.stage.name)
    after = replace(notes, answered=(*notes.answered, note))
    ledger = reply.ledger.with_notes(wish.stage.name, after)
    return Heard(
        {**found.ledgers, project: ledger},
        (*found.answers, _answer(wish.spoken, reply)),
        found.refresh or reply.refresh,
    )


def _answer(spoken: Spoken, reply: Reply) -> Action:
    if spoken.pressed:
        # There is no comment to react to.
        who = plain(spoken.said.author)
        return Say(spoken.pull.node, f"{who} pressed a button.\n\n{reply.body}")
    return Answer(spoken.pull.node, spoken.said.node, reply.body, reply.accepted)
