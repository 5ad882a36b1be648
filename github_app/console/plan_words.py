"""What `towline plan` says of a decision, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from github_app.gates import Gate, GateState
from github_app.replaced_disks import GATE as DISKS
from github_app.rules.availability import Pending
from github_app.rules.decision import Blocked, Decision, Held, Promote, Unread, UpToDate, Waiting
from plugin.freight import alias_of


def shut_gates(gates: Sequence[Gate]) -> Iterator[Gate]:
    """What keeps the promotion from being merged, but disks: their consents are told as such."""
    yield from (one for one in gates if one.state is not GateState.PASSED and one.name != DISKS)


def objections(promote: Promote) -> tuple[str, ...]:
    """Why somebody must consent before this may be merged, each reason once."""
    return tuple(dict.fromkeys(one.objection for one in promote.changes.disks if one.objection))


def words_of(decision: Decision) -> str:
    """The decision in a sentence."""
    match decision:
        case Promote(freight=freight, standing=standing, course=course):
            whole = course.whole if course else freight
            step = f", {course.words}" if course and course.words else ""
            return f"would promote {whole.tags()} {whole.alias}{step} ({standing.reason})"
        case UpToDate(freight):
            return f"up to date with {alias_of(freight)}" if freight else "up to date"
        case Waiting(pending):
            return f"waits: {pending.reason}"
        case Held(reason):
            return f"held: {reason}"
        case Blocked(reasons):
            return "blocked: " + "; ".join(reasons)
        case Unread():
            return "waits for its manifests to be rendered, which the App does"
        case _:
            assert_never(decision)


def later_of(decision: Decision) -> Pending | None:
    """What comes after what is done now, if something is awaited."""
    match decision:
        case Promote(later=later) | UpToDate(later=later):
            return later
        case _:
            return None
