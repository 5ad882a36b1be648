"""Where the programs are that Towline runs."""

from __future__ import annotations

import os
from pathlib import Path

from plugin.errors import Refusal


def chosen_program(variable: str, said: str) -> str:
    """The program an environment variable names by its full path; raises Refusal."""
    found = program(said) if said.startswith("/") else None
    if found is None:
        raise Refusal(f"{variable} is '{said}', which is not a program; set its full path")
    return found


def on_path(name: str, path: str) -> str | None:
    """The full path of `name` in one of the directories of `path`.

    As shutil.which, whose import would cost every start; the current directory never counts.
    """
    places = (f"{one}/{name}" for one in path.split(os.pathsep) if one.startswith("/"))
    return next(filter(None, map(program, places)), None)


def program(path: str) -> str | None:
    """`path`, if it is a file we may run."""
    return path if Path(path).is_file() and os.access(path, os.X_OK) else None
