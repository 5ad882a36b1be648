"""Which files of a repository a stage is made from: its directory, and what kustomize needs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from plugin.errors import Refusal
from plugin.inputs.charts import charts_of
from plugin.inputs.paths import below
from plugin.pins.kustomization import NAMES
from plugin.pins.kustomize_references import references
from plugin.pins.nodes import Tree
from plugin.pins.tree import read
from plugin.stage_files import is_record

MOST_FILES = 5000
_PIPELINE = "towline.yaml"

# The text of a file, None where it is none.
TextAt = Callable[[str], str | None]


def source_files(directory: str, paths: Iterable[str], text_at: TextAt) -> tuple[str, ...]:
    """Those of `paths`, all files of a commit, that the stage in `directory` is made from, sorted.

    That is the whole directory, and what kustomizations in it name elsewhere, and those there in
    turn: files, and of other directories what their kustomization names; of charts everything.
    Records and pipeline files stay behind. What is named and not there is for rendering to refuse.
    Raises Refusal where they are too many, or a chart may not be rendered.
    """
    walk = _Walk(sorted(paths), text_at)
    walk.whole(directory)
    while walk.waiting:
        walk.follow(walk.waiting.pop())
        if len(walk.found) > MOST_FILES:
            raise Refusal(f"{directory}: is made from more than {MOST_FILES} files")
    return tuple(sorted(one for one in walk.found if _travels(one)))


def files_below(place: str, paths: Sequence[str]) -> Iterator[str]:
    """Those of the sorted `paths` that are `place` itself or lie in it; '' is the root."""
    if not place:
        yield from paths
        return
    at = bisect_left(paths, place)
    if at < len(paths) and paths[at] == place:
        yield place
    for number in range(bisect_left(paths, f"{place}/"), len(paths)):
        if not paths[number].startswith(f"{place}/"):
            return
        yield paths[number]


def _travels(path: str) -> bool:
    return path.rpartition("/")[2] != _PIPELINE and not is_record(path)


@dataclass(slots=True)
class _Walk:
    """The files found so far, and the kustomizations that nobody has looked into yet."""

    paths: Sequence[str]
    text_at: TextAt
    found: set[str] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)

    def whole(self, place: str) -> None:
        """Everything in a directory, or a file."""
        for path in files_below(place, self.paths):
            self._take(path)

    def follow(self, file: str) -> None:
        """What a kustomization names."""
        text = self.text_at(file)
        tree = read(file, text) if text is not None else None
        if not isinstance(tree, Tree):
            return
        directory = file.rpartition("/")[0]
        for scalar in references(tree):
            self._named(directory, scalar.value)
        for chart in charts_of(file, tree):
            self._named(directory, *(one.value for one in chart.files))
            home = below(directory, chart.directory)
            if home:
                self.whole(home)

    def _named(self, directory: str, *said: str) -> None:
        for one in said:
            # Remote, or YAML written in place.
            path = None if "://" in one or "\n" in one or one.startswith("{") else one
            place = below(directory, path) if path is not None else None
            if place is not None:
                self._take_at(place)

    def _take_at(self, place: str) -> None:
        """The file at `place`, or the kustomization of the directory there."""
        inside = f"{place}/" if place else ""
        for path in (place, *(f"{inside}{name}" for name in NAMES)):
            if self._is_file(path):
                self._take(path)

    def _is_file(self, path: str) -> bool:
        at = bisect_left(self.paths, path)
        return bool(path) and at < len(self.paths) and self.paths[at] == path

    def _take(self, path: str) -> None:
        if path in self.found:
            return
        self.found.add(path)
        if path.rpartition("/")[2] in NAMES:
            self.waiting.append(path)
