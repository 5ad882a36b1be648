"""Whether a merge brought what its promotion said: its tree is read, not believed. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from github_app.picture import LinePicture, Stay
from github_app.pulls import PullRequest
from github_app.rules.stays import current
from plugin import holding as holdings
from plugin.freight import alias_of


def promotion_of(line: LinePicture) -> tuple[PullRequest, Stay] | None:
    """The pull request that brought what the line holds now, and its stay."""
    stay = current(line.stays)
    return (line.brought, stay) if stay and line.brought else None


@dataclass(frozen=True, slots=True)
class AsPromoted:
    """The stage holds what the promotion said."""


@dataclass(frozen=True, slots=True)
class Differs:
    """What was merged is not what the promotion said; each reason says where."""

    reasons: tuple[str, ...]


def read_back(line: LinePicture) -> AsPromoted | Differs:
    """Whether the tree that a merge made holds what its pull request carried.

    What it carried is not known where the branch is gone and nobody has its commit; then pins and
    record must agree.
    """
    match line.holding:
        case holdings.Managed(record):
            carried = line.last_freight if line.brought == line.last else None
            if carried is None or carried == record.freight.id:
                return AsPromoted()
            there = alias_of(record.freight.id)
            return Differs((f"{alias_of(carried)} was carried, and {there} is there",))
        case holdings.Unmanaged(details=details):
            return Differs(details)
        case holdings.Unreadable(reasons):
            return Differs(reasons)
        case holdings.Adopted() | holdings.Empty():
            return Differs(("its record is not there",))
