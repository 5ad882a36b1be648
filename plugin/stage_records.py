"""What a stage's directory says of itself: its records, and the stage's name in their heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugin.errors import Refusal
from plugin.head import line_of
from plugin.record_files import record_files, record_in, records_directory

if TYPE_CHECKING:
    from plugin.file_tree import FileTree
    from plugin.record import Record


def records_in(tree: FileTree, directory: str) -> tuple[Record, ...]:
    """The records of the stage in `directory`, by warehouse; raises Refusal with file and line."""
    return tuple(_record(tree, path) for path in _paths(tree, directory))


def has_records(tree: FileTree, directory: str) -> bool:
    """Whether there are any, readable or not."""
    return bool(_paths(tree, directory))


def stage_name(records: tuple[Record, ...]) -> str | None:
    """The stage's name, if the heads of all of its records agree on one.

    In a directory copied from another stage they
    still name that one, until the first promotion.
    """
    names = {_stage_of(record.head) for record in records}
    return names.pop() if len(names) == 1 else None


def _stage_of(head: str) -> str | None:
    line = line_of(head)
    return line[1] if line else None


def _paths(tree: FileTree, directory: str) -> list[str]:
    place = records_directory(directory)
    return record_files(place, tree.names(place))


def _record(tree: FileTree, path: str) -> Record:
    try:
        text = (tree.read(path) or b"").decode()
    except UnicodeDecodeError as error:
        raise Refusal(f"{path}: is not UTF-8; restore the file from Git") from error
    return record_in(path, text)
