"""What apply puts into one document, and what follows from GitHub's answers. Values only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from github_app.github.writing import Mutation
from github_app.outcome import Applied, Trouble
from github_app.ports import Done, Failed

Outcome: TypeAlias = Done | Failed
Then: TypeAlias = Callable[[Mapping[str, Outcome]], Iterator["Step"]]


@dataclass(frozen=True, slots=True)
class Step:
    """Mutations that belong together, by name, and what their answers lead to.

    Where one is `blocked` if it fails, only time or a person can change that.
    """

    mutations: Mapping[str, Mutation]
    then: Then | None = None
    blocked: bool = False


def answer_of(outcome: Outcome, name: str) -> Mapping[str, object]:
    """A part of what GitHub answered; empty where it refused."""
    match outcome:
        case Done(answer):
            part = answer.get(name)
            return part if isinstance(part, Mapping) else {}
        case Failed():
            return {}


def failed(applied: Applied, what: str, answer: Outcome, blocked: bool = False) -> bool:
    """Whether GitHub refused, which is then noted as trouble with `what`."""
    match answer:
        case Failed(kind, message):
            applied.events.append(Trouble(f"{what}: {message} ({kind})", blocked))
            return True
        case Done():
            return False
        case _:
            assert_never(answer)
