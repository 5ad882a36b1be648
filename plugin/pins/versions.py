"""A single scalar that holds the version of a chart or the revision of a repository."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugin.artifact import ChartName, GitRepository, Subject
from plugin.artifact.chart import is_version
from plugin.artifact.git import is_fixed
from plugin.errors import Refusal
from plugin.pins.nodes import Alias, Mapping, Node, Refused, Scalar, Tree
from plugin.pins.pin import Field, Kind, Part, Pin, Present
from plugin.pins.reading import is_null, is_placeholder, raw, unwritable, word

_RANGE = "is a range: the newest is chosen when it is rendered; write one version"
_NOTHING = "names no version: the newest is chosen when it is rendered; write one"
WRITE = "write a tag such as v1.2.3 or a whole commit id to pin it"
_RANGE_SIGNS = frozenset("*<>=|~^, ")
_RANGE_WORD = re.compile(r"v?[0-9]+(?:\.[0-9]+)*(?:\.[xX])+")


@dataclass(frozen=True, slots=True)
class Place:
    """A mapping in which a version is written, and what sort of place that is."""

    file: str
    tree: Tree
    kind: Kind
    at: Mapping

    def refused(self, reason: str, said: str, subject: Subject | None = None) -> Refused:
        """The whole mapping is refused; `said` is what stands there."""
        return Refused(self.file, self.at.line, self.at.column, reason, said or "?", subject)


def said(node: Node | None) -> str:
    """The text of a scalar, or of the one an alias stands for; '' for anything else."""
    return word(node.target if isinstance(node, Alias) else node)


def chart_of(repository: str, name: str) -> ChartName | None:
    """The chart `name`, which may hold a path, of `repository`; None where that names none."""
    try:
        return ChartName.parse(f"{repository.rstrip('/')}/{name}" if repository else name)
    except Refusal:
        return None


def repository_of(address: str) -> GitRepository | None:
    """The Git repository at `address`, or None where that names none."""
    try:
        return GitRepository.parse(address)
    except Refusal:
        return None


def unnamed(place: Place, name: str) -> Refused:
    """A version of nobody knows what: `name` is neither a chart nor a repository."""
    if is_placeholder(name):
        return place.refused(f"'{name[:120]}' is filled in by a template; bump its source", name)
    return place.refused(f"'{name[:120]}' names neither a chart nor a Git repository", name)


def chart_pin(place: Place, chart: ChartName, version: Node | None) -> Pin | Refused:
    """The pin of `chart`, if the scalar `version` is one exact version."""
    if nothing(version):
        return place.refused(_NOTHING, "?", chart)
    return version_pin(place, chart, version, not_exact(said(version)))


def revision_pin(place: Place, git: GitRepository, revision: Node | None) -> Pin | Refused:
    """The pin of `git`, if the scalar `revision` is a tag or a commit id."""
    if nothing(revision):
        return place.refused(f"follows the default branch; {WRITE}", "?", git)
    return version_pin(place, git, revision, moving(said(revision)))


def version_pin(
    place: Place,
    subject: Subject,
    node: Node | None,
    problem: str | None = None,
    field: Field = Field.TAG,
) -> Pin | Refused:
    """The pin of `subject` in the scalar `node`, or why there is none: it cannot move, `problem`.

    An OCI tag is told as the chart's version it stands for.
    """
    if not isinstance(node, Scalar):
        return _not_scalar(place, subject, node)
    file, line, column = place.file, node.line, node.column
    problem = unmovable(place.tree, node) or problem
    if problem is not None:
        return Refused(file, line, column, problem, node.value or "?", subject)
    tag = node.value.replace("_", "+") if field is Field.OCI_TAG else node.value
    parts = (Part(Present(node), field),)
    return Pin(file, line, column, place.kind, subject, tag, None, raw(place.tree, node), parts)


def _not_scalar(place: Place, subject: Subject, node: Node | None) -> Refused:
    if isinstance(node, Alias):
        reason = f"'*{node.name}' is an alias; write the version here"
        return Refused(place.file, node.line, node.column, reason, said(node) or "?", subject)
    return place.refused("names no single version; write one", "?", subject)


def nothing(node: Node | None) -> bool:
    """Whether no version stands there at all."""
    return node is None or (isinstance(node, Scalar) and (not node.value or is_null(node)))


def not_exact(version: str) -> str | None:
    """Why `version` of a chart may be another one tomorrow, or None."""
    return None if is_version(version) else f"'{version[:120]}' {_RANGE}"


def moving(revision: str) -> str | None:
    """Why `revision` may be another one tomorrow, or None.

    https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/
    """
    if is_fixed(revision):
        return None
    if _RANGE_SIGNS & set(revision) or _RANGE_WORD.fullmatch(revision):
        return f"'{revision[:120]}' {_RANGE}"
    return f"follows the branch '{revision[:120]}'; {WRITE}"


def unmovable(tree: Tree, scalar: Scalar) -> str | None:
    """Why the scalar cannot be replaced for this place alone, or None."""
    if scalar.anchor in tree.aliases:
        return f"is used elsewhere through '*{scalar.anchor}'; write it in place"
    return unwritable(tree, scalar)
