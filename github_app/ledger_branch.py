"""Which of the ledger's commits count, and what undoes the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from github_app.github.pull_facts import Made
from github_app.ledger import BRANCH
from github_app.ports import Objects


@dataclass(frozen=True, slots=True)
class Trusted:
    """The ledger's files as the App last wrote them.

    `repair` brings the branch back to them (None: delete) where others wrote to it; `alarm` says
    why nothing on it can be trusted.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    repair: Mapping[str, str | None] = field(default_factory=dict)
    alarm: str | None = None


def trusted_ledger(history: Sequence[Made], objects: Objects) -> Trusted:
    """The ledger out of its commits, newest first.

    Every commit of the App stands on a tip it has looked at and undoes what others wrote there, so
    the tree of the newest of them is all the App's own work.
    """
    if not history:
        return Trusted()
    ours = next((one for one in history if one.ours), None)
    if ours is None:
        return Trusted(
            alarm=f"no commit on {BRANCH} was made by Towline (the last is by {history[0].who}): "
            "nothing is promoted. Delete the branch to start a new ledger, or restore it, "
            "and protect it"
        )
    files, unreadable = _texts(objects, ours.oid)
    if unreadable:
        return Trusted(
            alarm=f"{unreadable[0]} on {BRANCH} is too large to be read: nothing is promoted"
        )
    tip = history[0]
    if tip.oid == ours.oid:
        return Trusted(files)
    changed = objects.changed(ours.oid, tip.oid)
    return Trusted(files, {path: files.get(path) for path in changed})


def _texts(objects: Objects, commit: str) -> tuple[dict[str, str], list[str]]:
    """The files of a commit, and the paths of those that cannot be read."""
    entries = [one for one in objects.files(commit, "") if one.plain]
    contents = objects.blobs(one.oid for one in entries)
    texts = {
        one.path: contents[one.oid].decode("utf-8", "replace")
        for one in entries
        if one.oid in contents
    }
    return texts, [one.path for one in entries if one.path not in texts]
