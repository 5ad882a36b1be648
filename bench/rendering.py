"""The sidecar's first and repeated render of a stage, against the kustomize binary alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.rendered_stages import applied, base, recorded
from bench.row import Row, against_floor, medians, shown
from bench.sidecar import Program, installed
from plugin.errors import Refusal

_RUNS = {1: 21, 10: 21, 100: 21, 500: 9}
_FIRST = {100: 1.25, 500: 1.1}
_AGAIN = {100: 0.2, 500: 0.05}
# The tree itself is not copied whole, only the stage: that is the least such a plugin can do.
_COPYING = 'set -e; cp -r "$2" "$3"; "$1" build "$3"; rm -r "$3"'


@dataclass(frozen=True, slots=True)
class Renderers:
    """The programs that are measured: the sidecar's script and kustomize, and where they cache."""

    plugin: str
    kustomize: str
    cache: Path

    def first(self, place: Path) -> Program:
        """The sidecar in the Application's directory, as Argo CD calls it, with nothing cached."""
        return Program((self.plugin, "generate"), place, self._environ())

    def again(self, place: Path) -> Program:
        """The same with a cache."""
        environ = {**self._environ(), "TOWLINE_CACHE": str(self.cache)}
        return Program((self.plugin, "generate"), place, environ)

    def alone(self, place: Path) -> Program:
        """Kustomize alone on the same directory."""
        return Program((self.kustomize, "build", str(place)), place, {})

    def copying(self, place: Path) -> Program:
        """A process that copies the stage and builds the copy."""
        copy = str(self.cache.with_name("copy"))
        command = ("/bin/sh", "-c", _COPYING, "sh", self.kustomize, str(place), copy)
        return Program(command, place, {"PATH": "/usr/bin:/bin"})

    def _environ(self) -> dict[str, str]:
        return {"TOWLINE_KUSTOMIZE": self.kustomize, "TMPDIR": str(self.cache.parent)}


def renderers(tools: Path, work: Path) -> Renderers:
    """What is measured, in `work`; the repository that is rendered is its directory `tree`."""
    (work / "tree" / ".git").mkdir(parents=True)
    return Renderers(installed(work / "image"), str(tools / "kustomize"), work / "cache")


def equal(ours: Program, floor: Program) -> None:
    """Raises Refusal unless both print the same bytes: what differs is no figure."""
    if ours.output() != floor.output():
        raise Refusal(f"{ours.directory}: towline-plugin prints something else than kustomize")


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """The time of each at 1 to 500 resources, started anew each time, and its memory."""
    measured = renderers(tools, work)
    for count, runs in _RUNS.items():
        plain = base(work / "tree", f"stages/plain-{count}", count)
        stage, wanted = recorded(work / "tree", f"stages/stage-{count}", count)
        equal(measured.first(plain), measured.alone(plain))
        for ours in (measured.first, measured.again, measured.again):
            equal(ours(stage), measured.alone(wanted))
        yield from _times(measured, plain, stage, count, runs)
        if count == 100:
            equal(measured.copying(plain), measured.alone(plain))
            yield _against_copying(measured, plain, runs)
            yield _applying(measured, work / "tree", count, runs)
            yield from _memory(measured, stage)


def _times(measured: Renderers, plain: Path, stage: Path, count: int, runs: int) -> Iterator[Row]:
    works = (measured.alone(plain), measured.first(plain), measured.first(stage))
    again = measured.again(stage)
    alone, first, annotated, hit = medians(
        *(one.output for one in (*works, again)), clock=time.perf_counter, runs=runs
    )
    end = f"resources: {count} (floor: kustomize alone)"
    yield _row(f"first render, no record, {end}", first, alone, _FIRST.get(count))
    yield _row(f"first render, annotated, {end}", annotated, alone, _FIRST.get(count))
    yield _row(f"repeated render, annotated, {end}", hit, alone, _AGAIN.get(count))


def _applying(measured: Renderers, root: Path, count: int, runs: int) -> Row:
    """A record applied to every resource, against kustomize that leaves all without a version."""
    stage, wanted = applied(root, f"stages/applied-{count}", count)
    equal(measured.first(stage), measured.alone(wanted))
    works = (measured.first(stage), measured.alone(stage))
    ours, floor = medians(*(one.output for one in works), clock=time.perf_counter, runs=runs)
    name = (
        f"first render, a record applied to all and annotated, resources: {count} "
        "(floor: kustomize alone, which applies nothing)"
    )
    return _row(name, ours, floor, _FIRST.get(count))


def _row(name: str, value: float, floor: float, limit: float | None) -> Row:
    return (
        against_floor(name, value, floor, "s", limit) if limit else shown(name, value, "s", floor)
    )


def _against_copying(measured: Renderers, place: Path, runs: int) -> Row:
    works = (measured.first(place), measured.copying(place))
    ours, floor = medians(*(one.output for one in works), clock=time.perf_counter, runs=runs)
    name = (
        "first render, no record, resources: 100 (floor: a shell script that copies the stage and "
        "runs kustomize, standing in for argocd-lovely-plugin)"
    )
    return shown(name, ours, "s", floor)


def _memory(measured: Renderers, stage: Path) -> Iterator[Row]:
    alone = measured.alone(stage).memory()
    name = "memory of the largest process, annotated, resources: 100"
    yield shown(
        f"{name}, first render (floor: kustomize)", measured.first(stage).memory(), "MiB", alone
    )
    yield shown(
        f"{name}, repeated render (floor: kustomize)", measured.again(stage).memory(), "MiB", alone
    )
