"""Who renders the stages whose record has to be applied: Argo CD's Applications, Flux, nobody."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from github_app.console.checkout import NEVER
from github_app.console.filled import (
    Element,
    elements_of,
    filled,
    globs_of,
    is_open,
    may_be,
    normal,
)
from plugin.pins.argocd_revisions import sources_of
from plugin.pins.nodes import Mapping, Scalar, Tree
from plugin.pins.objects import is_object, objects
from plugin.pins.reading import mapping, scalar_of, sequence, word
from plugin.pins.tree import MAX_BYTES, read
from plugin.pipeline import InBranch, InDirectory, Project, Stage
from plugin.settings import RENDERER
from plugin.stage_policy import Write

# Argo CD's name of a plugin with a version: what other names say, it does not find.
_PLUGIN = f"towline-v{RENDERER}"
_STAGE = "TOWLINE_STAGE"
_OURS = re.compile(r"towline(-v.*)?")
_ASKED = f"'plugin: {{name: {_PLUGIN}}}'"
_FLUX = "kustomize.toolkit.fluxcd.io/"
_SUFFIXES = (".yaml", ".yml")
_WORDS = (b"argoproj.io/", _FLUX.encode())


@dataclass(frozen=True, slots=True)
class Source:
    """One place that renders a directory of the repository, or one of Flux.

    `path` and `revision` may have parts that are filled in later; `globs` are directories that a
    set takes them from. `stage` is the one asked for at a project's root; `plugin` is the name of
    what renders it.
    """

    file: str
    line: int
    who: str
    path: str
    revision: str
    globs: tuple[str, ...]
    stage: str
    plugin: str
    flux: bool = False

    @property
    def ours(self) -> bool:
        """Whether Towline's plugin is meant, in whatever version."""
        return _OURS.fullmatch(self.plugin) is not None

    def renders(self, stage: Stage, project: str) -> bool:
        """Whether this is where `stage`, of the project in directory `project`, is rendered."""
        if stage.repo is not None:
            return False  # which repository a source reads is not looked at
        match stage.place:
            case InDirectory(path):
                if self.stage and self.path == project:
                    return may_be(self.stage, stage.name)
                return self._reaches(path)
            case InBranch(branch, sources):
                here = self._reaches(sources) if sources else not self.path
                return here and may_be(self.revision, branch)
            case None:
                return False

    def _reaches(self, path: str) -> bool:
        if is_open(self.path):
            return any(fnmatchcase(path, one) for one in self.globs)
        return may_be(self.path, path)


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
            yield Source(file, path.line, who, normal(path.value), "", (), "", "", flux=True)
        return
    who, globs = f"{word(one.get('kind'))} {name}", tuple(globs_of(one))
    for node, key in sources_of(one):
        source = mapping(node)
        # A chart has no directory, and neither has what is there to be referred to.
        if key == "targetRevision" and source.pairs and not {"chart", "ref"} & _keys(source):
            for element in elements_of(one):
                yield _source(file, who, source, globs, element)


def _source(
    file: str, who: str, source: Mapping, globs: tuple[str, ...], element: Element
) -> Source:
    path, plugin = scalar_of(source.get("path")), mapping(source.get("plugin"))
    return Source(
        file,
        path.line if path else source.line,
        who,
        normal(filled(path.value if path else "", element)),
        filled(word(source.get("targetRevision")), element),
        globs,
        filled(_stage(plugin), element),
        filled(word(plugin.get("name")), element),
    )


def _keys(source: Mapping) -> set[str]:
    return {key.value for key, _ in source.named()} - ({"ref"} if source.get("path") else set())


def _stage(plugin: Mapping) -> str:
    """The stage that an Application asks the plugin for, by parameter or environment."""
    for key, name, value in (("parameters", "stage", "string"), ("env", _STAGE, "value")):
        for one in sequence(plugin.get(key)).items:
            said = mapping(one).get(value)
            if word(mapping(one).get("name")) == name and isinstance(said, Scalar):
                return said.value
    return ""


def mistaken(project: Project, sources: Sequence[Source]) -> Iterator[tuple[str, str, str]]:
    """Level, place and text for whatever renders a stage otherwise than it is meant.

    Where the record has to be applied, that nobody does it, as far as is seen here, is worth a
    note.
    """
    for stage in project.stages:
        mine = [one for one in sources if one.renders(stage, project.directory)]
        for one in mine:
            for text in _mistakes(one, stage, project):
                yield "warning", f"{one.file}:{one.line}", text
        applied = stage.write is Write.RECORD and stage.place is not None
        if applied and not any(one.plugin == _PLUGIN or not one.ours for one in mine):
            text = (
                f"stage {stage.name} writes its record alone, and nothing in this repository "
                f"renders it; wherever its Application is, it needs {_ASKED}"
            )
            yield "note", project.file, text


def _mistakes(source: Source, stage: Stage, project: Project) -> Iterator[str]:
    if source.ours:
        if source.plugin != _PLUGIN and "{{" not in source.plugin:
            yield (
                f"{source.who} renders stage {stage.name} with a plugin '{source.plugin}', and the "
                f"sidecar of this Towline has the name '{_PLUGIN}', version included: Argo CD "
                f"finds no other; write {_ASKED}"
            )
        if isinstance(stage.place, InDirectory) and not may_be(
            source.stage or stage.name, stage.name
        ):
            yield (
                f"{source.who} asks for stage {source.stage} in the directory of stage "
                f"{stage.name}, which the sidecar refuses; take the stage out, or write "
                f"'path: {project.directory or '.'}'"
            )
    elif stage.write is Write.RECORD:
        yield _unapplied(source, stage)


def _unapplied(source: Source, stage: Stage) -> str:
    what = f"{source.who} renders stage {stage.name} without the sidecar, so its record is ignored"
    if source.flux:
        return f"{what}: Flux knows no plugins; let the stage say 'write: pins'"
    return f"{what}; write {_ASKED} in this source, or let the stage say 'write: pins'"
