"""Where a stage lives and what it is made of: `path`, `branch`, `repo`, `render`, `at`, `copy`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from plugin.pipeline import InBranch, InDirectory, Place
from plugin.pipeline_file import not_yet
from plugin.pipeline_file.fields import Fields, Reader, keyed
from plugin.pipeline_file.mistakes import Mistakes
from plugin.pipeline_file.nodes import Node
from plugin.pipeline_file.places import branch_name, path_below, relative_path
from plugin.pipeline_file.scalars import boolean, choice, matching
from plugin.stage_policy import At
from plugin.subscriptions import overlap

Copies = tuple[tuple[str, str], ...]

_repository: Reader[str] = matching(
    r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.+$)[A-Za-z0-9._-]+",
    "a repository of GitHub",
    "acme/web-config",
)
_copied: Reader[Copies] = keyed(
    "a map of paths",
    "{base: base}",
    path_below("the artifact's repository"),
    path_below("the stage's folder"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """A stage's place, and how what stands there is made."""

    place: Place | None
    repo: str | None
    render: bool
    at: At
    copies: Copies


def stage_place(fields: Fields, directory: str) -> Made:
    """What the stage says of its place; `directory` is the folder of the pipeline file.

    A folder in another repository is from its root: there is no pipeline file to be relative to.
    Sources are always in this one.
    """
    repo = fields.read("repo", _repository)
    made = Made(
        _place(fields, directory),
        repo,
        fields.read_or("render", boolean, default=False),
        fields.read_or("at", choice(At), At.FREIGHT),
        fields.read_or("copy", _copies, ()),
    )
    _refuse_without_sources(fields, made)
    return made


def _place(fields: Fields, directory: str) -> Place | None:
    before = len(fields.mistakes)
    path = fields.read("path", relative_path)
    branch = fields.read("branch", branch_name)
    if len(fields.mistakes) > before:
        return None
    if path is None:
        return None if branch is None else InBranch(branch)
    below = f"{directory}/{path}" if directory else path
    if branch is None:
        return InDirectory(path if fields.has("repo") else below)
    not_yet.refuse_meaning("branch together with path", fields.at("branch"), fields.mistakes)
    return InBranch(branch, below)


def _refuse_without_sources(fields: Fields, made: Made) -> None:
    """Of a stage without path and branch something else is said already."""
    if fields.lacks("path", "branch"):
        return
    if made.render and fields.lacks("branch"):
        what = "'render' has nowhere to write: rendered manifests fill a branch of their own"
        fields.mistakes.add(fields.at("render"), what, "add branch: env/prod, or remove 'render'")
    elif made.render and fields.lacks("path"):
        what = "'render' has nothing to render: this stage names no sources"
        instead = "add path: and the folder they are in, or remove 'render'"
        fields.mistakes.add(fields.at("render"), what, instead)
    if fields.has("at") and (fields.lacks("branch") or fields.lacks("path")):
        what = "'at' chooses a commit of the sources, and this stage names none"
        instead = "write branch: and path: with the folder of the sources, or remove 'at'"
        fields.mistakes.add(fields.at("at"), what, instead)


def _copies(node: Node, mistakes: Mistakes) -> Copies | None:
    copies = _copied(node, mistakes)
    if copies is not None and (pair := _overlapping(target for _, target in copies)):
        mistakes.add(
            node.at,
            f"'{pair[0]}' and '{pair[1]}' lie one inside the other, and each copy replaces what "
            "is there",
            "copy into folders of their own",
        )
        return None
    return copies


def _overlapping(targets: Iterable[str]) -> tuple[str, str] | None:
    return next((pair for pair in combinations(sorted(targets), 2) if overlap(*pair)), None)
