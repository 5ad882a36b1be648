"""Rows as a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from bench.row import Row

_HEAD = ("what", "value", "floor", "ratio", "target", "")
_WORDS = {True: "met", False: "MISSED", None: ""}


def table(rows: Sequence[Row]) -> str:
    """The rows under their headings, columns aligned, both sides of every ratio shown."""
    lines = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    floor = "" if row.floor is None else f"{row.floor:.3g} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return (row.name, f"{row.value:.3g} {row.unit}", floor, ratio, row.target, _WORDS[row.met])
