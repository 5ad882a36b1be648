"""The checks of merge queues: what a group would merge must be ready, all of it. Pure.

GitHub merges the entries of a queue in groups, each on top of those in front of it, and asks of a
group's commit what it asks of a pull request's head.
https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from github_app.actions import PostCheck
from github_app.gates import Check, Conclusion, Gate, GateState, all_passed, table
from github_app.markdown import shortened, visible
from github_app.picture import Queued

_MOST_TITLE = 250
_NOTHING = "Towline knows of nothing that should keep this group from being merged."


@dataclass(slots=True)
class _Front:
    """What stands in a base's queue up to an entry: promotions that are not ready, and unknown."""

    shut: list[tuple[int, Sequence[Gate]]] = field(default_factory=list)
    known: bool = True


def group_checks(
    queue: Sequence[Queued], promotions: Mapping[int, Sequence[Gate]]
) -> Iterator[PostCheck]:
    """What to post on the groups' commits; `promotions` are the gates of ours by their number.

    The entries of one base stand in the order of its queue. A promotion whose gates are not known
    in this round leaves its group, and those behind it, without a word until they are.
    """
    fronts: dict[str, _Front] = {}
    for entry in queue:
        front = fronts.setdefault(entry.base, _Front())
        gates = promotions.get(entry.number)
        if gates is not None and not gates:
            front.known = False
        elif gates is not None and not all_passed(gates):
            front.shut.append((entry.number, gates))
        if front.known:
            yield from _posted(entry, _check(front.shut, gates or ()))


def _posted(entry: Queued, check: Check) -> Iterator[PostCheck]:
    if entry.check is None or entry.check.key != check.key:
        yield PostCheck(entry.oid, check, entry.check)


def _check(shut: Sequence[tuple[int, Sequence[Gate]]], gates: Sequence[Gate]) -> Check:
    """A group cannot wait: what is not ready now has to leave the queue and come again."""
    if not shut:
        return Check(Conclusion.SUCCESS, "Ready to merge", table(gates) if gates else _NOTHING)
    title = "; ".join(f"#{number}: {_reasons(found)}" for number, found in shut)
    summary = "\n\n".join(f"Pull request #{number}:\n\n{table(found)}" for number, found in shut)
    return Check(Conclusion.FAILURE, shortened(title, _MOST_TITLE), summary)


def _reasons(gates: Sequence[Gate]) -> str:
    shut = (gate for gate in gates if gate.state is not GateState.PASSED)
    return ", ".join(f"{gate.name}: {visible(gate.text)}" for gate in shut)
