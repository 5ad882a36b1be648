"""Who renders the stages whose record has to be applied: Argo CD's Applications, Flux, nobody."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from github_app.console.checkout import NEVER
from plugin.pins.argocd_revisions import sources_of
from plugin.pins.nodes import Mapping, Node, Scalar, Tree
from plugin.pins.objects import is_object, objects
from plugin.pins.reading import mapping, scalar_of, sequence, word
from plugin.pins.tree import MAX_BYTES, read
from plugin.pipeline import InBranch, InDirectory, Project, Stage
from plugin.stage_policy import Write

PLUGIN = re.compile(r"towline(-v[0-9]+)?")
STAGE = "TOWLINE_STAGE"
_ASKED = "'plugin: {name: towline-v1}'"
_FLUX = "kustomize.toolkit.fluxcd.io/"
_SUFFIXES = (".yaml", ".yml")
_WORDS = (b"argoproj.io/", _FLUX.encode())
# What an ApplicationSet fills in: `{{path}}`, `{{.stage}}`, `{{ index . "stage" }}`.
_FILLED = re.compile(r"\{\{.*?\}\}")


@dataclass(frozen=True, slots=True)
class Source:
    """One place that renders a directory of the repository, or one of Flux.

    `path` and `revision` may have parts that are filled in later; `globs` are directories that a
    set takes them from. `stage` is the one asked for at a project's root; `sidecar` says that
    Towline's plugin renders it.
    """

    file: str
    line: int
    who: str
    path: str
    revision: str
    globs: tuple[str, ...]
    stage: str
    sidecar: bool
    flux: bool = False

    def renders(self, stage: Stage, project: str) -> bool:
        """Whether this is where `stage`, of the project in directory `project`, is rendered."""
        match stage.place:
            case InDirectory(path):
                at_root = self.path == project and _may_be(self.stage, stage.name)
                return self._reaches(path) or (at_root and bool(self.stage))
            case InBranch(branch):
                return not self.path and _may_be(self.revision, branch)
            case None:
                return False

    def _reaches(self, path: str) -> bool:
        if _FILLED.fullmatch(self.path):
            return any(fnmatchcase(path, one) for one in self.globs)
        return _may_be(self.path, path)


def _may_be(said: str, meant: str) -> bool:
    """Whether `said` is `meant`, or becomes it when its parts are filled in."""
    if "{{" not in said:
        return said == meant
    parts = [re.escape(one) for one in _FILLED.split(said)]
    return re.fullmatch(".+".join(parts), meant) is not None


def sources_in(root: Path) -> tuple[Source, ...]:
    """Every such place in the YAML files below `root`; what cannot be read renders nothing."""
    return tuple(
        source
        for file, text in _texts(root)
        for one in _objects(file, text)
        for source in _sources(file, one)
    )


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(one for one in folders if one not in NEVER)
        for name in sorted(one for one in files if one.endswith(_SUFFIXES)):
            file = Path(folder) / name
            content = _content(file)
            if any(one in content for one in _WORDS):
                yield file.relative_to(root).as_posix(), content.decode("utf-8", "replace")


def _content(file: Path) -> bytes:
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > MAX_BYTES:
            return b""
        return file.read_bytes()
    except OSError:
        return b""


def _objects(file: str, text: str) -> Iterator[Mapping]:
    tree = read(file, text)
    return objects(tree) if isinstance(tree, Tree) else iter(())


def _sources(file: str, one: Mapping) -> Iterator[Source]:
    name = word(mapping(one.get("metadata")).get("name"))
    if is_object(one, _FLUX, "Kustomization"):
        path = scalar_of(mapping(one.get("spec")).get("path"))
        if path is not None:
            who = f"Flux's Kustomization {name}"
            normal = _normal(path.value)
            yield Source(file, path.line, who, normal, "", (), "", sidecar=False, flux=True)
        return
    who, globs = f"{word(one.get('kind'))} {name}", tuple(_globs(one))
    for node, key in sources_of(one):
        source = mapping(node)
        # A chart has no directory, and neither has what is there to be referred to.
        if key == "targetRevision" and source.pairs and not {"chart", "ref"} & _keys(source):
            path = scalar_of(source.get("path"))
            yield Source(
                file,
                path.line if path else source.line,
                who,
                _normal(path.value if path else ""),
                word(source.get("targetRevision")),
                globs,
                _stage(mapping(source.get("plugin"))),
                PLUGIN.fullmatch(word(mapping(source.get("plugin")).get("name"))) is not None,
            )


def _keys(source: Mapping) -> set[str]:
    return {key.value for key, _ in source.named()} - ({"ref"} if source.get("path") else set())


def _normal(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _globs(one: Mapping) -> Iterator[str]:
    """The directories that Git generators of a set go through, at any depth."""
    waiting: list[Node] = [node for node in (mapping(one.get("spec")).get("generators"),) if node]
    while waiting:
        node = waiting.pop()
        waiting += sequence(node).items
        for key, value in mapping(node).named():
            if key.value == "directories":
                yield from _paths(sequence(value).items)
            waiting.append(value)


def _paths(items: Sequence[Node]) -> Iterator[str]:
    for item in items:
        if word(mapping(item).get("exclude")) != "true":
            yield _normal(word(mapping(item).get("path")))


def _stage(plugin: Mapping) -> str:
    """The stage that an Application asks the plugin for, by parameter or environment."""
    for key, name, value in (("parameters", "stage", "string"), ("env", STAGE, "value")):
        for one in sequence(plugin.get(key)).items:
            said = mapping(one).get(value)
            if word(mapping(one).get("name")) == name and isinstance(said, Scalar):
                return said.value
    return ""


def unapplied(project: Project, sources: Sequence[Source]) -> Iterator[tuple[str, str, str]]:
    """Level, place and text for each stage whose record nobody applies, as far as is seen here."""
    for stage in project.stages:
        if stage.write is Write.RECORD and stage.place is not None:
            mine = [one for one in sources if one.renders(stage, project.directory)]
            for one in mine:
                if not one.sidecar:
                    yield "warning", f"{one.file}:{one.line}", _unapplied(one, stage)
            if not mine:
                text = (
                    f"stage {stage.name} writes its record alone, and nothing in this repository "
                    f"renders it; wherever its Application is, it needs {_ASKED}"
                )
                yield "note", project.file, text


def _unapplied(source: Source, stage: Stage) -> str:
    what = f"{source.who} renders stage {stage.name} without the sidecar, so its record is ignored"
    if source.flux:
        return f"{what}: Flux knows no plugins; let the stage say 'write: pins'"
    return f"{what}; write {_ASKED} in this source, or let the stage say 'write: pins'"
