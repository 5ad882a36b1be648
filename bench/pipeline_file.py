"""Reading a pipeline file with every rule checked, against only loading its YAML."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from bench.row import Row, against_floor, medians
from plugin.pipeline_file import read_project

_STAGES = 200
_RUNS = 7


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """A project of 200 stages in a chain; the floor is PyYAML's fastest load of the same text."""
    text = _pipeline(_STAGES)
    ours, theirs = medians(
        lambda: read_project("towline.yaml", text),
        lambda: yaml.load(text, Loader=yaml.CSafeLoader),
        clock=time.perf_counter,
        runs=_RUNS,
    )
    yield against_floor(
        f"read a pipeline of {_STAGES} stages (floor: libyaml's load)", ours, theirs, "s", 8
    )


def _pipeline(count: int) -> str:
    first = "  s0: {warehouses: [web], path: stages/s0, merge: auto}"
    others = [
        f"  s{number}: {{after: [s{number - 1}], path: stages/s{number}, soak: 30m}}"
        for number in range(1, count)
    ]
    head = "project: shop\nwarehouses:\n  web:\n    - image: ghcr.io/acme/web\nstages:\n"
    return head + "\n".join([first, *others]) + "\n"
