"""The gates of a line's promotion, out of what was decided on the line. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from github_app.gates import Gate, GateState
from github_app.notes import Asked
from github_app.replaced_disks import gates_of_disks
from github_app.rules.availability import Passed, Pending, Standing
from github_app.rules.decision import Blocked, Decision, Held, Promote, Waiting
from plugin.stage_policy import Write

UPSTREAM = "upstream"


def gates_of(
    decision: Decision, standing: Standing, write: Write, own: Sequence[Gate] = ()
) -> tuple[Gate, ...]:
    """The gates of a promotion whose freight stands so, on a branch that is all ours.

    `own` are those that its stage asks for: window, rollout, reviews.
    """
    return (
        _upstream(standing),
        *_turn(decision, standing),
        _hold(decision),
        *own,
        _pins(decision, write),
        *_disks(decision),
        Gate("branch", GateState.PASSED, "one commit, Towline's own"),
    )


def foreign(head: str, who: str, opened_for: str | None) -> Gate:
    """The gate of a branch that carries somebody else's change.

    `opened_for` is the stage its open pull request promotes to: deleting the branch would close
    that, which is a person's rejection. Without one, nothing is lost with the branch.
    """
    by = f" by {who}" if who else ""
    if opened_for is None:
        advice = "Take the commit off the branch again, or delete the branch to have it made anew"
    else:
        advice = (
            "Take the commit off the branch again; deleting the branch rejects this freight for "
            f"{opened_for} until newer freight comes"
        )
    return Gate(
        "branch",
        GateState.FAILED,
        f"{head} carries a commit{by} that is not Towline's; it is never overwritten. {advice}",
    )


def _upstream(standing: Standing) -> Gate:
    match standing:
        case Passed(reason):
            return Gate(UPSTREAM, GateState.PASSED, reason)
        case Pending(reason, until):
            return Gate(UPSTREAM, GateState.WAITING, reason, until)


def _turn(decision: Decision, standing: Standing) -> tuple[Gate, ...]:
    """Freight that may come, but not yet: the stage keeps what it holds."""
    match decision:
        case Waiting(Pending(reason, until)) if isinstance(standing, Passed):
            return (Gate("turn", GateState.WAITING, reason, until),)
        case _:
            return ()


def _hold(decision: Decision) -> Gate:
    match decision:
        case Held(reason, way_on):
            words = f"{reason}; {way_on}" if way_on else reason
            return Gate("hold", GateState.FAILED, words)
        case Promote(asked=Asked(who=who)):
            words = f"{who} asked for this; a hold stops what comes by itself"
            return Gate("hold", GateState.PASSED, words)
        case _:
            return Gate("hold", GateState.PASSED, "nobody holds this line")


def _pins(decision: Decision, write: Write) -> Gate:
    match decision:
        case Blocked(reasons):
            return Gate("pins", GateState.FAILED, "; ".join(reasons))
        case _ if write is Write.RECORD:
            return Gate("pins", GateState.PASSED, "none is written: the sidecar applies the record")
        case _:
            return Gate("pins", GateState.PASSED, "every pin can be changed safely")


def _disks(decision: Decision) -> tuple[Gate, ...]:
    match decision:
        case Promote(_, changes):
            return gates_of_disks(changes.disks)
        case _:
            return ()
