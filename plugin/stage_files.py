"""Which files of a repository belong to a stage, and which of their pins decide what it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from plugin.artifact import Repository
from plugin.pins import Pin, mentions, pins_in
from plugin.pins.find import concerns
from plugin.pins.kustomize_images import NAMES
from plugin.pins.nodes import Refused
from plugin.pins.pin import Entry, Whole
from plugin.record import DIRECTORY

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


def pins_that_count(
    stage_dir: str, repositories: tuple[Repository, ...], files: StageFiles
) -> tuple[tuple[Pin, ...], list[str]]:
    """The pins of `repositories` in the stage, and why some file could not be judged.

    Pins in manifests that kustomize overrides do not count.
    """
    pins: list[Pin] = []
    reasons: list[str] = []
    for file in sorted(files):
        text, decides = files[file], decides_all(stage_dir, file)
        if not is_candidate(stage_dir, file) or _is_record(file):
            continue
        if not decides and not mentions(text, repositories):
            continue
        found = pins_in(file, text)
        pins += (pin for pin in found.pins if pin.repository in repositories)
        reasons += (
            str(one)
            for one in found.refused
            if (decides and _of_the_whole(one))
            or any(concerns(one, text, repository) for repository in repositories)
        )
    return tuple(pin for pin in pins if not _overridden(pin, pins)), reasons


def _of_the_whole(refused: Refused) -> bool:
    return not refused.text


def _is_record(file: str) -> bool:
    return DIRECTORY in file.split("/")[:-1]


def _overridden(pin: Pin, pins: Iterable[Pin]) -> bool:
    """Whether kustomize replaces the version of an image in a manifest, as written or not.

    An `images` entry of the same name, in this directory or above, decides what is rendered
    (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/), so the tag in
    the manifest is only a placeholder.
    """
    if not isinstance(pin.place, Whole):
        return False
    return any(
        isinstance(other.place, Entry)
        and (other.tag or other.digest)
        and other.place.name == pin.place.spelling
        and _above(other.file, pin.file)
        for other in pins
    )


def _above(kustomization: str, file: str) -> bool:
    directory = kustomization.rpartition("/")[0]
    return not directory or file.startswith(f"{directory}/")
