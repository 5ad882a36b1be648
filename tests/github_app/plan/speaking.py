"""What people say on promotions of the model world: commands, some of them forbidden or edited.

Every command has a reason of its own, so that whatever comes of it can be told from all else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from github_app.picture import Person, Spoken
from github_app.pulls import PullRequest, PullState, Review, Said
from plugin.pipeline import Mode
from tests.github_app.plan.people import Event, picked
from tests.github_app.plan.world import Comment, Key, World

PEOPLE = {
    "gina": Person("gina", "maintain"),
    "hugo": Person("hugo", "write"),
    "mallory": Person("mallory", "read"),
}
_FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Where:
    """A pull request, the stages there are, and freight that is known."""

    stages: tuple[str, ...]
    freight: tuple[str, ...]

    def stage(self, pick: int) -> str:
        """One of the stages."""
        return self.stages[pick % len(self.stages)]

    def any(self, pick: int) -> str:
        """One piece of freight, sometimes whatever the pull request carries."""
        chosen = picked(self.freight, pick // 2)
        return "" if chosen is None or pick % 2 else f" {chosen}"


Words = Callable[[Where, int], str]

# How often each command is given.
_WORDS: tuple[tuple[Words, int], ...] = (
    (lambda at, pick: f"promote{at.any(pick)} to {at.stage(pick // 16)}", 8),
    (lambda at, pick: f"promote{at.any(pick)} downstream", 1),
    (lambda at, pick: f"approve{at.any(pick)} for {at.stage(pick // 16)}", 2),
    (lambda at, pick: f"reject{at.any(pick)}", 3),
    (lambda _at, _pick: "hold", 2),
    (lambda _at, _pick: "resume", 6),
    (lambda _at, _pick: "rollback previous", 3),
    (lambda at, pick: f"rollback{at.any(pick) or ' previous'}", 2),
    (lambda at, pick: f"hotfix{at.any(pick)} to {at.stage(pick // 16)}", 2),
    (lambda _at, pick: f"override {('window', 'upstream', 'rollout')[pick % 3]}", 3),
    (lambda _at, _pick: "retry", 2),
    (lambda _at, _pick: "verify", 1),
    (lambda _at, _pick: "status", 1),
    (lambda _at, _pick: "promte", 1),
)
_SPEECH = tuple(words for words, weight in _WORDS for _ in range(weight))


def say_one(world: World, pick: int) -> str | None:
    """Somebody commands something on a promotion, open or closed."""
    pull = picked(world.pulls[-6:], pick)
    if pull is None:
        return None
    pick //= 6
    who = ("gina", "gina", "gina", "hugo", "hugo", "mallory")[pick % 6]
    pick //= 6
    words = _SPEECH[pick % len(_SPEECH)]
    pick //= len(_SPEECH)
    key = _key(pull)
    stages = tuple(one.name for one in world.project.stages)
    known = tuple(one.freight.id for one in world.book().seen(key[1]))
    node = f"c{len(world.comments)}"
    text = f"/towline {words(Where(stages, known), pick)}"
    edited = pick % 11 == 0
    reason = "" if text.endswith(("retry", "status")) else f" because of {node}"
    said = Said(node, who, False, f"{text}{reason}", world.now, edited)
    world.comments.append(Comment(said, pull.number))
    return f"{who} says on #{pull.number}{' (edited)' if edited else ''}: {said.text}"


def review_one(world: World, pick: int) -> str | None:
    """Somebody approves a promotion, asks for changes, or takes that back."""
    pull = picked([one for one in world.pulls if one.state is PullState.OPEN], pick)
    if pull is None:
        return None
    pick //= 8
    who = ("gina", "hugo", "zoe", "mallory")[pick % 4]
    node = f"R_{pull.number}_{who}_{len(world.commits)}_{world.now:%d%H%M%S}"
    others = tuple(one for one in pull.reviews if one.author != who)
    kind = pick // 4 % 9
    if kind == 0:
        world.change(pull, reviews=others)
        return f"the review of {who} on #{pull.number} is dismissed"
    given = Review(node, who, kind != 1, pull.head_oid, world.now, who != "mallory")
    world.change(pull, reviews=(*others, given))
    return f"{who} {'approves' if kind != 1 else 'wants changes of'} #{pull.number}"


def protect_or_not(world: World, pick: int) -> str | None:
    """The branch loses its rules, or has them again."""
    if world.required:
        return None
    world.protected = not world.protected or pick % 2 == 0
    return f"main is {'' if world.protected else 'not '}protected"


def spoken_in(world: World) -> tuple[Spoken, ...]:
    """What a look shows of it: each comment of the last day, delivered twice and out of order."""
    lately = [one for one in world.comments if world.now - one.said.at <= _FORGOTTEN]
    shown = [_spoken(world, one) for one in lately]
    return (*reversed(shown), *shown)


def is_heard(world: World, comment: Comment) -> bool:
    """Whether the comment stands where the App listens."""
    stage = _key(world.pulls[comment.pull - 1])[0]
    live = [one.name for one in world.project.stages if one.mode is Mode.LIVE]
    return stage in live and not comment.said.edited


def _spoken(world: World, comment: Comment) -> Spoken:
    pull = world.pulls[comment.pull - 1]
    freight = world.freight_of(pull.head_oid, _key(pull))
    pull = replace(pull, head_at=world.commits[pull.head_oid].at)
    said = replace(comment.said, reacted=world.reacted[comment.said.node] > 0)
    return Spoken(pull, said, (freight.id,) if freight else ())


def _key(pull: PullRequest) -> Key:
    _, _, stage, warehouse = pull.head.split("/")
    return stage, warehouse


SPEECH: tuple[tuple[Event, int], ...] = ((say_one, 12), (review_one, 5), (protect_or_not, 1))
