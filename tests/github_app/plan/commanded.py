"""What people commanded and decided, judged in other words than the rules': asks, holds, gates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from github_app.ledger import Ledger
from github_app.notes import Asked, LineNote, Way
from github_app.pulls import PullRequest
from github_app.results import ResultState
from plugin.freight import FreightId
from plugin.pipeline import Merge, Stage
from plugin.stage_policy import WindowKind
from tests.github_app.plan.speaking import is_heard
from tests.github_app.plan.world import Key, World

_DAY = timedelta(days=1)
_MAY_ASK = {"gina": {*Way}, "hugo": {Way.PROMOTE, Way.ROLLBACK}}


class Violation(AssertionError):
    """An invariant that does not hold."""


def demand(condition: bool, what: str) -> None:
    """Raise Violation unless the condition holds."""
    if not condition:
        raise Violation(what)


def asked_for(world: World, book: Ledger, key: Key) -> Asked | None:
    """What somebody chose for a line and has neither come nor been refused since."""
    notes = book.notes(key[0])
    chosen = [one for one in notes.asked if one.warehouse == key[1]]
    if not chosen:
        return None
    last = chosen[-1]
    history = world.history.get(world.record(key), [])
    held = history[-1][2] if history else None
    came = any(freight == last.freight and at >= last.at for _, at, freight in history)
    back = {one.freight: one.at for one in notes.overridden if one.gate == "rejection"}
    refused = any(
        one.freight == last.freight
        and one.at >= last.at
        and (one.freight not in back or back[one.freight] < one.at)
        for one in notes.rejected
    )
    left = any(one.warehouse == key[1] and one.at > last.at for one in notes.resumed)
    return None if held == last.freight or came or refused or left else last


def is_on_hold(book: Ledger, key: Key, asked: Asked | None) -> bool:
    """Whether somebody's hold stands in the way of what would come."""
    notes = book.notes(key[0])
    freed = [one.at for one in notes.resumed if one.warehouse == key[1]]
    for hold in notes.held:
        mine = hold.warehouse == key[1] and not any(at >= hold.at for at in freed)
        if mine and not (asked is not None and asked.at >= hold.at):
            return True
    return False


def is_open_now(stage: Stage, now: datetime) -> bool:
    """Whether the stage's windows, each daily from an hour of UTC on, let anything in."""

    def inside(hour: int, length: timedelta) -> bool:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        begins = [midnight + timedelta(hours=hour) - _DAY * ago for ago in (0, 1)]
        return any(begin <= now < begin + length for begin in begins)

    of = {
        kind: [
            inside(int(one.rule.rpartition("=")[2]), one.length)
            for one in stage.windows
            if one.kind is kind
        ]
        for kind in WindowKind
    }
    allowed = not of[WindowKind.ALLOW] or any(of[WindowKind.ALLOW])
    return allowed and not any(of[WindowKind.DENY])


def is_past(book: Ledger, stage: str, gate: str, freight: FreightId) -> bool:
    """Whether somebody let the freight past a gate."""
    notes = book.notes(stage).overridden
    return any((one.gate, one.freight) == (gate, freight) for one in notes)


def judge_green(
    world: World, book: Ledger, stage: Stage, pull: PullRequest | None, what: tuple[str, FreightId]
) -> None:
    """Nothing is green, or merges, while a gate of the stage is shut; `pull`: at its head."""
    warehouse, freight = what
    where = f"{stage.name}/{warehouse} {freight[:6]}"
    through = is_open_now(stage, world.now) or is_past(book, stage.name, "window", freight)
    demand(through, f"I12 {where}: green while the window is shut")
    alone = stage.merge is Merge.AUTO and not stage.unprotected and not world.protected
    demand(not alone, f"I12 {where}: merges where nothing protects the branch")
    asked = asked_for(world, book, (stage.name, warehouse))
    mine = asked if asked is not None and asked.freight == freight else None
    wanted = stage.reviews.count if stage.reviews else 0
    wanted += mine is not None and mine.way is Way.HOTFIX
    given, against = _reviews(world, pull, mine.who if mine else "")
    demand(given >= wanted, f"I12 {where}: green with {given} of {wanted} reviews")
    demand(not against, f"I12 {where}: green although somebody wants changes")


