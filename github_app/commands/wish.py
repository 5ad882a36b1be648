"""One command with everything it is judged by: who, on what, and the project as it stands. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from github_app.commands.freight_named import freight_named
from github_app.commands.verbs import Command, Verb
from github_app.ledger import Ledger
from github_app.may import Denied, Permitted, may
from github_app.notes import StageNotes
from github_app.picture import Person, ProjectPicture, RepositoryPicture, Spoken
from github_app.pulls import PullState
from github_app.rules.availability import Rules
from github_app.rules.line_rules import LineRules
from plugin.errors import Refusal
from plugin.freight import Freight, alias_of
from plugin.pipeline import Line, Mode, Stage


@dataclass(frozen=True, slots=True)
class Obeyed:
    """What a command changes, and what is said about it; `refresh` asks all sources anew."""

    ledger: Ledger
    words: str
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A command on a pull request of `stage` and its `lines`.

    `actor` has the rights in the repository of `stage`, `repository` is the pipeline file's.
    `project` has the ledger with all that was decided before. Everything here raises Refusal with
    what is to be answered.
    """

    command: Command
    spoken: Spoken
    actor: Person
    repository: RepositoryPicture
    project: ProjectPicture
    stage: Stage
    lines: tuple[Line, ...]
    now: datetime

    @property
    def ledger(self) -> Ledger:
        """The project's ledger as it stands."""
        return self.project.ledger

    @property
    def at(self) -> datetime:
        """When it was said."""
        return self.spoken.said.at

    @property
    def why(self) -> str:
        """The reason that was given, or where it was asked for."""
        return self.command.reason or f"asked for on #{self.spoken.pull.number}"

    def standing_on(self, ledger: Ledger) -> Wish:
        """The same after the ledger has changed."""
        return replace(self, project=replace(self.project, ledger=ledger))

    def with_notes(self, stage: Stage, change: Callable[[StageNotes], StageNotes]) -> Ledger:
        """The ledger after the notes of `stage` were changed."""
        return self.ledger.with_notes(stage.name, change(self.ledger.notes(stage.name)))

    def allow(self, stage: Stage, verb: Verb | None = None) -> None:
        """Refuses whoever may not ask for this in `stage`, and all where nothing is remembered."""
        if stage.mode is Mode.SHADOW:
            raise Refusal(f"{stage.name} is a shadow, where nothing is done or remembered")
        match self._judged(stage, verb or self.command.verb):
            case Denied(reason):
                raise Refusal(reason)
            case _:
                pass

    def actor_in(self, stage: Stage) -> Person:
        """Who asks, with the rights in the repository that `stage` lives in."""
        there = self.repository.where(stage)
        if there is self.repository.where(self.stage):
            return self.actor
        login = self.actor.login
        return there.people.get(login.lower(), Person(login))

    def may(self, stage: Stage, verb: Verb) -> bool:
        """Whether who asks may also ask for this in `stage`."""
        return isinstance(self._judged(stage, verb), Permitted)

    def _judged(self, stage: Stage, verb: Verb) -> Permitted | Denied:
        owner = self.repository.name.partition("/")[0]
        return may(self.actor_in(stage), verb, stage, owner)

    def target(self) -> Stage:
        """The stage that the command names, or that of the pull request."""
        if not self.command.stage:
            return self.stage
        stages = self.project.project.stages
        named = next((one for one in stages if one.name == self.command.stage), None)
        if named is None:
            known = ", ".join(one.name for one in stages)
            raise Refusal(f"there is no stage {self.command.stage}; there are {known}")
        return named

    def rules(self, stage: Stage, warehouse: str) -> LineRules:
        """The rules of the line of `warehouse` in `stage`."""
        line = stage.line(warehouse)
        if line is None:
            raise Refusal(f"{stage.name} takes no freight of warehouse {warehouse}")
        if stage.place is None:
            raise Refusal(f"{stage.name} holds nothing itself: name a stage that does")
        home = self.repository.where(stage).name
        return LineRules.of(Rules.of(self.project, self.now), stage, line, home)

    def my_rules(self) -> tuple[LineRules, ...]:
        """The rules of the pull request's lines."""
        return tuple(self.rules(self.stage, line.warehouse) for line in self.lines)

    def chosen(self) -> tuple[Freight, ...]:
        """The freight that the command names, or that the pull request carries."""
        return self.named() if self.command.freight else self.carried()

    def named(self) -> tuple[Freight]:
        """The one freight of this name in the warehouses of the pull request."""
        word, warehouses = self.command.freight, [line.warehouse for line in self.lines]
        found = [one for name in warehouses for one in freight_named(word, self.ledger.seen(name))]
        if not found:
            raise Refusal(f"no freight of {' or '.join(warehouses)} is called {word}")
        if len(found) > 1:
            every = ", ".join(f"{one.alias} ({one.short})" for one in found)
            raise Refusal(f"{word} may be any of {every}; write the id")
        return (found[0],)

    def carried(self) -> tuple[Freight, ...]:
        """What the pull request carries, as far as who asked can have seen it."""
        pull = self.spoken.pull
        if pull.foreign and self.command.verb is not Verb.RETRY:
            # Whoever may push there could have made it carry anything.
            raise Refusal("its last commit is not Towline's; name the freight that is meant")
        moving = pull.state is PullState.OPEN and not self.spoken.pressed
        # Both are told to the second; nobody reads and writes within one.
        if moving and pull.head_at is not None and pull.head_at >= self.at:
            carries = ", ".join(map(alias_of, self.spoken.carried)) or "something else"
            raise Refusal(f"it changed since and carries {carries} now; look and repeat")
        known = (
            self.ledger.find(line.warehouse, freight)
            for line in self.lines
            for freight in self.spoken.carried
        )
        found = tuple(one.freight for one in known if one is not None)
        if not found:
            raise Refusal("this pull request carries no freight that is known; name one")
        return found


def each(
    wish: Wish,
    places: Iterable[tuple[Stage, Freight]],
    do: Callable[[Wish, Stage, Freight], Obeyed],
) -> Obeyed:
    """What comes of doing something in several places; refused where it is possible in none."""
    done, said, refused = wish.ledger, list[str](), list[str]()
    for stage, freight in places:
        try:
            obeyed = do(wish.standing_on(done), stage, freight)
        except Refusal as refusal:
            refused.append(str(refusal))
        else:
            done = obeyed.ledger
            said.append(obeyed.words)
    if not said:
        raise Refusal("; ".join(refused) or "there is nothing to do")
    return Obeyed(done, "; ".join((*said, *refused)))
