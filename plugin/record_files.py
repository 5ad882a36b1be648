"""The files of a stage's records: which they are, and that each is named like its warehouse.

On the way to a first render: a stage without records pays for no reader of them.
"""

from __future__ import annotations

import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from plugin.record import Record

DIRECTORY = ".freight"
SUFFIX = ".yaml"


def records_directory(stage_dir: str) -> str:
    """Where the records of the stage in `stage_dir` lie; '' is the root."""
    return posixpath.join(stage_dir, DIRECTORY)


def record_files(directory: str, names: Iterable[str]) -> list[str]:
    """The paths of records among the `names` that lie in a `directory` of records."""
    return [posixpath.join(directory, name) for name in sorted(names) if name.endswith(SUFFIX)]


def record_in(path: str, text: str) -> Record:
    """The record that the file at `path` holds; raises Refusal with file and line."""
    from plugin.errors import Refusal  # both are slow to load, and many stages hold no record
    from plugin.record import read_record, record_path

    record = read_record(path, text)
    stage_dir = posixpath.dirname(posixpath.dirname(path))
    if record_path(stage_dir, record.freight.warehouse) != path:
        raise Refusal(
            f"{path}: is the record of warehouse '{record.freight.warehouse}'; "
            "name the file like it"
        )
    return record
