"""What a stage's directory says of itself: its records, and the stage's name in their heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugin.errors import Refusal

if TYPE_CHECKING:
    from plugin.record import Record
    from plugin.sidecar.sent_tree import SentTree

# That of plugin.record, which is slow to load where there is none.
DIRECTORY = ".freight"
_SUFFIX = ".yaml"


def records_in(tree: SentTree, directory: str) -> tuple[Record, ...]:
    """The records of the stage in `directory`, by warehouse; raises Refusal with file and line."""
    return tuple(_record(tree, path) for path in _paths(tree, directory))


def has_records(tree: SentTree, directory: str) -> bool:
    """Whether there are any, readable or not."""
    return bool(_paths(tree, directory))


def stage_name(records: tuple[Record, ...]) -> str | None:
    """The stage's name, if the heads of all of its records agree on one.

    They are `towline/<project>/<stage>/<warehouse>`. In a directory copied from another stage they
    still name that one, until the first promotion.
    """
    names = {_stage_of(record.head) for record in records}
    return names.pop() if len(names) == 1 else None


def _stage_of(head: str) -> str | None:
    match head.split("/"):
        case ["towline", _, stage, _]:
            return stage
        case _:
            return None


def _paths(tree: SentTree, directory: str) -> list[str]:
    place = f"{directory}/{DIRECTORY}" if directory else DIRECTORY
    return [f"{place}/{name}" for name in tree.names(place) if name.endswith(_SUFFIX)]


def _record(tree: SentTree, path: str) -> Record:
    from plugin.record import read_record, record_path

    try:
        text = (tree.read(path) or b"").decode()
    except UnicodeDecodeError as error:
        raise Refusal(f"{path}: is not UTF-8; restore the file from Git") from error
    record = read_record(path, text)
    directory = path.rpartition(f"{DIRECTORY}/")[0]
    if record_path(directory, record.freight.warehouse) != path:
        raise Refusal(
            f"{path}: is the record of warehouse '{record.freight.warehouse}'; "
            "name the file like it"
        )
    return record
