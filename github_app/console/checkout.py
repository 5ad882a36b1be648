"""A working directory as the commands see it: its root, its pipeline files, its stages."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from plugin.bases import bases_of
from plugin.chains import with_strangers
from plugin.errors import Refusal
from plugin.held_in import HeldIn, held_in, missing, with_watched
from plugin.local import inside
from plugin.pins.tree import MAX_BYTES
from plugin.pipeline import InDirectory, Project, Stage
from plugin.pipeline_file import InvalidProject, Mistake, read_project_bytes
from plugin.stage_files import is_candidate

FILE_NAME = "towline.yaml"
NEVER = frozenset({".git", ".venv", ".tools", "node_modules"})


def root_of(path: Path) -> Path:
    """The repository `path` lies in: the nearest folder above with `.git`, else `path` itself."""
    start = path.resolve()
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    return start if start.is_dir() else start.parent


def pipeline_files(path: Path) -> tuple[Path, ...]:
    """Every pipeline file at or below `path`; raises Refusal if there is none."""
    if path.is_file():
        return (path,)
    if not path.is_dir():
        raise Refusal(f"{path}: there is no such file or directory")
    found = tuple(_found(path))
    if not found:
        raise Refusal(f"{path}: there is no {FILE_NAME} here or below; write one to begin")
    return found


def _content(file: Path, name: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal(f"{name}: cannot be read: {error.strerror}; mend or remove it") from None


def _found(path: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(one for one in folders if one not in NEVER)
        if FILE_NAME in files:
            yield Path(folder) / FILE_NAME


@dataclass(frozen=True, slots=True)
class Checkout:
    """The projects below one path of a repository."""

    root: Path
    projects: tuple[Project, ...]

    @classmethod
    def read(cls, path: Path) -> Checkout:
        """All projects at or below `path`; raises InvalidProject with the mistakes of all files."""
        root = root_of(path)
        projects: list[Project] = []
        mistakes: list[Mistake] = []
        for file in pipeline_files(path):
            name = (file.parent.resolve() / file.name).relative_to(root).as_posix()
            try:
                project = read_project_bytes(name, _content(file, name))
                projects.append(with_watched(project, partial(_held, root)))
            except InvalidProject as invalid:
                mistakes += invalid.mistakes
        if mistakes:
            raise InvalidProject(tuple(mistakes))
        named = {one.name: one for one in projects}
        return cls(root, tuple(with_strangers(one, named) for one in projects))

    @classmethod
    def around(cls, path: Path) -> Checkout:
        """The same from within a project, too: the nearest pipeline file above, as Git looks."""
        start, root = path.resolve(), root_of(path)
        if start.is_dir() and not any(_found(start)):
            for folder in start.parents:
                if not folder.is_relative_to(root):
                    break
                if (folder / FILE_NAME).is_file():
                    return cls.read(folder / FILE_NAME)
        return cls.read(path)

    def stage(self, name: str, project: str | None) -> tuple[Project, Stage]:
        """The stage called `name`; raises Refusal if no project or several have one."""
        found = [
            (one, stage)
            for one in self.projects
            for stage in one.stages
            if stage.name == name and project in {None, one.name}
        ]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(one.name for one, _ in found)
            raise Refusal(f"stage '{name}' is in several projects: say --project, one of {names}")
        projects = [one for one in self.projects if project in {None, one.name}]
        if not projects:
            names = ", ".join(one.name for one in self.projects)
            raise Refusal(f"there is no project '{project}' here; there are: {names}")
        known = ", ".join(stage.name for one in projects for stage in one.stages)
        where = f"in project '{project}'" if project else "here"
        raise Refusal(f"there is no stage '{name}' {where}; there are: {known}")

    def files(self, stage: Stage) -> Mapping[str, str]:
        """The texts of a stage's files that may hold pins or records, by path from the root."""
        match stage.place:
            case InDirectory(path) if stage.repo is None:
                return texts_in(self.root, path)
            case _:
                return {}

    def bases(self, stage: Stage, files: Mapping[str, str]) -> Mapping[str, str]:
        """The texts outside the stage's directory that `files`, its own, are built with."""
        match stage.place:
            case InDirectory(path) if stage.repo is None:
                return bases_of(path, files, self._text_at)
            case _:
                return {}

    def _text_at(self, path: str) -> str | None:
        try:
            file = inside(self.root, path)
            # A link is another file's name; Git holds no text of its own for it.
            if (self.root / path).is_symlink() or not file.is_file():
                return None
            content = file.read_bytes() if file.stat().st_size <= MAX_BYTES else b""
        except (Refusal, OSError):
            return None
        return content.decode("utf-8", "replace")


def _held(root: Path, directory: str) -> HeldIn:
    if not (root / directory).is_dir():
        return missing(directory)
    return held_in(directory, texts_in(root, directory))


def texts_in(root: Path, directory: str) -> dict[str, str]:
    """The texts of a directory's files that may hold pins or records, by path from the root."""
    texts = {}
    for folder, folders, files in os.walk(root / directory):
        folders[:] = sorted(one for one in folders if one not in NEVER)
        for name in sorted(files):
            file = Path(folder) / name
            path = file.relative_to(root).as_posix()
            if is_candidate(directory, path) and not file.is_symlink():
                texts[path] = file.read_bytes().decode("utf-8", "replace")
    return texts


def directory_of(stage: Stage) -> str:
    """The stage's directory from the root; raises Refusal where it has none in a checkout."""
    if stage.repo is not None:
        raise Refusal(
            f"stage '{stage.name}' lives in {stage.repo}: check that repository out and run "
            "'towline-plugin render --stage PATH' in it"
        )
    match stage.place:
        case InDirectory(path):
            return path
        case None:
            raise Refusal(f"stage '{stage.name}' only joins other stages: it holds no manifests")
        case _:
            raise Refusal(
                f"stage '{stage.name}' lives on branch {stage.place.branch}: check that branch out "
                "and run 'towline-plugin render --stage .' in it"
            )


def plural(count: int, what: str) -> str:
    """`1 stage`, `2 stages`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def listed(names: Sequence[str]) -> str:
    """Names for a sentence."""
    return ", ".join(names) or "none"
