"""The files of a stage or a checkout, each of them parsed at most once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from plugin.artifact import Subject
from plugin.pins.find import found_in, mentions
from plugin.pins.naming import Names, resolved
from plugin.pins.nodes import Refused, Tree
from plugin.pins.pin import Found, Named
from plugin.pins.tree import read


@dataclass(frozen=True, slots=True)
class Sources:
    """Texts by path, what marker comments in them name, and what was read of them so far."""

    texts: Mapping[str, str]
    names: Names = field(default_factory=dict)
    _trees: dict[str, Tree | Refused] = field(default_factory=dict)
    _found: dict[str, Found] = field(default_factory=dict)

    def tree(self, file: str) -> Tree | Refused:
        """The file's tree, or why it cannot be read."""
        if file not in self._trees:
            self._trees[file] = read(file, self.texts[file])
        return self._trees[file]

    def found(self, file: str) -> Found:
        """The file's pins and look-alikes."""
        if file not in self._found:
            tree = self.tree(file)
            if isinstance(tree, Refused):
                self._found[file] = Found(refused=(tree,))
            else:
                self._found[file] = resolved(found_in(file, tree), self.names)
        return self._found[file]

    def mentioning(self, subjects: Iterable[Subject | Named]) -> Iterator[str]:
        """The files that can hold a pin of one of `subjects`, by path."""
        subjects = tuple(subjects)
        return (one for one in sorted(self.texts) if mentions(self.texts[one], subjects))
