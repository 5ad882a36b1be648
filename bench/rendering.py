"""The sidecar's render of a stage, against the kustomize binary alone on the same directory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.row import Row, against_floor, medians, shown
from plugin.errors import Refusal

_RUNS = {1: 15, 100: 11}
_DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{number}
spec:
  replicas: 2
  template:
    metadata:
      annotations:
        example.com/number: "{number}"
    spec:
      containers:
        - name: web
          image: ghcr.io/acme/web
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: NUMBER
              value: "{number}"
"""


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """The time of both at 1 and at 100 resources, started anew each time."""
    for count, runs in _RUNS.items():
        stage = _stage(work, count)
        ours, floor = _commands(tools, work, stage)
        if _printed(ours, tools) != _printed(floor, tools):
            raise Refusal(f"{stage}: towline-plugin prints something else than kustomize")
        name = f"render a stage, resources: {count} (floor: kustomize alone)"
        times = medians(
            partial(_printed, ours, tools),
            partial(_printed, floor, tools),
            clock=time.perf_counter,
            runs=runs,
        )
        if count == 100:
            yield against_floor(name, times[0], times[1], "s", 1.25)
        else:
            yield shown(name, times[0], "s", times[1])


def _commands(tools: Path, root: Path, stage: str) -> tuple[list[str], list[str]]:
    plugin = Path(sys.executable).with_name("towline-plugin")
    ours = [str(plugin), "render", "--root", str(root), "--stage", stage]
    return ours, [str(tools / "kustomize"), "build", str(root / stage)]


def _stage(root: Path, count: int) -> str:
    directory = root / f"stages/of-{count}"
    directory.mkdir(parents=True)
    names = [f"deployment-{number}.yaml" for number in range(count)]
    for number, name in enumerate(names):
        (directory / name).write_text(_DEPLOYMENT.format(number=number), encoding="utf-8")
    resources = "".join(f"  - {name}\n" for name in names)
    images = "images:\n  - name: ghcr.io/acme/web\n    newTag: 1.0.0\n"
    text = f"kind: Kustomization\nresources:\n{resources}{images}"
    (directory / "kustomization.yaml").write_text(text, encoding="utf-8")
    return f"stages/of-{count}"


def _printed(command: list[str], tools: Path) -> bytes:
    environ = {**os.environ, "TOWLINE_KUSTOMIZE": str(tools / "kustomize")}
    try:
        return subprocess.run(command, check=True, capture_output=True, env=environ).stdout
    except FileNotFoundError:
        raise Refusal(f"{command[0]} is missing: no figure of rendering") from None
