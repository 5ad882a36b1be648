"""Where a stage lives: paths and branches that are safe to write to, and no two in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from plugin.pipeline import InBranch, InDirectory, Place
from plugin.pipeline_file.fields import Reader
from plugin.pipeline_file.mistakes import Mistakes, Position, shown
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.scalars import text

_LONGEST_BRANCH = 200
_OURS = "towline"
_LEDGER = "towline-ledger"
_RESERVED_FOLDERS = frozenset({".git", ".github", ".freight"})
_HERE = "this file's folder"
_path = text("a folder", "stages/dev")
_branch = text("a branch", "env/dev")


@dataclass(frozen=True, slots=True)
class Placed:
    """A place, the stage that has it, and where the file says so."""

    stage: str
    place: Place
    at: Position
    repo: str | None = None

    @property
    def order(self) -> tuple[str, tuple[str, ...], Position]:
        """Sorts what lies inside a place behind it, each repository for itself."""
        return (self.repo or "").lower(), _parts(self.place), self.at


def path_below(folder: str) -> Reader[str]:
    """Reads a path below what `folder` names, without './', '//' and the slash at its end."""

    def read(node: Node, mistakes: Mistakes) -> str | None:
        value = _path(node, mistakes)
        if value is None:
            return None
        parts = [part for part in value.split("/") if part not in ("", ".")]
        if problem := _path_problem(value, parts, folder):
            mistakes.add(node.at, *problem)
            return None
        return "/".join(parts)

    return read


def _path_problem(value: str, parts: list[str], folder: str) -> tuple[str, str] | None:
    if "\\" in value:
        return f"{shown(value)} has a backslash", f"write {shown(value.replace(chr(92), '/'))}"
    if value.startswith("/"):
        return (
            f"{shown(value)} begins at the root",
            f"write {shown(value.lstrip('/'))}: paths are relative to {folder}",
        )
    if ".." in parts:
        return f"{shown(value)} leaves {folder}", "write a path below it, without '..'"
    if not parts:
        return f"{shown(value)} is {_itself(folder)}", "write a folder below it"
    if reserved := _RESERVED_FOLDERS.intersection(part.lower() for part in parts):
        return (
            f"{shown(value)} lies in '{min(reserved)}', which holds no manifests",
            "choose another folder",
        )
    return None


def _itself(folder: str) -> str:
    return "this file's own folder" if folder == _HERE else f"{folder} itself"


relative_path: Reader[str] = path_below(_HERE)


def branch_name(node: Node, mistakes: Mistakes) -> str | None:
    """A branch that Git accepts (https://git-scm.com/docs/git-check-ref-format) and is free."""
    return _checked_branch(node, mistakes, lambda value: _taken(value) or _malformed(value))


def git_branch(node: Node, mistakes: Mistakes) -> str | None:
    """A branch that Git accepts, of whatever repository."""
    return _checked_branch(node, mistakes, lambda value: _no_branch(value) or _malformed(value))


def _checked_branch(
    node: Node, mistakes: Mistakes, problem_of: Callable[[str], tuple[str, str] | None]
) -> str | None:
    value = _branch(node, mistakes)
    problem = problem_of(value) if value is not None else None
    if problem:
        mistakes.add(node.at, *problem)
        return None
    return value


def _taken(value: str) -> tuple[str, str] | None:
    if value == _LEDGER:
        return f"the branch '{_LEDGER}' holds Towline's ledger", "choose another branch"
    if value == _OURS or value.startswith(f"{_OURS}/"):
        return (
            f"branches below '{_OURS}/' are Towline's own: {shown(value)}",
            f"choose another branch, such as 'env/{value.rpartition('/')[2]}'",
        )
    return _no_branch(value)


def _no_branch(value: str) -> tuple[str, str] | None:
    if value.startswith("refs/"):
        return (
            f"{shown(value)} is a ref, not a branch's name",
            f"write {shown(value.removeprefix('refs/').removeprefix('heads/'))}",
        )
    if value == "HEAD" or re.fullmatch("[0-9a-f]{40}", value):
        return f"{shown(value)} cannot be a branch on GitHub", "choose another branch"
    return None


def _malformed(value: str) -> tuple[str, str] | None:
    parts = value.split("/")
    rules = (
        (len(value.encode()) > _LONGEST_BRANCH, f"is longer than {_LONGEST_BRANCH} bytes"),
        (re.search(r"[ ~^:?*\[\\]", value), "has a character Git does not allow in a branch"),
        (".." in value or "@{" in value or value == "@", "has '..' or '@', special to Git"),
        (value.startswith("-"), "begins with '-'"),
        (any(not one for one in parts), "has an empty part between slashes"),
        (any(one.startswith(".") for one in parts), "has a part that begins with '.'"),
        (any(one.endswith(".lock") for one in parts), "has a part that ends with '.lock'"),
        (value.endswith("."), "ends with '.'"),
    )
    for broken, rule in rules:
        if broken:
            instead = "write letters, digits, '-', '_' and '/', such as env/dev"
            return f"{shown(value)} {rule}", instead
    return None


def refuse_shared(placed: Iterable[Placed], mistakes: Mistakes) -> None:
    """Adds a mistake for each place that is, or lies inside, an earlier stage's place.

    Branches nest too: Git cannot hold `env` and `env/dev` side by side.
    """
    everything = tuple(placed)
    for kind in (InDirectory, InBranch):
        own = [one for one in everything if isinstance(one.place, kind)]
        own.sort(key=lambda one: one.order)
        outer: Placed | None = None
        for one in own:
            if outer and _lies_in(outer, one):
                _refuse_pair(outer, one, mistakes)
            else:
                outer = one


def _lies_in(outer: Placed, one: Placed) -> bool:
    repository, parts, _ = outer.order
    return one.order[0] == repository and one.order[1][: len(parts)] == parts


def _parts(place: Place) -> tuple[str, ...]:
    return tuple((place.path if isinstance(place, InDirectory) else place.branch).split("/"))


def _refuse_pair(outer: Placed, inner: Placed, mistakes: Mistakes) -> None:
    first, second = sorted((outer, inner), key=lambda one: one.at)
    of = f"stage '{first.stage}' (line {first.at.line})"
    match inner.place:
        case InDirectory(path) if _parts(inner.place) == _parts(outer.place):
            what = f"the folder {shown(path)} already belongs to {of}"
        case InDirectory():
            what = f"the folders of '{second.stage}' and of {of} lie one inside the other"
        case InBranch(branch) if _parts(inner.place) == _parts(outer.place):
            what = f"the branch {shown(branch)} already belongs to {of}"
        case InBranch():
            what = f"Git cannot hold this branch beside that of {of}: one name continues the other"
    siblings = first.at == second.at
    instead = "put the variables of its matrix into it: ${...}"
    mistakes.add(
        second.at, what, instead if siblings else f"give '{second.stage}' a place of its own"
    )
