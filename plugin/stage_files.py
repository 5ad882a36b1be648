"""Which files of a repository belong to a stage, and which of their pins decide what it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from plugin.artifact import Watched
from plugin.bases import bases_of
from plugin.disks.previous import without_previous
from plugin.pins.find import concerns
from plugin.pins.kustomization import NAMES
from plugin.pins.naming import NOBODY, Names
from plugin.pins.nodes import Refused
from plugin.pins.pin import Kind, Pin
from plugin.pins.sources import Sources
from plugin.pipeline import ExplicitPin
from plugin.record_files import DIRECTORY

StageFiles: TypeAlias = Mapping[str, str]

_SUFFIXES = (".yaml", ".yml", ".json")
_KUSTOMIZATION = "Kustomization"


def is_candidate(stage_dir: str, path: str) -> bool:
    """Whether the file at `path` may hold a pin or a record of the stage in `stage_dir`."""
    directory = stage_dir.strip("/")
    inside = not directory or path.startswith(f"{directory}/")
    return inside and (path.endswith(_SUFFIXES) or path.rpartition("/")[2] == _KUSTOMIZATION)


def decides_all(stage_dir: str, path: str) -> bool:
    """Whether `path` is the kustomization in the stage's directory itself.

    Broken, it leaves nothing to say about any pin, so it is read whatever it mentions.
    """
    directory, _, name = path.rpartition("/")
    return directory == stage_dir.strip("/") and name in NAMES


def sources_of(
    stage_dir: str,
    files: StageFiles,
    names: Names = NOBODY,
    explicit: tuple[ExplicitPin, ...] = (),
) -> Sources:
    """The files among `files` in which the stage may hold pins; its records hold none.

    `explicit` are the pins it declares, in files relative to its directory.
    """
    wanted = (one for one in files if is_candidate(stage_dir, one) and not is_record(one))
    below = tuple(one.below(stage_dir.strip("/")) for one in explicit)
    return Sources({one: files[one] for one in wanted}, names, below)


def elsewhere(stage_dir: str, files: StageFiles) -> StageFiles:
    """Those of `files` outside of the stage's directory that it is built with and may hold disks.

    Raises Refusal where they are too many.
    """
    own = {one: text for one, text in files.items() if is_candidate(stage_dir, one)}
    built = bases_of(stage_dir.strip("/"), own, files.get)
    return {
        one: text for one, text in built.items() if is_candidate("", one) and not is_record(one)
    }


def pins_that_count(
    stage_dir: str, subjects: tuple[Watched, ...], sources: Sources
) -> tuple[tuple[Pin, ...], list[str]]:
    """The pins of `subjects` in the stage, and why some file could not be judged.

    Pins in manifests that kustomize overrides do not count, nor do those of previous disks.
    """
    pins: list[Pin] = []
    reasons = [str(one) for one in sources.absent()]
    mentioning = set(sources.mentioning(subjects))
    for file in sorted(sources.texts):
        text = sources.texts[file]
        decides = decides_all(stage_dir, file) or sources.declares(file)
        if not decides and file not in mentioning:
            continue
        found = sources.found(file)
        pins += (pin for pin in found.pins if pin.subject in subjects)
        reasons += (
            str(one)
            for one in found.refused
            if (decides and _of_the_whole(one))
            or any(concerns(one, text, subject) for subject in subjects)
        )
    entries = _entries(pins)
    counting = (pin for pin in pins if not _overridden(pin, entries))
    return without_previous(sources, counting), reasons


def _of_the_whole(refused: Refused) -> bool:
    return not refused.text


def is_record(file: str) -> bool:
    """Whether a file is a stage's record, or lies with them."""
    return DIRECTORY in file.split("/")[:-1]


def _entries(pins: Iterable[Pin]) -> Mapping[str, frozenset[str]]:
    """The directories with an `images` entry that says a version, by the name it applies to."""
    found: dict[str, set[str]] = {}
    for pin in pins:
        if pin.kind is Kind.KUSTOMIZE_IMAGE and (pin.tag or pin.digest):
            found.setdefault(pin.spelling, set()).add(pin.file.rpartition("/")[0])
    return {name: frozenset(directories) for name, directories in found.items()}


def _overridden(pin: Pin, entries: Mapping[str, frozenset[str]]) -> bool:
    """Whether kustomize replaces the version of an image in a manifest, as written or not.

    An `images` entry of the same name, in this directory or above, decides what is rendered
    (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/), so the tag in
    the manifest is only a placeholder. What no entry reaches has no spelling.
    """
    if pin.kind is not Kind.IMAGE or not pin.spelling:
        return False
    directories = entries.get(pin.spelling, frozenset())
    return not directories.isdisjoint(_above(pin.file))


def _above(file: str) -> Iterator[str]:
    """The directory of a file, and those around it; '' is the repository's root."""
    while file:
        file = file.rpartition("/")[0]
        yield file
