"""How many requests were made of the stand-in, by kind."""

from __future__ import annotations

import threading
from typing import Literal

Kind = Literal["rest", "graphql", "git", "tokens"]


class Calls:
    """Counts of requests; token minting stands apart because it is paid once an hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Kind, int] = {}

    def add(self, kind: Kind) -> None:
        """One more."""
        with self._lock:
            self._counts[kind] = self._counts.get(kind, 0) + 1

    def reset(self) -> None:
        """Begin again at zero."""
        with self._lock:
            self._counts.clear()

    def counts(self) -> dict[str, int]:
        """All four numbers."""
        return {"rest": self.rest, "graphql": self.graphql, "git": self.git, "tokens": self.tokens}

    @property
    def rest(self) -> int:
        """REST requests but for token minting."""
        return self._counts.get("rest", 0)

    @property
    def graphql(self) -> int:
        """GraphQL documents."""
        return self._counts.get("graphql", 0)

    @property
    def git(self) -> int:
        """HTTP requests of Git clients."""
        return self._counts.get("git", 0)

    @property
    def tokens(self) -> int:
        """Installation tokens asked for."""
        return self._counts.get("tokens", 0)
