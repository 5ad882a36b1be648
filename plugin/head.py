"""The head branch of a line's promotions: how it is called, and what that says."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugin.pipeline import Stage

PREFIX = "towline/"
GROUP = "group"


def head_of(project: str, stage: str, warehouse: str) -> str:
    """The one head branch of a line; names only, which the pipeline file has checked."""
    return f"{PREFIX}{project}/{stage}/{warehouse}"


def head_in(project: str, stage: Stage, warehouse: str) -> str:
    """The head branch of a stage's line: its own, or that of all lines where they are a group."""
    return head_of(project, stage.name, GROUP if stage.group else warehouse)


def line_of(head: str) -> tuple[str, str, str] | None:
    """The names of project, stage and warehouse in a head branch; None for any other branch."""
    match head.removeprefix(PREFIX).split("/"):
        case [project, stage, warehouse] if head.startswith(PREFIX):
            return project, stage, warehouse
        case _:
            return None