def _reviews(world: World, pull: PullRequest | None, author: str) -> tuple[int, bool]:
    """How many approved just what the head carries, and whether anybody wants it changed."""
    given, against = 0, False
    for one in pull.reviews if pull is not None else ():
        assert pull is not None
        same = world.changed(one.oid) == world.changed(pull.head_oid)
        given += one.approved and one.may_push and one.author != author and same
        against = against or (not one.approved and one.may_push)
    return given, against


@dataclass(slots=True)
class Commanded:
    """What the oracle remembers of commands."""

    holds: set[tuple[str, LineNote]] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    asked: set[tuple[str, Asked]] = field(default_factory=set)

    def judge(self, world: World) -> None:
        """After every step: what the ledger says came from somebody, once, and stays."""
        book = world.book()
        live = {one.name for one in world.project.stages}
        answers: Counter[str] = Counter()
        for name, notes in book.stages.items():
            answers.update(one.comment for one in notes.answered)
            self._judge_origins(world, name, notes.asked)
            self.holds |= {(name, one) for one in notes.held}
        demand(all(count == 1 for count in answers.values()), "I13: a command acted twice")
        lost = self.answered - answers.keys()
        demand(not lost, f"I13: answers are forgotten: {lost}")
        self.answered |= answers.keys()
        for name, hold in self.holds:
            known = name not in live or hold in book.notes(name).held
            demand(known, f"I13 {name}: a hold is lost")
        self._judge_once(world, book)

    def _judge_once(self, world: World, book: Ledger) -> None:
        """The effects of each command are there once, and of what may not act, never."""
        for comment in world.comments:
            token = f"because of {comment.said.node}"
            for name, notes in book.stages.items():
                kinds = (notes.held, notes.asked, notes.approved, notes.overridden, notes.again)
                for kind in kinds:
                    mine = [one for one in kind if one.why == token]
                    about = Counter(
                        one.warehouse if isinstance(one, LineNote | Asked) else one.freight
                        for one in mine
                    )
                    twice = any(count > 1 for count in about.values())
                    demand(not twice, f"I13 {name}: {comment.said.text} acted twice")
                    mute = comment.said.edited or comment.said.author == "mallory"
                    demand(not (mine and mute), f"I13 {name}: {comment.said.author} was obeyed")

    def _judge_origins(self, world: World, name: str, asked: tuple[Asked, ...]) -> None:
        for one in asked:
            if (name, one) in self.asked:
                continue
            self.asked.add((name, one))
            if one.who != "towline":
                allowed = one.way in _MAY_ASK.get(one.who, ())
                demand(allowed, f"I13 {name}: {one.who} may not ask for {one.way.value}")
                continue
            stage = next((it for it in world.project.stages if it.name == name), None)
            said = [found.get("smoke") for found in world.results.values()]
            mine = stage is None or (stage.rollback and one.way is Way.ROLLBACK)
            demand(mine and ResultState.FAILURE in said, f"I14 {name}: goes back by itself")
            self._judge_no_way_back(world, (name, one.warehouse), asked, one)

    def _judge_no_way_back(
        self, world: World, key: Key, asked: tuple[Asked, ...], one: Asked
    ) -> None:
        """What a rollback brought is not rolled back by itself."""
        history = [it for it in world.history.get(world.record(key), ()) if it[1] <= one.at]
        if not history:
            return
        before = [it for it in asked if it.warehouse == key[1] and it.at < one.at]
        last = before[-1] if before else None
        brought = last is not None and last.way is Way.ROLLBACK and last.freight == history[-1][2]
        demand(not brought, f"I14 {key}: a rollback is rolled back")

    def judge_end(self, world: World) -> None:
        """At rest everybody who may be heard was answered, once."""
        for comment in world.comments:
            node = comment.said.node
            heard = node in self.answered or world.reacted[node] > 0
            recent = world.now - comment.said.at <= _DAY
            late = comment.said.author == "mallory"  # strangers are not heard after an hour
            due = recent and is_heard(world, comment) and not late
            demand(heard or not due, f"I13 {node}: no answer")
            demand(world.reacted[node] == 0 or not comment.said.edited, f"I13 {node}: edited")
        # After files were changed by hand it may be said again: it was not so meanwhile.
        # So it may where a crash came between the word and the deployment that remembers it.
        often = 1 + world.crashes
        often += sum(one.who in {"carol", "dave", "erin"} for one in world.commits.values())
        twice = [body for (_, body), count in world.told.items() if count > often]
        demand(not twice, f"I15: said twice: {twice}")
