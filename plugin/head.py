"""The head branch of a line's promotions: how it is called, and what that says."""

from __future__ import annotations

PREFIX = "towline/"


def head_of(project: str, stage: str, warehouse: str) -> str:
    """The one head branch of a line; names only, which the pipeline file has checked."""
    return f"{PREFIX}{project}/{stage}/{warehouse}"


def line_of(head: str) -> tuple[str, str, str] | None:
    """The names of project, stage and warehouse in a head branch; None for any other branch."""
    match head.removeprefix(PREFIX).split("/"):
        case [project, stage, warehouse] if head.startswith(PREFIX):
            return project, stage, warehouse
        case _:
            return None
