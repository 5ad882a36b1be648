"""Files that come into a stage from elsewhere, with the stage's freight in them. Pure.

Contents are texts; bytes that are no UTF-8 travel as surrogate escapes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from plugin.brought_list import list_path, read_list, write_list
from plugin.bumping import bumps
from plugin.disks.policy import Terms, Unconsented
from plugin.errors import Refusal
from plugin.pins.pin import UpToDate
from plugin.pipeline import ExplicitPin, Warehouse
from plugin.promotion import Changes, Refused
from plugin.record import Record
from plugin.recorded import as_recorded
from plugin.stage_files import is_record, pins_that_count, sources_of
from plugin.stage_policy import Write

# GitHub takes about 40 MB in one request, and contents grow by a third on the way.
_MOST_BYTES = 25_000_000
_SHA1 = 40


@dataclass(frozen=True, slots=True)
class Standing:
    """What a stage's branch has now: blobs by path, and the text of the list of brought files."""

    directory: str
    blobs: Mapping[str, str]
    list_text: str | None = None


def with_records(
    directory: str,
    files: Mapping[str, str],
    records: Iterable[tuple[Record, Warehouse]],
    explicit: tuple[ExplicitPin, ...] = (),
) -> Mapping[str, str]:
    """`files` with the versions that the stage's records say, in pins and in disks.

    Files from elsewhere say the versions of whoever wrote them. What cannot be bumped stays: if it
    matters, the promotion that follows says so. A record that is applied needs nothing in files.
    """
    for record, warehouse in records:
        if record.write is not Write.RECORD:
            files = {**files, **_recorded(directory, files, record, warehouse, explicit)}
    return files


def _recorded(
    directory: str,
    files: Mapping[str, str],
    record: Record,
    warehouse: Warehouse,
    explicit: tuple[ExplicitPin, ...],
) -> Mapping[str, str]:
    watched = set(warehouse.carries)
    artifacts = tuple(one for one in record.freight.artifacts if one.subject in watched)
    sources = sources_of(directory, readable(files), warehouse.subjects, explicit)
    sources = as_recorded(sources, record)
    subjects = tuple(one.subject for one in artifacts)
    pins, _ = pins_that_count(directory, subjects, sources)
    counts = frozenset(pins).__contains__
    terms = Terms(unconsented=Unconsented.PROPOSED)
    done = bumps(sources, artifacts, counts=counts, terms=terms)
    return {**sources.texts, **done.files}


def readable(files: Mapping[str, str]) -> Mapping[str, str]:
    """Those of `files` that are text."""
    return {path: text for path, text in files.items() if _is_text(text)}


def _is_text(content: str) -> bool:
    try:
        content.encode()
    except UnicodeEncodeError:
        return False
    return True


def brought(
    standing: Standing, files: Mapping[str, str], promoted: Changes | UpToDate
) -> Changes | UpToDate | Refused:
    """What makes the stage hold exactly `files`, of all that was ever brought, and `promoted`.

    Nothing of anybody else is taken away. Refused where it is more than GitHub takes at once.
    """
    try:
        before = _listed(standing)
    except Refusal as refusal:
        return Refused((str(refusal),))
    files = {**files, list_path(standing.directory): write_list(files)}
    gone = [one for one in before if one not in files and one in standing.blobs and _may_go(one)]
    written = {
        path: text
        for path, text in files.items()
        if blob_of(text, standing) != standing.blobs.get(path)
    }
    made = promoted if isinstance(promoted, Changes) else Changes({}, ())
    beside = {path: text for path, text in made.files.items() if path not in files}
    if not (written or beside or gone):
        return UpToDate()
    size = sum(len(text.encode("utf-8", "surrogateescape")) for text in written.values())
    if size > _MOST_BYTES:
        return Refused((_too_much(standing.directory, size),))
    return replace(made, files={**beside, **written}, removed=tuple(sorted(gone)))


def _too_much(directory: str, size: int) -> str:
    return (
        f"{directory}: {size:,} bytes would change at once, and GitHub takes {_MOST_BYTES:,}; "
        "make its files smaller"
    )


def _may_go(path: str) -> bool:
    return not is_record(path)


def _listed(standing: Standing) -> frozenset[str]:
    if standing.list_text is None:
        return frozenset()
    return read_list(list_path(standing.directory), standing.list_text)


def blob_of(content: str, standing: Standing) -> str:
    """The id that Git gives a file of this content, in the format of the ids that stand there.

    https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
    """
    raw = content.encode("utf-8", "surrogateescape")
    of_sha1 = len(next(iter(standing.blobs.values()), "")) in {0, _SHA1}
    algorithm = hashlib.sha1 if of_sha1 else hashlib.sha256
    return algorithm(b"blob %d\0%b" % (len(raw), raw), usedforsecurity=False).hexdigest()
