"""Run every bench, print the table, write `bench/results.json`."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from bench import (
    deliveries,
    differences,
    discovery,
    edit,
    finding,
    idle,
    pipeline_file,
    plan,
    push_to_pull,
    rendering,
    rendering_many,
    starting,
)
from bench.row import Row
from bench.table import table
from github_app.cli import collect_rarely
from plugin.errors import Refusal

ROOT = Path(__file__).resolve().parent.parent


class Bench(Protocol):
    """A module that measures."""

    def rows(self, tools: Path, work: Path) -> Iterable[Row]:
        """Its figures; `tools` has our pinned programs, `work` is an empty directory."""


BENCHES: tuple[Bench, ...] = (
    edit,
    finding,
    rendering,
    rendering_many,
    differences,
    plan,
    deliveries,
    discovery,
    pipeline_file,
    push_to_pull,
    idle,
    starting,
)


def measured(benches: Iterable[Bench], tools: Path) -> list[Row]:
    """The rows of every bench; one that cannot run says why and the others go on."""
    rows: list[Row] = []
    for bench in benches:
        with tempfile.TemporaryDirectory(prefix="towline-bench-") as work:
            try:
                rows += bench.rows(tools, Path(work))
            except Refusal as refusal:
                print(f"NOT MEASURED: {refusal}", file=sys.stderr)
    return rows


def main() -> int:
    """Exit status 0 even where a target is missed: the table says so, machines are noisy."""
    collect_rarely()
    rows = measured(BENCHES, ROOT / ".tools" / "bin")
    print(table(rows))
    results = ROOT / "bench" / "results.json"
    results.write_text(
        json.dumps([row.as_json() for row in rows], indent=2) + "\n", encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
