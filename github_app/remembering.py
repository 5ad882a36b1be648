"""Remembers what never changes, the most recently used of it, up to a total weight."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by key; when they weigh more than `most` together, the longest unused ones go."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def __getitem__(self, key: K) -> V:
        self._values.move_to_end(key)
        return self._values[key][0]

    def get(self, key: K) -> V | None:
        """The value, if it is remembered."""
        if key not in self:
            return None
        return self[key]

    def keep(self, key: K, value: V, weight: int = 1) -> V:
        """`value` itself, remembered unless it alone is too heavy."""
        self._forget(key)
        if weight <= self._most:
            self._values[key] = (value, weight)
            self._weight += weight
        while self._weight > self._most:
            self._forget(next(iter(self._values)))
        return value

    def _forget(self, key: K) -> None:
        _, weight = self._values.pop(key, (None, 0))
        self._weight -= weight
