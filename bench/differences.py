"""A promotion's rendered difference, against two runs of the kustomize binary alone."""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.rendered_stages import base
from bench.row import Row, against_floor, medians
from github_app.difference.values import Rendered, ToRender
from github_app.github.calls import CallCounter
from github_app.github.mirror import Mirrors
from github_app.rendered.renders import Renders
from github_app.rendered.work_trees import WorkTrees
from github_app.rounds import Place
from plugin.errors import Refusal

_RUNS = 11
_COUNT = 100
_FILES = 2000
_STAGE = "stages/prod"
_PLACE = Place(1, "acme/shop", 1, "main")


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """The time of a difference of a new promotion, and of one whose base has moved elsewhere.

    The base of a new one is rendered anew as well, though several promotions share it.
    """
    kustomize, tree = tools / "kustomize", work / "tree"
    stage = base(tree, _STAGE, _COUNT)
    (tree / "others").mkdir()
    for number in range(_FILES):
        (tree / "others" / f"{number}.yaml").write_text(f"number: {number}\n", encoding="utf-8")
    mirrors = Mirrors(work / "mirrors", CallCounter(), {"PATH": os.environ["PATH"]})
    environ = {"TOWLINE_KUSTOMIZE": str(kustomize)}
    renders = Renders(mirrors.of, WorkTrees(work / "trees", mirrors.of), environ, time.monotonic)
    text = (stage / "kustomization.yaml").read_text(encoding="utf-8")
    commits = map(partial(_commit, tree, work / "mirrors" / "1.git", stage), itertools.count(1))
    moved = map(partial(_elsewhere, tree, work / "mirrors" / "1.git"), itertools.count(1))

    def build() -> None:
        for _ in range(2):
            subprocess.run([kustomize, "build", stage], check=True, capture_output=True)

    try:
        new = _median(renders, commits, text.replace("1.0.0", "2.0.0"))
        known = _median(renders, moved, text.replace("1.0.0", "2.0.0"))
    finally:
        mirrors.close()
    (floor,) = medians(build, clock=time.perf_counter, runs=_RUNS)
    name = f"difference of a promotion, {_COUNT} resources"
    yield against_floor(f"{name} ({_FILES:,} other files)", new, floor, "s", 1.6)
    yield against_floor("  after a commit elsewhere", known, floor, "s", 0.1)


def _median(renders: Renders, commits: Iterator[str], text: str) -> float:
    """Without the time in which the commits are made."""
    times = []
    for commit in itertools.islice(commits, _RUNS + 1):
        wanted = ToRender("prod", commit, _STAGE, {f"{_STAGE}/kustomization.yaml": text})
        start = time.perf_counter()
        found = renders.rendered(_PLACE, [wanted])[wanted.key]
        times.append(time.perf_counter() - start)
        if not isinstance(found, Rendered) or found.counts.changed != _COUNT:
            raise Refusal(f"the difference is not what it should be: {found}")
    return statistics.median(times[1:])


def _commit(tree: Path, mirror: Path, stage: Path, number: int) -> str:
    """A commit that changes what the stage renders to."""
    one = stage / "deployment-0.yaml"
    text = one.read_text(encoding="utf-8")
    one.write_text(f"# {number}\n{text}", encoding="utf-8")
    return _committed(tree, mirror)


def _elsewhere(tree: Path, mirror: Path, number: int) -> str:
    """A commit that changes nothing of it."""
    (tree / "others" / "0.yaml").write_text(f"moved: {number}\n", encoding="utf-8")
    return _committed(tree, mirror)


def _committed(tree: Path, mirror: Path) -> str:
    if not mirror.exists():
        _git(mirror.parent, "init", "--quiet", "--bare", str(mirror))
    at = ("--git-dir", str(mirror), "--work-tree", str(tree))
    _git(tree, *at, "add", "--all")
    who = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    _git(tree, *at, *who, "commit", "--quiet", "--message", "Move on")
    return _git(tree, *at, "rev-parse", "HEAD")


def _git(place: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", *arguments], cwd=place, check=True, capture_output=True, text=True)
    return ran.stdout.strip()
