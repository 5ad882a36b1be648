"""What is wrong in a pipeline file: where, what, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from plugin.errors import Refusal

_MOST = 200
_LONGEST_SHOWN = 60
_MOST_CANDIDATES = 500


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text; line and column count from 1, columns in characters."""

    line: int
    column: int


START = Position(1, 1)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing a person must change; `str` gives the whole sentence, on one line."""

    file: str
    line: int
    column: int
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}; {self.instead}"


class InvalidProject(Refusal):
    """A pipeline file that is refused, with every mistake in it; the text has one a line."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(one) for one in mistakes))
        self.mistakes = mistakes


class Mistakes:
    """The mistakes of one file as they are found; `settle` ends the reading if there are any."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: dict[Mistake, None] = {}

    @property
    def file(self) -> str:
        """The path of the file whose mistakes these are."""
        return self._file

    def __len__(self) -> int:
        return len(self._found)

    def add(self, at: Position, what: str, instead: str) -> None:
        """Keeps a mistake; raises InvalidProject when there are more than anybody would read."""
        self._found[Mistake(self._file, at.line, at.column, what, instead)] = None
        if len(self._found) == _MOST:
            instead = "correct these first"
            end = Position(max(one.line for one in self._found), 1)
            more = Mistake(self._file, end.line, end.column, "there may be more mistakes", instead)
            raise InvalidProject((*self._sorted(), more))

    def take(self, other: Mistakes, reported: set[Position]) -> None:
        """Keeps those of `other` whose positions are not yet `reported`, and reports them."""
        new = [one for one in other._found if Position(one.line, one.column) not in reported]
        for one in new:
            self.add(Position(one.line, one.column), one.what, one.instead)
        reported.update(Position(one.line, one.column) for one in new)

    def refuse(self, at: Position, what: str, instead: str) -> NoReturn:
        """Keeps a mistake after which nothing more can be read, and raises InvalidProject."""
        self.add(at, what, instead)
        raise InvalidProject(self._sorted())

    def apart(self) -> Mistakes:
        """An empty collection for the same file, for `take` to choose from."""
        return Mistakes(self._file)

    def settle(self) -> None:
        """Raises InvalidProject with all mistakes in the order of the file, if there are any."""
        if self._found:
            raise InvalidProject(self._sorted())

    def _sorted(self) -> tuple[Mistake, ...]:
        return tuple(sorted(self._found, key=lambda one: (one.line, one.column)))


def shown(text: str) -> str:
    """`text` in quotes, on one line, without invisible characters and never too long."""
    cut = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."
    return "'" + "".join(one if one.isprintable() else ascii(one)[1:-1] for one in cut) + "'"


def similar(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate a person may have meant by `word`, if there is one."""
    few = list(candidates)
    if len(word) > _LONGEST_SHOWN or len(few) > _MOST_CANDIDATES:
        return None
    by_folded = {one.casefold(): one for one in few}
    close = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.65)
    return by_folded[close[0]] if close else None
