"""A promotion's head branch as Git has it, and whether everything on it is ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from github_app.github.pull_facts import Made
from github_app.picture import Head
from github_app.ports import Objects
from plugin.errors import Refusal
from plugin.freight import Freight
from plugin.record import read_record

_MOST_COMMITS = 10


def head_of_line(
    objects: Objects,
    base: str,
    tip: Made,
    commits: Mapping[str, Made],
    record: str,
    *,
    brings: bool = False,
) -> Head:
    """The head at `tip` seen from the base's commit; `commits` says who made which of them.

    Where a stage `brings` files from elsewhere, a promotion may leave the record as it stands.
    """
    on = objects.merge_base(base, tip.oid)
    if on is None:
        return Head(tip.oid, base, None, {}, False, tip.who)
    if on == tip.oid:
        return Head(tip.oid, on, None, {}, True)
    files = _texts(objects, objects.changed(on, tip.oid))
    stranger = _stranger(objects, base, tip.oid, commits)
    recorded = files if record in files or not brings else _standing(objects, tip.oid, record)
    return Head(tip.oid, on, _freight(record, recorded), files, stranger is None, stranger or "")


def _texts(objects: Objects, changed: Mapping[str, str | None]) -> dict[str, str | None]:
    """The changed files; what is too large to be read is somebody else's, and empty here.

    Bytes that are no UTF-8 are surrogate escapes, as in what promotions write.
    """
    contents = objects.blobs(blob for blob in changed.values() if blob is not None)
    return {
        path: contents.get(blob, b"").decode("utf-8", "surrogateescape") if blob else None
        for path, blob in changed.items()
    }


def _standing(objects: Objects, tip: str, record: str) -> dict[str, str | None]:
    """The record as the head has it."""
    tree = objects.tree(tip)
    found = [one for part in objects.find({tree: [record]}) for one in part[tree] if one.plain]
    return _texts(objects, {one.path: one.oid for one in found})


def _freight(record: str, files: Mapping[str, str | None]) -> Freight | None:
    text = files.get(record)
    if text is None:
        return None
    try:
        return read_record(record, text).freight
    except (Refusal, UnicodeError):
        return None


def _stranger(objects: Objects, base: str, tip: str, commits: Mapping[str, Made]) -> str | None:
    """Who else wrote on the branch, or None.

    Only what GitHub signed in the App's name is ours. GitHub's *Update branch* button merges the
    base in somebody's name: such a merge adds nothing if its tree is what merging gives.
    """
    oid = tip
    for _ in range(_MOST_COMMITS):
        if objects.merge_base(base, oid) == oid:
            return None
        parents = objects.parents(oid)
        made = commits.get(oid)
        if len(parents) == 1 and not (made and made.ours):
            return made.who if made else "an unknown author"
        if len(parents) != 1 and not _adds_nothing(objects, oid, parents):
            return made.who if made else "an unknown author"
        oid = parents[0]
    return "several commits"


def _adds_nothing(objects: Objects, merge: str, parents: Sequence[str]) -> bool:
    match parents:
        case [one, other]:
            return objects.merged_tree(one, other) == objects.tree(merge)
        case _:
            return False
