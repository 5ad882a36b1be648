"""The demo's repository as it would be with pins in its files, to compare what comes of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from github_app.sandbox.demo.gitops import WAREHOUSE, directory_of, image_of
from plugin.artifact import Image
from plugin.errors import Refusal
from plugin.pipeline import Warehouse
from plugin.promotion import Changes, promote
from plugin.record import Record, read_record, record_path
from plugin.stage_policy import Write
from plugin.subscriptions import ImageSubscription

_PIN = "images:\n  - name: {image}\n"


@contextmanager
def with_pins(root: Path, stage: str) -> Iterator[Path]:
    """A copy of the checkout in which the stage's pins say what its record says.

    They are written as a promotion writes them, beside a record that nobody applies. Raises
    Refusal where that cannot be done.
    """
    with tempfile.TemporaryDirectory(prefix="pinned-", dir=root.parent) as place:
        copy = Path(place) / root.name
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".git"))
        for path, text in _pinned(copy, stage).items():
            (copy / path).write_text(text, encoding="utf-8")
        yield copy


def _pinned(root: Path, stage: str) -> dict[str, str]:
    directory = directory_of(stage)
    kustomization, path = f"{directory}/kustomization.yaml", record_path(directory, WAREHOUSE)
    record = _unapplied(path, (root / path).read_text(encoding="utf-8"))
    image = image_of(record.freight)
    text = (root / kustomization).read_text(encoding="utf-8")
    files = {kustomization: text + _PIN.format(image=image.repository)}
    made = promote(directory, _warehouse(image), files, record.freight, record)
    if not isinstance(made, Changes):
        raise Refusal(f"{kustomization}: its pin could not be written")
    return dict(made.files)


def _unapplied(path: str, text: str) -> Record:
    return replace(read_record(path, text), write=Write.PINS)


def _warehouse(image: Image) -> Warehouse:
    return Warehouse(WAREHOUSE, (ImageSubscription(WAREHOUSE, image.repository),))
