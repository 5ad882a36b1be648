"""Finding and bumping all pins of one image in a large repository, against `git grep` for it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.monorepo import IMAGE, STAGES, Monorepo, committed, facts, place_of, project
from bench.row import Row, against_floor, medians, shown
from github_app.cli import process_surroundings
from github_app.github.calls import CallCounter
from github_app.github.mirror.mirrors import Mirrors
from github_app.github.objects import MirrorObjects
from github_app.lines import LineReader, Lines
from plugin import promotion
from plugin.artifact import Image
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.holding import Adopted
from plugin.pipeline import Project
from plugin.promotion import Changes
from plugin.record import Record

_RUNS = 5
_NUMBER = 1
_NEW = Freight("web", (Image(IMAGE, "2.0.0", "sha256:" + "9d" * 32),))
_RECORD = Record(_NEW, "acme/fleet", "towline/fleet/all/web")


def rows(tools: Path, work: Path) -> Iterator[Row]:
    """The first look at every line, the bump of all pins, and a second look of the same App.

    First with a pipeline of the stages in which the image runs; then as if all of them waited for
    it, so that those without a pin are judged, too.
    """
    at = Monorepo.founded(work / f"{_NUMBER}.git")
    every = tuple(place_of(number) for number in range(STAGES))
    few, all_ = (_Look(work, at, project(places)) for places in (at.holders, every))
    known, mirrors = LineReader(), all_.mirrors()
    all_.lines(known, mirrors)
    works = (few.find, few.find_and_bump, all_.find, all_.find_and_bump)
    again = partial(all_.lines, known, mirrors)
    times = medians(*works, again, all_.grep, clock=time.perf_counter, runs=_RUNS)
    mirrors.close()
    found, bumped, found_all, bumped_all, found_again, floor = times
    where = f"{len(at.holders)} of {STAGES} stages, 22,000 files"
    yield against_floor(f"find an image's pins in {where} (floor: git grep)", found, floor, "s", 2)
    yield against_floor("  and bump them in one commit, verified", bumped, floor, "s", 5)
    yield shown("  find them with every stage waiting for the image", found_all, "s", floor)
    yield shown("  find and bump them so", bumped_all, "s", floor)
    yield shown("  find them so in an unchanged repository", found_again, "s", floor)


@dataclass(frozen=True, slots=True)
class _Look:
    """What an App sees of the repository, its mirrors below `root`."""

    root: Path
    at: Monorepo
    project: Project

    def mirrors(self) -> Mirrors:
        """The mirrors of an App, the repository among them."""
        return Mirrors(self.root, CallCounter(), process_surroundings().environ)

    def find(self) -> Lines:
        """What an App does that has just started."""
        mirrors = self.mirrors()
        lines = self.lines(LineReader(), mirrors)
        mirrors.close()
        return lines

    def lines(self, reader: LineReader, mirrors: Mirrors) -> Lines:
        """Every line with what it holds; Refusal unless every pin was found."""
        objects = MirrorObjects(mirrors.of(_NUMBER), "main")
        lines = reader.lines(self.project, objects, facts(self.at.commit))
        found = [one.directory for one in lines.values() if isinstance(one.holding, Adopted)]
        if sorted(found) != sorted(self.at.holders):
            raise Refusal("the bench did not find every pin")
        return lines

    def find_and_bump(self) -> None:
        """Every pin at the new version, and a record beside it, in one commit."""
        files: dict[str, str] = {}
        for line in self.find().values():
            if not isinstance(line.holding, Adopted):
                continue
            warehouse = self.project.warehouse(line.warehouse)
            made = promotion.promote(line.directory, warehouse, line.files, _NEW, _RECORD)
            if not isinstance(made, Changes) or len(made.bumps) != 1:
                raise Refusal(f"the bench cannot bump {line.directory}: {made}")
            files |= made.files
        committed(self.at.directory, files, "Bump", self.at.commit)

    def grep(self) -> None:
        """The same question as `git grep` understands it."""
        command = ["git", "grep", "-l", "-F", str(IMAGE), self.at.commit]
        printed = subprocess.run(
            command, cwd=self.at.directory, check=True, capture_output=True
        ).stdout
        if printed.count(b"\n") != len(self.at.holders):
            raise Refusal("git grep did not find every pin")
