"""The list of the files that promotions brought into a stage, and may take away again."""

from __future__ import annotations

import json
from collections.abc import Iterable

from plugin.errors import Refusal
from plugin.record_files import records_directory

_FORMAT = 1
_NAME = "files.json"


def list_path(stage_dir: str) -> str:
    """Where the list of the stage in `stage_dir` is: with its records, and none itself."""
    return f"{records_directory(stage_dir)}/{_NAME}"


def write_list(paths: Iterable[str]) -> str:
    """The list as text, a path a line: equal lists are equal texts, and small changes small."""
    said = {"format": _FORMAT, "files": sorted(paths)}
    return json.dumps(said, indent=1) + "\n"


def read_list(file: str, text: str) -> frozenset[str]:
    """The paths in `text`; raises Refusal with what to do, for others' files are never deleted."""
    try:
        said = json.loads(text)
    except ValueError:
        raise _refusal(file, "is no JSON") from None
    if not isinstance(said, dict) or said.get("format") != _FORMAT:
        raise _refusal(file, f"is not of format {_FORMAT}")
    paths = said.get("files")
    if not isinstance(paths, list) or not all(isinstance(one, str) for one in paths):
        raise _refusal(file, "names no files")
    return frozenset(paths)


def _refusal(file: str, problem: str) -> Refusal:
    return Refusal(
        f"{file}:1: {problem}; restore it from Git, or delete it: then no file is taken away"
    )
