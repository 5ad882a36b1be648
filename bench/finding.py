"""Finding all pins of one image in a large repository, against `git grep` for its name."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.row import Row, against_floor, medians, shown
from github_app.github.calls import CallCounter
from github_app.github.facts import BranchFacts, RepositoryFacts
from github_app.github.mirror.mirrors import Mirrors
from github_app.github.objects import MirrorObjects
from github_app.lines import LineReader, Lines
from github_app.wsgi import process_surroundings
from plugin.artifact import Repository
from plugin.errors import Refusal
from plugin.pipeline import (
    Direct,
    ImageSubscription,
    InDirectory,
    Line,
    Project,
    Stage,
    Warehouse,
)
from plugin.promotion import Adopted

_STAGES = 2000
_RUNS = 3
_NUMBER = 1
_IMAGE = Repository("ghcr.io", "acme/web")
_KUSTOMIZATION = """kind: Kustomization
namespace: team-{number}
resources: [deployment.yaml, service.yaml]
images:
  - name: {image}
    newTag: 1.{number}.0
    digest: sha256:{digest}
"""
_OTHER = """apiVersion: v1
kind: ConfigMap
metadata:
  name: settings-{name}-{number}
  namespace: team-{number}
data:
  level: info
  database: postgres://db-{number}.example.com/{name}
  greeting: hello from {name}
"""
# With the kustomization eleven files a stage: 22,000 in all.
_OTHERS = tuple(f"config-{number}.yaml" for number in range(10))


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """The first look at every line of the project, and a second one of the same App."""
    seen = _Repository(work, _founded(work / f"{_NUMBER}.git"))
    first, floor = medians(seen.first_look, seen.grep, clock=time.perf_counter, runs=_RUNS)
    yield against_floor(
        f"find the pins of {_STAGES} stages in 22,000 files (floor: git grep)", first, floor, "s", 2
    )
    known, mirrors = LineReader(), seen.mirrors()
    seen.look(known, mirrors)
    again, floor = medians(
        partial(seen.look, known, mirrors), seen.grep, clock=time.perf_counter, runs=_RUNS
    )
    mirrors.close()
    yield shown("  a second look at the same commit", again, "s", floor)


@dataclass(frozen=True, slots=True)
class _Repository:
    """The bare repository and its one commit."""

    root: Path
    commit: str

    def first_look(self) -> None:
        """What an App does that has just started."""
        mirrors = self.mirrors()
        self.look(LineReader(), mirrors)
        mirrors.close()

    def mirrors(self) -> Mirrors:
        """The mirrors of an App, the repository among them."""
        return Mirrors(self.root, CallCounter(), process_surroundings().environ)

    def look(self, reader: LineReader, mirrors: Mirrors) -> None:
        """Every line with what it holds; Refusal unless every pin was found."""
        objects = MirrorObjects(mirrors.of(_NUMBER), "main")
        _must_hold(reader.lines(_project(), objects, _facts(self.commit)))

    def grep(self) -> None:
        """The same question as `git grep` understands it."""
        command = ["git", "grep", "-l", "-F", str(_IMAGE), self.commit]
        place = self.root / f"{_NUMBER}.git"
        printed = subprocess.run(command, cwd=place, check=True, capture_output=True).stdout
        if printed.count(b"\n") != _STAGES:
            raise Refusal("git grep did not find every pin")


def _must_hold(lines: Lines) -> None:
    found = [one.holding for one in lines.values()]
    if len([one for one in found if isinstance(one, Adopted) and one.freight]) != _STAGES:
        raise Refusal("the bench did not find every pin")


def _project() -> Project:
    warehouse = Warehouse("web", (ImageSubscription("web", _IMAGE),))
    lines = (Line("web", Direct()),)
    places = [f"stages/s{number}" for number in range(_STAGES)]
    stages = tuple(Stage(one.replace("/", "-"), InDirectory(one), lines) for one in places)
    return Project("fleet", "towline.yaml", (warehouse,), stages)


def _facts(commit: str) -> RepositoryFacts:
    """GitHub's word on a repository without pull requests."""
    return RepositoryFacts(
        node="R_1",
        name="acme/fleet",
        url="https://github.com/acme/fleet",
        default_branch="main",
        default_oid=commit,
        default_check=None,
        ledger=(),
        heads={},
        branches={"main": BranchFacts(commit, (), ())},
        open=(),
        last={},
        merge_method="MERGE",
        labels={},
    )


def _founded(directory: Path) -> str:
    """The commit of a new bare repository with every file."""
    _git("init", "--quiet", "--bare", str(directory))
    stream = b"".join(_import())
    _git("--git-dir", str(directory), "fast-import", "--quiet", given=stream)
    return _git("--git-dir", str(directory), "rev-parse", "refs/heads/main").decode().strip()


def _import() -> Iterator[bytes]:
    """One commit as https://git-scm.com/docs/git-fast-import reads it."""
    yield b"commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 5\nFound\n"
    for number in range(_STAGES):
        digest = f"{number:064x}"
        pins = _KUSTOMIZATION.format(number=number, image=_IMAGE, digest=digest)
        yield _file(f"stages/s{number}/kustomization.yaml", pins)
        for name in _OTHERS:
            yield _file(f"stages/s{number}/{name}", _OTHER.format(name=name, number=number))


def _file(path: str, text: str) -> bytes:
    content = text.encode()
    return b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)


def _git(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["git", *arguments], input=given, check=True, capture_output=True)
    return done.stdout
