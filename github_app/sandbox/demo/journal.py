"""What the App asked of GitHub, request by request, and what stood after each answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, Response, request


@dataclass(frozen=True, slots=True)
class Standing:
    """The heads of pull requests that have the App's check, and the numbers of those merged."""

    checked: frozenset[str] = frozenset()
    merged: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to one of the APIs, when it was answered, and what stood then."""

    what: str
    at: datetime
    after: Standing


class Journal:
    """Listens to the stand-in's answers; people's requests, Git and token minting do not count."""

    def __init__(
        self,
        app: Flask,
        standing: Callable[[], Standing],
        clock: Callable[[], datetime],
        people: frozenset[str],
    ) -> None:
        """`people` are tokens of persons."""
        self._standing = standing
        self._clock = clock
        self._people = people
        self._asked: list[Asked] = []
        app.after_request(self._note)

    def __len__(self) -> int:
        return len(self._asked)

    def since(self, start: int) -> tuple[Asked, ...]:
        """The requests after the first `start` of them."""
        return tuple(self._asked[start:])

    def until(self, start: int, reached: Callable[[Standing], bool]) -> int | None:
        """How many of them it took until something stood; None if it never did."""
        counted = enumerate(self.since(start), start=1)
        return next((count for count, asked in counted if reached(asked.after)), None)

    def _note(self, response: Response) -> Response:
        if self._counts():
            what = f"{request.method} {request.path}"
            self._asked.append(Asked(what, self._clock(), self._standing()))
        return response

    def _counts(self) -> bool:
        token = request.headers.get("Authorization", "").partition(" ")[2]
        minting = request.path.endswith("/access_tokens")
        return request.path.startswith("/api/") and not minting and token not in self._people
